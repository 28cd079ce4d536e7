"""Frozen assessments: a year as it was decided, never changed; a correction is a further version with its reason."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.ledger import journal
from pipeline.ledger.schema import assessments
from pipeline.ledger.values import storable


@dataclass(frozen=True, slots=True)
class Frozen:
    """A version of a year's assessment. ``content``: the whole result as JSON values. ``fresh``: frozen by this call."""

    year: int
    version: int
    reason: str
    sha256: str
    frozen_on: dt.date
    content: Mapping[str, Any]
    fresh: bool = False


def add_assessment(
    connection: sa.Connection, year: int, content: Mapping[str, Any], reason: str, on: dt.date, actor: str
) -> Frozen | None:
    """The year stands as a new version, or as the newest where that is the same; None where a reason is lacking."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    newest = newest_assessment(connection, year)
    if newest is not None and newest.sha256 == sha256:
        return newest
    if newest is not None and not reason.strip():
        return None
    version = newest.version + 1 if newest else 1
    said = storable(reason)
    connection.execute(
        assessments.insert().values(
            year=year, version=version, reason=said, content=text, sha256=sha256, frozen_on=on, actor=actor
        )
    )
    journal.note(connection, actor, "freeze", f"{year}年度考核", {"version": version, "sha256": sha256, "reason": said})
    return Frozen(year, version, said, sha256, on, content, fresh=True)


def newest_assessment(connection: sa.Connection, year: int) -> Frozen | None:
    """Return a year's newest version, None where it is not frozen."""
    query = sa.select(assessments).where(assessments.c.year == year).order_by(assessments.c.version.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else _frozen(row)


def all_assessments(connection: sa.Connection, year: int) -> list[Frozen]:
    """Return every version of a year, oldest first."""
    query = sa.select(assessments).where(assessments.c.year == year).order_by(assessments.c.version)
    return [_frozen(row) for row in connection.execute(query).mappings()]


def _frozen(row: sa.RowMapping) -> Frozen:
    return Frozen(
        row["year"], row["version"], row["reason"], row["sha256"], row["frozen_on"], json.loads(row["content"])
    )
