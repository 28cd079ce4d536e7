"""Registering: the one transaction that makes a document part of the record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.judging.deadlines import due_day
from pipeline.ledger import journal
from pipeline.ledger.schema import arrivals, decisions, entries, pending, texts
from pipeline.ledger.values import identity_json, packed_text, storable, verdict_json
from pipeline.model import WITHDRAW, Arrival, Identity, Original, Text, Verdict
from pipeline.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Submission:
    """What the walk has found out about one arrival; ``day``: the office's calendar day of arrival."""

    original: Original
    arrival: Arrival
    text: Text
    identity: Identity
    verdict: Verdict
    day: dt.date


def register(connection: sa.Connection, new: Submission, rulebook: Rulebook, actor: str) -> tuple[str, str]:
    """The arrival stands in the ledger once; returns its entry number and outcome. Repeating it changes nothing."""
    seen = connection.execute(sa.select(arrivals).where(arrivals.c.key == new.arrival.key)).mappings().first()
    if seen is not None and seen["entry"] is not None:
        return seen["entry"], seen["outcome"]
    sha256 = new.original.sha256
    number = connection.scalar(sa.select(entries.c.number).where(entries.c.sha256 == sha256))
    outcome = "registered" if number is None else "duplicate"
    number = number or _insert_entry(connection, new, rulebook)
    note_arrival(connection, new.arrival, outcome=outcome, entry=number, sha256=sha256)
    if outcome == "registered":
        connection.execute(pending.insert().values(entry=number))
    facts = {"name": storable(new.arrival.name), "sha256": sha256, "kind": new.identity.kind, "unit": new.identity.unit,
             "person": new.identity.person, "period": new.identity.period, "verdict": new.verdict.outcome}  # fmt: skip
    journal.note(connection, actor, outcome, number, facts)
    return number, outcome


def note_arrival(connection: sa.Connection, arrival: Arrival, **facts: str | None) -> None:
    """One arrival row, replacing an earlier refusal of the very same arrival."""
    connection.execute(arrivals.delete().where(arrivals.c.key == arrival.key))
    connection.execute(
        arrivals.insert().values(
            key=arrival.key,
            name=storable(arrival.name),
            hint=storable(arrival.hint),
            arrived_at=arrival.arrived_at.astimezone(dt.UTC).isoformat(),
            **facts,
        )
    )


def _insert_entry(connection: sa.Connection, new: Submission, rulebook: Rulebook) -> str:
    who, year = new.identity, new.day.year
    seq = (connection.scalar(sa.select(sa.func.max(entries.c.seq)).where(entries.c.year == year)) or 0) + 1
    number = f"{year}-{seq:04}"
    before = _earlier_version(connection, new, rulebook)
    received = before["received"] if before else new.day
    due = due_day(who.kind, who.year, who.period, rulebook)
    connection.execute(
        entries.insert().values(
            number=number,
            year=year,
            seq=seq,
            sha256=new.original.sha256,
            size_bytes=new.original.size_bytes,
            name=storable(new.arrival.name),
            arrived_at=new.arrival.arrived_at.astimezone(dt.UTC).isoformat(),
            received=received,
            kind=who.kind,
            unit=who.unit,
            person=who.person,
            duty_year=who.year,
            period=who.period,
            due=due,
            on_time=None if due is None else received <= due,
            version=before["version"] + 1 if before else 1,
            previous=before["number"] if before else None,
            identity=identity_json(who),
            verdict=verdict_json(new.verdict),
        )
    )
    if not connection.scalar(sa.select(sa.func.count()).where(texts.c.sha256 == new.original.sha256)):
        connection.execute(texts.insert().values(sha256=new.original.sha256, passages=packed_text(new.text)))
    return number


def _earlier_version(connection: sa.Connection, new: Submission, rulebook: Rulebook) -> sa.RowMapping | None:
    """Return the paper that this one replaces: the same name from the same hand, or the same owed paper anew.

    Papers of which there may be many in a period (talk records, topic reports) are told apart by their names.
    """
    who = new.identity
    same_hand = sa.and_(
        entries.c.kind == who.kind,
        entries.c.unit.is_not_distinct_from(who.unit),
        entries.c.person.is_not_distinct_from(who.person),
    )
    # offices use one file name again each half-year: of another period it is another paper, with a day of its own
    same_time = sa.and_(_alike(entries.c.period, who.period), _alike(entries.c.duty_year, who.year))
    same_name = sa.and_(entries.c.name == storable(new.arrival.name), same_time)
    kind = rulebook.kinds.get(who.kind)
    one_a_period = kind is not None and bool(kind.period or kind.parties_pairs) and who.unit and who.period
    same_paper = sa.or_(same_name, entries.c.period == who.period) if one_a_period else same_name
    latest = sa.select(sa.func.max(decisions.c.id)).group_by(decisions.c.entry)
    gone = sa.select(decisions.c.entry).where(decisions.c.id.in_(latest), decisions.c.decision == WITHDRAW)
    still_counts = entries.c.number.not_in(gone)
    newest = (
        sa.select(entries)
        .where(same_hand, same_paper, still_counts)
        .order_by(entries.c.version.desc(), entries.c.number.desc())
    )
    return connection.execute(newest.limit(1)).mappings().first()


def _alike(column: sa.ColumnElement[object], value: object) -> sa.ColumnElement[bool]:
    """Whether a column has this value, or one of the two is not known."""
    return sa.true() if value is None else sa.or_(column == value, column.is_(None))
