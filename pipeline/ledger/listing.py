"""What pages list: papers and arrivals, newest first, a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.ledger.schema import arrivals, claims, decisions, entries
from pipeline.ledger.values import entry_of, fits
from pipeline.model import Entry


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of one arrival; ``outcome`` waiting while it has no answer. ``unit``: of its entry, '' without one."""

    key: str
    name: str
    hint: str
    arrived_at: dt.datetime
    outcome: str
    entry: str | None = None
    reason: str = ""
    code: str = ""
    sha256: str | None = None
    unit: str | None = None


def newest_entries(
    connection: sa.Connection, where: Mapping[str, object], within: frozenset[str] | None, limit: int, offset: int
) -> tuple[list[Entry], int]:
    """Return a page of the entries whose columns have these values, newest first, and how many there are."""
    wanted = [fits(entries.c[column], value) for column, value in where.items() if value is not None]
    if within is not None:
        wanted.append(entries.c.unit.in_(sorted(within)))
    total = connection.scalar(sa.select(sa.func.count()).select_from(entries).where(*wanted)) or 0
    query = sa.select(entries).where(*wanted).order_by(entries.c.year.desc(), entries.c.seq.desc())
    rows = connection.execute(query.limit(limit).offset(offset)).mappings().all()
    made = sa.select(decisions).where(decisions.c.entry.in_([r["number"] for r in rows])).order_by(decisions.c.id)
    latest = {row["entry"]: row for row in connection.execute(made).mappings()}
    return [entry_of(row, latest.get(row["number"])) for row in rows], total


def newest_arrivals(
    connection: sa.Connection, outcome: str | None, limit: int, offset: int
) -> tuple[list[Arrived], int]:
    """Return a page of what came and was answered, newest first, and how much there is."""
    wanted = [] if outcome is None else [arrivals.c.outcome == outcome]
    total = connection.scalar(sa.select(sa.func.count()).select_from(arrivals).where(*wanted)) or 0
    query = _answered().where(*wanted).order_by(arrivals.c.arrived_at.desc()).limit(limit).offset(offset)
    return [_arrived(row) for row in connection.execute(query).mappings()], total


def fate_of(connection: sa.Connection, key: str) -> Arrived | None:
    """Return what became of the arrival with this key, None when nobody knows of it."""
    row = connection.execute(_answered().where(arrivals.c.key == key)).mappings().first()
    if row is not None:
        return _arrived(row)
    claim = connection.execute(sa.select(claims).where(claims.c.key == key)).mappings().first()
    if claim is None:
        return None
    at = dt.datetime.fromisoformat(claim["claimed_at"])
    return Arrived(key, "", "", at, "waiting", reason=claim["why"], sha256=claim["sha256"])


def _answered() -> sa.Select[tuple[object, ...]]:
    return sa.select(arrivals, entries.c.unit).outerjoin_from(arrivals, entries, arrivals.c.entry == entries.c.number)


def _arrived(row: sa.RowMapping) -> Arrived:
    at = dt.datetime.fromisoformat(row["arrived_at"])
    return Arrived(
        key=row["key"],
        name=row["name"],
        hint=row["hint"],
        arrived_at=at,
        outcome=row["outcome"],
        entry=row["entry"],
        reason=row["reason"] or "",
        code=row["code"] or "",
        sha256=row["sha256"],
        unit=row["unit"],
    )
