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
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import LedgerUnavailable, SearchUnavailable
from pipeline.folding import fold
from pipeline.judging.likeness import sketch
from pipeline.model import Entry, Identity, Outcome, Passage, Text, Verdict
from pipeline.search import Sort, Term, Vocabulary, mark_of, open_index, parse_query
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
        self.compared = 0

    def state(self):
        return repr(sorted((number, mark_of(e.sha256, e.decision)) for number, (e, _) in self._documents.items()))

    def marks(self):
        self.compared += 1
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


def test_one_entry_added_twice_in_a_batch_is_found_once(index):
    """ensures that a paper and its twin that are taken in together stand in the index once, the last as it is."""
    with index.batch():
        index.add(entry(1), text("公车私用"))
        index.add(entry(1, title="改后"), text("公车私用"))
    found = index.search(parse_query("公车私用"))
    assert (found.total, [hit.title for hit in found.hits], index.count()) == (1, ["改后"], 1)


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


def test_where_too_much_may_fit_the_page_is_right_and_the_total_says_about(index, monkeypatch):
    """ensures that papers with a word's grams but without the word are never shown, however many there are."""
    for limit in ("pipeline.search.tantivy_engine.COUNTED", "pipeline.search.whoosh_engine.VERIFY_ALL",
                  "pipeline.search.postgresql_engine.VERIFY_ALL"):  # fmt: skip
        monkeypatch.setattr(limit, 50)
    index.add_many([(entry(n), text("责任书" if n < 40 else "责任,任书")) for n in range(1, 200)])
    results = index.search(parse_query("责任书", limit=30))
    assert [int(hit.entry[-4:]) for hit in results.hits] == list(range(39, 9, -1))
    assert (results.total, results.exact) == (199, False)
    without = index.search(parse_query("责任 -责任书", limit=500))
    assert {int(hit.entry[-4:]) for hit in without.hits} == set(range(40, 200))
    assert without.total == 160 or (without.total == 199 and not without.exact)
    exact = index.search(parse_query("责任书", until=dt.date(2026, 2, 1)))
    assert (exact.total, exact.exact) == (31, True)


