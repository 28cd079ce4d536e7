"""Days and report periods as people write them: digits, Chinese numerals, with and without a day. Pure.

All functions take folded text without spaces (``layout.squeeze``).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "o": 0, "两": 2}
_CN = "零〇○一二三四五六七八九"
_YEAR = rf"(?P<y>(?:19|20)\d\d|二[零〇○o0][{_CN}o]{{2}})"
_MONTH = r"(?P<m>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?P<d>3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九]|廿[一二三四五六七八九]?)"
_DATE = re.compile(rf"{_YEAR}(?:年|[.\-/·、]){_MONTH}(?:月|[.\-/·、]){_DAY}(?![\d十])[日号]?")
_NOT_A_DAY_OF_SIGNING = re.compile(r"截至|截止|期限|有效|自.{0,12}起|至")

HALVES = {1: "H1", 2: "H2"}


def number(text: str) -> int | None:
    """Return the number that Arabic digits or Chinese numerals below 100 stand for, a year read digit by digit."""
    if text.isdigit():
        return int(text)
    if len(text) == 4 and all(c in _DIGITS or c.isdigit() for c in text):
        return int("".join(c if c.isdigit() else str(_DIGITS[c]) for c in text))
    text = text.replace("廿", "二十")
    if "十" in text:
        tens, _, ones = text.partition("十")
        if (tens and tens not in _DIGITS) or (ones and ones not in _DIGITS):
            return None
        return _DIGITS.get(tens, 1) * 10 + (_DIGITS[ones] if ones else 0)
    return _DIGITS.get(text)


@dataclass(frozen=True, slots=True)
class Day:
    """A whole date in a text: ``start``, ``end`` are its place in the squeezed text."""

    value: dt.date
    start: int
    end: int


def days_in(text: str) -> Iterator[Day]:
    """Yield every whole date (year, month and day) of a squeezed text."""
    for match in _DATE.finditer(text):
        year, month, day = (number(match[g]) for g in "ymd")
        try:
            value = dt.date(year or 0, month or 0, day or 0)
        except ValueError:
            continue
        yield Day(value, match.start(), match.end())


def closing_day(text: str) -> dt.date | None:
    """Return the date a squeezed line is signed with: the line is little else than the date, or ends with it."""
    last = None
    for last in days_in(text):  # noqa: B007 — the last one counts
        pass
    if last is None:
        return None
    rest = text[: last.start] + text[last.end :]
    if (
        len(text) - last.end <= 2
        and len(rest) <= 40
        and not _NOT_A_DAY_OF_SIGNING.search(text[max(0, last.start - 6) : last.start])
    ):
        return last.value
    return None


@dataclass(frozen=True, slots=True)
class Span:
    """A period told of: ``year`` None where the words do not say it, ``half`` None for a whole year."""

    year: int | None
    half: int | None
    start: int
    end: int


_HALF = re.compile(rf"(?:{_YEAR}年?度?的?)?(?P<h>[上下])半年(?!.{{0,4}}(?:将|要|拟|打算|计划|准备|安排))")
_RANGE = re.compile(
    rf"(?:{_YEAR}(?:年|[.\-/·]))?{_MONTH}(?:月|[.\-/])?(?:{_DAY}日?)?(?:-|—+|–|~|～|至|到)(?:{_YEAR.replace('?P<y>', '?P<y2>')}(?:年|[.\-/·]))?(?P<m2>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月?(?:[\d一二三四五六七八九十]{{1,3}}日)?"
)
_WHOLE = re.compile(
    rf"{_YEAR}(?:年度|年全年|全年|年(?!\d|[一二三四五六七八九十]{{1,2}}月|[上下]半年|第?[一二三四]季度))"
)
_SAID_HALF = re.compile(
    r"今年(?:的)?(?P<h>[上下])半年|(?P<h2>[上下])半年以?来|(?P<h3>[上下])半年的?(?:情况|工作|做法|报告|汇报|我|,|、)"
)
_SAID_YEAR = re.compile(r"一年来|全年|这一年|本年度|年度|今年以来|一年的")
_SAID_SOME_HALF = re.compile(r"半年来|这半年|我这半年|半年的|近半年|半年多|个月")
_SINCE_JULY = re.compile(r"(?:7|七)月以来|(?:7|七)月(?:至|到|—|-)")
_TO_JUNE = re.compile(r"(?:1|一)月(?:至|到|—|-|–)+(?:5|6|五|六)月")
_TO_DECEMBER = re.compile(r"(?:7|七)月(?:\d*日?)?(?:至|到|—|-|–)+(?:11|12|十一|十二)月")


def spans_in(text: str) -> list[Span]:
    """Return the periods a squeezed text names, halves and ranges before whole years, each in order of place."""
    found: list[Span] = []
    for match in _HALF.finditer(text):
        year = number(match["y"]) if match["y"] else None
        found.append(Span(year, 1 if match["h"] == "上" else 2, match.start(), match.end()))
    for match in _RANGE.finditer(text):
        first, last = number(match["m"]), number(match["m2"])
        year = number(match["y2"] or match["y"]) if match["y2"] or match["y"] else None
        half = {1: 1, 7: 2}.get(first or 0)
        if half == 1 and last is not None and last > 8:
            found.append(Span(year, None, match.start(), match.end()))
        elif half and last is not None and (last <= 7 if half == 1 else last >= 10):
            found.append(Span(year, half, match.start(), match.end()))
    taken = [(s.start, s.end) for s in found]
    whole = (m for m in _WHOLE.finditer(text) if not any(a <= m.start() < b for a, b in taken))
    return [*found, *(Span(number(m["y"]), None, m.start(), m.end()) for m in whole)]


def spoken_half(text: str) -> int | None:
    """Return 1 or 2 where the body speaks of one half-year as its own time, 0 for a whole year, None for neither."""
    if match := _SAID_HALF.search(text):
        return 1 if (match["h"] or match["h2"] or match["h3"]) == "上" else 2
    if _TO_JUNE.search(text):
        return 1
    if _SINCE_JULY.search(text) or _TO_DECEMBER.search(text):
        return 2
    if _SAID_SOME_HALF.search(text):
        return None
    return 0 if _SAID_YEAR.search(text) else None


def half_told(signed: dt.date) -> tuple[int, int]:
    """Return (year, half) that a half-yearly report signed on this day tells of.

    Signed until February it tells of the half-year before; from March to August of the first half, later of the second.
    """
    if signed.month <= 2:
        return signed.year - 1, 2
    return (signed.year, 1) if signed.month <= 8 else (signed.year, 2)
