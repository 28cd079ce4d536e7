"""Values to rows and back: the frozen values of the model as JSON columns."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from pipeline.ledger.schema import arrivals, claims, entries, letters, renditions
from pipeline.model import WITHDRAW, Entry, Identity, ItemVerdict, Outcome, Roster, Status, Text, Verdict

_identity = TypeAdapter(Identity)
_verdict = TypeAdapter(Verdict)
_text = TypeAdapter(Text)
_roster = TypeAdapter(Roster)


def fits(column: sa.Column[Any], value: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a column has a value, or where it is a tuple one of several, None among them: none."""
    if not isinstance(value, tuple):
        return sa.and_(column == value)
    given = column.in_([v for v in value if v is not None])
    return sa.or_(given, column.is_(None)) if None in value else given


def identity_json(value: Identity) -> str:
    return _identity.dump_json(value).decode()


def verdict_json(value: Verdict) -> str:
    return _verdict.dump_json(value).decode()


def roster_json(value: Roster) -> str:
    return _roster.dump_json(value).decode()


def read_roster_json(content: str) -> Roster:
    return _roster.validate_json(content)


def packed_text(value: Text) -> bytes:
    return zlib.compress(_text.dump_json(value), 6)


def unpacked_text(data: bytes) -> Text:
    return _text.validate_json(zlib.decompress(data))


def storable(name: str) -> str:
    """Return a name without lone surrogates, which no database takes, and without NUL, which PostgreSQL refuses."""
    return name.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def entry_of(row: sa.RowMapping, decision: sa.RowMapping | None = None, outcome: str = "registered") -> Entry:
    """Return the entry of a row, a person's latest decision laid over the machine's verdict."""
    verdict = _verdict.validate_json(row["verdict"])
    if decision is not None:
        verdict = decided(verdict, json.loads(decision["items"]), decision["decision"])
    return Entry(
        number=row["number"],
        name=row["name"],
        sha256=row["sha256"],
        size_bytes=row["size_bytes"],
        arrived_at=dt.datetime.fromisoformat(row["arrived_at"]),
        received=row["received"],
        identity=_identity.validate_json(row["identity"]),
        verdict=verdict,
        due=row["due"],
        on_time=row["on_time"],
        version=row["version"],
        previous=row["previous"],
        decision=decision["decision"] if decision is not None else None,
        outcome=outcome,
    )


def decided(verdict: Verdict, items: Mapping[str, str], decision: str) -> Verdict:
    """Return the verdict as a person left it: their items are certain, and the outcome follows from all items.

    What the machine had found stays beside it; findings about an item that is now covered are gone.
    """
    after = tuple(_settled(item, items.get(item.item)) for item in verdict.items)
    if decision == WITHDRAW:
        return replace(verdict, items=after)
    lacking = any(i.required and i.status is not Status.COVERED for i in after)
    outcome = verdict.outcome
    if decision == "return" or (after and lacking):
        outcome = Outcome.DEFICIENT
    elif after:
        outcome = Outcome.COMPLETE
    covered = {i.item for i in after if i.status is Status.COVERED}
    findings = tuple(f for f in verdict.findings if f.item not in covered)
    return replace(verdict, items=after, outcome=outcome, findings=findings)


def _settled(item: ItemVerdict, status: str | None) -> ItemVerdict:
    return item if status is None else replace(item, status=Status(status), confidence=1.0, machine=item.status)


def objects_of(connection: sa.Connection) -> set[str]:
    """Return the hash of every object that the archive must hold."""
    columns = (entries.c.sha256, arrivals.c.sha256, letters.c.sha256, claims.c.sha256, renditions.c.sha256)
    return {sha for column in columns for sha in connection.scalars(sa.select(column)) if sha}


def as_row(value: Any) -> dict[str, Any]:
    """Return the fields of a frozen dataclass as a row."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
