"""Who is drawn: a share of the units, by a recorded seed, fairly over the years. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Drawn:
    """A unit that was drawn: how many years it had waited (None: never drawn before) and its lot."""

    unit: str
    waited: int | None
    lot: str


def lot(seed: str, unit: str) -> str:
    """Return a unit's lot under a seed: anybody can compute it again from the two (SHA-256, hex)."""
    return hashlib.sha256(f"{seed}\n{unit}".encode()).hexdigest()


def draw(
    units: Sequence[str], share: Fraction, seed: str, year: int, last_drawn: Mapping[str, int]
) -> tuple[Drawn, ...]:
    """Return the units drawn for ``year``: who has waited longest first, lots deciding among equals.

    The number is ``share`` of the units, rounded up. ``last_drawn``: unit → the year it was drawn last.
    """
    number = -(-len(units) * share.numerator // share.denominator)
    drawn = [Drawn(u, year - last_drawn[u] if u in last_drawn else None, lot(seed, u)) for u in dict.fromkeys(units)]
    drawn.sort(key=lambda d: (-(d.waited if d.waited is not None else 10_000), d.lot))
    return tuple(drawn[:number])
