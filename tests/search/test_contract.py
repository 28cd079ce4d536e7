"""What every engine answers to: the truth is a plain substring scan over the folded text."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import shutil
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import LedgerUnavailable, SearchUnavailable
from pipeline.folding import fold
from pipeline.model import Entry, Identity, Outcome, Passage, Text, Verdict
from pipeline.search import mark_of, open_index, parse_query
from tests.conftest import new_database

ENGINES = ["tantivy", "whoosh", "postgresql"]
WORDS = ["主体责任", "民主生活会", "公车私用", "签订责任书", "巡察整改", "来信来访", "2026年6月", "三公经费", "第一责任人", "廉政谈话",
         "水利局", "教育局", "陶知行", "欧阳", "〔2026〕5号", "ＡＢＣ", "abc", "後來", "12.5%", "。", ",", "的", "和"]  # fmt: skip


def entry(n: int, **identity: object) -> Entry:
    fields = {"kind": "leadership_report", "title": f"报告{n}", "unit": "甲局", "year": 2026}
    return Entry(f"2026-{n:04}", "x.docx", f"{n:064}", 1, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.date(2026, 1, 1) + dt.timedelta(n),
                 Identity(**{**fields, **identity}), Verdict(Outcome.COMPLETE))  # fmt: skip


def text(*passages: str) -> Text:
    return Text(tuple(Passage(n, p) for n, p in enumerate(passages)), "docx")


class Held:
    """A ledger that holds these documents."""

    def __init__(self, documents):
        self._documents = {e.number: (e, t) for e, t in documents}

    def marks(self):
        return {number: mark_of(e.sha256, e.decision) for number, (e, _) in self._documents.items()}

    def documents(self, numbers):
        return (self._documents[number] for number in numbers)


@pytest.fixture(params=ENGINES)
def reopen(request, tmp_path):
    """Open the same index again, as another process would."""
    database = new_database(request.getfixturevalue("server")) if request.param == "postgresql" else ""
    opened = []

    def again():
        opened.append(open_index(tmp_path / "index", request.param, database))
        return opened[-1]

    again.how = (request.param, database)
    yield again
    for one in opened:
        one.close()


@pytest.fixture
def index(reopen):
    return reopen()


@pytest.fixture
def on_files(reopen):
    """Skip what is about an embedded engine's files."""
    if reopen.how[1]:
        pytest.skip("索引在数据库服务器上")


def found(index, query: str, **filters: object) -> set[str]:
    results = index.search(parse_query(query, limit=1000, **filters))
    hits = {hit.entry for hit in results.hits}
    assert not results.exact or results.total == len(hits)
    return hits


def test_finds_every_substring_and_nothing_else(index):
    """ensures that 300 random substrings find exactly the documents that hold them."""
    dice = random.Random(7)
    documents = [(entry(n), text(*("".join(dice.choices(WORDS, k=12)) for _ in range(6)))) for n in range(40)]
    index.add_many(documents)
    for _ in range(300):
        passage = dice.choice(dice.choice(documents)[1].passages).text
        length = dice.randint(1, 8)
        start = dice.randrange(len(passage) - length)
        word = passage[start : start + length]
        expected = {e.number for e, t in documents if fold(word) in fold(t.plain)}
        assert found(index, f'"{word}"') == expected, word


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(st.sampled_from("党风廉政建设主體責任,。 12ＡａB\n"), min_size=2, max_size=40), data=st.data())
def test_a_document_is_found_by_any_part_of_itself(index, body, data):
    """ensures that folding is the same for text and query, whatever the characters."""
    start = data.draw(st.integers(0, len(body) - 1))
    word = body[start : start + data.draw(st.integers(1, 8))].replace("\n", " ")
    index.rebuild(Held([(entry(1), text(*body.split("\n")))]))  # a folder of its own for each example
    plain = " ".join(body.split("\n"))
    if fold(word).strip(" "):
        assert (found(index, f'"{word}"') == {"2026-0001"}) == (fold(word).strip(" ") in fold(plain))


def test_forms_of_one_character_are_equal(index):
    """ensures that width, case, brackets and traditional characters do not hide a document."""
    index.add(entry(1), text("依據汀發〔2026〕5號，ＡＢＣ公司後來整改"))
    for query in ("汀发[2026]5号", "汀發【2026】5號", "abc", "ABC", "後來", "后来", "号,a"):
        assert found(index, query) == {"2026-0001"}, query


