"""The ledger (台账): what arrived, what was decided, what was written. Its row is the walk's commit point."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from pipeline.errors import UnprocessableDocument
from pipeline.ledger import journal
from pipeline.ledger.assessments import Frozen, add_assessment, all_assessments, newest_assessment
from pipeline.ledger.casebook import Event, Step, add_event, add_step, read_events, read_steps
from pipeline.ledger.dialect import open_engine, reading, writing
from pipeline.ledger.journal import Head
from pipeline.ledger.register import Submission, note_arrival, register
from pipeline.ledger.schema import arrivals, decisions, entries, letters, pending, rosters, texts
from pipeline.ledger.upgrade import upgrade
from pipeline.ledger.values import as_row, entry_of, read_roster_json, roster_json, storable, unpacked_text
from pipeline.model import Arrival, Entry, Identity, Original, Roster, Status, Text, Verdict
from pipeline.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """A letter to be written. ``subject``: what it answers; one letter of a kind is written for one subject."""

    kind: str
    series: str
    year: int
    subject: str
    title: str
    clause: str
    made_on: dt.date
    name: str
    unit: str | None = None
    person: str | None = None
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the register of letters (发文登记). ``fresh``: whether this request wrote it."""

    number: str
    kind: str
    subject: str
    title: str
    unit: str | None
    person: str | None
    entry: str | None
    clause: str
    sha256: str
    name: str
    made_on: dt.date
    fresh: bool = False


