"""What is owed in a year, by whom and until when, and how each stands: rulebook × roster × year. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol

from pipeline.judging.deadlines import halves, last_day
from pipeline.model import Entry, Outcome, Person, Roster, Unit
from pipeline.rulebook.base import PartyKind
from pipeline.rulebook.model import Rulebook
from pipeline.rulebook.parts import Obligation, Pair, Party


class Standing(StrEnum):
    """How one obligation stands on a day."""

    UPCOMING = "upcoming"
    DUE = "due"
    RECEIVED = "received"
    LATE = "late"
    OVERDUE = "overdue"
    SATISFIED = "satisfied"
    RETURNED = "returned"
    CLOSED = "closed"


DUE_SOON = dt.timedelta(days=20)
DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing one party owes in one period. ``unit``, ``person``: roster names; both None for organs of the city.

    ``least``: how often in the period; ``done``: how often it was, by papers and by events noted.
    """

    obligation: str
    institution: str
    unit: str | None
    person: str | None
    year: int
    period: str
    due: dt.date | None
    clause: str
    kinds: tuple[str, ...]
    least: int = 1
    status: Standing = Standing.UPCOMING
    entry: str | None = None
    done: int = 0


def _span(year: int, half: int | None, due: dt.date | None) -> tuple[dt.date, dt.date]:
    """The days on one of which a person must be in post to owe: the last day in time, or where there is none the period.

    Who leaves or comes in the middle of a year owes what falls due in their own time.
    """
    if due is not None:
        return due, due
    return dt.date(year, 7 if half == 2 else 1, 1), dt.date(year, 6, 30) if half == 1 else dt.date(year, 12, 31)


class Happened(Protocol):
    """An event that counts towards an obligation."""

    @property
    def obligation(self) -> str: ...
    @property
    def happened_on(self) -> dt.date: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def person(self) -> str | None: ...
    @property
    def count(self) -> int: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


def owed(
    rulebook: Rulebook,
    roster: Roster,
    year: int,
    due_by: dt.date | None = None,
    kinds: Collection[str] | None = None,
) -> tuple[Owed, ...]:
    """Return everything owed in ``year``, in the order of the rulebook, then of the roster.

    ``due_by``: only what has a last day, and none later than this. ``kinds``: only what papers of these kinds prove.
    """
    debtors = _Debtors(rulebook, roster)
    found: list[Owed] = []
    for obligation in rulebook.obligations.values():
        if kinds is not None and not any(kind in kinds for kind in obligation.doc):
            continue
        least = obligation.min if isinstance(obligation.min, int) and obligation.min > 0 else 1
        who: list[tuple[str | None, str | None]] | None = None
        for half in halves(obligation):
            due = last_day(obligation.due, year, half, rulebook)
            if due_by is not None and (due is None or due > due_by):
                continue
            who = debtors.of(obligation) if who is None else who
            period, proofs = str(year) if half is None else f"{year}-H{half}", tuple(obligation.doc)
            span = _span(year, half, due)
            found += [
                Owed(
                    obligation.id,
                    obligation.institution,
                    unit,
                    person,
                    year,
                    period,
                    due,
                    obligation.clause,
                    proofs,
                    least,
                )
                for unit, person in who
                if person is None or debtors.in_post(unit, person, span)
            ]
    return tuple(found)


def standing(
    things: Iterable[Owed], entries: Iterable[Entry], today: dt.date, events: Iterable[Happened] = ()
) -> Iterator[Owed]:
    """Yield each thing owed with its status on ``today`` and the entry that answers it (the newest version).

    What happened or came after ``today`` does not count, so that any day can be seen again.
    """
    by_key: _ByKey = defaultdict(list)
    for entry in entries:
        if entry.received <= today:
            for period in _periods(entry):
                by_key[entry.identity.kind, entry.identity.unit, period].append(entry)
    happened: dict[tuple[str, str | None], list[Happened]] = defaultdict(list)
    for event in events:
        if event.happened_on <= today:
            happened[event.obligation, event.unit].append(event)
    set_due = _deadlines(happened)
    for owed_thing in things:
        thing = owed_thing
        if thing.due is None and set_due:
            thing = replace(
                thing, due=set_due.get((thing.obligation, thing.unit)) or set_due.get((thing.obligation, None))
            )
        papers = _papers(thing, by_key) if thing.kinds and by_key else []
        if not papers and (thing.obligation, thing.unit) not in happened:
            status = _status(thing, None, [], today)
            yield thing if status is Standing.UPCOMING else replace(thing, status=status)
            continue
        answer = max(papers, key=lambda e: (e.version, e.number), default=None)
        days = [e.received for e in papers if e.version == 1]
        days += [
            event.happened_on
            for event in happened.get((thing.obligation, thing.unit), ())
            if event.count and thing.person in (None, event.person) and _within(event.happened_on, thing)
            for _ in range(event.count)
        ]
        status = _status(thing, answer, sorted(days), today)
        yield replace(thing, status=status, entry=answer.number if answer else None, done=len(days))


def _deadlines(happened: Mapping[tuple[str, str | None], list[Happened]]) -> dict[tuple[str, str | None], dt.date]:
    """The days that the office set for what the plan gives no day, the latest word for each."""
    return {
        key: dt.date.fromisoformat(str(event.facts["due"]))
        for key, events in happened.items()
        for event in events
        if event.facts.get("act") == DEADLINE
    }


