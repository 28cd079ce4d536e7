"""Exact figures of the assessment: fractions inside, decimals in print, never a float, never rounded. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from functools import lru_cache

_EXACT = Context(prec=60, traps=[Inexact])
_NEAR = Context(prec=6)

ZERO = Fraction(0)


@lru_cache(maxsize=4096)
def fraction(value: Decimal) -> Fraction:
    """Return a decimal of the rulebook as a fraction."""
    return Fraction(value)


@lru_cache(maxsize=65536)
def exact(value: Fraction) -> str:
    """Return the decimal in full, ``100`` or ``-0.4``; a fraction that has no end as ``2900/31``."""
    try:
        number = _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    except Inexact:
        return f"{value.numerator}/{value.denominator}"
    return format(number.normalize(), "f")


def nearly(value: Fraction) -> str:
    """Return a rate for reading: exact where it ends, else with the fraction and about how much it is."""
    said = exact(value)
    if "/" not in said:
        return said
    return f"{said}(约{format(_NEAR.divide(Decimal(value.numerator), Decimal(value.denominator)), 'f')})"


@dataclass(frozen=True, slots=True)
class Span:
    """What points can still be: ``low`` to ``high``, both included; None is no end. Both the same: they are known."""

    low: Fraction | None
    high: Fraction | None

    @property
    def known(self) -> bool:
        return self.low is not None and self.low == self.high

    def within(self, floor: Fraction | None, cap: Fraction | None) -> Span:
        """Return the span kept at or above ``floor`` and at or below ``cap``."""
        return Span(_clamped(self.low, floor, cap, floor), _clamped(self.high, floor, cap, cap))

    def times(self, factor: Fraction) -> Span:
        """Return the span times a factor that is not negative."""
        return Span(*(None if end is None else end * factor for end in (self.low, self.high)))


def point(value: Fraction) -> Span:
    """Return the span of points that are known."""
    return Span(value, value)


def total(spans: Iterable[Span]) -> Span:
    """Return the span of a sum."""
    low: Fraction | None = ZERO
    high: Fraction | None = ZERO
    for span in spans:
        low = None if low is None or span.low is None else low + span.low
        high = None if high is None or span.high is None else high + span.high
    return Span(low, high)


def _clamped(
    value: Fraction | None, floor: Fraction | None, cap: Fraction | None, without: Fraction | None
) -> Fraction | None:
    if value is None:
        return without
    if floor is not None and value < floor:
        return floor
    return cap if cap is not None and value > cap else value
