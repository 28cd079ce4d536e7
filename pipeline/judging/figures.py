"""Exact figures of the assessment: points are decimals, rates are fractions, never a float, never rounded. Pure.

Points come from sums and products of the rulebook's short decimals with counts of at most six digits: far inside the 28
digits in which decimals are reckoned exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from functools import lru_cache

_EXACT = Context(prec=60, traps=[Inexact])
_NEAR = Context(prec=6)

ZERO = Decimal(0)


@lru_cache(maxsize=4096)
def fraction(value: Decimal) -> Fraction:
    """Return a decimal of the rulebook as the fraction that a rate is compared with."""
    return Fraction(value)


@lru_cache(maxsize=65536)
def exact(value: Decimal | Fraction) -> str:
    """Return the decimal in full, ``100`` or ``-0.4``; a fraction that has no end as ``2900/31``."""
    if isinstance(value, Decimal):
        return format((value + 0).normalize(), "f")  # + 0: no -0
    try:
        return exact(_EXACT.divide(Decimal(value.numerator), Decimal(value.denominator)))
    except Inexact:
        return f"{value.numerator}/{value.denominator}"


def nearly(value: Fraction) -> str:
    """Return a rate for reading: exact where it ends, else with the fraction and about how much it is."""
    said = exact(value)
    if "/" not in said:
        return said
    return f"{said}(约{format(_NEAR.divide(Decimal(value.numerator), Decimal(value.denominator)), 'f')})"


@dataclass(frozen=True, slots=True)
class Span:
    """What points can still be: ``low`` to ``high``, both included; None is no end. Both the same: they are known."""

    low: Decimal | None
    high: Decimal | None

    @property
    def known(self) -> bool:
        return self.low is not None and self.low == self.high

    def within(self, floor: Decimal | None, cap: Decimal | None) -> Span:
        """Return the span kept at or above ``floor`` and at or below ``cap``."""
        return Span(_clamped(self.low, floor, cap, floor), _clamped(self.high, floor, cap, cap))

    def times(self, factor: Decimal) -> Span:
        """Return the span times a factor that is not negative."""
        return Span(*(None if end is None else end * factor for end in (self.low, self.high)))


def point(value: Decimal) -> Span:
    """Return the span of points that are known."""
    return Span(value, value)


def total(spans: Iterable[Span]) -> Span:
    """Return the span of a sum."""
    low: Decimal | None = ZERO
    high: Decimal | None = ZERO
    for span in spans:
        low = None if low is None or span.low is None else low + span.low
        high = None if high is None or span.high is None else high + span.high
    return Span(low, high)


def _clamped(
    value: Decimal | None, floor: Decimal | None, cap: Decimal | None, without: Decimal | None
) -> Decimal | None:
    if value is None:
        return without
    if floor is not None and value < floor:
        return floor
    return cap if cap is not None and value > cap else value
