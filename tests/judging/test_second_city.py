"""Nothing of the shipped city is in code: another city's rulebook judges other papers by its own words."""

from __future__ import annotations

from pathlib import Path

from pipeline.judging import identify, judge
from pipeline.model import Outcome, Person, Roster, Status, Unit
from pipeline.rulebook import load_rulebook
from tests.judging.papers import paper

OTHER = load_rulebook(Path(__file__).parents[1] / "rulebook" / "yunxi-2026.yaml")
ROSTER = Roster((Unit("云溪市桥头镇", "town_gov", ("桥头镇",)),), (Person("安若素", "云溪市桥头镇", "镇长", "chief"),))


def test_its_kinds_units_and_lists_are_used():
    """ensures that titles, names and items of the other rulebook decide, by hints where it brings no weights."""
    text = paper(
        "桥头镇2026年上半年安全情况呈报",
        "市安委会:",
        "3月组织隐患排查21处,已全部整改。",
        "# 下一步打算",
        "下半年拟开展应急演练。",
        "桥头镇",
        "2026年7月3日",
    )
    found = identify(text, "a.docx", ROSTER, OTHER)
    assert (found.kind, found.unit, found.period) == ("site_statement", "云溪市桥头镇", "2026-H1")
    verdict = judge(text, found, ROSTER, OTHER)
    states = {i.item: i.status for i in verdict.items}
    assert states == {"1": Status.COVERED, "2": Status.MENTIONED, "3": Status.ABSENT, "4": Status.ABSENT}
    assert verdict.outcome is Outcome.DEFICIENT


def test_its_vows_are_read():
    """ensures that what it calls 责任状 is judged as a pledge."""
    text = paper(
        "安全生产责任状", "市长:", "我承诺:", "1. 每月到现场一次。", "2. 不用无证人员。", "如有违反,愿受处理。", "签状人:安若素", "2026年3月1日"
    )  # fmt: skip
    found = identify(text, "a.docx", ROSTER, OTHER)
    parts = judge(text, found, ROSTER, OTHER).pledge_parts
    assert found.kind == "safety_vow"
    assert parts is not None
    assert (parts.commitments, parts.signature, parts.consequence) == (2, True, True)
