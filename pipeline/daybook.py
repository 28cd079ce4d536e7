"""What the office must know today: what is due, what is late, what waits for a person, whose clock runs out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from pipeline.casework import Casebook
from pipeline.errors import UsageError
from pipeline.judging.draw import Drawn, draw
from pipeline.judging.flows import History
from pipeline.judging.obligations import Owed, Standing
from pipeline.ledger import Event
from pipeline.model import Entry, Outcome
from pipeline.office import Office
from pipeline.rulebook.parts import Share
from pipeline.vigil import Wait, watched

WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Today:
    """The digest of one day."""

    due: tuple[Owed, ...]
    overdue: tuple[Owed, ...]
    waiting: tuple[Entry, ...]
    clocks: tuple[tuple[History, str, dt.date], ...]
    proposals: tuple[History, ...]


def today(office: Office) -> Today:
    """Return what is due within a week, late, waiting for a person, under a running clock, and proposed for deduction."""
    now = office.today()
    rows = office.obligations(now.year, due_by=now + WEEK)
    due = tuple(r for r in rows if r.status is Standing.DUE and r.due is not None and r.due - now <= WEEK)
    overdue = tuple(r for r in rows if r.status is Standing.OVERDUE)
    waiting = tuple(
        e
        for e in office.ledger.entries(now, duty_year=(now.year, None))
        if e.decision is None and e.verdict.outcome is Outcome.NEEDS_PERSON
    )
    cases = list(Casebook(office, now.year).cases())
    clocks = [(h, name, day) for h in cases for name, day in h.clocks if day - now <= WEEK]
    clocks.sort(key=lambda found: (found[2], found[0].case.key))
    return Today(due, overdue, waiting, tuple(clocks), tuple(h for h in cases if h.marks))


# --- the inbox


@dataclass(frozen=True, slots=True)
class Intake:
    """How taking in stands: what troubles the watcher since when, how many papers have their turn before them, what
    waits and why. Times are the office's. ``seen``: when a watcher last said it was at work; None: never.
    """

    trouble: str
    trouble_since: dt.datetime | None
    seen: dt.datetime | None
    backlog: int
    oldest: dt.datetime | None
    waits: tuple[Wait, ...]


def intake(office: Office) -> Intake:
    """Return how taking in stands, as the watcher last saw it and as the ledger knows."""
    word = watched(office.archive.root)
    backlog, oldest = office.ledger.claims.backlog()
    held = (Wait(w.name, w.why, w.since.isoformat()) for w in office.ledger.claims.waiting())
    waits = (*(word.waiting if word else ()), *held)

    def local(moment: dt.datetime | None) -> dt.datetime | None:
        return moment and moment.astimezone(office.now().tzinfo)

    return Intake(
        trouble=word.trouble if word else "",
        trouble_since=local(dt.datetime.fromisoformat(word.trouble_since)) if word and word.trouble_since else None,
        seen=local(dt.datetime.fromisoformat(word.at)) if word else None,
        backlog=backlog,
        oldest=local(oldest),
        waits=tuple(replace(w, since=f"{local(dt.datetime.fromisoformat(w.since)):%Y-%m-%d %H:%M}") for w in waits),
    )


# --- the draw for the plenary

DRAWN = "draw"


def drawn_units(office: Office, year: int, seed: str | None) -> tuple[Event, bool]:
    """Return the draw of a year, made now where none is on record; the second value says which.

    Raises:
        UsageError: the rulebook asks for no share of units, or the roster has none of them.

    Source: 附五·四·3 (抽取20%的单位向全委会报告).
    """
    found = next((o for o in office.rulebook.obligations.values() if isinstance(o.min, Share)), None)
    if found is None or not isinstance(found.min, Share):
        raise UsageError("规则里没有按比例抽取单位的事项", "请检查规则")
    before = [e for e in office.ledger.events(dt.date(year - 30, 1, 1), dt.date(year, 12, 31)) if _is_draw(e, found.id)]
    recorded = next((e for e in before if e.facts["year"] == year), None)
    if recorded is not None:
        return recorded, False
    units = [u.name for u in office.roster.units if u.unit_class in found.min.of]
    if not units:
        raise UsageError("名册里没有可抽取的单位", "请先导入名册")
    last = {unit: e.facts["year"] for e in sorted(before, key=lambda e: e.facts["year"]) for unit in _names(e)}
    chosen_seed = seed or f"{office.rulebook.id}-{year}"
    drawn = draw(units, Fraction(found.min.share), chosen_seed, year, last)
    facts = {"act": DRAWN, "year": year, "seed": chosen_seed, "of": len(units), "drawn": [_shape(d) for d in drawn]}
    event = Event(found.id, office.today(), None, None, 0, f"抽取{len(drawn)}个单位", facts)
    office.ledger.record_events([event])
    return event, True


def _is_draw(event: Event, obligation: str) -> bool:
    return event.obligation == obligation and event.facts.get("act") == DRAWN


def _names(event: Event) -> Iterator[str]:
    yield from (drawn["unit"] for drawn in event.facts["drawn"])


def _shape(drawn: Drawn) -> dict[str, object]:
    return {"unit": drawn.unit, "waited": drawn.waited, "lot": drawn.lot}
