"""When each object's hash was computed last, and what came of it: the record of the rolling check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from pipeline.ledger.schema import fixity_checks

Result = Literal["seen", "good", "damaged", "missing"]
_AT_ONCE = 500  # SQLite takes a limited number of values in one statement


@dataclass(frozen=True, slots=True)
class Check:
    """The last check of an object. ``seen``: not hashed since it was taken in, known since ``at``."""

    at: dt.datetime
    result: Result


def read_checks(connection: sa.Connection) -> dict[str, Check]:
    """Return the last check of every object that the rolling check knows."""
    rows = connection.execute(sa.select(fixity_checks))
    return {row.sha256: Check(dt.datetime.fromisoformat(row.checked_at), row.result) for row in rows}


def failed_checks(connection: sa.Connection) -> dict[str, Result]:
    """Return the objects whose last check failed."""
    query = sa.select(fixity_checks.c.sha256, fixity_checks.c.result)
    failed = query.where(fixity_checks.c.result.in_(("damaged", "missing")))
    return {row.sha256: row.result for row in connection.execute(failed.order_by(fixity_checks.c.sha256))}


def replace_checks(connection: sa.Connection, at: dt.datetime, results: Mapping[str, Result]) -> None:
    """These are the last checks of their objects now."""
    moment = at.astimezone(dt.UTC).isoformat()
    for part in _parts(sorted(results)):
        connection.execute(fixity_checks.delete().where(fixity_checks.c.sha256.in_(part)))
        rows = [{"sha256": name, "checked_at": moment, "result": results[name]} for name in part]
        connection.execute(fixity_checks.insert(), rows)


def _parts(names: list[str]) -> Iterable[list[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))