class Ledger:
    """An open ledger. Every writing method is one transaction together with its journal row."""

    def __init__(self, engine: sa.Engine, rulebook: Rulebook, actor: str, timezone: str) -> None:
        self._engine = engine
        self._rulebook = rulebook
        self._actor = actor
        self._zone = ZoneInfo(timezone)

    # --- documents

    def register(self, original: Original, arrival: Arrival, text: Text, identity: Identity, verdict: Verdict) -> Entry:
        """The document is registered; the same arrival again gives the same entry, the same bytes a ``duplicate``.

        Raises:
            LedgerUnavailable: nothing was registered; try again later.
        """
        day = arrival.arrived_at.astimezone(self._zone).date()
        with self._writing() as connection:
            new = Submission(original, arrival, text, identity, verdict, day)
            number, outcome = register(connection, new, self._rulebook, self._actor)
            entry = _entry(connection, number, outcome)
        assert entry is not None
        return entry

    def refused(self, arrival: Arrival, kept: Original | None, error: UnprocessableDocument) -> None:
        """The refusal stands in the ledger, once for one arrival."""
        with self._writing() as connection:
            if connection.scalar(sa.select(arrivals.c.key).where(arrivals.c.key == arrival.key)):
                return
            sha256 = kept.sha256 if kept else None
            note_arrival(connection, arrival, outcome="set_aside", sha256=sha256, code=error.code, reason=str(error))
            facts = {"sha256": sha256, "code": error.code, "reason": str(error)}
            journal.note(connection, self._actor, "set_aside", storable(arrival.name), facts)

    def entry(self, number: str) -> Entry | None:
        """Return an entry with a person's decision laid over it."""
        with self._reading() as connection:
            return _entry(connection, number)

    def entries(self, as_of: dt.date | None = None, **where: Any) -> Iterator[Entry]:
        """Yield the entries whose columns (``unit``, ``person``, ``duty_year``, ``kind`` …) equal these, by number.

        A tuple of values means any of them; None among them, that the column is empty. ``as_of``: as the ledger stood at
        the end of that day: what had come in itself, with the decisions made by then.
        """
        wanted = [_fits(entries.c[column], value) for column, value in where.items() if value is not None]
        place = (0, 0)
        # page by page: an open reading transaction would keep SQLite's writers waiting
        while page := self._page(wanted, place, as_of):
            yield from (e for _, e in page if as_of is None or self._day(e.arrived_at.isoformat()) <= as_of)
            place = page[-1][0]

    def _page(
        self, wanted: list[sa.ColumnElement[bool]], after: tuple[int, int], as_of: dt.date | None
    ) -> list[tuple[tuple[int, int], Entry]]:
        place = sa.tuple_(entries.c.year, entries.c.seq)
        query = sa.select(entries).where(*wanted, place > sa.tuple_(*map(sa.literal, after)))
        with self._reading() as connection:
            rows = connection.execute(query.order_by(entries.c.year, entries.c.seq).limit(500)).mappings().all()
            latest = {
                row["entry"]: row
                for row in connection.execute(sa.select(decisions).order_by(decisions.c.id)).mappings()
                if as_of is None or self._day(row["decided_at"]) <= as_of
            }
        return [((row["year"], row["seq"]), entry_of(row, latest.get(row["number"]))) for row in rows]

    def text(self, number: str) -> Text:
        """Return what the reader found in an entry's original."""
        query = sa.select(texts.c.passages).join(entries, entries.c.sha256 == texts.c.sha256)
        with self._reading() as connection:
            return unpacked_text(connection.execute(query.where(entries.c.number == number)).scalar_one())

    def pending(self) -> list[str]:
        """Return the entries whose index row or receipt a stopped run still owes."""
        with self._reading() as connection:
            return list(connection.scalars(sa.select(pending.c.entry).order_by(pending.c.entry)))

    def done(self, number: str) -> None:
        """Nothing is owed for this entry any more."""
        with self._writing() as connection:
            connection.execute(pending.delete().where(pending.c.entry == number))

    def objects(self) -> set[str]:
        """Return the hash of every object that the archive must hold."""
        with self._reading() as connection:
            columns = (entries.c.sha256, arrivals.c.sha256, letters.c.sha256)
            return {sha for column in columns for sha in connection.scalars(sa.select(column)) if sha}

    def count(self) -> int:
        """Return the number of entries."""
        with self._reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(entries)) or 0

    # --- decisions

    def decide(
        self, number: str, decision: str, items: Mapping[str, Status], note: str, at: dt.datetime | None = None
    ) -> Entry:
        """A person's decision stands beside the machine's, and counts from ``at`` (now) on."""
        with self._writing() as connection:
            before = _latest_decision(connection, number)
            merged = {**(json.loads(before["items"]) if before else {}), **{k: str(v) for k, v in items.items()}}
            connection.execute(
                decisions.insert().values(
                    entry=number,
                    decided_at=(at or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).isoformat(),
                    actor=self._actor,
                    decision=decision,
                    items=json.dumps(merged, sort_keys=True),
                    note=storable(note),
                )
            )
            if not connection.scalar(sa.select(pending.c.entry).where(pending.c.entry == number)):
                connection.execute(pending.insert().values(entry=number))
            journal.note(connection, self._actor, decision, number, {"items": merged, "note": storable(note)})
            entry = _entry(connection, number)
        assert entry is not None
        return entry

    def note_of(self, number: str) -> str:
        """Return the words of the latest decision on an entry, '' when there is none."""
        newest = sa.select(decisions.c.note).where(decisions.c.entry == number).order_by(decisions.c.id.desc()).limit(1)
        with self._reading() as connection:
            return connection.scalar(newest) or ""

    def decisions(self) -> list[tuple[str, dt.date, str]]:
        """Return (entry, the office's day, accept | return) of every decision, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(decisions).order_by(decisions.c.id)).mappings()
            return [(r["entry"], self._day(r["decided_at"]), r["decision"]) for r in rows]

    def arrival_days(self) -> dict[str, dt.date]:
        """Return entry → the office's day on which it itself came in; ``Entry.received`` is its first version's."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(entries.c.number, entries.c.arrived_at))
            return {number: self._day(at) for number, at in rows}

    def _day(self, moment: str) -> dt.date:
        return dt.datetime.fromisoformat(moment).astimezone(self._zone).date()

    # --- cases and events

    def note_step(self, step: Step) -> None:
        """A step that a person took stands in the ledger."""
        with self._writing() as connection:
            add_step(connection, step, self._actor)

    def steps(self, until: dt.date) -> list[Step]:
        """Return the steps noted until a day."""
        with self._reading() as connection:
            return read_steps(connection, until)

    def record_events(self, new: Iterable[Event]) -> int:
        """All these events stand in the ledger, or none; returns how many."""
        count = 0
        with self._writing() as connection:
            for event in new:
                add_event(connection, event, self._actor)
                count += 1
        return count

    def events(self, first: dt.date, last: dt.date) -> list[Event]:
        """Return the events of a span of days."""
        with self._reading() as connection:
            return read_events(connection, first, last)

    # --- assessments

    def freeze(self, year: int, content: Mapping[str, Any], reason: str, on: dt.date) -> Frozen | None:
        """The year's assessment stands as decided; None where it did already, otherwise, and no reason was given."""
        with self._writing() as connection:
            return add_assessment(connection, year, content, reason, on, self._actor)

    def frozen(self, year: int) -> Frozen | None:
        """Return the newest version of a year's assessment, None where it is not frozen."""
        with self._reading() as connection:
            return newest_assessment(connection, year)

    def versions(self, year: int) -> list[Frozen]:
        """Return every frozen version of a year's assessment, oldest first."""
        with self._reading() as connection:
            return all_assessments(connection, year)

    # --- letters

    def issue(self, request: LetterRequest, write: Callable[[str], Original]) -> Letter:
        """The letter is numbered, written and registered in one transaction; asked again, the first one is returned.

        ``write`` gets the number and returns the kept file; when it raises, no number is used.
        """
        with self._writing() as connection:
            same = (letters.c.kind == request.kind) & (letters.c.subject == request.subject)
            written = connection.execute(sa.select(letters).where(same)).mappings().first()
            if written is not None:
                return _letter(dict(written))
            here = (letters.c.series == request.series) & (letters.c.year == request.year)
            seq = (connection.scalar(sa.select(sa.func.max(letters.c.seq)).where(here)) or 0) + 1
            number = f"{request.series}〔{request.year}〕{seq}号"
            kept = write(number)
            row = {
                **as_row(request),
                "number": number,
                "seq": seq,
                "sha256": kept.sha256,
                "size_bytes": kept.size_bytes,
            }
            connection.execute(letters.insert().values(**row))
            facts = {"kind": request.kind, "subject": request.subject, "sha256": kept.sha256, "clause": request.clause}
            journal.note(connection, self._actor, "letter", number, facts)
            return _letter(row, fresh=True)

    def letters(self, **where: object) -> list[Letter]:
        """Return the register of letters, oldest first, where these columns have these values."""
        wanted = [letters.c[column] == value for column, value in where.items() if value is not None]
        query = sa.select(letters).where(*wanted).order_by(letters.c.series, letters.c.year, letters.c.seq)
        with self._reading() as connection:
            return [_letter(dict(row)) for row in connection.execute(query).mappings()]

    # --- roster

    def roster(self) -> Roster:
        """Return the roster imported last; an empty one before the first import."""
        with self._reading() as connection:
            content = connection.scalar(sa.select(rosters.c.content).order_by(rosters.c.id.desc()).limit(1))
        return read_roster_json(content) if content else Roster()

    def roster_id(self) -> int:
        """Return a number that changes when a roster is imported."""
        with self._reading() as connection:
            return connection.scalar(sa.select(sa.func.max(rosters.c.id))) or 0

    def save_roster(self, roster: Roster) -> None:
        """The roster counts from now on; the one before stays on record."""
        with self._writing() as connection:
            at = dt.datetime.now(dt.UTC).isoformat()
            connection.execute(rosters.insert().values(imported_at=at, content=roster_json(roster)))
            facts = {"units": len(roster.units), "people": len(roster.people)}
            journal.note(connection, self._actor, "roster", "名册", facts)

    # --- journal

    def note(self, act: str, thing: str, facts: Mapping[str, object]) -> None:
        """One act that changes no other table stands in the journal."""
        with self._writing() as connection:
            journal.note(connection, self._actor, act, thing, facts)

    def journal_head(self) -> Head:
        """Return the journal's last row: its number and hash."""
        with self._reading() as connection:
            return journal.head(connection)

    def journal_break(self) -> int | None:
        """Return the first journal row that breaks the chain, None when it is intact."""
        with self._reading() as connection:
            return journal.first_break(connection)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        return reading(self._engine)

    def _writing(self) -> AbstractContextManager[sa.Connection]:
        return writing(self._engine)


