"""台账: what everybody owes and how it stands, as a matrix and as a list; what the office notes by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import Response

from pipeline.access import Act, may
from pipeline.errors import UsageError
from pipeline.eventbook import noted_event
from pipeline.judging.obligations import Owed, Standing
from pipeline.ledger.workbook import ledger_workbook
from pipeline.office import Office
from pipeline.web.duty_index import OFFICE, Chosen, DutyIndex, covers, worst
from pipeline.web.jobs import Job, Result
from pipeline.web.look import go, page
from pipeline.web.visit import Visit, allowed, day_of

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.SEE))]
Write = Annotated[Visit, Depends(allowed(Act.WRITE))]
Words = Annotated[str, Form(max_length=200)]
UNITS = 50  # rows of the matrix on a page
ROWS = 100  # of the list
EVENTS = 100  # of the year, the newest


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of the ledger: of a year, what is chosen, as a matrix or as a list."""

    year: int
    chosen: Chosen
    view: str = ""

    @property
    def listed(self) -> bool:
        """Whether it is shown as a list: asked for, or what a matrix would tear apart."""
        return self.view == "list" or (self.view != "matrix" and bool(self.chosen.obligation or self.chosen.standing))

    def path(self, **change: str) -> str:
        """Return the page's address with something chosen otherwise."""
        chosen = self.chosen
        values = {"year": str(self.year), "institution": chosen.institution, "unit": chosen.unit,
                  "obligation": chosen.obligation, "standing": chosen.standing, "view": self.view} | change  # fmt: skip
        return "/duties?" + urlencode({name: value for name, value in values.items() if value})


def _asked(
    visit: See,
    year: str = "",
    institution: Annotated[str, Query(max_length=80)] = "",
    unit: Annotated[str, Query(max_length=200)] = "",
    obligation: Annotated[str, Query(max_length=80)] = "",
    standing: Annotated[str, Query(max_length=20)] = "",
    view: Annotated[str, Query(max_length=10)] = "",
) -> Asked:
    this_year = visit.office.today().year
    wanted = int(year) if len(year) == 4 and year.isascii() and year.isdecimal() else this_year
    chosen = Chosen(institution, unit, obligation, standing, visit.within)
    return Asked(wanted if abs(wanted - this_year) <= 10 else this_year, chosen, view)


