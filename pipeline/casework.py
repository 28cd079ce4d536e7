"""Cases of the rulebook's workflows: derived from the ledger's papers, decisions and letters and the steps people noted."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline.errors import FlowRefused, UsageError
from pipeline.judging.flows import Case, Fact, FactKind, History, history, refusal
from pipeline.judging.obligations import Owed, Standing, owed
from pipeline.ledger import Letter, Step
from pipeline.model import Entry
from pipeline.office import Office
from pipeline.rulebook.parts import Workflow


@dataclass(frozen=True)
class Casebook:
    """All cases of a year on one day. What the ledger holds is read once."""

    office: Office
    year: int

    @cached_property
    def today(self) -> dt.date:
        return self.office.today()

    def cases(self, workflow: str | None = None, unit: str | None = None) -> Iterator[History]:
        """Yield every case with its history until today, narrowed down.

        Raises:
            UsageError: there is no such workflow.
        """
        flows = self.office.rulebook.workflows
        if workflow is not None and workflow not in flows:
            raise UsageError(f"没有“{workflow}”这个流程", f"可用的有:{'、'.join(flows)}")
        for flow in flows.values():
            if workflow in (None, flow.id):
                for case in (*self._owed(flow), *self._opened(flow)):
                    if unit in (None, case.unit):
                        yield self.history(flow, case)

    def find(self, key: str) -> History:
        """Return the one case whose key is, or contains, ``key``.

        Raises:
            UsageError: none or several are meant.
        """
        alike = [h for h in self.cases() if key in h.case.key]
        found = [h for h in alike if h.case.key == key] or alike
        if len(found) == 1:
            return found[0]
        if not found:
            raise UsageError(f"没有“{key}”这一项", "用 pipeline flow list 查看全部,可只写其中一段")
        raise UsageError(f"“{key}”不止一项", "请写全:" + "、".join(h.case.key for h in found[:5]))

    def history(self, flow: Workflow, case: Case) -> History:
        return history(flow, case, list(self._facts(flow, case)), self.today, self.office.working_days.add)

    # --- which cases there are

    def _owed(self, flow: Workflow) -> Iterator[Case]:
        if not flow.owed:
            return
        for thing in self._things:
            kind = next((k for k in thing.kinds if k in flow.papers), None)
            if kind and thing.unit and thing.due is not None:
                key = "/".join(filter(None, (flow.id, thing.period, thing.unit, thing.person, kind)))
                yield Case(key, flow.id, thing.unit, thing.person, thing.period, thing.due, kind)

    def _opened(self, flow: Workflow) -> Iterator[Case]:
        for key, noted in self._steps.items():
            first = noted[0]
            if first.workflow == flow.id and first.state == flow.start and first.period[:4] == str(self.year):
                due = next((s.due for s in reversed(noted) if s.due is not None), None)
                yield Case(
                    key, flow.id, first.unit, first.person, first.period, due, flow.papers[0] if flow.papers else ""
                )

    # --- what happened in them

    def _facts(self, flow: Workflow, case: Case) -> Iterator[Fact]:
        papers = self._papers(flow, case)
        numbers = {entry.number for entry in papers}
        opened = None
        for step in self._steps.get(case.key, ()):
            opened = opened or step.happened_on
            if step.state != flow.start:
                yield Fact(step.happened_on, FactKind.STEP, step.state, step.entry, step.note)
        for entry in papers:
            if flow.owed or opened is None or self._days[entry.number] >= opened:
                yield Fact(self._days[entry.number], FactKind.PAPER, entry.identity.kind, entry.number)
        for number in numbers:
            for day, decision in self._decisions.get(number, ()):
                kind = FactKind.ACCEPTED if decision == "accept" else FactKind.RETURNED
                yield Fact(day, kind, "", number)
            for letter in self._letters.get(number, ()):
                yield Fact(letter.made_on, FactKind.LETTER, letter.kind, letter.entry)
        yield from self._replies(flow, case)

    def _papers(self, flow: Workflow, case: Case) -> list[Entry]:
        """The papers a case waits for, in every version."""
        found = self._entries.get((case.subject, case.unit), ())
        # a report on the whole year answers for its second half as well
        periods = {case.period, str(self.year)} if case.period.endswith("-H2") else {case.period}
        return [
            e
            for e in found
            if (not flow.owed or e.identity.period in periods)
            and (case.person is None or e.identity.person == case.person)
        ]

    def _replies(self, flow: Workflow, case: Case) -> Iterator[Fact]:
        for kind in flow.replies:
            for entry in self._entries.get((kind, case.unit), ()):
                if entry.identity.period in (None, case.period):
                    yield Fact(self._days[entry.number], FactKind.REPLY, kind, entry.number)
                    for day, decision in self._decisions.get(entry.number, ()):
                        answer = FactKind.REPLY_ACCEPTED if decision == "accept" else FactKind.REPLY_RETURNED
                        yield Fact(day, answer, "", entry.number)

    # --- the ledger, read once

    @cached_property
    def _things(self) -> tuple[Owed, ...]:
        papers = {kind for flow in self.office.rulebook.workflows.values() if flow.owed for kind in flow.papers}
        return owed(self.office.rulebook, self.office.roster, self.year, kinds=papers)

    @cached_property
    def _entries(self) -> dict[tuple[str, str | None], list[Entry]]:
        found: dict[tuple[str, str | None], list[Entry]] = defaultdict(list)
        # all of them before their days: papers come in meanwhile, and each must have one
        for entry in list(self.office.ledger.entries()):
            if self._days[entry.number] <= self.today and not entry.withdrawn:
                found[entry.identity.kind, entry.identity.unit].append(entry)
        return found

    @cached_property
    def _days(self) -> dict[str, dt.date]:
        return self.office.ledger.arrival_days()

    @cached_property
    def _decisions(self) -> dict[str, list[tuple[dt.date, str]]]:
        found: dict[str, list[tuple[dt.date, str]]] = defaultdict(list)
        for number, day, decision in self.office.ledger.decisions():
            found[number].append((day, decision))
        return found

    @cached_property
    def _letters(self) -> dict[str | None, list[Letter]]:
        found: dict[str | None, list[Letter]] = defaultdict(list)
        for letter in self.office.ledger.letters():
            found[letter.entry].append(letter)
        return found

    @cached_property
    def _steps(self) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = defaultdict(list)
        for step in self.office.ledger.steps(self.today):
            found[step.case_key].append(step)
        return found


def open_case(
    office: Office,
    workflow: str,
    unit: str | None,
    person: str | None,
    due: dt.date | None,
    note: str,
    on: dt.date | None,
) -> History:
    """A case that no obligation opens stands in the ledger, at its workflow's start.

    Raises:
        UsageError: there is no such workflow, or its cases follow from what is owed.
    """
    day = on or office.today()
    flow = office.rulebook.workflows.get(workflow)
    if flow is None:
        raise UsageError(f"没有“{workflow}”这个流程", f"可用的有:{'、'.join(office.rulebook.workflows)}")
    if flow.owed:
        raise UsageError(f"“{workflow}”的各项由应报事项自动产生", "用 pipeline flow list 查看")
    taken = sum(s.workflow == workflow and s.state == flow.start for s in office.ledger.steps(dt.date.max))
    key = "/".join(filter(None, (workflow, str(day.year), unit, person, str(taken + 1))))
    office.ledger.note_step(Step(workflow, key, unit, person, str(day.year), flow.start, day, due, None, note))
    return Casebook(office, day.year).find(key)


def advance(
    office: Office, key: str, state: str, on: dt.date | None, due: dt.date | None, entry: str | None, note: str
) -> History:
    """A person's step stands in the ledger and the case is in its state.

    Raises:
        FlowRefused: the case cannot go there now; says where it can. UsageError: there is no such case.
    """
    day = on or office.today()
    told = re.search(r"(?:^|/)(20\d\d)(?:-H[12])?(?:/|$)", key)
    book = Casebook(office, int(told[1]) if told else day.year)
    found = book.find(key)
    flow = office.rulebook.workflows[found.case.workflow]
    if why := refusal(flow, found.state, state):
        raise FlowRefused(why, "")
    if found.since is not None and day < found.since:
        raise FlowRefused(f"{day} 早于上一步的日期 {found.since}", "请改正日期")
    case = found.case
    office.ledger.note_step(Step(flow.id, case.key, case.unit, case.person, case.period, state, day, due, entry, note))
    return Casebook(office, book.year).find(case.key)


def with_flows(rows: list[Owed], book: Casebook) -> list[Owed]:
    """Return the obligations, those closed whose case has ended."""
    ended = {
        (h.case.subject, h.case.unit, h.case.person, h.case.period): h
        for flow in book.office.rulebook.workflows.values()
        if flow.owed
        for h in book.cases(flow.id)
        if h.state in flow.end and h.moves
    }
    return [
        replace(row, status=Standing.CLOSED)
        if any((kind, row.unit, row.person, row.period) in ended for kind in row.kinds) and row.entry
        else row
        for row in rows
    ]
