"""A board's rows in order and by what people ask for, made once for a board: of half a million rows a page looks at few."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.judging.obligations import Owed, Standing

# what most needs somebody first
WORST = (Standing.OVERDUE, Standing.RETURNED, Standing.LATE, Standing.DUE, Standing.RECEIVED, Standing.UPCOMING,
         Standing.SATISFIED, Standing.CLOSED)  # fmt: skip
_PLACE = {standing: place for place, standing in enumerate(WORST)}
OFFICE = "主体办"  # whose row holds what no unit owes
Shelf = Mapping[str, Sequence[Owed]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a board is asked for; '' is no choice. ``within``: the units that may be seen, None: all of them."""

    institution: str = ""
    unit: str = ""
    obligation: str = ""
    standing: str = ""
    within: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class DutyIndex:
    """All rows, what most needs somebody first; the same by unit, obligation, institution and standing; how many there are
    by unit, institution and standing. ``units``: in the board's order."""

    rows: Sequence[Owed]
    units: Sequence[str]
    by_unit: Shelf
    by_obligation: Shelf
    by_institution: Shelf
    by_standing: Shelf
    counts: Mapping[tuple[str, str, Standing], int]

    def chosen(self, asked: Chosen) -> Sequence[Owed]:
        """Return the rows that are asked for and may be seen, what most needs somebody first."""
        shelves = (
            (self.by_unit, asked.unit),
            (self.by_obligation, asked.obligation),
            (self.by_institution, asked.institution),
            (self.by_standing, asked.standing),
        )
        found = [shelf.get(value, ()) for shelf, value in shelves if value]
        if asked.within is not None and not asked.unit:
            own = [row for unit in asked.within for row in self.by_unit.get(unit, ())]
            found.append(sorted(own, key=_order))
        if not found:
            return self.rows
        fewest = min(found, key=len)
        if len(found) == 1 and asked.within is None:
            return fewest
        return [row for row in fewest if covers(asked, row)]

    def seen(self, within: frozenset[str] | None) -> list[str]:
        """Return the units that may be seen, in the board's order."""
        return [unit for unit in self.units if within is None or unit in within]

    def totals(self, asked: Chosen) -> dict[Standing, int]:
        """Return how many of the rows that are asked for stand how, what most needs somebody first."""
        totals = dict.fromkeys(WORST, 0)
        if asked.obligation or asked.unit or asked.within is not None:
            for row in self.chosen(asked):
                totals[row.status] += 1
            return totals
        for (_, institution, standing), count in self.counts.items():
            if asked.institution in ("", institution) and asked.standing in ("", standing):
                totals[standing] += count
        return totals


def covers(asked: Chosen, row: Owed) -> bool:
    """Whether a row is asked for and may be seen."""
    return (
        asked.unit in ("", row.unit or OFFICE)
        and asked.obligation in ("", row.obligation)
        and asked.institution in ("", row.institution)
        and asked.standing in ("", row.status)
        and (asked.within is None or row.unit in asked.within)
    )


def worst(rows: Iterable[Owed]) -> Standing:
    """Return the standing that most needs somebody."""
    return min((row.status for row in rows), key=_PLACE.__getitem__)


def _order(row: Owed) -> tuple[int, dt.date]:
    return _PLACE[row.status], row.due or dt.date.max


def duty_index(rows: Sequence[Owed]) -> DutyIndex:
    """Return the index of a board's rows."""
    ordered = sorted(rows, key=_order)
    by_unit: dict[str, list[Owed]] = defaultdict(list)
    by_obligation: dict[str, list[Owed]] = defaultdict(list)
    by_institution: dict[str, list[Owed]] = defaultdict(list)
    by_standing: dict[str, list[Owed]] = defaultdict(list)
    counts: Counter[tuple[str, str, Standing]] = Counter()
    for row in ordered:
        unit = row.unit or OFFICE
        by_unit[unit].append(row)
        by_obligation[row.obligation].append(row)
        by_institution[row.institution].append(row)
        by_standing[row.status].append(row)
        counts[unit, row.institution, row.status] += 1
    units = list(dict.fromkeys(row.unit or OFFICE for row in rows))
    return DutyIndex(ordered, units, by_unit, by_obligation, by_institution, by_standing, counts)