Wanted = Annotated[Asked, Depends(_asked)]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one unit owes in one column: the standing that needs somebody most, how many stand so, where to look."""

    standing: Standing
    count: int
    total: int
    link: str


@router.get("/duties")
def duties(visit: See, asked: Wanted, at: int = 1, job: str = "") -> Response:
    office, at = visit.office, max(at, 1)
    board = visit.request.app.state.boards.get(asked.year)
    counts = board.index.totals(asked.chosen)
    shown = _listed(board.index, asked, at) if asked.listed else _matrix(office, board.index, asked, at)
    this_year = office.today().year
    return page(
        visit,
        "duties.html",
        "台账",
        asked=asked,
        chosen=asked.chosen,
        at=at,
        moment=board.at,
        counts=counts,
        total=sum(counts.values()),
        job=visit.request.app.state.jobs.get(job, visit.viewer.account),
        units=sorted(board.index.seen(visit.within)),
        institutions={i.id: i.title for i in office.rulebook.institutions.values()},
        action={o.id: o.action for o in office.rulebook.obligations.values()},
        years=range(this_year + 1, this_year - 6, -1),
        office_unit=OFFICE,
        overdue=Standing.OVERDUE,
        **shown,
    )


def _listed(index: DutyIndex, asked: Asked, at: int) -> dict[str, Any]:
    return {"listed": index.chosen(asked.chosen)[(at - 1) * ROWS : at * ROWS], "size": ROWS}


def _matrix(office: Office, index: DutyIndex, asked: Asked, at: int) -> dict[str, Any]:
    """The page's rows of the matrix. Columns: an institution's obligations; of all institutions, these themselves."""
    chosen = asked.chosen
    if chosen.institution:
        one, titles = _obligation, {o.id: o.action for o in office.rulebook.obligations.values()}
    else:
        one, titles = _institution, {i.id: i.title for i in office.rulebook.institutions.values()}
    units = [unit for unit in index.seen(chosen.within) if chosen.unit in ("", unit)]
    if chosen.institution or chosen.standing:
        having = {unit for unit, institution, standing in index.counts
                  if chosen.institution in ("", institution) and chosen.standing in ("", standing)}  # fmt: skip
        units = [unit for unit in units if unit in having]
    lines = []
    for unit in units[(at - 1) * UNITS : at * UNITS]:
        cells: dict[str, list[Owed]] = {}
        for row in index.by_unit[unit]:
            if covers(chosen, row):
                cells.setdefault(one(row), []).append(row)
        lines.append((unit, {column: _cell(rows, asked, unit, column) for column, rows in cells.items()}))
    used = {column for _, cells in lines for column in cells}
    return {"columns": [(c, words) for c, words in titles.items() if c in used], "lines": lines, "size": UNITS,
            "of_units": len(units)}  # fmt: skip


def _obligation(row: Owed) -> str:
    return row.obligation


def _institution(row: Owed) -> str:
    return row.institution


def _cell(rows: Sequence[Owed], asked: Asked, unit: str, column: str) -> Cell:
    standing = worst(rows)
    if not asked.chosen.institution:
        link = asked.path(institution=column, unit=unit, view="list")
    elif len(rows) == 1 and rows[0].entry:
        link = f"/papers/{rows[0].entry}"
    else:
        link = asked.path(unit=unit, obligation=column)
    return Cell(standing, sum(row.status is standing for row in rows), len(rows), link)


@router.post("/duties/workbook")
def workbook(visit: See, asked: Wanted) -> Response:
    """What is asked for, as a workbook: tens of thousands of rows take their time."""
    rows = visit.request.app.state.boards.get(asked.year).index.chosen(asked.chosen)
    rules = visit.office.rulebook
    titles: Mapping[str, str] = {i.id: i.title for i in rules.institutions.values()}
    actions: Mapping[str, str] = {o.id: o.action for o in rules.obligations.values()}

    def work(_: Job) -> Result:
        data = ledger_workbook(rows, titles, actions)
        return Result(f"{len(rows)} 项", file=data, name=f"台账-{asked.year}.xlsx")

    job = visit.request.app.state.jobs.start(Job("台账 Excel", visit.viewer.account), work)
    visit.noted("export", f"台账 {asked.year}")
    return go(f"{asked.path()}&job={job.key}")


# --- what the office notes by hand: meetings, talks, lectures


@router.get("/duties/events")
def events(visit: See, year: str = "", obligation: str = "", unit: str = "") -> Response:
    office, rules = visit.office, visit.office.rulebook
    chosen = int(year) if len(year) == 4 and year.isascii() and year.isdecimal() else office.today().year
    found = [
        e
        for e in office.ledger.events(dt.date(chosen, 1, 1), dt.date(chosen, 12, 31))
        if e.count and may(visit.viewer, Act.SEE, e.unit)
    ]
    things = {o.id: o.action for o in rules.obligations.values()} | dict(rules.events)
    return page(
        visit,
        "events.html",
        "登记事项",
        year=chosen,
        today=office.today(),
        events=sorted(found, key=lambda e: e.happened_on, reverse=True)[:EVENTS],
        total=len(found),
        things=things,
        obligation=obligation,
        unit=unit,
        units=_units(visit),
        years=range(office.today().year, office.today().year - 6, -1),
    )


def _units(visit: Visit) -> list[str]:
    return sorted(u.name for u in visit.office.roster.units if may(visit.viewer, Act.SEE, u.name))


@router.post("/duties/events")
def note_event(
    visit: Write,
    obligation: Words,
    on: Words = "",
    unit: Words = "",
    person: Words = "",
    count: Annotated[int, Form(ge=1, le=1000)] = 1,
    note: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    office = visit.office
    made = noted_event(office, obligation, day_of(on), unit or None, person.strip() or None, count, note.strip())
    if made.unit is None and visit.within is not None:
        raise UsageError("没有选单位", "请选择本单位")
    visit.of_unit(made.unit)
    if made.happened_on > office.today() and obligation not in office.rulebook.events:
        raise UsageError(f"{made.happened_on} 还没有到", "请在事情办了以后登记")
    office.ledger.record_events([made])
    return go(f"/duties/events?year={made.happened_on.year}", "已登记,台账稍后更新")
