"""The workflows of the rulebook as state machines: what happened to a case, what may happen next, what is late. Pure.

A case's history is not stored but derived: from the papers, decisions and letters of the ledger and the steps that people
noted, on any day, always the same. ``Transition.trigger`` names which facts move a case by themselves; any step can be
noted by a person too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.rulebook.parts import Transition, Workflow

_ONE_DAY = dt.timedelta(days=1)
_MOST_MOVES = 200

WorkdaysAfter = Callable[[dt.date, int], dt.date]
"""(event day, n) → the n-th working day after it."""


class FactKind(StrEnum):
    """What the ledger knows to have happened in a case."""

    PAPER = "paper"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    LETTER = "letter"
    REPLY = "reply"
    REPLY_ACCEPTED = "reply_accepted"
    REPLY_RETURNED = "reply_returned"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened on a day. ``what``: the letter's kind, or the state that a person's step leads to."""

    on: dt.date
    kind: FactKind
    what: str = ""
    entry: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a workflow: whose, which period, due when. ``subject``: the paper's kind where one is owed."""

    key: str
    workflow: str
    unit: str | None
    person: str | None
    period: str
    due: dt.date | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One step that a case took: the rulebook's transition, the day, and what made it.

    ``until``: the last day in time of the clock that ran before it.
    """

    transition: Transition
    on: dt.date
    entry: str | None = None
    note: str = ""
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Where a case stands. ``clocks``: what is running, name → last day in time. ``marks``: what was put on record."""

    case: Case
    state: str
    since: dt.date | None
    moves: tuple[Move, ...]
    clocks: tuple[tuple[str, dt.date], ...]

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple(move.transition.mark for move in self.moves if move.transition.mark)


def history(
    workflow: Workflow, case: Case, facts: Sequence[Fact], today: dt.date, workdays_after: WorkdaysAfter
) -> History:
    """Return what happened to a case until ``today``. Each fact moves it once; the earliest that can, does."""
    left = sorted((f for f in facts if f.on <= today), key=lambda f: f.on)
    state, since, moves = workflow.start, None, list[Move]()
    clocks: dict[str, dt.date] = {}
    while len(moves) < _MOST_MOVES:
        found = _next(workflow, state, since, case, left, clocks, today)
        if found is None:
            break
        on, transition, fact = found
        if fact is not None and _uses_up(transition, fact):
            left.remove(fact)
        ending = list(clocks.values())[-1] if clocks else None
        moves.append(Move(transition, on, fact.entry if fact else None, fact.note if fact else "", ending))
        clocks = _clocks(clocks, transition, on, workdays_after)
        state, since = transition.to, on
    running = () if state in workflow.end else tuple(clocks.items())
    return History(case, state, since, tuple(moves), running)


def steps_from(workflow: Workflow, state: str) -> tuple[Transition, ...]:
    """Return the transitions that lead out of a state into another."""
    return tuple(t for t in workflow.transitions if t.from_ == state and t.to != state)


def refusal(workflow: Workflow, state: str, to: str) -> str | None:
    """Return in Chinese why a case in ``state`` cannot go to ``to``; None where it can."""
    if to not in workflow.states:
        return f"没有“{to}”这个环节,可用的有:{'、'.join(f'{k} {v}' for k, v in workflow.states.items())}"
    if state in workflow.end:
        return f"已是“{workflow.states[state]}”,流程已结束,不能再变"
    open_ = steps_from(workflow, state)
    if any(t.to == to for t in open_):
        return None
    onward = "、".join(dict.fromkeys(f"{t.to} {workflow.states[t.to]}" for t in open_))
    return f"现在是“{workflow.states[state]}”,不能直接到“{workflow.states[to]}”;下一步可以是:{onward}"


_Found = tuple[dt.date, Transition, Fact | None]


def _next(
    workflow: Workflow,
    state: str,
    since: dt.date | None,
    case: Case,
    left: Sequence[Fact],
    clocks: dict[str, dt.date],
    today: dt.date,
) -> _Found | None:
    """Return the move that comes first, None where the case waits."""
    options: list[tuple[dt.date, int, Transition, Fact | None]] = []
    for order, transition in enumerate(workflow.transitions):
        if transition.from_ == state and transition.to != state:
            for on, fact in _firings(workflow, transition, case, left, clocks):
                moment = max(on, since) if since else on
                if moment <= today:
                    options.append((moment, order, transition, fact))
                    break
    if not options:
        return None
    on, _, transition, fact = min(options, key=lambda o: (o[0], o[1]))
    return on, transition, fact


def _firings(
    workflow: Workflow, transition: Transition, case: Case, left: Sequence[Fact], clocks: dict[str, dt.date]
) -> Iterator[tuple[dt.date, Fact | None]]:
    """Yield the days on which a transition could be made and the fact that makes it, earliest first."""
    found: list[tuple[dt.date, Fact | None]] = [
        (f.on, f) for f in left if f.kind is FactKind.STEP and f.what == transition.to
    ]
    for trigger in transition.triggers:
        if trigger == "overdue" and case.due is not None:
            found.append((case.due + _ONE_DAY, None))
        elif trigger == "clock_passed" and clocks:
            found.append((list(clocks.values())[-1] + _ONE_DAY, None))
        elif trigger == "paper_in_time":
            found += [(f.on, f) for f in left if f.kind is FactKind.PAPER and (not case.due or f.on <= case.due)]
        elif trigger == "letter":
            found += [(f.on, f) for f in left if f.kind is FactKind.LETTER and f.what == transition.letter]
        elif trigger == "answer_written":
            answers = _answers(workflow, transition.to, frozenset({transition.from_}))
            found += [(f.on, f) for f in left if f.kind is FactKind.LETTER and f.what in answers]
        else:
            found += [(f.on, f) for f in left if f.kind == trigger]
    return iter(sorted(found, key=lambda pair: pair[0]))


def _answers(workflow: Workflow, state: str, seen: frozenset[str]) -> set[str]:
    """Return the letters that may be written from a state on, over steps that a letter implies."""
    found: set[str] = set()
    for t in steps_from(workflow, state):
        if "letter" in t.triggers and t.letter:
            found.add(t.letter)
        if "answer_written" in t.triggers and t.to not in seen:
            found |= _answers(workflow, t.to, seen | {state})
    return found


def _uses_up(transition: Transition, fact: Fact) -> bool:
    """A letter that only implies a step still has its own step to make."""
    return not (fact.kind is FactKind.LETTER and "letter" not in transition.triggers)


def _clocks(
    running: dict[str, dt.date], transition: Transition, on: dt.date, workdays_after: WorkdaysAfter
) -> dict[str, dt.date]:
    """A step starts its clock anew; one that starts none lets those run on, but an answer stops them."""
    if transition.starts is not None and transition.starts.workdays is not None:
        kept = {name: day for name, day in running.items() if name == transition.starts.clock}
        return {
            transition.starts.clock: kept.get(transition.starts.clock, workdays_after(on, transition.starts.workdays))
        }
    stops = {"letter", "reply"} & set(transition.triggers)
    return {} if stops else running
