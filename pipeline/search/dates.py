"""Days as people write them: 2026, 2026-05, 2026年5月3日, 2026上半年, 上月, 2026-01..2026-06."""

from __future__ import annotations

import calendar
import datetime as dt
import re

Span = tuple[dt.date | None, dt.date | None]

_APART = re.compile(r"\.\.+|~|至|到|—+|–")
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})月?")
_YEAR = re.compile(r"(\d{4})年?(?:度)?")
_HALF = re.compile(r"(\d{4})年?(上|下)半年")
_QUARTER = re.compile(r"(\d{4})年?(?:第?([一二三四1234])季度|q([1234]))")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


def read_span(folded: str, today: dt.date | None = None) -> Span | None:
    """Return the first and last day of what was typed (folded), None where it cannot be understood.

    ``A..B`` runs from the first day of A to the last of B, either may be left out. ``today``: what 上月 or 去年 are
    counted from; without it they are not understood.
    """
    parts = _APART.split(folded.replace(" ", ""))
    if len(parts) == 1:
        return _one(parts[0], today)
    if len(parts) != 2 or not any(parts):
        return None
    first = _one(parts[0], today) if parts[0] else (None, None)
    last = _one(parts[1], today) if parts[1] else (None, None)
    return None if first is None or last is None else (first[0], last[1])


def read_years(folded: str, today: dt.date | None = None) -> tuple[str, ...] | None:
    """Return the years of ``2026``, ``2024-2026`` or ``去年``; None where it cannot be understood."""
    if spread := re.fullmatch(r"(\d{4})年?(?:-|\.\.+|~|至|到)(\d{4})年?", folded):
        first, last = sorted(map(int, spread.groups()))
        return tuple(map(str, range(first, last + 1))) if last - first <= 50 else None
    span = read_span(folded, today)
    if span is None or span[0] is None or span[1] is None or span[0].year != span[1].year:
        return None
    return (str(span[0].year),)


def _one(typed: str, today: dt.date | None) -> Span | None:
    try:
        return _relative(typed, today) if today and typed in _RELATIVE else _absolute(typed)
    except ValueError:  # 2月30日
        return None


def _absolute(typed: str) -> Span | None:
    if found := _DAY.fullmatch(typed) or _COMPACT.fullmatch(typed):
        day = dt.date(*map(int, found.groups()))
        return day, day
    if found := _MONTH.fullmatch(typed):
        return _months(int(found[1]), int(found[2]), int(found[2]))
    if found := _HALF.fullmatch(typed):
        return _months(int(found[1]), *((1, 6) if found[2] == "上" else (7, 12)))
    if found := _QUARTER.fullmatch(typed):
        n = int(_QUARTERS.get(found[2], found[2] or found[3]))
        return _months(int(found[1]), 3 * n - 2, 3 * n)
    if found := _YEAR.fullmatch(typed):
        return _months(int(found[1]), 1, 12)
    return None


def _months(year: int, first: int, last: int) -> Span:
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])


_RELATIVE = ("今天", "昨天", "本周", "上周", "本月", "上月", "今年", "去年", "前年")


def _relative(typed: str, today: dt.date) -> Span:
    monday = today - dt.timedelta(today.weekday())
    last_month = today.replace(day=1) - dt.timedelta(1)
    match typed:
        case "今天":
            return today, today
        case "昨天":
            return today - dt.timedelta(1), today - dt.timedelta(1)
        case "本周":
            return monday, monday + dt.timedelta(6)
        case "上周":
            return monday - dt.timedelta(7), monday - dt.timedelta(1)
        case "本月":
            return _months(today.year, today.month, today.month)
        case "上月":
            return _months(last_month.year, last_month.month, last_month.month)
        case _:
            year = today.year - _RELATIVE[6:].index(typed)
            return _months(year, 1, 12)
