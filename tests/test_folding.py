"""Forms of one character made equal, fast and slow alike."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.folding import fold, fold_character, fold_with_places

MANY = "党風廉 建設(（〔ＡａB１①㎡´¨\u3000\n\t \ud800ﬁİ…Ⅷ後來\x85"


def test_what_a_character_folds_to_folds_to_itself():
    """ensures that characters may be replaced one after another; beyond these planes nothing folds."""
    forms = {fold_character(chr(code)) for code in range(0x30000)}
    assert [form for form in forms if "".join(map(fold_character, form)) != form] == []


def test_every_character_is_folded_where_it_stands():
    """ensures that the quick way knows of every character that changes."""
    for start in range(0, 0x30000, 30):
        text = "甲".join(map(chr, range(start, start + 30)))
        assert fold(text) == fold_with_places(text)[0]


@example("甲 ¨")
@example("¨ \t乙")
@given(st.text(st.sampled_from(MANY) | st.characters()))
def test_the_quick_way_folds_as_the_slow_one(text):
    """ensures that runs of white space, forms of several characters and stray bytes fold alike."""
    assert fold(text) == fold_with_places(text)[0]
