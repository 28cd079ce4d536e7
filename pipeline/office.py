"""Opens a workspace and wires the parts together: the only place that names concrete parts."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from pipeline import __version__
from pipeline.archive import Archive, digest, safe_name
from pipeline.errors import NotReady, PartMissing, UnprocessableDocument, UsageError
from pipeline.inbox import Habits, Inbox, kind_of
from pipeline.judging import due_day, identify, judge
from pipeline.judging.deadlines import day_from_event
from pipeline.judging.obligations import DEADLINE, Owed, Standing, owed, standing
from pipeline.ledger import INTACT, Event, Ledger, open_ledger
from pipeline.letters import Letters, OfficeName
from pipeline.model import Arrival, Entry, Receipt, Roster, Status, Text
from pipeline.reading import Reader
from pipeline.rulebook import Rulebook, WorkingDays, load_corrections, load_rulebook, unpublished_notice
from pipeline.search import Index, mark_of, open_index
from pipeline.settings import Settings, find_workspace, load_settings
from pipeline.walk import ANY_TIME, NEWER, process, refuse_secret, set_aside

COUNTS_REACH = 60  # days: the plan's longest clock is 30 working days


@dataclass(frozen=True)
class Office:
    """An open workspace. Each part is opened when first asked for; ``close`` closes those that were."""

    workspace: Path
    settings: Settings
    as_of: dt.date | None = None
    _roster_seen: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def rulebook(self) -> Rulebook:
        chosen = self.settings.rulebook
        return load_rulebook(self.workspace / chosen if chosen else None)

    @cached_property
    def working_days(self) -> WorkingDays:
        corrections = self.workspace / self.settings.calendar
        return WorkingDays(load_corrections(corrections) if corrections.is_file() else {})

    @cached_property
    def archive(self) -> Archive:
        limits = self.settings.inbox
        floor = None if limits.floor_mb is None else limits.floor_mb << 20
        return Archive(self.workspace / "archive", limits.max_mb << 20, floor)

    @cached_property
    def reader(self) -> Reader:
        limits = self.settings.reading
        return Reader(limits.workers, limits.memory_mb, limits.seconds, temp=self.archive.spool)

    @cached_property
    def ledger(self) -> Ledger:
        address = self.settings.database or f"sqlite:///{self.workspace / 'archive' / 'ledger.sqlite'}"
        return open_ledger(address, self.rulebook, actor="pipeline", timezone=self.settings.office.timezone)

    @cached_property
    def index(self) -> Index:
        return open_index(self.workspace / "archive" / "index", self.settings.search, self.settings.database)

    @cached_property
    def letters(self) -> Letters:
        office = self.settings.office
        name = OfficeName(office.name, office.series, office.timezone, office.seal)
        return Letters(self.workspace / "templates", self.rulebook, name)

    @cached_property
    def inbox(self) -> Inbox:
        chosen = self.settings.inbox
        lock = self.workspace / "archive" / "inbox.lock"
        folder = self.workspace / chosen.folder
        quiet = (chosen.quiet_s, chosen.share_quiet_s, chosen.scanner_quiet_s)
        habits = Habits(kind_of(folder, chosen.kind), chosen.scanners, *quiet)
        return Inbox(folder, self.letters.receipt, safe_name, lock, habits)

    @property
    def roster(self) -> Roster:
        """The roster imported last, read again only when another has been imported."""
        known = self.ledger.roster_id()
        if self._roster_seen.get("id") != known:
            self._roster_seen.update(id=known, roster=self.ledger.roster())
        return cast(Roster, self._roster_seen["roster"])

    def unit_named(self, name: str) -> str | None:
        """Return the roster's full name of the unit that goes by this name, None when there is none."""
        return next((unit.name for unit in self.roster.units if name in (unit.name, *unit.aliases)), None)

    def now(self) -> dt.datetime:
        """The present moment, or the same time of day on the ``as_of`` day (office's time)."""
        now = dt.datetime.now(ZoneInfo(self.settings.office.timezone))
        return now if self.as_of is None else dt.datetime.combine(self.as_of, now.timetz())

    def today(self) -> dt.date:
        return self.now().date()

    def calendar_notice(self) -> str:
        """Return in Chinese which year's working days are not yet official, '' when a count from today meets none."""
        reach = self.today() + dt.timedelta(days=COUNTS_REACH)
        return unpublished_notice(self.working_days.unpublished(self.today(), reach))

    def stamped(self, arrival: Arrival) -> Arrival:
        """Give an arrival the office's time, which ``--as-of`` may have set."""
        return arrival if self.as_of is None else replace(arrival, arrived_at=self.now().astimezone(dt.UTC))

    def check(self, path: Path, kind: str | None = None) -> Receipt:
        """Read, identify and judge a file; store nothing."""
        if kind is not None and kind != "other" and kind not in self.rulebook.kinds:
            raise UsageError(f"没有“{kind}”这个文种", "可用 pipeline rulebook show 查看全部文种")
        sha256 = digest(path) if path.is_file() else None
        try:
            text = self.reader.read_path(path, path.name)
            identity = identify(text, path.name, self.roster, self.rulebook)
            refuse_secret(identity)
        except (UnprocessableDocument, NotReady) as error:
            return Receipt(str(path), "set_aside", sha256=sha256, reason=str(error))
        if kind is not None:
            identity = replace(identity, kind=kind)
        due = due_day(identity.kind, identity.year, identity.period, self.rulebook)
        return Receipt(
            file=str(path),
            outcome="checked",
            sha256=sha256,
            identity=identity,
            verdict=judge(text, identity, self.roster, self.rulebook),
            received=self.today(),
            due=due,
            on_time=None if due is None else self.today() <= due,
        )

    def ingest(self, path: Path, turn: AbstractContextManager[object] = ANY_TIME) -> Receipt:
        """Take in one file without the inbox; the original stays where it is. ``turn``: as in ``process``."""
        arrival = Arrival(
            path=str(path.absolute()),
            name=path.name,
            key=f"cli:{uuid.uuid4()}",
            arrived_at=self.now().astimezone(dt.UTC),
            from_inbox=False,
        )
        try:
            return replace(process(arrival, self, turn), file=str(path))
        except UnprocessableDocument as error:
            return replace(set_aside(arrival, error, self), file=str(path))
        except PartMissing as error:
            self.ledger.claims.wait(arrival.key, error.part, str(error))
            return Receipt(str(path), "set_aside", reason=str(error))
        except NotReady as error:
            return Receipt(str(path), "set_aside", reason=str(error))

    def claimed(self, limit: int) -> list[Arrival]:
        """Return the oldest arrivals that are safe, not yet answered, and wait for nothing but their turn."""
        return self.ledger.claims.next(limit, self._ready, lambda sha256: str(self.archive.path_of(sha256)))

    def _ready(self, need: str) -> bool:
        """Whether what a claim waits for is there: a part of this machine, a sound object, a newer program."""
        if need.startswith(INTACT):
            return self.archive.sound(need.removeprefix(INTACT))
        if need.startswith(NEWER):
            return need != NEWER + __version__
        return self.reader.has(need)

    def recover(self) -> None:
        """What stopped runs left is swept, adopted or finished: half-made files, settled papers, owed index rows."""
        self.archive.sweep()
        self.inbox.sweep()
        for papers in self.archive.unclaimed():
            self.ledger.claims.adopt(papers)
        self._index_owed()
        self.index.follow(_Indexed(self.ledger))

    def acting(self, actor: str) -> Office:
        """Return the same open office, in which what is done is done by ``actor``."""
        twin = replace(self)
        for part in ("rulebook", "working_days", "archive", "reader", "index", "letters", "inbox"):
            twin.__dict__[part] = getattr(self, part)
        twin.__dict__["ledger"] = self.ledger.acting(actor)
        return twin

    def finish_pending(self) -> None:
        """Do what a stopped run still owed, and bring the index in step with the ledger where either has changed."""
        self._index_owed()
        self.index.keep_up(_Indexed(self.ledger))

    def _index_owed(self) -> None:
        for number in self.ledger.pending():
            entry = self.ledger.entry(number)
            if entry is not None:
                self.index.add(entry, self.ledger.text(number))
            self.ledger.done(number)

    def rebuild_index(self, progress: Callable[[], object] = lambda: None) -> int:
        """The index is made anew from the ledger; returns how many documents it holds."""
        return self.index.rebuild(_Indexed(self.ledger), progress)

    def decide(self, number: str, decision: str, items: Mapping[str, Status], note: str) -> Entry:
        """A person's decision counts in the ledger and shows in the index."""
        entry = self.ledger.decide(number, decision, items, note, self.now())
        self.index.add(entry, self.ledger.text(number))
        self.ledger.done(number)
        return entry

    def obligations(
        self,
        year: int,
        institution: str | None = None,
        unit: str | None = None,
        overdue: bool = False,
        due_by: dt.date | None = None,
    ) -> list[Owed]:
        """Return everything owed in a year and how it stands today, narrowed down; ``due_by``: to what is due by then."""
        if overdue:
            due_by = self.today() if due_by is None else min(due_by, self.today())
        events = self.ledger.events(dt.date(year, 1, 1), dt.date(year, 12, 31))
        events += list(self._days_that_follow(events))
        # the office may have set days for what the plan gives none, which ``owed`` cannot know
        narrow = None if any(event.facts.get("act") == DEADLINE for event in events) else due_by
        things = (
            thing
            for thing in owed(self.rulebook, self.roster, year, narrow)
            if institution in (None, thing.institution) and unit in (None, thing.unit)
        )
        entries = self.ledger.entries(self.today(), duty_year=(year, None))
        rows = standing(things, (e for e in entries if not e.withdrawn), self.today(), events)
        in_time = (row for row in rows if due_by is None or (row.due is not None and row.due <= due_by))
        return [row for row in in_time if not overdue or row.status is Standing.OVERDUE]

    def _days_that_follow(self, events: Iterable[Event]) -> Iterator[Event]:
        """The last days in time that follow from noted events of the rulebook (a session, a talk), as set days."""
        for event in events:
            if event.obligation in self.rulebook.events:
                for obligation in self.rulebook.obligations.values():
                    day = day_from_event(obligation.due, event.obligation, event.happened_on, self.working_days.add)
                    if day is not None:
                        facts = {"act": DEADLINE, "due": day.isoformat()}
                        # a session is called for a day to come: what it sets holds from before
                        yield Event(
                            obligation.id, min(event.happened_on, self.today()), event.unit, event.person, 0, "", facts
                        )

    def close(self) -> None:
        for part in ("reader", "index", "ledger", "inbox"):
            if part in self.__dict__:
                getattr(self, part).close()


@dataclass(frozen=True, slots=True)
class _Indexed:
    """The ledger as the index sees it."""

    ledger: Ledger

    def state(self) -> str:
        return self.ledger.journal_head().hash  # whatever changes an entry stands in the journal

    def marks(self) -> Mapping[str, str]:
        return {number: mark_of(sha256, decision) for number, sha256, decision in self.ledger.versions()}

    def documents(self, numbers: Sequence[str]) -> Iterator[tuple[Entry, Text]]:
        return self.ledger.documents(numbers)


def open_office(workspace: Path, as_of: dt.date | None = None) -> Office:
    """Open a workspace.

    Raises:
        SettingsError: there is no workspace here, or its settings do not fit.
    """
    return Office(workspace, load_settings(workspace), as_of)


def workspace_from(chosen: Path | None) -> Path:
    """Return the workspace to open: the one given, ``$PIPELINE_WORKSPACE``, or the nearest one upward.

    Raises:
        SettingsError: none is given and none is found.
    """
    if chosen is None and (named := os.environ.get("PIPELINE_WORKSPACE")):
        chosen = Path(named)
    return chosen.absolute() if chosen is not None else find_workspace(Path.cwd())
