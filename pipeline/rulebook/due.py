"""When something is due: a small class for each way a plan puts it. ``Due`` is told apart by its leading key."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from pipeline.rulebook.base import Basis, Name, Part, Truth, Whole, Words

_MONTH_DAY = re.compile(r"(\+?)(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day of a year: ``06-20``; ``+03-31`` (``years_ahead`` 1) lies in the year after."""

    years_ahead: int
    month: int
    day: int

    @classmethod
    def parse(cls, value: object) -> MonthDay:
        """Return the day that ``06-20`` or ``+03-31`` names. Raises: ValueError with a Chinese message."""
        if isinstance(value, MonthDay):
            return value
        found = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
        if not found:
            raise ValueError(f"“{value}”不是日期,应写成 '06-20'(次年写成 '+03-31')")
        ahead, month, day = found[1], int(found[2]), int(found[3])
        if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(2000, month)[1]):
            raise ValueError(f"“{value}”不是日历上有的日期")
        return cls(int(bool(ahead)), month, day)

    def on(self, year: int) -> dt.date:
        """Return the date, counted from ``year``; 29 February is the 28th in a common year."""
        year += self.years_ahead
        return dt.date(year, self.month, min(self.day, calendar.monthrange(year, self.month)[1]))

    def __str__(self) -> str:
        return f"{'+' * self.years_ahead}{self.month:02}-{self.day:02}"


Day = Annotated[MonthDay, BeforeValidator(MonthDay.parse)]
Month = Annotated[Whole, Field(ge=1, le=12)]
Days = Annotated[Whole, Field(ge=1, le=366)]
Window = tuple[Day, Day]
SomeDays = Annotated[tuple[Day, ...], Field(min_length=1)]
SomeMonths = Annotated[tuple[Month, ...], Field(min_length=1)]


class DueDates(Part):
    """By one of these days of the year; with two, the first serves the first half-year.

    ``inclusive``: whether the day itself is still in time. ``outer_limit``: the laxer dates another clause gives.
    """

    dates: SomeDays
    inclusive: Truth = True
    outer_limit: tuple[Day, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> DueDates:
        if self.outer_limit and len(self.outer_limit) != len(self.dates):
            raise ValueError("outer_limit 的日期个数应与 dates 相同")
        return self


class DueWindow(Part):
    """From the first to the last day, both included."""

    window: Window
    start_phrase: Words | None = None
    end_phrase: Words | None = None

    @model_validator(mode="after")
    def _fits(self) -> DueWindow:
        if self.window[0] > self.window[1]:
            raise ValueError("window 的开始日期晚于结束日期")
        return self


class DueMonths(Part):
    """Within each of these months."""

    months: SomeMonths


class DueTerm(Part):
    """By a word of the plan that the rulebook's ``terms`` turn into days."""

    term: Words


class DueAfter(Part):
    """Counted from an event: ``workdays`` working days after it, or by the date written in ``date_in``."""

    after: Name
    workdays: Days | None = None
    date_in: Words | None = None

    @model_validator(mode="after")
    def _fits(self) -> DueAfter:
        if (self.workdays is None) == (self.date_in is None):
            raise ValueError("after 要配 workdays 或 date_in,二者选一")
        return self


class DueBefore(Part):
    """At least ``days`` calendar days before an event."""

    before: Name
    days: Days


class DueUpon(Part):
    """When something happens; no day can be computed."""

    upon: Words


class DueOpen(Part):
    """No day: the text says why. The ledger keeps it, nothing becomes overdue."""

    open: Words


_WAYS: dict[str, type[Part]] = {
    "dates": DueDates,
    "window": DueWindow,
    "months": DueMonths,
    "term": DueTerm,
    "after": DueAfter,
    "before": DueBefore,
    "upon": DueUpon,
    "open": DueOpen,
}
DUE_KEYS = tuple(_WAYS)


def _way(value: Any) -> str | None:
    if isinstance(value, Part):
        return next((key for key, kind in _WAYS.items() if isinstance(value, kind)), None)
    if not isinstance(value, dict):
        return None
    return next((key for key in _WAYS if key in value), None)


Due = Annotated[
    Annotated[DueDates, Tag("dates")]
    | Annotated[DueWindow, Tag("window")]
    | Annotated[DueMonths, Tag("months")]
    | Annotated[DueTerm, Tag("term")]
    | Annotated[DueAfter, Tag("after")]
    | Annotated[DueBefore, Tag("before")]
    | Annotated[DueUpon, Tag("upon")]
    | Annotated[DueOpen, Tag("open")],
    Discriminator(_way),
]


class Term(Part):
    """A word of the plan for a time (每年年初) and the days it stands for; without days it is ``open``."""

    phrase: Words
    window: Window | None = None
    dates: SomeDays | None = None
    months: SomeMonths | None = None
    days_before: Days | None = None
    inclusive: Truth = True
    basis: Basis
    why: Words | None = None
    superseded_by: Words | None = None

    @model_validator(mode="after")
    def _fits(self) -> Term:
        given = sum(v is not None for v in (self.window, self.dates, self.months, self.days_before))
        if given > 1:
            raise ValueError("window、dates、months、days_before 只能写一个")
        if given == 0 and self.basis is not Basis.OPEN:
            raise ValueError("没有日期的用语,basis 应为 open")
        return self

    @property
    def timing(self) -> DueDates | DueWindow | DueMonths | DueOpen:
        """The same as a ``Due`` of its own; a term that needs an event (前一周) or has no days is open."""
        if self.window is not None:
            return DueWindow(window=self.window)
        if self.dates is not None:
            return DueDates(dates=self.dates, inclusive=self.inclusive)
        if self.months is not None:
            return DueMonths(months=self.months)
        return DueOpen(open=self.phrase)


class WorkdayRules(Part):
    """How working days are counted: ``workdays`` are ISO week days (1 = Monday) before holidays are applied."""

    workdays: tuple[Annotated[Whole, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)
    holiday_files: Words | None = None
    count_event_day: Literal[False] = False
    shift_dates_on_holidays: Literal[False] = False
