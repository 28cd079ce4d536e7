"""Working days of mainland China: the official arrangement of holidays and make-up workdays, under corrections.

The arrangement comes from the ``holidays`` package, which carries each year's notice of the State Council. A year whose
notice it does not carry has only its statutory holidays, computed: a count through it is an estimate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache

import holidays

_ONE_DAY = dt.timedelta(days=1)
_FIRST_NOTICE = 2001


@lru_cache(maxsize=512)
def _arrangement(year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """The days off of a year, and the weekend days that are worked instead."""
    found = holidays.country_holidays("CN", years=year)
    worked = frozenset(d for d in found.weekend_workdays if d.year == year)
    return frozenset(d for d in found if d.year == year) - worked, worked


@lru_cache(maxsize=1)
def _published() -> frozenset[int]:
    """The years whose notice the package carries."""
    calendar = holidays.country_holidays("CN")
    return frozenset(y for y in calendar.special_public_holidays if y >= _FIRST_NOTICE)


class WorkingDays:
    """Counts working days; ``corrections`` (day → worked or not) go before the published arrangement."""

    def __init__(self, corrections: Mapping[dt.date, bool] | None = None) -> None:
        self._corrections = dict(corrections or {})
        self._corrected_years = frozenset(day.year for day in self._corrections)

    def is_working(self, day: dt.date) -> bool:
        corrected = self._corrections.get(day)
        if corrected is not None:
            return corrected
        off, worked = _arrangement(day.year)
        return day in worked or (day.isoweekday() <= 5 and day not in off)

    def add(self, day: dt.date, n: int) -> dt.date:
        """Return the ``n``-th working day after ``day``, which itself never counts; with 0 the day itself.

        Source: 附五·四·1 (受理报告后30个工作日内; 反馈意见后7个工作日内).
        """
        if n < 0:
            raise ValueError("working days are counted forward")
        while n:
            day += _ONE_DAY
            n -= self.is_working(day)
        return day

    def between(self, a: dt.date, b: dt.date) -> int:
        """Return the working days after ``a`` up to and with ``b``; negative when ``b`` lies before ``a``."""
        if b < a:
            return -self.between(b, a)
        return sum(self.is_working(a + dt.timedelta(days=k)) for k in range(1, (b - a).days + 1))

    def unpublished(self, a: dt.date, b: dt.date) -> tuple[int, ...]:
        """Return the years from ``a`` to ``b`` whose official arrangement is not known here.

        A year is known when the package carries its notice, or when the corrections name any day of it: who enters
        days of a year is taken to have entered the year's notice.
        """
        years = range(min(a, b).year, max(a, b).year + 1)
        return tuple(y for y in years if y not in _published() and y not in self._corrected_years)


def unpublished_notice(years: Iterable[int]) -> str:
    """The warning to show beside a count that reaches these years; empty when there are none."""
    listed = "、".join(str(y) for y in years)
    if not listed:
        return ""
    return (
        f"注意:{listed} 年的放假调休安排尚未公布或尚未录入,工作日暂按法定节日推算,期限可能有变。"
        "国务院办公厅公布安排后,请把调休日期写入工作日更正文件,再核对期限。"
    )
