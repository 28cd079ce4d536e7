"""What people note by hand: openings and steps of cases, events that count towards an obligation."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pipeline.ledger import journal
from pipeline.ledger.schema import events, steps
from pipeline.ledger.values import storable


@dataclass(frozen=True, slots=True)
class Step:
    """A case was opened (``state``: its workflow's start) or taken to a state by a person."""

    workflow: str
    case_key: str
    unit: str | None
    person: str | None
    period: str
    state: str
    happened_on: dt.date
    due: dt.date | None = None
    entry: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened and counts towards an obligation: ``count`` times on one day (mostly once)."""

    obligation: str
    happened_on: dt.date
    unit: str | None = None
    person: str | None = None
    count: int = 1
    note: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def add_step(connection: sa.Connection, step: Step, actor: str) -> None:
    """The step stands in the ledger and its journal."""
    row = {name: getattr(step, name) for name in step.__slots__} | {"note": storable(step.note)}
    connection.execute(steps.insert().values(**row, actor=actor, recorded_at=_now()))
    facts = {"workflow": step.workflow, "state": step.state, "on": step.happened_on.isoformat(), "entry": step.entry,
             "due": step.due.isoformat() if step.due else None, "note": storable(step.note)}  # fmt: skip
    journal.note(connection, actor, "step", step.case_key, facts)


def read_steps(connection: sa.Connection, until: dt.date) -> list[Step]:
    """Return what was noted until a day, in the order of noting."""
    rows = connection.execute(sa.select(steps).where(steps.c.happened_on <= until).order_by(steps.c.id)).mappings()
    return [Step(**{name: row[name] for name in Step.__slots__}) for row in rows]


def add_event(connection: sa.Connection, event: Event, actor: str) -> None:
    """The event stands in the ledger and its journal."""
    facts = json.dumps(dict(event.facts), ensure_ascii=False, sort_keys=True)
    connection.execute(
        events.insert().values(
            obligation=event.obligation,
            happened_on=event.happened_on,
            unit=event.unit,
            person=event.person,
            count=event.count,
            note=storable(event.note),
            facts=facts,
            actor=actor,
            recorded_at=_now(),
        )
    )
    said = {"on": event.happened_on.isoformat(), "unit": event.unit, "person": event.person, "count": event.count,
            "note": storable(event.note), "facts": dict(event.facts)}  # fmt: skip
    journal.note(connection, actor, "event", event.obligation, said)


def read_events(connection: sa.Connection, first: dt.date, last: dt.date) -> list[Event]:
    """Return the events of a span of days, in the order of recording."""
    span = sa.and_(events.c.happened_on >= first, events.c.happened_on <= last)
    rows = connection.execute(sa.select(events).where(span).order_by(events.c.id)).mappings()
    return [
        Event(r["obligation"], r["happened_on"], r["unit"], r["person"], r["count"], r["note"], json.loads(r["facts"]))
        for r in rows
    ]


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
