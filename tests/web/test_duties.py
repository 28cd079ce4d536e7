"""台账: the matrix and the list, what is chosen, the workbook, what is noted by hand."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from openpyxl import load_workbook

from pipeline.access import Role
from pipeline.judging.obligations import Standing
from tests.web.conftest import OURS, THEIRS, finished, number_of, text_of
from tests.web.visitors import login

YEAR = 2026


@pytest.fixture
def clerk(pages):
    return login(pages, Role.CLERK)


@pytest.fixture
def row(pages):
    """A thing that a paper of ours answers."""
    paper = number_of(pages, OURS)
    return next(r for r in pages.state.boards.get(YEAR).rows if r.entry == paper and r.unit == OURS)


def test_every_cell_shows_how_its_unit_stands(pages, clerk, row):
    """ensures that each unit has a line, each obligation a column, and the colour is that of the worst standing."""
    page = clerk.get("/duties", params={"year": YEAR, "institution": row.institution}).text
    board = [r for r in pages.state.boards.get(YEAR).rows if r.institution == row.institution]
    lines = dict(re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a></th>(.*?)</tr>', page, re.DOTALL))
    assert set(lines) == {r.unit or "主体办" for r in board}
    order = list(
        dict.fromkeys(o for o in pages.state.office.rulebook.obligations if any(r.obligation == o for r in board))
    )
    cells = re.findall(r"<td>(.*?)</td>", lines[OURS], re.DOTALL)
    assert len(cells) == len(order)
    for obligation, cell in zip(order, cells, strict=True):
        mine = {r.status for r in board if r.unit == OURS and r.obligation == obligation}
        shown = re.findall(r'class="tag (\w+)"', cell)
        assert len(shown) == bool(mine) and set(shown) <= mine
        if Standing.OVERDUE in mine:
            assert shown == [Standing.OVERDUE.value]


def test_what_is_chosen_is_what_is_listed(pages, clerk):
    """ensures that unit, institution and standing narrow the list to exactly the rows that have them."""
    rows = pages.state.boards.get(YEAR).rows
    for asked in ({"unit": OURS}, {"standing": "overdue"}, {"standing": "overdue", "unit": THEIRS},
                  {"institution": rows[0].institution, "standing": "upcoming"}):  # fmt: skip
        named = {"status" if key == "standing" else key: value for key, value in asked.items()}
        wanted = sum(all(getattr(r, key) == value for key, value in named.items()) for r in rows)
        page = clerk.get("/duties", params={"year": YEAR, "view": "list", **asked})
        assert f"共 {wanted} 项" in text_of(page).replace("第 1 / ", "") or f",共 {wanted} 项" in text_of(page)
        assert page.text.count("<tr><td><span class=") == min(wanted, 100)


def test_from_a_row_to_its_paper_and_from_what_is_late_to_the_letter(pages, clerk, row):
    """ensures that a row leads to the paper that answers it, and what nothing answers to the reminder that it calls for."""
    page = clerk.get("/duties", params={"year": YEAR, "unit": OURS, "obligation": row.obligation}).text
    assert f'href="/papers/{row.entry}"' in page
    late = clerk.get("/duties", params={"year": YEAR, "unit": THEIRS, "standing": "overdue"}).text
    assert "/letters/new?kind=overdue_notice" in late
    assert "/letters/new" not in login(pages, Role.READER).get("/duties?standing=overdue").text


def test_the_pages_of_a_long_list_hold_every_row_once(pages, clerk):
    """ensures that turning the pages shows all rows and none twice."""
    total = len(pages.state.boards.get(YEAR).rows)
    assert total > 100
    shown = []
    for at in range(1, total // 100 + 2):
        page = clerk.get("/duties", params={"year": YEAR, "view": "list", "at": at}).text
        shown += re.findall(r"<tr><td><span class=.*?</tr>", page, re.DOTALL)
    assert len(shown) == total


def test_the_workbook_holds_what_is_chosen(pages, clerk):
    """ensures that the Excel file has the chosen rows and no others, and comes from this visitor's own work only."""
    job = finished(clerk, clerk.fill(f"/duties/workbook?year={YEAR}&unit={OURS}"))
    book = load_workbook(io.BytesIO(clerk.get(f"/jobs/{job.key}/file").content))
    lines = [line for sheet in book for line in sheet.iter_rows(min_row=2, values_only=True)]
    assert {line[2] for line in lines} == {OURS}
    assert len(lines) == sum(r.unit == OURS for r in pages.state.boards.get(YEAR).rows)
    assert login(pages, Role.CLERK).get(f"/jobs/{job.key}/file").status_code == 404