def test_words_phrases_exclusions_and_either(index):
    """ensures that all words must stand in the text, a minus excludes, 或 is enough with one."""
    index.add_many(
        [(entry(1), text("公车私用问题", "已经整改")), (entry(2), text("公车改革")), (entry(3), text("私用公物"))]
    )
    assert found(index, "公车 整改") == {"2026-0001"}
    assert found(index, "公车 -私用") == {"2026-0002"}
    assert found(index, "改革 或 公物") == {"2026-0002", "2026-0003"}
    assert found(index, "“公车私用”") == {"2026-0001"}
    assert found(index, "车") == {"2026-0001", "2026-0002"}
    assert found(index, "车公") == set()


def test_filters_dates_facets_and_order(index):
    """ensures that filters narrow exactly, days are inclusive, facets count, the newest comes first."""
    index.add_many(
        [
            (entry(1, unit="甲局", person="某甲"), text("责任")),
            (entry(2, unit="乙局", year=2025), text("责任")),
            (entry(3, unit="乙局", kind="other"), text("责任")),
        ]
    )
    assert found(index, "责任 单位:乙局") == {"2026-0002", "2026-0003"}
    assert found(index, "责任", unit="乙局", year=2025) == {"2026-0002"}
    assert found(index, "责任", kind="other") == {"2026-0003"}
    assert found(index, "人员:某甲") == {"2026-0001"}
    assert found(index, "责任", since=dt.date(2026, 1, 3), until=dt.date(2026, 1, 3)) == {"2026-0002"}
    results = index.search(parse_query("责任"))
    assert results.facets["unit"] == {"乙局": 2, "甲局": 1}
    assert results.facets["year"] == {"2026": 2, "2025": 1}
    assert [hit.entry for hit in results.hits] == ["2026-0003", "2026-0002", "2026-0001"]
    assert len(index.search(parse_query("责任", limit=2)).hits) == 2


def test_adding_again_replaces_and_removing_removes(index):
    """ensures that an entry stands in the index once, with its latest text."""
    index.add(entry(1), text("旧的内容"))
    index.add(entry(1), text("新的内容"))
    assert (found(index, "旧的"), found(index, "新的"), index.count()) == (set(), {"2026-0001"}, 1)
    index.remove(["2026-0001"])
    assert (found(index, "新的"), index.numbers()) == (set(), set())


def test_snippets_mark_the_words_and_nothing_of_the_text_becomes_markup(index):
    """ensures that a hit shows its words in place, escaped, with the passage they stand in."""
    index.add(entry(1, title="<b>题</b>"), text("第一段", "<script>alert(1)</script>签订ＡＢ责任书14份&完成"))
    (hit,) = index.search(parse_query("ab责任书 14份")).hits
    assert "<script>" not in hit.snippet
    assert "签订<mark>ＡＢ责任书</mark><mark>14份</mark>&amp;完成" in hit.snippet
    assert hit.passage == 1


@pytest.mark.parametrize(
    "query",
    ["", " ", "*", "?*?", "(" * 3000, "a" * 1_000_000, '"', "“", "-", "--", "或 或", "单位:", "年度:abc", "\x00\x1b", "\ud800", "AND OR NOT",
     "[a TO b]", "field:value~2^5", "词 " * 500, "'; DROP TABLE", "😀", "单位:\ud800", "登记号:\udfff 正文", "单位:\"\x00\"",
     "年度:" + "9" * 150, "-正文", "正文 或", "或 -正文 或 单位:", "\u202e正文", "␣"],
)  # fmt: skip
def test_whatever_is_typed_gets_hits_or_a_hint(index, query):
    """ensures that no query raises, and an empty one is explained."""
    index.add(entry(1), text("正文"))
    asked = parse_query(query)
    results = index.search(asked)
    assert results.total >= 0
    assert asked.hints or not asked.empty


def test_an_index_that_is_gone_or_strange_is_begun_anew(tmp_path, index, on_files):
    """ensures that damage never stops the office: the index is empty and can be filled again."""
    index.add(entry(1), text("正文"))
    label = tmp_path / "index" / "engine.json"
    content = json.loads(label.read_text())
    for bad in (
        "garbage",
        json.dumps({**content, "made_by": "tantivy 0.0 1"}),
        json.dumps({**content, "generation": "gone"}),
        "[]",
    ):
        label.write_text(bad)
        assert index.count() == 0
        index.add(entry(2), text("正文"))
        assert found(index, "正文") == {"2026-0002"}


