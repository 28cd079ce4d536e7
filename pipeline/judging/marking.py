"""One part of a score line: a fact to exact points with the arithmetic in words; without the fact, to what it can still be.

Pure. The seven kinds of parts are a closed set; each has one function here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pipeline.judging.figures import ZERO, Span, exact, fraction, nearly, point
from pipeline.judging.inputs import Value
from pipeline.rulebook.assessment import (
    Band,
    BandsPart,
    ChecklistPart,
    CountPart,
    FlagPart,
    QuotaPart,
    RankPart,
    ScorePart,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known for one input. ``source``: who says so; ``evidence``: entries of the ledger and days.

    ``reason``: why a person's word goes before the ledger's.
    """

    value: Value
    source: str = ""
    evidence: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A rank, or the best and worst that it can still be; ``words``: from which value. ``lacking``: its own is missing."""

    best: int
    worst: int
    words: str = ""
    lacking: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """What one part gives: its points, and in words what was known and how it was reckoned."""

    input: str
    label: str
    fact: Fact | None
    points: Span
    words: str
    missing: bool


Seen = dict[tuple[str, Value], tuple[Span, str]]
"""Input and value → what was reckoned for it before: most units have the same values of most inputs."""


def mark(part: ScorePart, fact: Fact | None, place: Place | None = None, seen: Seen | None = None) -> Mark:
    """Return the points of one part. ``place``: the rank that follows from the values of all units."""
    if isinstance(part, RankPart):
        return _ranked(part, fact, place)
    if fact is None:
        span = _open(part)
        return Mark(part.input, part.name, None, span, f"{part.name}:待定({said(span)})", True)
    seen = {} if seen is None else seen
    key = (part.input, fact.value)
    if key not in seen:
        points, words = _reckoned(part, fact.value)
        seen[key] = point(points), words
    span, words = seen[key]
    return Mark(part.input, part.name, fact, span, words, False)


def _reckoned(part: ScorePart, value: Value) -> tuple[Decimal, str]:
    match part:
        case BandsPart():
            return _banded(part, value)
        case FlagPart():
            return _flagged(part, value)
        case QuotaPart():
            return _short(part, value)
        case CountPart():
            return _counted(part, value)
        case ChecklistPart():
            return _listed(part, value)
        case _:
            return ZERO, f"{part.name}:{'是,一票否决' if value else '否'}"


def said(span: Span) -> str:
    """Return a span in words."""
    if span.known and span.low is not None:
        return f"{exact(span.low)}分"
    low = "不限" if span.low is None else exact(span.low)
    return f"{low}至{'不限' if span.high is None else exact(span.high)}分"


def band_of(bands: tuple[Band, ...], rate: Fraction) -> tuple[Decimal, str]:
    """Return the points of the first band that a rate reaches, and the band in words."""
    above: Band | None = None
    for band in bands:
        if rate >= fraction(band.ge):
            ends = [f"{exact(band.ge)}%以上(含)"] if band.ge or above is None else []
            ends += [f"不足{exact(above.ge)}%"] if above else []
            return band.points, "、".join(ends)
        above = band
    return ZERO, f"不足{exact(bands[-1].ge)}%"


def _banded(part: BandsPart, value: Value) -> tuple[Decimal, str]:
    rates = value if isinstance(value, tuple) else (value,)
    each = [(rate, *band_of(part.bands, rate)) for rate in rates if isinstance(rate, Fraction)]
    points = sum((p for _, p, _ in each), ZERO) / len(each)
    words = ";".join(f"{nearly(rate)}%,属{band},{exact(p)}分" for rate, p, band in each)
    average = f";平均{exact(points)}分" if len(each) > 1 else ""
    return points, f"{part.name}:{words}{average}"


def _flagged(part: FlagPart, value: Value) -> tuple[Decimal, str]:
    points = part.points if value else ZERO
    return points, f"{part.name}:{'是' if value else '否'},{exact(points)}分"


def _short(part: QuotaPart, value: Value) -> tuple[Decimal, str]:
    assert isinstance(value, int)
    full, each = part.points, part.per_missing
    short = max(0, part.need - value)
    points = max(ZERO, full - each * short)
    head = f"{part.name}:{value},应不少于{part.need}"
    if not short:
        return points, f"{head},{exact(points)}分"
    low = "(不低于0)" if full < each * short else ""
    return points, f"{head},少{short},{exact(full)} − {exact(each)}×{short}{low} = {exact(points)}分"


def _counted(part: CountPart, value: Value) -> tuple[Decimal, str]:
    assert isinstance(value, int)
    raw = part.each * value
    cap = None if part.cap is None else part.cap
    points = raw if cap is None else max(-cap, min(cap, raw))
    words = f"{part.name}:{value},{exact(part.each)}×{value} = {exact(raw)}分"
    if points != raw:
        words += f",最多{'扣' if raw < 0 else '计'}{exact(abs(points))}分,计{exact(points)}分"
    if part.any and value:
        points += part.any
        words += f",有即{exact(part.any)}分,合计{exact(points)}分"
    return points, words


def _listed(part: ChecklistPart, value: Value) -> tuple[Decimal, str]:
    there = value if isinstance(value, tuple) else ()
    lacking = [name for name in part.of if name not in there]
    points = part.points - part.per_missing * len(lacking)
    if not lacking:
        return points, f"{part.name}:齐全,{exact(points)}分"
    reckoned = f"{exact(part.points)} − {exact(part.per_missing)}×{len(lacking)} = {exact(points)}分"
    return points, f"{part.name}:缺{'、'.join(lacking)},{reckoned}"


def _ranked(part: RankPart, fact: Fact | None, place: Place | None) -> Mark:
    first, step = part.first, part.step
    if fact is not None:
        assert isinstance(fact.value, int)
        place = Place(fact.value, fact.value)
    if place is None:
        span = Span(ZERO, first)
        return Mark(part.input, part.name, None, span, f"{part.name}:待定({said(span)})", True)
    best, worst = (max(ZERO, first - step * (rank - 1)) for rank in (place.best, place.worst))
    span = Span(worst, best)
    if place.lacking or place.best != place.worst:
        words = f"{part.name}:待定,第{place.best}至{place.worst}名({said(span)}){place.words}"
        return Mark(part.input, part.name, fact, span, words, True)
    low = "(不低于0)" if first < step * (place.best - 1) else ""
    reckoned = f"{exact(first)} − {exact(step)}×{place.best - 1}{low} = {exact(best)}分"
    return Mark(part.input, part.name, fact, span, f"{part.name}:第{place.best}名{place.words},{reckoned}", False)


def _open(part: ScorePart) -> Span:
    """What a part can give while its fact is missing."""
    match part:
        case BandsPart():
            points = [band.points for band in part.bands]
            return Span(min(*points, ZERO), max(points))
        case FlagPart():
            return Span(min(ZERO, part.points), max(ZERO, part.points))
        case QuotaPart():
            return Span(max(ZERO, part.points - part.per_missing * part.need), part.points)
        case CountPart():
            most = None if part.cap is None else part.cap + part.any
            return Span(ZERO, most) if part.each > 0 else Span(None if most is None else -most, part.any)
        case ChecklistPart():
            return Span(part.points - part.per_missing * len(part.of), part.points)
        case _:
            return point(ZERO)
