"""How texts are cut, and which of a word's grams are asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.engine import grams, spaced_grams

covering = pytest.importorskip("pipeline.search.tantivy_engine").covering


@given(st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]) | st.just(" ")))
def test_grams_parted_by_spaces_are_the_grams(folded):
    """ensures that what is indexed is what is asked for."""
    assert spaced_grams(folded).split(" ")[: len(grams(folded))] == grams(folded)


@given(st.integers(2, 200), st.data())
def test_the_grams_asked_for_hold_every_character(count, data):
    """ensures that a phrase of some grams is the word itself, the rarest among them."""
    rarest = data.draw(st.integers(0, count - 1))
    places = covering(count, rarest)
    assert {at + n for at in places for n in (0, 1)} == set(range(count + 1))
    assert rarest in places
    assert len(places) <= count // 2 + 2
