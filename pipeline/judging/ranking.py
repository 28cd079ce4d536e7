"""Ranks under ties, also where not every value is known. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from fractions import Fraction

from pipeline.judging.figures import Span, nearly
from pipeline.judging.marking import Place


def places(values: Mapping[str, Fraction | None], best: str, ties: str, label: str) -> dict[str, Place]:
    """Return the rank of each name by its value; a value that is missing leaves open the ranks of all.

    Where nobody has a value there is nothing to rank by, and no rank is returned.

    ``best``: lowest | highest. ``ties``: standard (1, 2, 2, 4) | dense (1, 2, 2, 3).
    """
    sign = 1 if best == "lowest" else -1
    known = sorted(sign * value for value in values.values() if value is not None)
    ladder = known if ties == "standard" else sorted(set(known))
    if not known:
        return {}
    lacking = len(values) - len(known)
    last = min(len(values), len(ladder) + lacking)
    found = {}
    for name, value in values.items():
        if value is None:
            found[name] = Place(1, max(1, last), f"({label}待定)", lacking=True)
        else:
            rank = bisect_left(ladder, sign * value) + 1
            others = f",另有{lacking}个单位待定" if lacking else ""
            found[name] = Place(rank, rank + lacking, f"({label}{nearly(value)},{len(values)}个单位中{others})")
    return found


def standings(totals: Mapping[str, Span], ties: str) -> dict[str, Place]:
    """Return the rank of each name by its total, the highest first; totals that are still open leave ranks open."""
    lows = sorted(span.low for span in totals.values() if span.low is not None)
    highs = sorted(span.high for span in totals.values() if span.high is not None)
    if lows == highs and ties == "dense":
        lows = highs = sorted(set(lows))
    found = {}
    for name, span in totals.items():
        assert span.low is not None and span.high is not None
        surely = len(lows) - bisect_right(lows, span.high)  # even their lowest is above my highest
        perhaps = len(highs) - bisect_right(highs, span.low) - (span.high > span.low)
        found[name] = Place(1 + surely, 1 + perhaps)
    return found