NAMES = Vocabulary(
    {
        "unit": (Term("中共汀州市教育局党组", ("甲局",), ("市教育局",)), Term("中共汀州市水利局党组", ("乙局",), ("市水利局",))),
        "person": (Term("陈曦", ("陈曦",)),),
        "kind": (Term("落实主体责任承诺书", ("pledge_main",)), Term("领导班子报告", ("leadership_report",))),
        "institution": (Term("“双报告”制度", ("leadership_report", "principal_report")),),
        "status": (Term("缺项", ("deficient",)), Term("齐全", ("complete",))),
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("单位:市教育局", {1, 2}), ("单位: 市教育局", {1, 2}), ("单位:sjyj", {1, 2}), ("部门：水利", {3}), ("单位:市", {1, 2, 3}),
        ("-单位:市水利局 责任", {1, 2}), ("单位:甲局 单位:乙局", {1, 2, 3}), ("单位:甲局 人员:cx", {2}), ("cx", {2, 3}), ('"cx"', {3}),
        ("制度:双报告", {1, 3}), ("文种:承诺书", {2}), ("文种:承诺书 制度:双报告", set()), ("状态:齐全", {1, 2, 3}), ("状态:缺项", set()),
        ("年度:2024-2025", {2}), ("年度:2025年", {2}), ("年度:去年", {2}), ("登记号:2026-0003", {3}), ("日期:2026-01-03..2026-01", {2, 3}),
        ("日期:2026年1月2日", {1}), ("日期:今年", {1, 2, 3}), ("日期:..2026-01-02", {1}), ("日期:2026上半年 -日期", {1, 2, 3}), ("日期:去年", set()),
        ("责任 日期:2026-01-04 或 任", {3}),
    ],
)  # fmt: skip
def test_filters_by_name(index, query, expected):
    """ensures that filters go by names, aliases, initials and days as people write them; the same filter twice is either."""
    index.add_many(
        [
            (entry(1, unit="甲局"), text("责任")),
            (entry(2, unit="甲局", kind="pledge_main", year=2025, person="陈曦"), text("责任", "陈曦同志")),
            (entry(3, unit="乙局"), text("责任cx厂")),
        ]
    )
    asked = parse_query(query, known=NAMES, today=dt.date(2026, 3, 1))
    assert {int(hit.entry[-4:]) for hit in index.search(asked).hits} == expected


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("单位:没有这个 责任", "没有叫“没有这个”的单位"), ("单位:", "单位:”后面要写内容"), ("日期:胡说 责任", "看不懂"), ("年度:二〇 责任", "看不懂"),
        ("或 责任", "两边"), ("-责任", "只写了要排除的"), ("cx", "拼音首字母"), ("单位:市", "包括 2 个"), ("日期:2026-06..2026-01", "不会有结果"),
        ("日期:2026-02-30", "看不懂"), ("责 " * 30, "词语过多"), ("责" * 300, "过长"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said(query, hint):
    """ensures that a person learns what became of what they typed."""
    assert any(hint in said for said in parse_query(query, known=NAMES, today=dt.date(2026, 3, 1)).hints)


def test_what_may_not_be_seen_is_not_counted_suggested_or_marked(index):
    """ensures that a restriction to units holds before anything is counted."""
    index.add_many(
        [
            (entry(1, unit="甲局"), text("责任", "同志们依次汇报了工作情况")),
            (entry(2, unit="乙局", person="某乙"), text("责任", "同志们依次汇报了工作情况")),
            (entry(3, unit=None), text("责任", "同志们依次汇报了工作情况")),
        ]
    )
    for within, seen in ((frozenset({"甲局"}), {1}), (frozenset({"甲局", ""}), {1, 3}), (frozenset(), set())):
        for query in (
            "责任",
            "责",
            "登记号:2026-0002 登记号:2026-0001 登记号:2026-0003",
            "责任 单位:甲局 单位:乙局 或",
            "文种:leadership_report",
        ):
            results = index.search(parse_query(query, within=within))
            hits = {int(hit.entry[-4:]) for hit in results.hits}
            assert hits == (seen - {3} if "单位" in query else seen)
            assert results.total == len(hits)
            assert sum(results.facets.get("kind", {}).values()) == len(hits)
            assert "乙局" not in results.facets.get("unit", {})
        assert index.values("person", within) == {}
        assert index.values("unit", within) == ({"甲局": 1} if seen else {})
        assert set(index.alike("2026-0001", sketch(fold("同志们依次汇报了工作情况")), within, 9)) == {
            f"2026-{n:04}" for n in seen - {1}
        }
    assert index.values("unit") == {"甲局": 1, "乙局": 1}


def test_a_hit_says_where_it_stands(index):
    """ensures that the passage, its headings and page are those of the place where most of the words stand."""
    passages = [
        Passage(0, "标题", level=1, page=1),
        Passage(1, "公车管理办法", headings=("标题",), page=1),
        Passage(2, "", headings=("标题", "作风"), page=2),
        Passage(3, "  　整治公车私用,\n不留死角", headings=("标题", "作风"), page=2),
        Passage(4, "其他", page=3),
        Passage(5, "私用", page=3),
    ]
    index.add(entry(1), Text(tuple(passages), "docx"))
    (hit,) = index.search(parse_query("私用 公车")).hits
    assert (hit.passage, hit.heading, hit.page, hit.passages) == (3, "标题 > 作风", 2, (1, 3, 5))
    assert hit.snippet.count("<mark>") == 4
    (hit,) = index.search(parse_query("其他")).hits
    assert (hit.passage, hit.heading, hit.page) == (4, "", 3)


def test_relevance_puts_what_says_most_first(index):
    """ensures that a paper about the words comes before one that mentions them, whatever their dates."""
    filler = "其他工作正常开展。" * 40
    index.add_many(
        [
            (entry(1, title="公车私用专项整治报告"), text("公车私用专项整治报告", "公车私用" * 5)),
            (entry(2), text(filler + "公车私用" * 4)),
            (entry(3), text(filler + "公车私用")),
        ]
    )
    by_relevance = index.search(parse_query("公车私用", sort=Sort.RELEVANCE)).hits
    assert [hit.entry for hit in by_relevance] == ["2026-0001", "2026-0002", "2026-0003"]
    assert by_relevance[0].score > by_relevance[2].score
    assert next(hit.entry for hit in index.search(parse_query("公车私用")).hits) == "2026-0003"


def test_the_index_follows_what_it_is_to_hold(index):
    """ensures that what is missing is added, what is extra removed, and what changed taken anew."""
    index.add_many([(entry(n), text("旧文")) for n in (1, 2, 3)])
    changed = replace(entry(2), decision="accept")
    wanted = Held([(entry(1), text("旧文")), (changed, text("旧文")), (entry(4), text("旧文"))])
    steps: list[int] = []
    index.follow(wanted, lambda: steps.append(1))
    assert (found(index, "旧文"), found(index, "状态:accept")) == (
        {"2026-0001", "2026-0002", "2026-0004"},
        {"2026-0002"},
    )
    assert len(steps) == 2
    index.follow(wanted, lambda: steps.append(1))
    assert len(steps) == 2


def test_keeping_up_compares_only_what_may_have_changed(index, reopen):
    """ensures that nothing is compared while both stand as they did, and that a change on either side is seen."""
    held = Held([(entry(n), text("正文")) for n in (1, 2)])
    for _ in range(3):
        index.keep_up(held)
    assert held.compared == 2  # once to see that much is missing, once to bring it
    reopen().keep_up(held)
    assert held.compared == 2
    index.remove(["2026-0002"])
    index.keep_up(held)
    assert found(index, "正文") == {"2026-0001", "2026-0002"}
    held = Held([(replace(entry(1), decision="accept"), text("正文")), (entry(3), text("正文"))])
    index.keep_up(held)
    assert (found(index, "正文"), found(index, "状态:accept")) == ({"2026-0001", "2026-0003"}, {"2026-0001"})


def test_keeping_up_fills_an_index_that_is_gone(tmp_path, index, on_files):
    """ensures that what was compared once is not taken for what another generation holds."""
    held = Held([(entry(1), text("正文"))])
    index.keep_up(held)
    generation = next(p for p in (tmp_path / "index").iterdir() if p.is_dir())
    shutil.rmtree(generation)
    index.keep_up(held)
    assert found(index, "正文") == {"2026-0001"}


def test_a_stopped_rebuild_is_taken_up(index, monkeypatch):
    """ensures that what a rebuild had done is not done again, and that what came meanwhile is there."""
    monkeypatch.setattr("pipeline.search.index.REBUILD_BATCH", 2)
    documents = [(entry(n), text("正文")) for n in range(1, 8)]

    class Away(Held):
        def documents(self, numbers):
            for n, document in enumerate(super().documents(numbers)):
                if n == 5:
                    raise LedgerUnavailable("台账暂时不能使用")
                yield document

    with pytest.raises(LedgerUnavailable):
        index.rebuild(Away(documents))
    index.add(entry(9), text("正文"))  # goes to the generation in use
    steps: list[int] = []

    class Growing(Held):
        def documents(self, numbers):
            index.add(entry(8), text("正文"))
            self._documents["2026-0008"] = (entry(8), text("正文"))
            return super().documents(numbers)

    assert index.rebuild(Growing(documents), lambda: steps.append(1)) == 8
    assert len(steps) == 4  # three that were left, and the one that came
    assert found(index, "正文") == {f"2026-{n:04}" for n in range(1, 9)}


def test_papers_that_share_clauses_are_alike(index):
    """ensures that copies are found by their clauses, whatever figures were changed, and nothing else is."""
    report = ["3月6日召开党组会议专题研究部署相关工作", "组织党员干部集中学习党纪处分条例6次,开展警示教育活动2次"]
    index.add_many(
        [
            (entry(1), text(*report)),
            (entry(2), text("另一件事", report[1].replace("6", "9"))),
            (entry(3), text("毫不相干的另外一份文件的内容")),
        ]
    )
    numbers = sketch(fold("\n".join(report)))
    assert index.alike("2026-0001", numbers, None, 5) == ["2026-0002"]
    assert index.alike("2026-0009", numbers, None, 5) == ["2026-0001", "2026-0002"]
    assert index.alike("2026-0001", (), None, 5) == []
