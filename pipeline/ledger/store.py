"""The ledger (台账): what arrived, what was decided, what was written. Its row is the walk's commit point."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from pipeline.errors import UnprocessableDocument
from pipeline.ledger import journal
from pipeline.ledger.accounts import Accounts
from pipeline.ledger.cabinet import Cabinet
from pipeline.ledger.claims import Claims
from pipeline.ledger.dialect import open_engine
from pipeline.ledger.listing import Arrived, fate_of, newest_arrivals, newest_entries
from pipeline.ledger.register import Submission, note_arrival, register
from pipeline.ledger.schema import arrivals, claims, decisions, entries, pending, texts
from pipeline.ledger.snapshot import write_snapshot
from pipeline.ledger.upgrade import upgrade
from pipeline.ledger.values import entry_of, fits, objects_of, storable, unpacked_text
from pipeline.model import Arrival, Entry, Identity, Original, Status, Text, Verdict
from pipeline.rulebook import Rulebook

AT_ONCE = 100  # documents in memory while many are read


class Ledger(Cabinet):
    """An open ledger. Every writing method is one transaction together with its journal row."""

    def __init__(self, engine: sa.Engine, rulebook: Rulebook, actor: str, timezone: str) -> None:
        super().__init__(engine, actor)
        self._rulebook = rulebook
        self._zone = ZoneInfo(timezone)
        self.claims = Claims(engine, actor)
        self.accounts = Accounts(engine, actor)

    def acting(self, actor: str) -> Ledger:
        """Return the same ledger, in which what is done is done by ``actor``."""
        return Ledger(self._engine, self._rulebook, actor, str(self._zone))

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
        wanted = [fits(entries.c[column], value) for column, value in where.items() if value is not None]
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

    def newest(
        self, limit: int, offset: int = 0, within: frozenset[str] | None = None, **where: object
    ) -> tuple[list[Entry], int]:
        """Return a page of the entries, of these units only, newest first, and how many there are in all."""
        with self._reading() as connection:
            return newest_entries(connection, where, within, limit, offset)

    def arrived(self, limit: int, offset: int = 0, outcome: str | None = None) -> tuple[list[Arrived], int]:
        """Return a page of what came in, newest first, and how much there is in all."""
        with self._reading() as connection:
            return newest_arrivals(connection, outcome, limit, offset)

    def fate(self, key: str) -> Arrived | None:
        """Return what became of an arrival."""
        with self._reading() as connection:
            return fate_of(connection, key)

    def text(self, number: str) -> Text:
        """Return what the reader found in an entry's original."""
        query = sa.select(texts.c.passages).join(entries, entries.c.sha256 == texts.c.sha256)
        with self._reading() as connection:
            return unpacked_text(connection.execute(query.where(entries.c.number == number)).scalar_one())

    def versions(self) -> list[tuple[str, str, str | None]]:
        """Return number, SHA-256 and latest decision of every entry: what tells whether something about it changed."""
        newest = sa.select(sa.func.max(decisions.c.id)).group_by(decisions.c.entry)
        latest = sa.select(decisions.c.entry, decisions.c.decision).where(decisions.c.id.in_(newest)).subquery()
        query = sa.select(entries.c.number, entries.c.sha256, latest.c.decision).order_by(entries.c.year, entries.c.seq)
        with self._reading() as connection:
            rows = connection.execute(query.outerjoin_from(entries, latest, latest.c.entry == entries.c.number))
            return [(number, sha256, decision) for number, sha256, decision in rows]

    def documents(self, numbers: Sequence[str]) -> Iterator[tuple[Entry, Text]]:
        """Yield these entries with their texts, in this order, read a few at a time."""
        for start in range(0, len(numbers), AT_ONCE):
            part = numbers[start : start + AT_ONCE]
            with self._reading() as connection:
                query = sa.select(entries, texts.c.passages).join(texts, entries.c.sha256 == texts.c.sha256)
                rows = connection.execute(query.where(entries.c.number.in_(part))).mappings().all()
                made = sa.select(decisions).where(decisions.c.entry.in_(part)).order_by(decisions.c.id)
                latest = {row["entry"]: row for row in connection.execute(made).mappings()}
            found = {row["number"]: row for row in rows}
            for number in part:
                if row := found.get(number):
                    yield entry_of(row, latest.get(number)), unpacked_text(row["passages"])

    def pending(self) -> list[str]:
        """Return the entries whose index row or receipt a stopped run still owes."""
        with self._reading() as connection:
            return list(connection.scalars(sa.select(pending.c.entry).order_by(pending.c.entry)))

    def done(self, number: str, key: str | None = None) -> None:
        """Nothing is owed any more for this entry, nor for the claim of the arrival ``key``."""
        with self._writing() as connection:
            connection.execute(pending.delete().where(pending.c.entry == number))
            if key is not None:
                connection.execute(claims.delete().where(claims.c.key == key))

    def objects(self) -> set[str]:
        """Return the hash of every object that the archive must hold."""
        with self._reading() as connection:
            return objects_of(connection)

    def count(self) -> int:
        """Return the number of entries."""
        with self._reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(entries)) or 0

    # --- decisions

    def decide(
        self, number: str, decision: str, items: Mapping[str, Status], note: str, at: dt.datetime | None = None
    ) -> Entry:
        """A person's decision (accept | return | withdraw) stands beside the machine's, and counts from ``at`` (now) on."""
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

    # --- the whole

    def snapshot(self, target: Path) -> None:
        """The ledger as it is at one moment is the SQLite file ``target``; others may go on writing."""
        write_snapshot(self._engine, target)

    @property
    def database(self) -> str:
        """What kind of database it is: sqlite, postgresql."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


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


def _latest_decision(connection: sa.Connection, number: str) -> sa.RowMapping | None:
    query = sa.select(decisions).where(decisions.c.entry == number).order_by(decisions.c.id.desc())
    return connection.execute(query.limit(1)).mappings().first()