_ByKey = dict[tuple[str, str | None, str | None], list[Entry]]


def _periods(entry: Entry) -> tuple[str, ...]:
    """The periods that a paper counts for: its own, or for records that tell of none those it came in."""
    who = entry.identity
    if who.period is not None:
        return (who.period,)
    year = who.year or entry.received.year
    return str(year), f"{year}-H{1 if entry.received.month <= 6 else 2}"


def _within(day: dt.date, thing: Owed) -> bool:
    half = thing.period.partition("-")[2]
    return day.year == thing.year and (not half or half == ("H1" if day.month <= 6 else "H2"))


def _papers(thing: Owed, by_key: _ByKey) -> list[Entry]:
    # a report on the whole year answers for its second half as well
    periods = (thing.period, str(thing.year)) if thing.period.endswith("-H2") else (thing.period,)
    found = (
        entry
        for kind in thing.kinds
        for period in periods
        for entry in by_key.get((kind, thing.unit, period), ())
        if thing.person is None or entry.identity.person == thing.person
    )
    return list({entry.number: entry for entry in found}.values())


def _status(thing: Owed, answer: Entry | None, days: list[dt.date], today: dt.date) -> Standing:
    if len(days) >= thing.least and (answer is None or thing.least > 1):
        late = thing.due is not None and days[thing.least - 1] > thing.due
        return Standing.LATE if late else Standing.SATISFIED
    if answer is not None and thing.least == 1:
        if answer.decision == "return":
            return Standing.RETURNED
        if answer.on_time is False:
            return Standing.LATE
        accepted = answer.decision == "accept" or answer.verdict.outcome is Outcome.COMPLETE
        return Standing.SATISFIED if accepted else Standing.RECEIVED
    if thing.due is None:
        return Standing.UPCOMING
    if today > thing.due:
        return Standing.OVERDUE
    return Standing.DUE if thing.due - today <= DUE_SOON else Standing.UPCOMING


class _Debtors:
    """Who owes: the roster's units and people behind each party of the rulebook."""

    def __init__(self, rulebook: Rulebook, roster: Roster) -> None:
        self._parties = rulebook.parties
        self._kinds = rulebook.kinds
        self._units: dict[str, list[Unit]] = defaultdict(list)
        for unit in roster.units:
            self._units[unit.unit_class].append(unit)
        self._people: dict[tuple[str, str], list[Person]] = defaultdict(list)
        for person in roster.people:
            self._people[person.unit, person.role].append(person)
        self._all_units = roster.units
        self._terms: dict[tuple[str, str], list[Person]] = defaultdict(list)
        for person in roster.people:
            if person.since is not None or person.until is not None:
                self._terms[person.unit, person.name].append(person)
        self._roles = {p.role for p in roster.people}

    def of(self, obligation: Obligation) -> list[tuple[str | None, str | None]]:
        """Return (unit, person) of every debtor; organs of the city stand as (None, None) once."""
        signing = [
            pair
            for kind in obligation.doc
            for pair in (self._kinds[kind].parties_pairs if kind in self._kinds else ())
            if pair.upper in obligation.actor
        ]
        if signing:
            return list(dict.fromkeys(debtor for pair in signing for debtor in self._lower(pair)))
        return list(dict.fromkeys(pair for actor in obligation.actor for pair in self._pairs(obligation, actor)))

    def in_post(self, unit: str | None, person: str, span: tuple[dt.date, dt.date]) -> bool:
        """Whether a person of a unit is in post on one of these days; who has no dates always is."""
        terms = self._terms.get((unit or "", person))
        return not terms or any(
            (p.since is None or p.since <= span[1]) and (p.until is None or span[0] <= p.until) for p in terms
        )

    def _lower(self, pair: Pair) -> Iterator[tuple[str | None, str | None]]:
        """Who signs towards those above: each unit of the lower class, or each unit's people of the lower role."""
        if pair.of is None:
            yield from ((unit.name, None) for unit in self._members(self._parties[pair.lower]))
            return
        for unit in self._members(self._parties[pair.of]):
            people = self._people[unit.name, pair.lower]
            yield from ((unit.name, person.name) for person in people) if people else iter([(unit.name, None)])

    def _pairs(self, obligation: Obligation, actor: str) -> Iterator[tuple[str | None, str | None]]:
        party = self._parties[actor]
        each = [u for to in obligation.to for u in self._members(self._parties[to])]
        if obligation.per in {"subordinate_unit", "unit"} and each and not self._members(party):
            for unit in each:
                yield unit.name, None
        elif party.kind is PartyKind.UNIT_CLASS:
            for unit in self._members(party):
                if obligation.per in self._roles:
                    people = self._people[unit.name, str(obligation.per)]
                    yield from ((unit.name, p.name) for p in people) if people else iter([(unit.name, None)])
                else:
                    yield unit.name, None
        elif party.kind is PartyKind.ROLE and actor in self._roles:
            yield from ((u.name, p.name) for u in self._all_units for p in self._people[u.name, actor])
        else:
            yield None, None

    def _members(self, party: Party) -> list[Unit]:
        """The roster units of a class: by its id, of the classes it includes, or (各级…) all of them."""
        if party.kind is not PartyKind.UNIT_CLASS:
            return []
        ids = (party.id, party.id.rstrip("s"), *party.includes)
        found = [unit for class_id in ids for unit in self._units.get(class_id, ())]
        return found or (list(self._all_units) if party.level == "any" and not party.includes else [])
