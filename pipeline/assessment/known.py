"""What the ledger already knows for the assessment: papers and noted events as facts, with their entries as evidence."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pipeline.casework import Casebook
from pipeline.judging.inputs import Input, inputs
from pipeline.judging.marking import Fact
from pipeline.ledger import Event
from pipeline.model import Entry
from pipeline.office import Office
from pipeline.rulebook.assessment import Assessment

LEDGER = "台账"


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing in the ledger that tells a fact: its day, how often, whose, and what to call it."""

    on: dt.date
    count: int
    person: str | None
    words: str
    entry: str | None = None
    title: str = ""


@dataclass(frozen=True)
class Known:
    """The ledger as the assessment of one year sees it. What it holds is read once."""

    office: Office
    table: Assessment
    year: int

    def facts(self, unit: str) -> dict[str, Fact]:
        """Return what the ledger tells of a unit: input → fact. What it does not tell is not there, never a zero."""
        found = {}
        for asked in self.proven:
            proofs = self.proofs(asked, unit)
            if proofs and self._whole(asked, unit, proofs):
                value = sum(p.count for p in proofs) if asked.kind in {"quota", "count"} else True
                found[asked.name] = Fact(value, LEDGER, tuple(p.words for p in proofs))
        return found

    @cached_property
    def proven(self) -> tuple[Input, ...]:
        """The inputs that the ledger can tell."""
        return tuple(i for i in inputs(self.table).values() if i.part.proven_by and i.kind != "value")

    def proofs(self, asked: Input, unit: str) -> tuple[Proof, ...]:
        """Return what tells an input, by day; a day that an earlier obligation counted does not count again."""
        found: list[Proof] = []
        for name in asked.part.proven_by:
            days = {p.on for p in found}
            found += [p for p in self._of(name, unit, asked.part.half) if p.on not in days]
        return tuple(sorted(found, key=lambda p: (p.on, p.words)))

    def _of(self, name: str, unit: str, half: int | None) -> Iterator[Proof]:
        obligation = self.office.rulebook.obligations[name]
        for kind in obligation.doc:
            for entry in self._papers.get((kind, unit), ()):
                if half is None or entry.identity.period in (None, str(self.year), f"{self.year}-H{half}"):
                    title = entry.identity.title or entry.name
                    on = entry.identity.signed_date or entry.received
                    yield Proof(on, 1, entry.identity.person, f"{entry.number} {title}", entry.number, title)
        for event in self._events.get((name, unit), ()):
            words = f"{event.happened_on} {event.note or obligation.action}"
            yield Proof(event.happened_on, event.count, event.person, words, None, words)

    def _whole(self, asked: Input, unit: str, proofs: Iterable[Proof]) -> bool:
        """Whether everybody of whom it is asked has theirs: a lecture of each principal, not of one."""
        whose = {p.person for p in proofs}
        for name in asked.part.proven_by:
            per = self.office.rulebook.obligations[name].per
            people = {p.name for p in self.office.roster.people if p.unit == unit and p.role == per}
            if people and not people <= whose:
                return False
        return True

    @cached_property
    def _papers(self) -> Mapping[tuple[str, str | None], list[Entry]]:
        entries = list(self.office.ledger.entries(self.office.today(), duty_year=self.year))
        replaced = {e.previous for e in entries}
        found: dict[tuple[str, str | None], list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.number not in replaced and entry.decision != "return":
                found[entry.identity.kind, entry.identity.unit].append(entry)
        return found

    @cached_property
    def _events(self) -> Mapping[tuple[str, str | None], list[Event]]:
        found: dict[tuple[str, str | None], list[Event]] = defaultdict(list)
        last = min(dt.date(self.year, 12, 31), self.office.today())
        for event in self.office.ledger.events(dt.date(self.year, 1, 1), last):
            if event.count:
                found[event.obligation, event.unit].append(event)
        return found

    @cached_property
    def marks(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """What was put on record against a unit: (institution, unit) → facts in words, each with its clause."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        flows = self.office.rulebook.workflows
        wanted = {a.id for a in self.table.adjustments}
        for flow in flows.values():
            if flow.institution in wanted:
                for case in Casebook(self.office, self.year).cases(flow.id):
                    for move in case.moves:
                        if move.transition.mark and case.case.unit:
                            label = self.office.rulebook.kind_label(case.case.subject)
                            papers = f",登记号 {move.entry}" if move.entry else ""
                            words = f"{case.case.period} {label}:{move.transition.mark}({move.on}{papers};{move.transition.clause})"
                            found[flow.institution, case.case.unit].append(words)
        return {key: tuple(words) for key, words in found.items()}
