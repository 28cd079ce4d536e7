"""The journal's pages and the log of readings."""

from __future__ import annotations

import io
import json
import re

import pytest
from openpyxl import load_workbook

from pipeline.access import Role
from pipeline.ledger import read_head
from pipeline.web.readings import last_readings
from tests.web.doors import EDUCATION, app_of, login


@pytest.fixture
def app(workspace):
    return app_of(workspace)


def numbers(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<tr><td class="number">(\d+)</td>', page)]


def test_the_journal_is_read_newest_first_page_by_page(app):
    """ensures that every row is seen once, and filters leave what was asked for."""
    ledger = app.state.office.ledger
    for n in range(150):
        ledger.note("event", f"甲{n % 3}", {"n": n, "words": "<script>alert(1)</script>"})
    auditor = login(app, Role.AUDITOR)
    page, seen = auditor.get("/journal").text, []
    while True:
        seen += numbers(page)
        older = re.search(r'href="(/journal\?[^"]*before=\d+)"', page)
        if older is None:
            break
        page = auditor.get(older[1].replace("&amp;", "&")).text
    assert seen == list(range(ledger.journal_head().seq, 0, -1))
    assert "<script>alert" not in auditor.get("/journal").text
    assert len(numbers(auditor.get("/journal?act=event&thing=甲1").text)) == 50
    assert numbers(auditor.get("/journal?actor=nobody").text) == []
    auditor.act("/journal/export", act="event", thing="甲1")
    link = re.search(r'href="(/jobs/[^"]+/file)"', auditor.job("/journal"))[1]
    rows = list(load_workbook(io.BytesIO(auditor.get(link).content)).active.iter_rows(min_row=2, values_only=True))
    assert len(rows) == 50
    assert rows[0][6] == ledger.journal_hash(int(rows[0][0]))


def test_the_head_goes_to_another_keeper(app, tmp_path):
    """ensures that the sheet holds the journal's present head, is remembered, and can be compared later."""
    auditor = login(app, Role.AUDITOR)
    before = app.state.office.ledger.journal_head()
    sheet = auditor.act("/journal/head")
    path = tmp_path / "末条.txt"
    path.write_bytes(sheet.content)
    assert [kept.head for kept in read_head(str(path))] == [before]
    assert f" {before.seq} {before.hash} sheet\n" in (app.state.office.archive.root / "heads.txt").read_text()


def test_readings_are_read_from_their_end(app):
    """ensures that a long log is paged without losing, repeating or tearing a line, and searched."""
    folder = app.state.office.archive.root / "logs"
    folder.mkdir(exist_ok=True)
    lines = [{"at": "2026-03-01T00:00:00+08:00", "who": f"u{n % 7}", "act": "see", "thing": f"2026-{n:04} 中", "from": "x"}
             for n in range(5000)]  # fmt: skip
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "reads-2026-03.jsonl").write_text(text + "torn {\n" + text[-60:])
    found, before = [], None
    while True:
        got = last_readings(folder, "2026-03", 700, before)
        found += [line.thing for line in got.lines]
        before = got.before
        if before is None:
            break
    assert found == [line["thing"] for line in reversed(lines)]
    assert [line.thing for line in last_readings(folder, "2026-03", 3, word="u6").lines] == [
        f"2026-{n:04} 中" for n in (4997, 4990, 4983)
    ]
    auditor = login(app, Role.AUDITOR)
    page = auditor.get("/journal/readings?month=2026-03").text
    assert page.count("<tr><td") == 100 and "2026-4999 中" in page
    assert "before=" in page
    assert auditor.get("/journal/readings?month=../../x").status_code == 200


def test_what_is_seen_is_noted_and_only_the_auditor_reads_it(app):
    """ensures that a download leaves a line with who, what and from where, and no other role sees journal or readings."""
    login(app, Role.READER).get("/roster/current.xlsx")
    auditor = login(app, Role.AUDITOR)
    assert "名册" in auditor.get("/journal/readings").text
    for role in set(Role) - {Role.AUDITOR}:
        other = login(app, role)
        assert {other.get(path).status_code for path in ("/journal", "/journal/readings")} == {403}
        assert other.act("/journal/head").status_code == 403


def test_an_accounts_rights_are_told_in_words(app):
    """ensures that the auditor reads who was given which roles and units without knowing their codes."""
    security = login(app, Role.SECURITY)
    login(app, Role.READER, name="某人")
    security.act("/accounts/rights", name="某人", role=["clerk", "reviewer"], scope="some", units="市教育局")
    page = login(app, Role.AUDITOR).get("/journal?act=account&thing=某人").text
    assert "角色:经办人、复核人" in page and f"单位:{EDUCATION}" in page
    assert "角色:查询;单位:全部" in page
