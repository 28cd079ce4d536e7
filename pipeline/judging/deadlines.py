"""When things are due: the rulebook's ways of saying it, resolved into days. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable

from pipeline.rulebook.base import Period
from pipeline.rulebook.due import Due, DueAfter, DueBefore, DueDates, DueMonths, DueWindow
from pipeline.rulebook.model import Rulebook
from pipeline.rulebook.parts import Obligation

_ONE_DAY = dt.timedelta(days=1)


def half_of(period: str | None) -> int | None:
    """Return 1 or 2 for ``2026-H1`` and ``2026-H2``, None for a whole year."""
    return int(period[-1]) if period and "-H" in period else None


def last_day(due: Due, year: int, half: int | None, rulebook: Rulebook) -> dt.date | None:
    """Return the last day in time within ``year`` (and its half), None where no day can be computed.

    With several dates the first serves the first half-year and the last the second, or the whole year.
    """
    timing = rulebook.timing(due)
    if isinstance(timing, DueDates):
        day = timing.dates[0 if half == 1 else -1].on(year)
        return day if timing.inclusive else day - _ONE_DAY
    if isinstance(timing, DueWindow):
        return timing.window[1].on(year)
    if isinstance(timing, DueMonths):
        month = timing.months[0 if half == 1 else -1]
        return dt.date(year, month, calendar.monthrange(year, month)[1])
    return None


def day_from_event(
    due: Due, event: str, on: dt.date, workdays_after: Callable[[dt.date, int], dt.date]
) -> dt.date | None:
    """Return the last day in time that follows from an event of the rulebook on a day; None where nothing follows.

    Working days are counted from the day after the event; 前一周 is seven calendar days before it.

    Source: 附四·四·3 (7个工作日内作出文字说明); 附四·四·1 (会议前一周); 附六·四·2 (7个工作日内制定整改方案).
    """
    if isinstance(due, DueAfter) and due.after == event and due.workdays is not None:
        return workdays_after(on, due.workdays)
    if isinstance(due, DueBefore) and due.before == event:
        return on - dt.timedelta(days=due.days)
    return None


def halves(obligation: Obligation) -> tuple[int | None, ...]:
    """Return (1, 2) for what is owed every half-year, else (None,)."""
    return (1, 2) if obligation.period is Period.HALF_YEAR else (None,)


def due_day(kind: str, year: int | None, period: str | None, rulebook: Rulebook) -> dt.date | None:
    """Return the last day on which a paper of this kind and period is still in time; None: nothing is owed by a date.

    Where several obligations ask for the kind, the one with a computable day that matches the period best counts.
    """
    if year is None:
        return None
    half = half_of(period)
    asked = sorted(rulebook.obligations_for(kind), key=lambda o: (half in halves(o)) is False)
    days = (last_day(o.due, year, half, rulebook) for o in asked)
    return next((day for day in days if day is not None), None)
