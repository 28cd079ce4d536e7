"""How much of one paper stands in another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.judging.likeness import compare, sketch
from pipeline.model import Passage, Text


def text(*passages: str) -> Text:
    return Text(tuple(Passage(n, p) for n, p in enumerate(passages)), "docx")


def test_a_copy_with_other_figures_is_the_same_text():
    """ensures that changed dates, numbers, width and punctuation do not hide a copy."""
    mine = text("标题一", "3月6日召开党组会议,传达学习上级全会精神2次。", "修订公务接待管理办法等制度4项。")
    theirs = text(
        "另一标题",
        "5月20日召开党组会议；传達学习上级全会精神１次。",
        "修订公务接待管理办法等制度9项。",
        "另外还开展了一项自己的工作。",
    )
    found = compare(mine, theirs)
    assert (found.left, found.same) == (1.0, True)
    assert found.right < 1
    assert [(s.left, s.right) for s in found.shared] == [(1, 1), (2, 2)]


def test_short_phrases_that_stand_everywhere_say_nothing():
    """ensures that official phrases of a few letters make no likeness."""
    assert compare(text("统一思想,提高认识,加强领导"), text("加强领导,统一思想")).shared == ()


@given(st.lists(st.text(st.sampled_from("党风廉政建设主体责任,。 12ＡａB"), max_size=40), max_size=6))
def test_a_text_is_like_itself(passages):
    """ensures that shares lie between 0 and 1, and that a text with a clause is the same as itself."""
    found = compare(text(*passages), text(*passages))
    assert found.left == found.right in (0.0, 1.0)
    assert found.same == bool(found.shared)
    assert all(0 <= n < 1 << 32 for n in sketch("".join(passages)))
