"""What the way a paper was read adds to its verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.judging import identify, judge
from pipeline.model import Mark, MarkKind, Outcome, Severity, Text, Verdict
from tests.judging.papers import ROSTER, RULEBOOK, paper

SIGNED = Mark(MarkKind.HANDWRITING, 1, 0.7, 0.8, 0.9, 0.85, "承诺人:")
SEAL = Mark(MarkKind.SEAL, 2, 0.1, 0.1, 0.3, 0.2)


def pledge(signature: str = "承诺人:", sure: float = 0.97, marks: tuple[Mark, ...] | None = ()) -> Text:
    text = paper("“第一责任人”承诺书", "市委:", "我是禾川县委书记顾远山,郑重承诺:", "一、抓好责任落实。", "二、管好班子成员。",
                 "如有违反,愿接受处理。", signature, "2026年3月5日")  # fmt: skip
    return replace(text, passages=tuple(replace(p, confidence=sure) for p in text), marks=marks)


def judged(text: Text) -> Verdict:
    return judge(text, identify(text, "a.pdf", ROSTER, RULEBOOK), ROSTER, RULEBOOK)


def rules(verdict: Verdict) -> set[str]:
    return {f.rule for f in verdict.findings}


def test_an_illegible_signature_is_left_to_a_person():
    """ensures that handwriting at the signer's label counts as there, never as whose it is."""
    verdict = judged(pledge(marks=(SIGNED,)))
    assert (verdict.pledge_parts.signature, verdict.outcome) == (True, Outcome.NEEDS_PERSON)
    (asked,) = [f for f in verdict.findings if f.rule == "signature_unread"]
    assert asked.severity is Severity.WARNING and "第1页右下部" in asked.message.replace("下右", "右下")


def test_the_other_side_does_not_sign_for_the_first():
    """ensures that handwriting at 接受人 is no signature of the one who promises."""
    verdict = judged(pledge(marks=(replace(SIGNED, near="接受人:"),)))
    assert (verdict.pledge_parts.signature, verdict.outcome) == (False, Outcome.DEFICIENT)


def test_seal_and_hand_are_said_found_or_not_only_on_scans():
    """ensures that what a picture shows is evidence with its place, and a typed paper is not asked for it."""
    seen = {f.rule: f.message for f in judged(pledge("承诺人:顾远山", marks=(SEAL,))).findings}
    assert seen["seal_seen"].startswith("第2页") and "左" in seen["seal_seen"]
    assert "handwriting_not_seen" in seen
    typed = judged(pledge("承诺人:顾远山", sure=1.0, marks=None))
    assert (typed.outcome, rules(typed)) == (Outcome.COMPLETE, set())


@pytest.mark.parametrize(("sure", "outcome"), [(0.97, Outcome.COMPLETE), (0.6, Outcome.NEEDS_PERSON)])
def test_poor_recognition_is_left_to_a_person(sure, outcome):
    """ensures that a paper nobody could read well is not judged by the machine alone."""
    assert judged(pledge("承诺人:顾远山", sure=sure)).outcome is outcome


def test_what_stands_on_unread_pages_is_not_missing():
    """ensures that a lacking item is not told for sure while a page of the paper is unread."""
    text = paper(
        "市林业局党组2026年上半年落实主体责任情况的报告",
        "市委、市纪委:",
        "组织学习3次。",
        "市林业局党组",
        "2026年6月12日",
    )
    assert judged(text).outcome is Outcome.DEFICIENT
    half = judged(replace(text, unread_pages=(2, 3)))
    assert half.outcome is Outcome.NEEDS_PERSON
    assert any(f.rule == "unread_pages" and "第2、3页" in f.message for f in half.findings)
