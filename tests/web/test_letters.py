"""文书: from the choice to the preview to numbered letters; the register; one letter; templates measured."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from urllib.parse import quote

import docx
import pytest

from pipeline.access import Role
from pipeline.letters import SHIPPED_TEMPLATES
from tests.web.conftest import OURS, THEIRS, finished, number_of, text_of
from tests.web.visitors import login

TALK = {"kind": "talk_notice_letter", "field-talker": "文思远", "field-date_": "2026年7月1日", "field-place": "一号会议室",
        "field-contents": "第一件事\n第二件事 <b>要紧</b>"}  # fmt: skip


@pytest.fixture
def clerk(pages):
    return login(pages, Role.CLERK)


@pytest.fixture
def pledge(pages):
    """A kind of pledge that every unit's principal signs."""
    from pipeline.letters import pledge_kinds, pledges

    office = pages.state.office
    return next(k.id for k in pledge_kinds(office.rulebook)
                if len({d.unit for d in pledges(k, office.rulebook, office.roster, 2026)}) == 3)  # fmt: skip


def planned(visitor, **fields):
    """Return the path of the preview of what is chosen."""
    answer = visitor.fill("/letters/new", **{"year": "2026", **fields})
    finished(visitor, answer)
    return answer.headers["location"]


def test_only_what_was_looked_at_is_issued(pages, clerk, pledge):
    """ensures that a preview numbers nothing, and that then each previewed letter is numbered once, for all as one archive."""
    ledger = pages.state.office.ledger
    path = planned(clerk, kind=pledge)
    assert "(发出时编号)" in text_of(clerk.get(path)) and ledger.letters(kind=pledge) == []
    assert "全部 3 份" in text_of(clerk.get(path))
    job = finished(clerk, clerk.fill(path))
    made = ledger.letters(kind=pledge)
    assert len(made) == 3 and job.done == job.total == 3
    answer = clerk.get(f"/jobs/{job.key}/file")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        names = packed.namelist()
        assert names[-1] == "合并打印.docx" and len(names) == 4
        for name, letter in zip(names, made, strict=False):
            assert name.startswith(letter.number) and not re.search(r'[\\/:*?"<>|]', name)
            assert packed.read(name) == pages.state.office.archive.path_of(letter.sha256).read_bytes()
        together = "\n".join(p.text for p in docx.Document(io.BytesIO(packed.read(names[-1]))).paragraphs)
        assert all(letter.number in together for letter in made)
    again = finished(clerk, clerk.fill(path))
    assert "新生成 0 份" in again.result.words and len(ledger.letters(kind=pledge)) == 3


def test_a_letter_that_the_office_fills_in(pages, clerk):
    """ensures that needed fields are asked for, what was typed is printed as text, and one letter comes as a Word file."""
    form = clerk.get("/letters/new", params={"kind": TALK["kind"], "unit": OURS, "person": "闻人杰"}).text
    assert all(f'name="{name}"' in form for name in TALK if name.startswith("field-"))
    lacking = clerk.fill("/letters/new", **{**TALK, "field-place": " ", "field-talker": ""})
    assert lacking.status_code == 400 and "谈话人" in lacking.text and "地点" in lacking.text
    path = planned(clerk, **TALK, unit=OURS, person="闻人杰")
    page = clerk.get(path).text
    assert "第二件事 &lt;b&gt;要紧&lt;/b&gt;" in page and "<b>要紧" not in page
    job = finished(clerk, clerk.fill(path))
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(clerk.get(f"/jobs/{job.key}/file").content)).paragraphs)
    assert "第一件事" in text and "<b>要紧</b>" in text and "闻人杰同志" in text


def test_a_letter_of_the_ledger_needs_no_words(pages, clerk):
    """ensures that the notice to supplement goes to whose report lacks items, and to nobody else."""
    finished(clerk, clerk.fill(planned(clerk, kind="supplement_notice")))
    (made,) = pages.state.office.ledger.letters(kind="supplement_notice")
    assert (made.unit, made.entry) == (THEIRS, number_of(pages, THEIRS))
    assert "没有应发的" in text_of(clerk.get(planned(clerk, kind="supplement_notice", unit=OURS)))


