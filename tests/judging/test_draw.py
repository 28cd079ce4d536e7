"""The draw: a share, a seed, fair over the years."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pipeline.judging.draw import draw, lot

UNITS = [f"单位{n}" for n in range(23)]
FIFTH = Fraction("0.20")


def test_the_same_seed_draws_the_same_units():
    """ensures that anybody can compute the draw again."""
    first = draw(UNITS, FIFTH, "甲", 2026, {})
    assert first == draw(list(reversed(UNITS)), FIFTH, "甲", 2026, {})
    assert len(first) == 5  # 4.6, rounded up
    assert all(d.lot == lot("甲", d.unit) and d.waited is None for d in first)
    assert {d.unit for d in first} != {d.unit for d in draw(UNITS, FIFTH, "乙", 2026, {})}


@given(st.integers(1, 60), st.text(max_size=5))
def test_who_has_waited_longest_goes_first(size, seed):
    """ensures that nobody is drawn while another has waited longer, so that all are drawn before anybody twice."""
    units, last = [f"u{n}" for n in range(size)], {}
    for year in range(2026, 2040):
        drawn = {d.unit for d in draw(units, FIFTH, f"{seed}{year}", year, last)}
        assert len(drawn) == -(-size // 5)
        assert max(last.get(u, 0) for u in drawn) <= min(
            (last.get(u, 0) for u in units if u not in drawn), default=9999
        )
        last.update(dict.fromkeys(drawn, year))
