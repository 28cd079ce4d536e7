"""Working days of mainland China: the official arrangement of holidays and make-up workdays, under corrections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

import holidays

_ONE_DAY = dt.timedelta(days=1)


@lru_cache(maxsize=256)
def _arrangement(year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """The days off of a year and the weekend days that are worked instead."""
    found = holidays.country_holidays("CN", years=year)
    workdays = frozenset(d for d in found.weekend_workdays if d.year == year)
    return frozenset(d for d in found if d.year == year) - workdays, workdays


class WorkingDays:
    def __init__(self, corrections: Mapping[dt.date, bool] | None = None) -> None:
        self._corrections = dict(corrections or {})

    def is_working(self, day: dt.date) -> bool:
        corrected = self._corrections.get(day)
        if corrected is not None:
            return corrected
        off, worked = _arrangement(day.year)
        return day in worked or (day.weekday() < 5 and day not in off)

    def add(self, day: dt.date, n: int) -> dt.date:
        while n > 0:
            day += _ONE_DAY
            n -= self.is_working(day)
        return day

    def between(self, a: dt.date, b: dt.date) -> int:
        return sum(self.is_working(a + dt.timedelta(days=k)) for k in range(1, (b - a).days + 1))

    def unpublished(self, a: dt.date, b: dt.date) -> tuple[int, ...]:
        return ()
