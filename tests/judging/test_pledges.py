"""What a pledge shows and what it lacks."""

from __future__ import annotations

import pytest

from pipeline.judging import identify, judge
from pipeline.model import Outcome, PledgeParts, Verdict
from tests.judging.papers import ROSTER, RULEBOOK, paper

TITLE = "落实主体责任“第一责任人”承诺书"
TO = "致:市委"
SELF = "本人祁少白,任市林业局党组书记、局长,作出如下承诺:"
ITEMS = ("1. 每季度听取一次汇报。", "2. 大额资金上会讨论。", "3. 不收礼品礼金。")
IF = "以上承诺如有违背,自愿接受组织处理。"
SIGN = ("承诺人:祁少白", "2026年2月20日")


def judged(*lines: str) -> Verdict:
    text = paper(*lines)
    return judge(text, identify(text, "承诺书.docx", ROSTER, RULEBOOK), ROSTER, RULEBOOK)


def parts(*lines: str) -> PledgeParts:
    found = judged(*lines).pledge_parts
    assert found is not None
    return found


def test_a_whole_pledge_is_complete():
    """ensures that all six parts are found and nothing is asked for."""
    found = judged(TITLE, TO, SELF, *ITEMS, IF, *SIGN)
    assert found.pledge_parts == PledgeParts(True, True, 3, True, True, True)
    assert found.outcome is Outcome.COMPLETE
    assert found.items == ()


@pytest.mark.parametrize(
    ("lines", "lacking"),
    [
        ((TITLE, SELF, *ITEMS, IF, *SIGN), "addressee"),
        ((TITLE, TO, SELF, *ITEMS, *SIGN), "consequence"),
        ((TITLE, TO, SELF, *ITEMS, IF, "承诺人:", "2026年2月20日"), "signature"),
        ((TITLE, TO, SELF, *ITEMS, IF, "承诺人:________", "2026年2月20日"), "signature"),
        ((TITLE, "(2026年度)", TO, SELF, *ITEMS, IF, "承诺人:祁少白", "    年  月  日"), "date"),
    ],
)
def test_a_lacking_part_is_named(lines, lacking):
    """ensures that exactly the part left out is found lacking and said in a finding."""
    found = judged(*lines)
    assert not getattr(found.pledge_parts, lacking)
    assert found.outcome is Outcome.DEFICIENT
    assert [f.rule for f in found.findings] == ["pledge_part"]


@pytest.mark.parametrize(
    ("items", "count"),
    [
        (("一、负总责。", "二、守规矩。"), 2),
        (("(一)总责不推。", "(二)要事亲为。", "(三)议事守规。", "(四)带好班子。"), 4),
        (("一是管方向。二是管摊子。三是管选人。",), 3),
        (("第一,管方向。", "第二,管摊子。"), 2),
        (("1、学在前。", "2、管在前。", "3、走在前。", "4、改在前。", "5、正在前。"), 5),
        (("① 不收礼。", "② 不吃请。"), 2),
    ],
)
def test_commitments_are_counted(items, count):
    """ensures that every way of numbering is counted."""
    assert parts(TITLE, TO, SELF, *items, IF, *SIGN).commitments == count


def test_a_commitments_own_words_are_no_consequence():
    """ensures that “发现违规一律处理” among the commitments is not taken for the consequence of breaking them."""
    items = ("1. 如有亲属违规,一律处理。", "2. 不收礼品。")
    assert not parts(TITLE, TO, SELF, *items, *SIGN).consequence


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((TITLE, TO, "本人祁少白作出如下承诺:", *ITEMS, IF, *SIGN), "未见应写明的“职务”"),
        (("“一岗双责”承诺书", TO, "本人褚云舟,任市林业局党组成员、副局长:", *ITEMS, IF, "承诺人:褚云舟", "2026年2月20日"), "未见应写明的“分管范围”"),
        ((TITLE, TO, SELF, *ITEMS, IF, "承诺人:祁少白", "2月20日"), "未见应写明的“年度”"),
    ],
)  # fmt: skip
def test_a_mark_that_the_kind_requires(lines, words):
    """ensures that 职务, 分管范围 and 年度 are asked for where the rulebook requires them."""
    found = judged(*lines)
    assert words in [f.message for f in found.findings]
    assert found.outcome is not Outcome.COMPLETE


@pytest.mark.parametrize(
    "lines",
    [
        ("党风廉政建设责任书", "为落实主体责任,签订如下责任书:", *ITEMS, "市委", "市林业局", "2026年2月20日"),
        (TITLE, TO, "甲方:市委", "乙方:祁少白,市林业局局长", *ITEMS, IF, *SIGN),
    ],
)
def test_a_paper_of_two_sides_is_no_pledge_of_one(lines):
    """ensures that a 责任书 that both sides sign is said to be one."""
    assert [f.message for f in judged(*lines).findings if f.rule == "two_sided"] == [
        "这是双方签订的责任书,不是一方作出的承诺书,请确认"
    ]
