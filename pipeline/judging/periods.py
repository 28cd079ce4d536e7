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
_OWN_TIME = re.compile(r"20\d\d年度|20\d\d年以?来|20\d\d年的?情况|二[〇零○]..年")
_PERIOD_FIELD = re.compile(r"报告期|年度|期间|时段|期限")
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
    """Return the period, or only the year for papers that tell of none. News tell of no period."""
    if layout.is_press:
        return None
    shape = _shape(kind, rulebook)
    named = _named(layout, shape)
    if shape == "none" or (shape == "other" and named is None):
        year = signed.year if signed else named.span.year if named else None
        return Told(year, None, "", None, 0.7) if year else None
    if shape == "year":
        return _year_told(layout, named, signed, pledge=_pledge(kind, rulebook))
    return _half_told(layout, named, signed)


@dataclass(frozen=True, slots=True)
class _Named:
    """A span that the words name, its line and how surely it is the paper's own."""

    span: Span
    line: int
    confidence: float


def _year_told(layout: Layout, named: _Named | None, signed: dt.date | None, pledge: bool) -> Told | None:
    """A yearly paper; one of January or February that names no year tells of the year before, but a pledge never does."""
    year = named.span.year if named else None
    if year is None:
        year = _year_of(layout, None, signed)
        if year is not None and named is None and signed and signed.month <= 2 and not pledge:
            year = signed.year - 1
    if year is None:
        return None
    line = named.line if named else None
    return Told(year, str(year), _quote(layout, line), line, named.confidence if named else 0.6)


def _half_told(layout: Layout, named: _Named | None, signed: dt.date | None) -> Told | None:
    """A half-yearly paper: the half it names, the whole year where it says so, else what its date allows."""
    year = named.span.year if named else None
    half = named.span.half if named else None
    if named is None or (half is None and not _whole(named.span, layout)):
        half = half or _body_half(layout)
    if named is None and half is None and signed:
        if _whole_year_told(layout):
            year = signed.year - (signed.month <= 2)
        else:
            year, half = half_told(signed)
        return Told(year, _period(year, half), "", None, 0.7)
    if year is None:
        year = _year_of(layout, half, signed)
    if year is None:
        return None
    if half is None and signed and signed.year == year and 5 <= signed.month <= 8:
        half = 1  # a year that is not over cannot be told of whole
    line = named.line if named else None
    return Told(year, _period(year, half), _quote(layout, line), line, named.confidence if named else 0.7)


def _period(year: int, half: int | None) -> str:
    return f"{year}-{HALVES[half]}" if half else str(year)


def _shape(kind: str, rulebook: Rulebook) -> str:
    """How the kind counts time: ``half``, ``year``, ``none`` or, outside the rulebook, ``other``."""
    found = rulebook.kinds.get(kind)
    if kind == OTHER or found is None:
        return "other"
    if _pledge(kind, rulebook):
        return "year"
    periods = {found.period} if found.period else {o.period for o in rulebook.obligations_for(kind)}
    if Period.HALF_YEAR in periods or found.required_marks:
        return "half"
    told = found.content and not _is_record(kind, rulebook)
    return "year" if told and periods & {Period.YEAR, Period.TERM, Period.EVENT} else "none"


def _pledge(kind: str, rulebook: Rulebook) -> bool:
    found = rulebook.kinds.get(kind)
    return bool(found and found.parties_pairs)


def _is_record(kind: str, rulebook: Rulebook) -> bool:
    """A record of one event: made by writing up, not by reporting on a period."""
    found = rulebook.kinds[kind]
    return "记录" in found.title


def _named(layout: Layout, shape: str) -> _Named | None:
    """The period named in title, head or form field, then in the opening, then (yearly papers) anywhere as a term."""
    return _in_head(layout) or _in_opening(layout, shape) or (_as_term(layout) if shape == "year" else None)


def _in_head(layout: Layout) -> _Named | None:
    for line in layout.title_lines:
        if spans := spans_in(line.text):
            return _Named(spans[0], line.n, 0.97)
    if spans := spans_in(layout.title):
        return _Named(spans[0], layout.title_lines[0].n, 0.97)
    for line in layout.head:
        if spans := spans_in(line.text):
            return _Named(spans[0], line.n, 0.95)
    for label, value, n in layout.fields:
        if _PERIOD_FIELD.search(label) and (spans := spans_in(value)):
            return _Named(spans[0], n, 0.95)
    return None


def _in_opening(layout: Layout, shape: str) -> _Named | None:
    for line in layout.opening:
        if shape == "other":
            if match := _OWN_YEAR.search(line.text):
                return _Named(spans_in(match[0])[0], line.n, 0.7)
            continue
        spans = spans_in(line.text)
        if halves := [s for s in spans if s.half]:
            return _Named(halves[0], line.n, 0.85)
        if spans and (shape == "year" or _OWN_TIME.search(line.text)):
            return _Named(spans[0], line.n, 0.75)
    return None


def _as_term(layout: Layout) -> _Named | None:
    for line in layout.lines:
        if re.search("期限|年度|有效", line.text) and (spans := [s for s in spans_in(line.text) if s.year]):
            return _Named(Span(spans[0].year, None, 0, 0), line.n, 0.8)
    return None


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


def _quote(layout: Layout, line: int | None) -> str:
    return next((item.passage.text.strip()[:60] for item in layout.lines if item.n == line), "")
