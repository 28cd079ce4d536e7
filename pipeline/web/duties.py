"""台账: what everybody owes and how it stands, as a matrix and as a list; what the office notes by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
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
OFFICE = "主体办"  # whose row holds what no unit owes
# the standing that a cell of several things shows: the one that most needs somebody
_WORST = (Standing.OVERDUE, Standing.RETURNED, Standing.LATE, Standing.DUE, Standing.RECEIVED, Standing.UPCOMING,
          Standing.SATISFIED, Standing.CLOSED)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a year's board is asked for; '' is no choice."""

    year: int
    institution: str = ""
    unit: str = ""
    obligation: str = ""
    standing: str = ""
    view: str = ""

    def covers(self, row: Owed) -> bool:
        """Whether a thing owed is asked for."""
        return (
            self.institution in ("", row.institution)
            and self.unit in ("", row.unit or OFFICE)
            and self.obligation in ("", row.obligation)
            and self.standing in ("", row.status)
        )

    @property
    def listed(self) -> bool:
        """Whether it is shown as a list: asked for, or what a matrix would tear apart."""
        return self.view == "list" or (self.view != "matrix" and bool(self.obligation or self.standing))

    def path(self, **change: str) -> str:
        """Return the page's address with something chosen otherwise."""
        values = {name: getattr(self, name) for name in self.__slots__} | change
        return "/duties?" + urlencode({name: value for name, value in values.items() if value})


def _chosen(
    visit: See,
    year: str = "",
    institution: Annotated[str, Query(max_length=80)] = "",
    unit: Annotated[str, Query(max_length=200)] = "",
    obligation: Annotated[str, Query(max_length=80)] = "",
    standing: Annotated[str, Query(max_length=20)] = "",
    view: Annotated[str, Query(max_length=10)] = "",
) -> Chosen:
    this_year = visit.office.today().year
    asked = int(year) if len(year) == 4 and year.isascii() and year.isdecimal() else this_year
    return Chosen(asked if abs(asked - this_year) <= 10 else this_year, institution, unit, obligation, standing, view)


Asked = Annotated[Chosen, Depends(_chosen)]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one unit owes in one column: the standing that needs somebody most, how many stand so, where to look."""

    standing: Standing
    count: int
    total: int
    link: str


@router.get("/duties")
def duties(visit: See, chosen: Asked, at: int = 1, job: str = "") -> Response:
    office, at = visit.office, max(at, 1)
    board = visit.request.app.state.boards.get(chosen.year)
    seen = [row for row in board.rows if may(visit.viewer, Act.SEE, row.unit)]
    rows = [row for row in seen if chosen.covers(row)]
    shown: dict[str, Any] = _listed(rows, at) if chosen.listed else _matrix(office, rows, chosen, at)
    counts = dict.fromkeys(_WORST, 0)
    for row in rows:
        counts[row.status] += 1
    this_year = office.today().year
    return page(
        visit,
        "duties.html",
        "台账",
        chosen=chosen,
        at=at,
        moment=board.at,
        counts=counts,
        total=len(rows),
        job=visit.request.app.state.jobs.get(job, visit.viewer.account),
        units=sorted({row.unit or OFFICE for row in seen}),
        institutions={i.id: i.title for i in office.rulebook.institutions.values()},
        action={o.id: o.action for o in office.rulebook.obligations.values()},
        years=range(this_year + 1, this_year - 6, -1),
        office_unit=OFFICE,
        overdue=Standing.OVERDUE,
        **shown,
    )


def _listed(rows: Sequence[Owed], at: int) -> dict[str, Any]:
    ordered = sorted(rows, key=lambda r: (_WORST.index(r.status), r.due or dt.date.max))
    return {"listed": ordered[(at - 1) * ROWS : at * ROWS], "size": ROWS}


def _matrix(office: Office, rows: Iterable[Owed], chosen: Chosen, at: int) -> dict[str, Any]:
    """The page's rows of the matrix. Columns: an institution's obligations; of all institutions, these themselves."""
    one: Callable[[Owed], str]
    if chosen.institution:
        one = _obligation
        titles = {o.id: o.action for o in office.rulebook.obligations.values()}
    else:
        one = _institution
        titles = {i.id: i.title for i in office.rulebook.institutions.values()}
    cells: dict[str, dict[str, list[Owed]]] = {}
    for row in rows:
        cells.setdefault(row.unit or OFFICE, {}).setdefault(one(row), []).append(row)
    used = {column for owed in cells.values() for column in owed}
    lines = [
        (unit, {column: _cell(owed, chosen, unit, column) for column, owed in cells[unit].items()})
        for unit in list(cells)[(at - 1) * UNITS : at * UNITS]
    ]
    return {"columns": [(c, words) for c, words in titles.items() if c in used], "lines": lines, "size": UNITS,
            "of_units": len(cells)}  # fmt: skip


def _obligation(row: Owed) -> str:
    return row.obligation


def _institution(row: Owed) -> str:
    return row.institution


def _cell(owed: Sequence[Owed], chosen: Chosen, unit: str, column: str) -> Cell:
    worst = min((row.status for row in owed), key=_WORST.index)
    if not chosen.institution:
        link = chosen.path(institution=column, unit=unit, view="list")
    elif len(owed) == 1 and owed[0].entry:
        link = f"/papers/{owed[0].entry}"
    else:
        link = chosen.path(unit=unit, obligation=column)
    return Cell(worst, sum(row.status is worst for row in owed), len(owed), link)


@router.post("/duties/workbook")
def workbook(visit: See, chosen: Asked) -> Response:
    """What is asked for, as a workbook: tens of thousands of rows take their time."""
    board = visit.request.app.state.boards.get(chosen.year)
    rows = [row for row in board.rows if may(visit.viewer, Act.SEE, row.unit) and chosen.covers(row)]
    rules = visit.office.rulebook
    titles: Mapping[str, str] = {i.id: i.title for i in rules.institutions.values()}
    actions: Mapping[str, str] = {o.id: o.action for o in rules.obligations.values()}

    def work(_: Job) -> Result:
        data = ledger_workbook(rows, titles, actions)
        return Result(f"{len(rows)} 项", file=data, name=f"台账-{chosen.year}.xlsx")

    job = visit.request.app.state.jobs.start(Job("台账 Excel", visit.viewer.account), work)
    visit.noted("export", f"台账 {chosen.year}")
    return go(f"{chosen.path()}&job={job.key}")


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