def test_one_unit_sees_its_own_line_only(pages):
    """ensures that a visitor restricted to a unit finds no other's row, choice, count or workbook line."""
    visitor = login(pages, Role.CLERK, units=[OURS])
    for path in (
        f"/duties?year={YEAR}",
        f"/duties?year={YEAR}&view=list",
        f"/duties?year={YEAR}&unit={THEIRS}",
        "/duties/events",
    ):
        page = text_of(visitor.get(path))
        assert THEIRS not in page and "主体办 " not in page.replace("市主体办", "").replace("主体办 文书生成", "")
    assert "没有符合条件" in text_of(visitor.get(f"/duties?year={YEAR}&unit={THEIRS}"))
    job = finished(visitor, visitor.fill(f"/duties/workbook?year={YEAR}"))
    book = load_workbook(io.BytesIO(job.result.file))
    assert {line[2] for sheet in book for line in sheet.iter_rows(min_row=2, values_only=True)} == {OURS}


def test_a_noted_event_counts(pages, clerk):
    """ensures that a meeting noted by a clerk stands in the ledger under their name and answers what is owed."""
    office = pages.state.office
    owed = next(
        r for r in pages.state.boards.get(YEAR).rows if r.unit == OURS and not r.kinds and r.least == 1 and not r.person
    )
    on = min(office.today(), dt.date(YEAR, 12, 31))
    fields = {
        "obligation": owed.obligation,
        "on": on.isoformat(),
        "unit": OURS,
        "count": "1",
        "note": "<b>专题</b>研究",
    }
    assert clerk.fill("/duties/events", **fields).status_code == 303
    (event,) = [e for e in office.ledger.events(on, on) if e.obligation == owed.obligation and e.unit == OURS]
    assert (event.count, event.note) == (1, "<b>专题</b>研究")
    assert "&lt;b&gt;专题" in clerk.get("/duties/events").text
    after = [r for r in pages.state.boards.get(YEAR).rows if r.obligation == owed.obligation and r.unit == OURS]
    assert any(r.done == 1 and r.status in {Standing.SATISFIED, Standing.LATE} for r in after)
    (row,) = office.ledger.journal(1, act="event")
    assert row.actor.startswith("某")


def test_what_does_not_fit_is_not_noted(pages, clerk):
    """ensures that an unknown obligation, a day that is none or to come, another's unit and a reader's word change nothing."""
    office = pages.state.office
    known = next(iter(office.rulebook.obligations))
    before = len(office.ledger.events(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
    tomorrow = (office.today() + dt.timedelta(days=1)).isoformat()
    for fields, status in (({"obligation": "没有"}, 400), ({"obligation": known, "on": "三月六日"}, 400),
                           ({"obligation": known, "on": tomorrow}, 400), ({"obligation": known, "count": "0"}, 400),
                           ({"obligation": known, "unit": "没有这个局"}, 400)):  # fmt: skip
        assert clerk.fill("/duties/events", **fields).status_code == status, fields
    ours = login(pages, Role.CLERK, units=[OURS])
    assert ours.fill("/duties/events", obligation=known, unit=THEIRS).status_code == 404
    assert ours.fill("/duties/events", obligation=known).status_code == 400
    assert login(pages, Role.READER).fill("/duties/events", obligation=known).status_code == 403
    assert len(office.ledger.events(dt.date(2000, 1, 1), dt.date(2100, 1, 1))) == before