def test_an_empty_index_answers(index):
    """ensures that a new office may search, count and clear up before anything has come."""
    assert (found(index, "正文"), found(index, "", unit="甲局"), index.numbers(), index.count()) == (
        set(),
        set(),
        set(),
        0,
    )
    index.remove(["2026-0001"])
    index.add(entry(1), text("正文"))
    index.remove(["2026-0001"])
    assert (found(index, "正文"), index.numbers(), index.count()) == (set(), set(), 0)


def test_a_folder_removed_under_an_open_index_is_begun_anew(tmp_path, index, on_files):
    """ensures that somebody who cleans up the index folder does not stop the office."""
    index.add(entry(1), text("正文"))
    shutil.rmtree(tmp_path / "index")
    assert found(index, "正文") == set()
    index.add(entry(2), text("正文"))
    assert found(index, "正文") == {"2026-0002"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves a broken file open
def test_damaged_files_end_in_an_empty_index_or_in_what_to_do(tmp_path, index, on_files):
    """ensures that whichever file is rotten, a new process answers right, begins anew or says how to rebuild."""
    engine = index.engine_name.split()[0]
    index.add_many((entry(n), text("正文" * 50)) for n in range(1, 30))
    (generation,) = (p for p in (tmp_path / "index").iterdir() if p.is_dir())
    for path in sorted(p for p in generation.iterdir() if p.is_file() and p.stat().st_size > 8):
        copied = tmp_path / path.name
        shutil.copytree(tmp_path / "index", copied)
        (copied / generation.name / path.name).write_bytes(b"garbage")
        opened = open_index(copied, engine)
        try:
            assert opened.search(parse_query("正文")).total in {0, 29}
        except SearchUnavailable as error:
            assert "rebuild index" in str(error)
        assert opened.rebuild(Held([(entry(1), text("正文"))])) == 1
        assert found(opened, "正文") == {"2026-0001"}
        opened.close()


def test_two_who_begin_at_once_share_one_index(reopen, index):
    """ensures that the one who waited keeps what the first has put in meanwhile."""
    other = reopen()
    late = threading.Thread(target=other.count)

    class Slow(Held):
        def documents(self, numbers):
            late.start()  # finds no index yet and waits for the lock
            time.sleep(0.2)
            return super().documents(numbers)

    index.follow(Slow([(entry(1), text("正文"))]))
    late.join()
    assert (index.count(), other.count()) == (1, 1)


def test_a_rebuild_that_fails_leaves_the_index_as_it_was(index):
    """ensures that searches go on when the ledger is away in the middle of a rebuild."""
    index.add(entry(1), text("正文"))

    class Broken(Held):
        def documents(self, numbers):
            yield entry(2), text("正文")
            raise LedgerUnavailable("台账暂时不能使用")

    with pytest.raises(LedgerUnavailable):
        index.rebuild(Broken([(entry(2), text("正文"))]))
    assert found(index, "正文") == {"2026-0001"}
    assert index.rebuild(Held([(entry(3), text("正文"))])) == 1
    assert found(index, "正文") == {"2026-0003"}


def test_a_rebuild_holds_exactly_what_it_is_given(index):
    """ensures that rebuilding drops what is extra and leaves one generation on disk."""
    index.add(entry(9), text("多余"))
    assert index.rebuild(Held([(entry(n), text("正文")) for n in range(1, 4)])) == 3
    assert found(index, "正文") == {"2026-0001", "2026-0002", "2026-0003"}
    assert found(index, "多余") == set()


def test_another_process_sees_what_was_added(tmp_path, reopen, index):
    """ensures that a reader in another process follows a writer here."""
    index.add(entry(1), text("正文"))
    code = (
        "from pathlib import Path; from pipeline.search import mark_of, open_index, parse_query;"
        f"print(open_index(Path({str(tmp_path / 'index')!r}), *{reopen.how!r}).search(parse_query('正文')).total)"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "1"


def test_many_documents_keep_totals_honest(index):
    """ensures that a total is exact, or says that it is an upper bound."""
    index.add_many([(entry(n), text("责任" if n % 2 else "责和任")) for n in range(1, 900)])
    results = index.search(parse_query("责任", limit=10))
    assert results.total == 450 or (not results.exact and results.total >= 450)
    assert all(re.search("<mark>责任</mark>", hit.snippet) for hit in results.hits)