def open_ledger(address: str, rulebook: Rulebook, actor: str, timezone: str = "Asia/Shanghai") -> Ledger:
    """Open a ledger, bringing its schema up to date.

    Raises:
        LedgerUnavailable: it cannot be reached or opened.
    """
    engine = open_engine(address)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return Ledger(engine, rulebook, actor, timezone)


def _entry(connection: sa.Connection, number: str, outcome: str = "registered") -> Entry | None:
    row = connection.execute(sa.select(entries).where(entries.c.number == number)).mappings().first()
    return None if row is None else entry_of(row, _latest_decision(connection, number), outcome)


def _fits(column: sa.Column[Any], value: Any) -> sa.ColumnElement[bool]:
    if not isinstance(value, tuple):
        return sa.and_(column == value)
    given = column.in_([v for v in value if v is not None])
    return sa.or_(given, column.is_(None)) if None in value else given


def _latest_decision(connection: sa.Connection, number: str) -> sa.RowMapping | None:
    query = sa.select(decisions).where(decisions.c.entry == number).order_by(decisions.c.id.desc())
    return connection.execute(query.limit(1)).mappings().first()


def _letter(row: Mapping[str, Any], fresh: bool = False) -> Letter:
    return Letter(**{name: row[name] for name in Letter.__dataclass_fields__ if name != "fresh"}, fresh=fresh)
