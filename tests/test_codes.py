"""档号: written, read back and looked over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.codes import Shelf, gaps, normal_code, read_code, retention_label

SHELVES = st.builds(
    Shelf,
    st.from_regex(r"[A-Z0-9]{4}", fullmatch=True),
    st.from_regex(r"[A-Z]{2}", fullmatch=True),
    st.integers(1949, 2999),
    st.sampled_from(["Y", "D30", "D10"]),
    st.sampled_from(["", "BGS", "JW", "ABCD"]),
)


@given(SHELVES, st.integers(1, 20_000))
def test_what_is_written_is_read_back(shelf, seq):
    """ensures that a 档号 says exactly its shelf and 件号."""
    assert read_code(shelf.code(seq)) == (shelf, seq)
    assert normal_code(shelf.code(seq)) == shelf.code(seq)


@pytest.mark.parametrize(
    "typed",
    ["Z109-WS.2026.D30-BGS-0001", "Z109-WS・2026・D30-BGS-0001", "z109-ws•2026•d30-bgs-0001", "Ｚ１０９－ＷＳ·２０２６·Ｄ３０－ＢＧＳ－０００１",
     "Z109—WS·2026·D30—BGS—0001", " Z109-WS· 2026·D30-BGS-0001", "Z109-WS･2026･D30-BGS-0001"],
)  # fmt: skip
def test_every_way_of_typing_finds_the_same(typed):
    """ensures that dots, dashes, widths and cases do not hide a paper."""
    assert normal_code(typed) == "Z109-WS·2026·D30-BGS-0001"


@pytest.mark.parametrize(
    "wrong", ["", "Z109-WS·2026·D30-BGS-1", "Z109-WS.2026.Y-0001", "109-WS·2026·Y-0001", "Z109-WS·2026·X-0001"]
)
def test_what_is_no_code_is_none(wrong):
    """ensures that a form that the standard does not know is not taken for a 档号."""
    assert read_code(wrong) is None


@given(st.sets(st.integers(1, 60)))
def test_gaps_fill_the_row(held):
    """ensures that what is held and what is missing are together 1, 2, 3 … without overlap."""
    missing = gaps(held)
    assert sorted([*held, *missing]) == list(range(1, max(held, default=0) + 1))


def test_labels():
    """ensures that a stamp says 永久 or the years."""
    assert [retention_label(r) for r in ("Y", "D30", "D10", "")] == ["永久", "30年", "10年", ""]