def test_a_letter_is_shown_and_given_out(pages, clerk):
    """ensures that the register leads to each letter, whose number survives the address, and the file is the one kept."""
    finished(clerk, clerk.fill(planned(clerk, kind="supplement_notice")))
    (made,) = pages.state.office.ledger.letters(kind="supplement_notice")
    register = clerk.get("/letters", params={"kind": made.kind}).text
    path = re.search(r'<td class="fixed"><a href="([^"]+)">', register)[1]
    assert "〔" not in path
    page = clerk.get(path)
    assert made.number in text_of(page) and made.title in html.unescape(page.text)
    file = clerk.get(f"/letters/files/{quote(made.number, safe='')}")
    assert file.content == pages.state.office.archive.path_of(made.sha256).read_bytes()
    assert file.headers["content-disposition"].startswith("attachment")
    (log,) = (pages.state.office.archive.root / "logs").glob("reads-*.jsonl")
    noted = [line for line in map(json.loads, log.read_text().splitlines()) if line["thing"] == made.number]
    assert {line["act"] for line in noted} == {"see", "download"}
    assert clerk.get("/letters/主体办〔2026〕999号").status_code == 404
    assert clerk.get("/letters/files/../../pipeline.toml").status_code == 404


def test_another_units_letters_do_not_exist(pages, clerk, pledge):
    """ensures for the register, the letter, its file, the plan and what is issued that other units' letters are not there."""
    finished(clerk, clerk.fill(planned(clerk, kind=pledge)))
    visitor = login(pages, Role.CLERK, units=[OURS])
    theirs = next(m for m in pages.state.office.ledger.letters(kind=pledge) if m.unit == THEIRS)
    assert THEIRS not in visitor.get("/letters").text and "共 1 份" in text_of(
        visitor.get("/letters", params={"kind": pledge})
    )
    for path in ("/letters/", "/letters/files/"):
        assert visitor.get(path + quote(theirs.number, safe="")).status_code == 404
        assert clerk.get(path + quote(theirs.number, safe="")).status_code == 200
    assert visitor.fill("/letters/new", kind=pledge, unit=THEIRS).status_code == 404
    path = planned(visitor, kind=pledge, year="2027")
    assert THEIRS not in visitor.get(path).text
    job = finished(visitor, visitor.fill(path))
    assert job.total == 1
    assert clerk.get(path).status_code == 404  # a plan is its maker's
    for role in (Role.READER, Role.LEADER):
        assert login(pages, role).get("/letters/new").status_code == 403


def test_the_register_is_turned_and_narrowed(pages, clerk, pledge, monkeypatch):
    """ensures that the pages of the register hold every letter once, newest first, of the unit that is chosen."""
    finished(clerk, clerk.fill(planned(clerk, kind=pledge)))
    monkeypatch.setattr("pipeline.web.letters.PAGE", 1)
    wanted = {m.number for m in pages.state.office.ledger.letters(kind=pledge)}
    shown = []
    for at in range(1, len(wanted) + 1):
        shown += re.findall(r'<td class="fixed"><a href="/letters/[^"]+">([^<]+)</a>',
                            clerk.get("/letters", params={"kind": pledge, "at": at}).text)  # fmt: skip
    assert len(shown) == len(wanted) and set(shown) == wanted
    of_ours = text_of(clerk.get("/letters", params={"kind": pledge, "unit": OURS, "year": "2026"}))
    assert (
        f"共 {sum(m.unit == OURS and '2026' in m.number for m in pages.state.office.ledger.letters(kind=pledge))} 份"
        in of_ours
    )


def test_an_edited_template_is_measured(clerk):
    """ensures that a shipped template is found whole, and broken, foreign and harmful files are each told what is wrong."""
    good = (SHIPPED_TEMPLATES / "overdue_notice.docx").read_bytes()

    def checked(data: bytes) -> str:
        answer = clerk.fill("/letters/check", {"file": ("改过的.docx", data)}, kind="overdue_notice")
        return text_of(answer)

    assert "没有问题" in checked(good)
    document = docx.Document(io.BytesIO(good))
    document.add_paragraph("{{ 没有这一项 }} {{ due")
    stream = io.BytesIO()
    document.save(stream)
    assert "标记没有写完整" in checked(stream.getvalue())
    assert "打不开" in checked(b"not a file of Word")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * (40 << 20))
    assert "压缩比异常" in checked(bomb.getvalue())
    assert clerk.fill("/letters/check", {"file": ("x.docx", good)}, kind="../../etc").status_code == 400
