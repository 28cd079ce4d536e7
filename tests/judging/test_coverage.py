"""Coverage: an act covers, a plan, an admitted problem, a slogan or a formula only mentions, silence is absence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.judging import identify, judge
from pipeline.model import ItemVerdict, Outcome, Passage, Status, Text
from pipeline.rulebook.model import Rulebook
from tests.judging.papers import ROSTER, RULEBOOK, paper

TITLE = "市林业局党组2026年上半年落实党风廉政建设主体责任情况报告"
END = ("市林业局党组", "2026年6月12日")

ACTS = {
    "1": "2月9日局党组开会传达学习省纪委全会精神,逐条对照,列出8条落实意见,并对17个账户开展财经纪律检查。",
    "2": "党组两次专题研究反腐倡廉工作,印发年度计划,把任务分解成26项,与18个林场签订责任书。",
    "3": "组织120名干部到监狱接受警示教育,请党校教师讲纪律处分条例4场。",
    "4": "3月15日召开专题民主生活会,班子成员互相批评31条,会后12名科长述责述廉。",
    "5": "修订《采伐审批管理办法》等制度5项,抽查执行情况3次,退回不合规单据14张。",
    "6": "公务接待支出下降四成,停开会议11个,端午前暗访查出公车私用1起并处理。",
    "7": "公开选拔林场场长3名,考察公示全程留痕,1名人选因举报属实被取消资格,6个关键岗位轮换。",
    "8": "办理群众来信来访57件,退还多收的抚育费23万元,完成上级部署的林权专项治理。",
    "9": "5月局长带队对18个林场落实责任制情况检查考核,排名末位的两家取消评优。",
    "10": "向派驻纪检监察组移交问题线索3件,配合市委巡察组调阅案卷40册。",
}
PLANS = {
    "3": "下半年拟组织干部到监狱接受警示教育,并请党校教师讲一次纪律课。",
    "4": "专题民主生活会因换届推迟,打算年底前召开。",
    "6": "今后要把公务接待费再压一压,力争公车支出明年下降一成。",
    "9": "计划明年一季度由局长带队对各林场落实责任制情况检查一次。",
}
PROBLEMS = {
    "5": "有的制度多年没有修订,执行不够严,至今没有外包队伍的管理办法。",
    "7": "选人用人还存在论资排辈,一些岗位长期没有交流。",
    "10": "对纪检工作的支持还不够主动,报送线索偏少。",
}
SLOGANS = {
    "2": "坚持一级抓一级、层层抓落实,切实把主体责任扛在肩上、抓在手上。",
    "6": "驰而不息纠治“四风”,以优良作风凝聚人心。",
    "8": "坚持以人民为中心,坚决纠正损害群众利益的不正之风。",
}


def items_of(text: Text, rulebook: Rulebook = RULEBOOK) -> dict[str, ItemVerdict]:
    identity = identify(text, "a.docx", ROSTER, rulebook)
    assert identity.kind == "leadership_report"
    return {i.item: i for i in judge(text, identity, ROSTER, rulebook).items}


def report(*paragraphs: str) -> Text:
    return paper(TITLE, "市委、市纪委:", "现将有关情况报告如下。", *paragraphs, *END)


def test_a_report_of_acts_is_complete():
    """ensures that one act for each item makes the report complete, each with its evidence quoted."""
    text = report(*ACTS.values())
    verdict = judge(text, identify(text, "a.docx", ROSTER, RULEBOOK), ROSTER, RULEBOOK)
    assert [i.item for i in verdict.missing] == []
    assert verdict.outcome is Outcome.COMPLETE
    for item in verdict.items:
        if item.item in ACTS:
            assert any(e.text in ACTS[item.item] for e in item.evidence), item.item


@pytest.mark.parametrize("left_out", ["3", "4", "7", "9", "10"])
def test_an_item_left_out_is_not_covered(left_out):
    """ensures that the other items do not cover the one that is missing, and that the finding names it."""
    text = report(*(act for n, act in ACTS.items() if n != left_out))
    verdict = judge(text, identify(text, "a.docx", ROSTER, RULEBOOK), ROSTER, RULEBOOK)
    assert left_out in {i.item for i in verdict.missing}
    assert any(f"第{left_out}项" in f.message and f.clause for f in verdict.findings)


@pytest.mark.parametrize(
    ("item", "words"),
    [(n, w) for table in (PLANS, PROBLEMS, SLOGANS) for n, w in table.items()],
)
def test_plans_problems_and_slogans_cover_nothing(item, words):
    """ensures that naming a matter is not doing it."""
    others = [act for n, act in ACTS.items() if n != item]
    found = items_of(report(*others, "# 存在的问题和下一步打算", words))
    assert found[item].status is not Status.COVERED


def test_headings_alone_cover_nothing():
    """ensures that a paper of headings without acts is deficient in every item."""
    names = ["学习贯彻上级部署", "压实主体责任", "加强纪律教育", "开好民主生活会", "完善规章制度", "纠治四风",
             "选人用人", "维护群众利益", "检查考核", "支持执纪执法"]  # fmt: skip
    found = items_of(report(*(f"# {n}" for n in names)))
    assert [i.item for i in found.values() if i.status is Status.COVERED] == []


def test_evidence_stands_in_the_text():
    """ensures that every quotation is found verbatim in the passage it names."""
    text = report(*ACTS.values(), "# 下一步打算", *PLANS.values())
    passages = {p.n: p.text for p in text}
    for item in items_of(text).values():
        quoted = [*item.evidence, *([item.nearest] if item.nearest else [])]
        assert all(e.text and e.text in passages[e.passage] for e in quoted)
        assert item.evidence or item.status is Status.ABSENT


def test_passage_numbers_do_not_matter():
    """ensures that gaps in the numbering change no state and no confidence."""
    text = report(*ACTS.values(), *PROBLEMS.values())
    sparse = Text(tuple(replace(p, n=p.n * 7 + 3) for p in text), text.format)
    plain, gapped = items_of(text), items_of(sparse)
    assert {k: (v.status, v.confidence) for k, v in plain.items()} == {
        k: (v.status, v.confidence) for k, v in gapped.items()
    }


def test_the_same_paper_gets_the_same_verdict():
    """ensures that judging is a function of its values."""
    text = report(*ACTS.values())
    assert items_of(text) == items_of(text)


def test_a_principals_own_items_ask_only_a_principal():
    """ensures that the extra list of the plenary report is left out for other members. Source: 附四·三 L148."""
    lines = ("述责述廉报告", "各位委员:", "我报告一年的情况。")
    principal = paper(*lines, "祁少白", "2026年1月8日")
    member = paper(*lines, "褚云舟", "2026年1月8日")
    extra = {
        text: any(i.item.startswith("integrity_principal_extra") for i in _judged(text).items)
        for text in (principal, member)
    }
    assert extra == {principal: True, member: False}


def _judged(text: Text):
    return judge(text, identify(text, "a.docx", ROSTER, RULEBOOK), ROSTER, RULEBOOK)


def test_hints_serve_where_no_weights_are():
    """ensures that a rulebook without weights still judges, by its hints and the marks of acts."""
    found = items_of(report(ACTS["4"], "# 下一步打算", "打算完善规章制度。"), replace(RULEBOOK, weights=None))
    assert found["4"].status is Status.COVERED
    assert found["5"].status is Status.MENTIONED
    assert found["10"].status is Status.ABSENT


def test_weights_do_not_serve_an_item_whose_words_changed():
    """ensures that a revised list falls back on its hints instead of being judged by weights for other words."""
    lists = dict(RULEBOOK.lists)
    old = lists["leadership_report_items"]
    changed = [i.model_copy(update={"text": "新的要求", "strong": ("飞船",)}) if i.n == 4 else i for i in old.items]
    lists["leadership_report_items"] = old.model_copy(update={"items": tuple(changed)})
    found = items_of(report(*ACTS.values()), replace(RULEBOOK, lists=lists))
    assert found["4"].status is Status.ABSENT
    assert found["3"].status is Status.COVERED


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("一、情况说明。反馈属实。二、改进措施。8月底前补查。", Outcome.COMPLETE),
        ("一、情况说明。反馈属实,以后注意。", Outcome.DEFICIENT),
    ],
)
def test_a_reply_must_explain_and_improve(said, outcome):
    """ensures that 情况说明 and 改进措施 are both asked for. Source: 附五·四·1 L185."""
    text = paper("市林业局党组关于“双报告”反馈意见整改的报告", "市委、市纪委:", said, "市林业局党组", "2026年8月1日")
    verdict = judge(text, identify(text, "a.docx", ROSTER, RULEBOOK), ROSTER, RULEBOOK)
    assert verdict.outcome is outcome


def test_other_papers_are_not_judged():
    """ensures that a kind without a list has no verdict on items."""
    text = paper("市林业局2026年植树活动简讯", "种了三千棵树。")
    assert _judged(text).outcome is Outcome.NOT_APPLICABLE


def test_an_empty_text_is_judged():
    """ensures that a known kind with nothing in it lacks everything."""
    identity = identify(report(), "a.docx", ROSTER, RULEBOOK)
    found = judge(Text((Passage(0, ""),), "docx"), identity, ROSTER, RULEBOOK)
    assert found.outcome is not Outcome.COMPLETE
    assert {i.status for i in found.items} == {Status.ABSENT}
