"""How much there is of everybody's papers and letters in a year, and how much of it is filed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from pipeline.codes import Shelf
from pipeline.ledger.schema import entries, items, letters

Owner = Literal["unit", "person", "kind"]


@dataclass(frozen=True, slots=True)
class Stock:
    """Papers and letters of one owner (a unit, a person, a kind) in a year; ``filed``: how many of both have a 档号."""

    papers: int = 0
    letters: int = 0
    filed: int = 0

    def __add__(self, other: Stock) -> Stock:
        return Stock(self.papers + other.papers, self.letters + other.letters, self.filed + other.filed)


def stock_of(connection: sa.Connection, owner: Owner, year: int, within: frozenset[str] | None) -> dict[str, Stock]:
    """Return the stock of every owner who has something, the units within only."""
    papers = _counted(connection, entries, owner, entries.c.duty_year == year, within)
    days = letters.c.made_on.between(dt.date(year, 1, 1), dt.date(year, 12, 31))
    written = _counted(connection, letters, owner, days, within)
    found = {name: Stock(papers=n, filed=filed) for name, (n, filed) in papers.items()}
    for name, (n, filed) in written.items():
        found[name] = found.get(name, Stock()) + Stock(letters=n, filed=filed)
    return found


def _counted(
    connection: sa.Connection,
    table: sa.Table,
    owner: Owner,
    span: sa.ColumnElement[bool],
    within: frozenset[str] | None,
) -> dict[str, tuple[int, int]]:
    column = table.c[owner]
    wanted = [span, column.is_not(None), *(() if within is None else (table.c.unit.in_(sorted(within)),))]
    query = sa.select(column, sa.func.count(), sa.func.count(items.c.subject)).where(*wanted).group_by(column)
    joined = query.outerjoin_from(table, items, items.c.subject == table.c.number)
    return {name: (n, filed) for name, n, filed in connection.execute(joined)}


def shelves_of(connection: sa.Connection) -> list[tuple[Shelf, int, int]]:
    """Return every shelf with how many items stand on it and its last 件号; the two differ where numbers are missing."""
    parts = [items.c[name] for name in Shelf.__slots__]
    query = sa.select(*parts, sa.func.count(), sa.func.max(items.c.seq)).group_by(*parts).order_by(*parts)
    return [(Shelf(*row[:-2]), row[-2], row[-1]) for row in connection.execute(query)]
