"""今日: what came, what is late, what waits for me; how each institution and unit stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from pipeline.access import Act
from pipeline.daybook import intake
from pipeline.judging.obligations import Owed, Standing
from pipeline.proving import alarms
from pipeline.web.board import Board
from pipeline.web.entrance import first_place
from pipeline.web.look import go, page
from pipeline.web.visit import Visit, allowed

router = APIRouter()
Self = Annotated[Visit, Depends(allowed(Act.SELF))]
_ON_TIME = {Standing.RECEIVED, Standing.SATISFIED, Standing.CLOSED}
_LATE = {Standing.LATE, Standing.RETURNED}
_OPEN = set(Standing) - _ON_TIME - _LATE - {Standing.OVERDUE}
_MOST_UNITS = 15
_LATEST = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of what a party owed by today came on time, late, not at all; ``open``: is not due yet."""

    label: str
    ontime: int
    late: int
    missing: int
    open: int

    @property
    def total(self) -> int:
        return self.ontime + self.late + self.missing + self.open

    def widths(self, most: int, room: int = 360) -> list[tuple[str, int, int, int]]:
        """Return (class, left, width, number) of each part, in pixels."""
        left, parts = 0, []
        for name in ("ontime", "late", "missing", "open"):
            number = getattr(self, name)
            width = round(room * number / max(most, 1))
            if number:
                parts.append((name, left, max(width, 2), number))
                left += max(width, 2)
        return parts


@router.get("/")
def today_page(visit: Self) -> Response:
    if not visit.may(Act.SEE):
        return go("/self" if visit.known.account.fresh else first_place(visit))
    if visit.known.account.fresh:
        return go("/self")
    office, within = visit.office, visit.within
    board = visit.request.app.state.boards.get(office.today().year)
    view = board.views.get(within)
    if view is None:
        view = board.views[within] = _view(board, visit)
    latest, _ = office.ledger.newest(_LATEST, 0, within)
    return page(
        visit,
        "today.html",
        "今日",
        day=office.today(),
        at=board.at,
        latest=latest,
        kind_label=office.rulebook.kind_label,
        action={o.id: o.action for o in office.rulebook.obligations.values()},
        coming=intake(office) if within is None else None,
        alarms=alarms(office),
        **view,
    )


def _view(board: Board, visit: Visit) -> dict[str, object]:
    """Return what of the board is for this visitor, which is the same until the next board."""
    within, day = visit.within, board.day
    assert day is not None

    def mine(found: Iterable[Owed]) -> list[Owed]:
        return [row for row in found if within is None or row.unit in within]

    rows = mine(board.rows)
    titles = {i.id: i.title for i in visit.office.rulebook.institutions.values()}
    by_unit = sorted(_bars((row.unit, row.status) for row in rows if row.unit), key=lambda b: (-b.missing, -b.late))
    return {
        "due": mine(day.due),
        "overdue": mine(day.overdue),
        "waiting": [e for e in day.waiting if within is None or e.identity.unit in within],
        "clocks": [c for c in day.clocks if within is None or c[0].case.unit in within],
        "proposals": [h for h in day.proposals if within is None or h.case.unit in within],
        "by_institution": _bars((titles.get(row.institution, row.institution), row.status) for row in rows),
        "by_unit": by_unit[:_MOST_UNITS],
    }


def _bars(stands: Iterable[tuple[str, Standing]]) -> list[Bar]:
    counts: dict[str, Counter[Standing]] = {}
    for (label, status), number in Counter(stands).items():
        counts.setdefault(label, Counter())[status] += number
    return [
        Bar(label, *(sum(c[s] for s in part) for part in (_ON_TIME, _LATE, {Standing.OVERDUE}, _OPEN)))
        for label, c in counts.items()
    ]
