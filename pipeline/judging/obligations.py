"""What is owed in a year, by whom and until when, and how each stands: rulebook × roster × year. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing one party owes in one period. ``unit``, ``person``: roster names; both None for organs of the city."""

    obligation: str
    institution: str
    unit: str | None
    person: str | None
    year: int
    period: str
    due: dt.date | None
    clause: str
    kinds: tuple[str, ...]
    status: Standing = Standing.UPCOMING
    entry: str | None = None


def owed(rulebook: Rulebook, roster: Roster, year: int) -> tuple[Owed, ...]:
    """Return everything owed in ``year``, in the order of the rulebook, then of the roster."""
    debtors = _Debtors(rulebook, roster)
    return tuple(
        Owed(
            obligation=obligation.id,
            institution=obligation.institution,
            unit=unit,
            person=person,
            year=year,
            period=str(year) if half is None else f"{year}-H{half}",
            due=last_day(obligation.due, year, half, rulebook),
            clause=obligation.clause,
            kinds=tuple(obligation.doc),
        )
        for obligation in rulebook.obligations.values()
        for half in halves(obligation)
        for unit, person in debtors.of(obligation)
    )


def standing(things: Iterable[Owed], entries: Iterable[Entry], today: dt.date) -> Iterator[Owed]:
    """Yield each thing owed with its status on ``today`` and the entry that answers it (the newest version)."""
    by_key: dict[tuple[str, str | None, str | None], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.received <= today:
            by_key[entry.identity.kind, entry.identity.unit, entry.identity.period].append(entry)
    for thing in things:
        answer = _answer(thing, by_key)
        yield replace(thing, status=_status(thing, answer, today), entry=answer.number if answer else None)


def _answer(thing: Owed, by_key: dict[tuple[str, str | None, str | None], list[Entry]]) -> Entry | None:
    # a report on the whole year answers for its second half as well
    periods = (thing.period, str(thing.year)) if thing.period.endswith("-H2") else (thing.period,)
    found = [
        entry
        for kind in thing.kinds
        for period in periods
        for entry in by_key.get((kind, thing.unit, period), ())
        if thing.person is None or entry.identity.person == thing.person
    ]
    return max(found, key=lambda e: (e.version, e.number), default=None)


def _status(thing: Owed, answer: Entry | None, today: dt.date) -> Standing:
    if answer is not None:
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
        if obligation.per in {"subordinate_unit", "unit"} and not self._members(party):
            for unit in (u for to in obligation.to for u in self._members(self._parties[to])):
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
