"""One part of a score line: a fact to exact points with the arithmetic in words; without the fact, to what it can still be.

Pure. The seven kinds of parts are a closed set; each has one function here.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    VetoPart,
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
    """A rank, or the best and worst that it can still be; ``words``: from which value."""

    best: int
    worst: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one part gives: its points, and in words what was known and how it was reckoned."""

    input: str
    label: str
    fact: Fact | None
    points: Span
    words: str
    missing: bool


def mark(part: ScorePart, fact: Fact | None, place: Place | None = None) -> Mark:
    """Return the points of one part. ``place``: the rank that follows from the values of all units."""
    if isinstance(part, RankPart):
        return _ranked(part, fact, place)
    if fact is None:
        span = _open(part)
        return Mark(part.input, part.name, None, span, f"{part.name}:待定({said(span)})", True)
    match part:
        case BandsPart():
            points, words = _banded(part, fact.value)
        case FlagPart():
            points, words = _flagged(part, fact.value)
        case QuotaPart():
            points, words = _short(part, fact.value)
        case CountPart():
            points, words = _counted(part, fact.value)
        case ChecklistPart():
            points, words = _listed(part, fact.value)
        case VetoPart():
            points, words = ZERO, f"{part.name}:{'是,一票否决' if fact.value else '否'}"
    return Mark(part.input, part.name, fact, point(points), words, False)


def said(span: Span) -> str:
    """Return a span in words."""
    if span.known and span.low is not None:
        return f"{exact(span.low)}分"
    low = "不限" if span.low is None else exact(span.low)
    return f"{low}至{'不限' if span.high is None else exact(span.high)}分"


def band_of(bands: tuple[Band, ...], rate: Fraction) -> tuple[Fraction, str]:
    """Return the points of the first band that a rate reaches, and the band in words."""
    above: Band | None = None
    for band in bands:
        if rate >= fraction(band.ge):
            ends = [f"{exact(fraction(band.ge))}%以上(含)"] if band.ge or above is None else []
            ends += [f"不足{exact(fraction(above.ge))}%"] if above else []
            return fraction(band.points), "、".join(ends)
        above = band
    return ZERO, f"不足{exact(fraction(bands[-1].ge))}%"


def _banded(part: BandsPart, value: Value) -> tuple[Fraction, str]:
    rates = value if isinstance(value, tuple) else (value,)
    each = [(rate, *band_of(part.bands, rate)) for rate in rates if isinstance(rate, Fraction)]
    points = sum((p for _, p, _ in each), ZERO) / len(each)
    words = ";".join(f"{nearly(rate)}%,属{band},{exact(p)}分" for rate, p, band in each)
    average = f";平均{exact(points)}分" if len(each) > 1 else ""
    return points, f"{part.name}:{words}{average}"


def _flagged(part: FlagPart, value: Value) -> tuple[Fraction, str]:
    points = fraction(part.points) if value else ZERO
    return points, f"{part.name}:{'是' if value else '否'},{exact(points)}分"


def _short(part: QuotaPart, value: Value) -> tuple[Fraction, str]:
    assert isinstance(value, Fraction)
    full, each = fraction(part.points), fraction(part.per_missing)
    short = max(ZERO, part.need - value)
    points = max(ZERO, full - each * short)
    head = f"{part.name}:{exact(value)},应不少于{part.need}"
    if not short:
        return points, f"{head},{exact(points)}分"
    low = "(不低于0)" if full < each * short else ""
    return points, f"{head},少{exact(short)},{exact(full)} − {exact(each)}×{exact(short)}{low} = {exact(points)}分"


def _counted(part: CountPart, value: Value) -> tuple[Fraction, str]:
    assert isinstance(value, Fraction)
    raw = fraction(part.each) * value
    cap = None if part.cap is None else fraction(part.cap)
    points = raw if cap is None else max(-cap, min(cap, raw))
    words = f"{part.name}:{exact(value)},{exact(fraction(part.each))}×{exact(value)} = {exact(raw)}分"
    if points != raw:
        words += f",最多{'扣' if raw < 0 else '计'}{exact(abs(points))}分,计{exact(points)}分"
    if part.any and value:
        points += fraction(part.any)
        words += f",有即{exact(fraction(part.any))}分,合计{exact(points)}分"
    return points, words


def _listed(part: ChecklistPart, value: Value) -> tuple[Fraction, str]:
    there = value if isinstance(value, tuple) else ()
    lacking = [name for name in part.of if name not in there]
    points = fraction(part.points) - fraction(part.per_missing) * len(lacking)
    if not lacking:
        return points, f"{part.name}:齐全,{exact(points)}分"
    reckoned = (
        f"{exact(fraction(part.points))} − {exact(fraction(part.per_missing))}×{len(lacking)} = {exact(points)}分"
    )
    return points, f"{part.name}:缺{'、'.join(lacking)},{reckoned}"


def _ranked(part: RankPart, fact: Fact | None, place: Place | None) -> Mark:
    first, step = fraction(part.first), fraction(part.step)
    if fact is not None:
        assert isinstance(fact.value, Fraction)
        place = Place(int(fact.value), int(fact.value))
    if place is None:
        span = Span(ZERO, first)
        return Mark(part.input, part.name, None, span, f"{part.name}:待定({said(span)})", True)
    best, worst = (max(ZERO, first - step * (rank - 1)) for rank in (place.best, place.worst))
    span = Span(worst, best)
    if place.best != place.worst:
        words = f"{part.name}:待定,第{place.best}至{place.worst}名({said(span)}){place.words}"
        return Mark(part.input, part.name, fact, span, words, True)
    low = "(不低于0)" if first < step * (place.best - 1) else ""
    reckoned = f"{exact(first)} − {exact(step)}×{place.best - 1}{low} = {exact(best)}分"
    return Mark(part.input, part.name, fact, span, f"{part.name}:第{place.best}名{place.words},{reckoned}", False)


def _open(part: ScorePart) -> Span:
    """What a part can give while its fact is missing."""
    match part:
        case BandsPart():
            points = [fraction(band.points) for band in part.bands]
            return Span(min(*points, ZERO), max(points))
        case FlagPart():
            return Span(min(ZERO, fraction(part.points)), max(ZERO, fraction(part.points)))
        case QuotaPart():
            return Span(
                max(ZERO, fraction(part.points) - fraction(part.per_missing) * part.need), fraction(part.points)
            )
        case CountPart():
            most = None if part.cap is None else fraction(part.cap) + fraction(part.any)
            return Span(ZERO, most) if part.each > 0 else Span(None if most is None else -most, fraction(part.any))
        case ChecklistPart():
            return Span(fraction(part.points) - fraction(part.per_missing) * len(part.of), fraction(part.points))
        case _:
            return point(ZERO)
