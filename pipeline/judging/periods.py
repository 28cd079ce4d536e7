"""The period a paper tells of or answers for: from its title, its opening, its own words, at last from its date. Pure."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from pipeline.judging.dates import HALVES, Span, half_told, number, spans_in, spoken_half
from pipeline.judging.layout import Layout
from pipeline.rulebook.base import Period
from pipeline.rulebook.model import OTHER, Rulebook

_ANY_YEAR = re.compile(r"20\d\d(?=年)|二[零〇○][一二三四五六七八九]?[零〇○一二三四五六七八九](?=年)")
_DIGIT_YEAR = re.compile(r"(20\d\d)年")
_OWN_YEAR = re.compile(r"(?:报告|汇报|总结)(?:20\d\d|二[零〇○]..)年")


@dataclass(frozen=True, slots=True)
class Told:
    """``period`` is None where the paper has a year but tells of no period."""

    year: int
    period: str | None
    words: str
    line: int | None
    confidence: float


def period_told(layout: Layout, kind: str, signed: dt.date | None, rulebook: Rulebook) -> Told | None:
    """Return the period, or only the year for papers that tell of none."""
    shape = _shape(kind, rulebook)
    if layout.is_press and not layout.title_lines:
        return None
    span, line, sure = _named(layout, shape)
    if shape == "none":
        year = signed.year if signed else span.year if span else None
        return Told(year, None, "", line, 0.8) if year and not layout.is_press else _press_year(layout)
    if shape == "other" and (span is None or layout.is_press):
        if layout.is_press:
            return _press_year(layout)
        return Told(signed.year, None, "", None, 0.6) if signed else None
    year = span.year if span else None
    half = span.half if span else None
    if span is None or (half is None and not _whole(span, layout)):
        half = half or _body_half(layout)
    if year is None:
        year = _year_of(layout, half, signed)
    if shape == "year":
        if year is None:
            return None
        if (
            span is None
            and signed
            and signed.month <= 2
            and not kind.startswith("pledge")
            and not _pledge(kind, rulebook)
        ):
            year = signed.year - 1
        return Told(year, str(year), _quote(layout, line), line, sure)
    if span is None and half is None and signed:
        if _whole_year_told(layout):
            return Told(
                signed.year if signed.month > 2 else signed.year - 1,
                str(signed.year if signed.month > 2 else signed.year - 1),
                "",
                None,
                0.7,
            )
        year, half = half_told(signed)
        sure = 0.7
    if year is None:
        return None
    return Told(year, f"{year}-{HALVES[half]}" if half else str(year), _quote(layout, line), line, sure)


def _shape(kind: str, rulebook: Rulebook) -> str:
    found = rulebook.kinds.get(kind)
    if kind == OTHER or found is None:
        return "other"
    if _pledge(kind, rulebook):
        return "year"
    periods = {found.period} if found.period else {o.period for o in rulebook.obligations_for(kind)}
    if Period.HALF_YEAR in periods:
        return "half"
    if (
        found.content
        and periods & {Period.YEAR, Period.TERM, Period.EVENT}
        and found.way == "received"
        and not _talk(kind, rulebook)
    ):
        return "year"
    if found.required_marks and not found.parties_pairs:
        return "half"
    return "year" if Period.YEAR in periods and found.content and not _talk(kind, rulebook) else "none"


def _pledge(kind: str, rulebook: Rulebook) -> bool:
    found = rulebook.kinds.get(kind)
    return bool(found and found.parties_pairs)


def _talk(kind: str, rulebook: Rulebook) -> bool:
    """A record of one event: made by writing up, not by reporting on a period."""
    found = rulebook.kinds[kind]
    return "记录" in found.title


def _named(layout: Layout, shape: str) -> tuple[Span | None, int | None, float]:
    """The period named in title, head, form field or opening; halves before whole years."""
    for line in layout.title_lines:
        if spans := spans_in(line.text):
            return spans[0], line.n, 0.97
    if spans := spans_in(layout.title):
        return spans[0], layout.title_lines[0].n, 0.97
    for line in layout.head:
        if spans := spans_in(line.text):
            return spans[0], line.n, 0.95
    for label, value, n in layout.fields:
        if re.search(r"报告期|年度|期间|时段|期限", label) and (spans := spans_in(value)):
            return spans[0], n, 0.95
    if shape == "other":
        for line in layout.opening:
            if match := _OWN_YEAR.search(line.text):
                return spans_in(match[0])[0], line.n, 0.7
        return None, None, 0.0
    for line in layout.opening:
        spans = [s for s in spans_in(line.text) if s.half or s.year]
        halves = [s for s in spans if s.half]
        if halves:
            return halves[0], line.n, 0.85
        if spans and (
            shape == "year" or re.search(r"20\d\d年度|20\d\d年以?来|20\d\d年的?情况|二[〇零○]..年", line.text)
        ):
            return spans[0], line.n, 0.75
    if shape == "year":
        for line in layout.lines:
            if re.search("期限|年度|有效", line.text) and (spans := [s for s in spans_in(line.text) if s.year]):
                return Span(spans[0].year, None, 0, 0), line.n, 0.8
    return None, None, 0.0


def _whole(span: Span, layout: Layout) -> bool:
    """True where the words name a whole year and nothing beside them names a half."""
    head = "".join(line.text for line in layout.head)
    return span.year is not None and not re.search("[上下]半年|半年", head)


def _body_half(layout: Layout) -> int | None:
    for line in (*layout.head, *layout.opening):
        if half := spoken_half(line.text):
            return half
    return None


def _whole_year_told(layout: Layout) -> bool:
    said = "".join(line.text for line in (*layout.head, *layout.opening))
    return spoken_half(said) == 0 and bool(re.search("一年来|全年|本年度|这一年|一年的|年度", said))


def _year_of(layout: Layout, half: int | None, signed: dt.date | None) -> int | None:
    if signed is None:
        for line in (*layout.opening, *layout.signing):
            if match := _ANY_YEAR.search(line.text):
                return number(match[0])
        years = [int(y) for line in layout.lines for y in _DIGIT_YEAR.findall(line.text)]
        return max(years, default=None)
    if (
        signed.month <= 2
        and (half == 2 or half is None)
        and re.search("去年|上一?年|年度", layout.title + "".join(line.text for line in layout.opening))
    ):
        return signed.year - 1
    return signed.year - 1 if signed.month <= 2 and half == 2 else signed.year


def _press_year(layout: Layout) -> Told | None:
    return None


def _quote(layout: Layout, line: int | None) -> str:
    return next((item.passage.text.strip()[:60] for item in layout.lines if item.n == line), "")
