"""The ledger's side tables: cases, events, frozen years, letters, items, roster, kept searches, journal, proofs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa

from pipeline.codes import Shelf
from pipeline.ledger import journal
from pipeline.ledger.assessments import Frozen, add_assessment, all_assessments, newest_assessment
from pipeline.ledger.casebook import Event, Step, add_event, add_step, read_events, read_steps
from pipeline.ledger.checks import Check, Result, failed_checks, read_checks, replace_checks
from pipeline.ledger.dialect import reading, writing
from pipeline.ledger.filing import Item, Rendition, add_rendition, file_items, read_items, read_renditions
from pipeline.ledger.journal import Break, Head, Noted
from pipeline.ledger.letters import Letter, LetterRequest, issue, newest_letters, read_letters
from pipeline.ledger.schema import rosters
from pipeline.ledger.searches import SavedSearch, forget_search, read_searches, save_search
from pipeline.ledger.stock import Owner, Stock, shelves_of, stock_of
from pipeline.ledger.values import read_roster_json, roster_json
from pipeline.model import Original, Roster


class Cabinet:
    """What the ledger keeps beside its documents. Every writing method is one transaction together with its journal row."""

    def __init__(self, engine: sa.Engine, actor: str) -> None:
        self._engine = engine
        self._actor = actor

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

    def frozen_versions(self, year: int) -> list[Frozen]:
        """Return every frozen version of a year's assessment, oldest first."""
        with self._reading() as connection:
            return all_assessments(connection, year)

    # --- letters

    def issue(self, request: LetterRequest, write: Callable[[str], Original]) -> Letter:
        """The letter is numbered, written and registered in one transaction; asked again, the first one is returned.

        ``write`` gets the number and returns the kept file; when it raises, no number is used.
        """
        with self._writing() as connection:
            return issue(connection, request, write, self._actor)

    def letters(self, **where: object) -> list[Letter]:
        """Return the register of letters, oldest first, where these columns have these values."""
        with self._reading() as connection:
            return read_letters(connection, where)

    def newest_letters(
        self, limit: int, offset: int = 0, within: frozenset[str] | None = None, **where: object
    ) -> tuple[list[Letter], int]:
        """Return a page of the register of letters, to these units only, newest first, and how many there are in all."""
        with self._reading() as connection:
            return newest_letters(connection, where, within, limit, offset)

    # --- archive

    def file(self, wanted: Iterable[tuple[str, Shelf]]) -> list[Item]:
        """Each of these has its 档号, all or none; asked again, the first one is returned.

        Raises:
            UsageError: something is not registered, or stands on another shelf already.
        """
        with self._writing() as connection:
            return file_items(connection, wanted, self._actor)

    def items(self, **where: object) -> list[Item]:
        """Return the items in the order of their 档号, where these columns have these values."""
        with self._reading() as connection:
            return read_items(connection, where)

    def stock(self, owner: Owner, year: int, within: frozenset[str] | None = None) -> dict[str, Stock]:
        """Return what every unit, person or kind has in a year, the units within only."""
        with self._reading() as connection:
            return stock_of(connection, owner, year, within)

    def shelves(self) -> list[tuple[Shelf, int, int]]:
        """Return every shelf with how many items stand on it and its last 件号."""
        with self._reading() as connection:
            return shelves_of(connection)

    def add_rendition(self, rendition: Rendition) -> None:
        """A copy in a lasting format stands beside its original; the first one made stays."""
        with self._writing() as connection:
            add_rendition(connection, rendition, self._actor)

    def renditions(self) -> dict[str, Rendition]:
        """Return the copies by the hash of their original."""
        with self._reading() as connection:
            return read_renditions(connection)

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

    # --- saved searches

    def save_search(self, search: SavedSearch, owner: str = "") -> None:
        """The search is kept under its name; ``owner``: whose it is, the ledger's actor where none is given."""
        with self._writing() as connection:
            save_search(connection, owner or self._actor, search, self._actor)

    def forget_search(self, name: str, owner: str = "") -> bool:
        """No search is kept under this name; returns whether one was."""
        with self._writing() as connection:
            return forget_search(connection, owner or self._actor, name, self._actor)

    def searches(self, owner: str = "") -> list[SavedSearch]:
        """Return the searches that somebody has kept, by name."""
        with self._reading() as connection:
            return read_searches(connection, owner or self._actor)

    # --- journal

    def note(self, act: str, thing: str, facts: Mapping[str, object]) -> None:
        """One act that changes no other table stands in the journal."""
        with self._writing() as connection:
            journal.note(connection, self._actor, act, thing, facts)

    def journal_head(self) -> Head:
        """Return the journal's last row: its number and hash."""
        with self._reading() as connection:
            return journal.head(connection)

    def journal_breaks(self) -> tuple[Break, ...]:
        """Return every place where the journal's chain does not hold; none when it is intact."""
        with self._reading() as connection:
            return journal.breaks(connection)

    def journal_hash(self, seq: int) -> str | None:
        """Return the hash of one journal row, None when there is none."""
        with self._reading() as connection:
            return journal.hash_at(connection, seq)

    def noted(self, act: str) -> list[tuple[str, dict[str, Any]]]:
        """Return object and facts of every journal row of one act, oldest first."""
        with self._reading() as connection:
            return journal.noted(connection, act)

    def journal_break(self) -> int | None:
        """Return the first journal row that breaks the chain, None when it is intact."""
        return next((found.seq for found in self.journal_breaks()), None)

    def holds(self, head: Head) -> bool:
        """Whether the journal still has the row that was its last when this head was kept."""
        with self._reading() as connection:
            return journal.holds(connection, head)

    def journal(
        self, limit: int, before: int | None = None, thing: str = "", actor: str = "", act: str = ""
    ) -> list[Noted]:
        """Return rows of the journal, newest first: as ``journal.read_rows``."""
        with self._reading() as connection:
            return journal.read_rows(connection, limit, before, thing, actor, act)

    def last_noted(self, *acts: str) -> dict[str, tuple[dt.datetime, dict[str, object]]]:
        """Return for each of these acts that was ever done when it was done last, and its facts."""
        with self._reading() as connection:
            return journal.latest(connection, acts)

    # --- proofs

    def checks(self) -> dict[str, Check]:
        """Return the last check of every object that the rolling check knows."""
        with self._reading() as connection:
            return read_checks(connection)

    def failed_checks(self) -> dict[str, Result]:
        """Return the objects whose last rolling check failed."""
        with self._reading() as connection:
            return failed_checks(connection)

    def note_checks(self, at: dt.datetime, results: Mapping[str, Result], facts: Mapping[str, object]) -> None:
        """A part of the rolling check stands in the ledger; the archive itself is not written to."""
        with self._writing() as connection:
            replace_checks(connection, at, results)
            journal.note(connection, self._actor, "fixity", "档案", facts)

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        return reading(self._engine)

    def _writing(self) -> AbstractContextManager[sa.Connection]:
        return writing(self._engine)
