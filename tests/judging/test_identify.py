"""Identification: kind, unit, person, period and dates, however a paper says them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from pipeline.judging import identify, judge
from pipeline.model import Identity, Outcome
from tests.judging.papers import ROSTER, RULEBOOK, paper

TO = "市委、市纪委:"
BODY = "上半年的情况报告如下。我们组织学习3次,查了9个林场。"


def seen(*lines: str, name: str = "文件.docx", header: str = "", cells: tuple[str, ...] = ()) -> Identity:
    return identify(paper(*lines, header=header, cells=cells), name, ROSTER, RULEBOOK)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("市林业局党组关于2026年上半年落实党风廉政建设主体责任情况的报告", "leadership_report"),
        ("市林业局党组2026年上半年管党治党情况汇报", "leadership_report"),
        ("祁少白同志2026年上半年履行“第一责任人”职责情况报告", "principal_report"),
        ("述 责 述 廉 报 告", "plenary_report"),
        ("落实主体责任承诺书", "pledge_main"),
        ("落实主体责任“第一责任人”承诺书", "pledge_first"),
        ("「一崗雙責」承諾書", "pledge_dual"),
        ("市林业局2026年上半年自查报告", "self_check_report"),
        ("关于“双报告”审阅反馈意见的情况说明和改进措施", "rectification_reply"),
        ("市林业局党组关于采伐审批的专题报告", "topic_report"),
        ("廉政谈话记录", "talk_record"),
    ],
)
def test_the_title_tells_the_kind(title, kind):
    """ensures that each received kind is known by its title, spaced out or in traditional characters too."""
    assert seen(title, TO, BODY, "市林业局党组", "2026年6月12日").kind == kind


@pytest.mark.parametrize(
    "title",
    [
        "关于2026年履行推进法治建设第一责任人职责情况的报告",
        "市林业局落实意识形态工作责任制情况报告",
        "市林业局党组落实党风廉政建设主体责任工作规则",
        "在全市党风廉政建设工作会议上的讲话",
        "市林业局2026年党风廉政建设工作要点",
        "市林业局2026年基层党建工作报告",
        "关于召开党风廉政建设会议的通知",
    ],
)
def test_look_alikes_are_not_double_reports(title):
    """ensures that rules, speeches, plans and reports on other matters are not taken for 双报告."""
    assert seen(title, "市委:", "我是第一责任人,本人亲自部署,领导班子认真落实。").kind not in {
        "leadership_report",
        "principal_report",
    }


def test_news_is_nobodys_report():
    """ensures that a reporter's piece has neither kind nor unit nor period."""
    found = seen(
        "晒账单", "——市林业局党组主体责任报告侧记", "本报记者 小满", "市林业局局长祁少白说了三件事。", "责任编辑:小雨"
    )
    assert (found.kind, found.unit, found.person, found.period) == ("other", None, None, None)


@pytest.mark.parametrize(
    ("lines", "unit"),
    [
        (("市林业局党组2026年主体责任报告", TO, BODY), "中共汀州市林业局党组"),
        (("2026年上半年主体责任报告", TO, BODY, "市体育局", "2026年6月9日"), "中共汀州市体育局党组"),
        (("岭口市委2026年主体责任报告", TO, BODY), "中共岭口市委员会"),
        (("中共禾川县白石镇委员会2026年主体责任报告", "禾川县委:", BODY, "中共禾川县白石镇委员会"), None),
        (("市林业局种苗站2026年主体责任报告", "市林业局党组:", BODY, "市林业局种苗站"), None),
        (("2026年主体责任报告", TO, BODY, "市妇联"), None),
    ],
)
def test_the_longest_name_tells_the_unit(lines, unit):
    """ensures that a lower organ is not taken for the unit above it, nor the addressee for the writer."""
    assert seen(*lines).unit == unit


def test_the_header_tells_the_unit_where_nothing_else_does():
    """ensures that a page header is read as evidence."""
    assert seen("2026年上半年主体责任报告", TO, BODY, header="汀州市林业局").unit == "中共汀州市林业局党组"


@pytest.mark.parametrize(
    ("lines", "person"),
    [
        (("履行“第一责任人”职责情况报告", "禾川县委书记 顾远山", TO, "我把责任扛起来。"), "顾远山"),
        (("第一责任人情况报告", TO, "我叫简文渊,岭口市委书记。", "2026年6月1日"), "简文渊"),
        (("第一责任人情况报告", TO, "我把责任扛起来。", "报告人:祁少白", "2026年6月1日"), "祁少白"),
        (("市林业局党组2026年主体责任报告", TO, "局长祁少白带队检查。", "市林业局党组"), None),
    ],
)
def test_a_personal_paper_belongs_to_its_writer(lines, person):
    """ensures that the writer is found in head, opening or signature, and that a unit's paper belongs to nobody."""
    assert seen(*lines).person == person


def test_a_talk_belongs_to_the_one_talked_to():
    """ensures that 被谈话人 outweighs 谈话人."""
    cells = ("谈话人", "祁少白", "被谈话人", "褚云舟", "谈话内容", "祁:今天谈谈你分管的事。")
    assert seen("廉政谈话记录", cells=cells).person == "褚云舟"


@pytest.mark.parametrize(
    ("title", "opening", "signed", "period"),
    [
        ("市林业局党组2026年上半年主体责任报告", "", "2026年6月12日", "2026-H1"),
        ("市林业局党组2025年度主体责任报告", "", "2025年12月12日", "2025"),
        ("市林业局党组下半年主体责任报告", "", "2026年12月12日", "2026-H2"),
        ("市林业局党组主体责任报告", "现将一年来的情况报告如下。", "2026年12月12日", "2026"),
        ("市林业局党组主体责任报告", "今年1月至6月的情况如下。", "2026年6月12日", "2026-H1"),
        ("市林业局党组主体责任报告", "", "2026年6月12日", "2026-H1"),
        ("市林业局党组主体责任报告", "", "2027年1月8日", "2026-H2"),
        ("市林业局党组２０２６年下半年主体责任报告", "", "二〇二六年十二月十八日", "2026-H2"),
        ("市林业局党组主体责任报告(2026.1—2026.6)", "", "2026.6.12", "2026-H1"),
    ],
)
def test_the_period_is_told_by_title_opening_or_date(title, opening, signed, period):
    """ensures that the period reported on is found however it is written."""
    assert seen(title, TO, opening or BODY.replace("上半年的", ""), "市林业局党组", signed).period == period


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("2026年6月12日", dt.date(2026, 6, 12)),
        ("2026.2.27", dt.date(2026, 2, 27)),
        ("2026-02-27", dt.date(2026, 2, 27)),
        ("二〇二六年一月二十日", dt.date(2026, 1, 20)),
        ("二○二六年十二月三十一日", dt.date(2026, 12, 31)),
        ("２０２６年６月１９日", dt.date(2026, 6, 19)),
        ("市林业局党组 2026年6月12日", dt.date(2026, 6, 12)),
        ("2026 年 6 月 12 日", dt.date(2026, 6, 12)),
        ("2026年6月", None),
        ("2026年2月30日", None),
    ],
)
def test_the_signing_date_is_read_in_every_form(line, day):
    """ensures that a whole date at the end is the signing date and anything less is none."""
    assert seen("市林业局党组2026年上半年主体责任报告", TO, "情况如下。", line).signed_date == day


def test_number_and_secrecy_are_seen():
    """ensures that 发文字号 and the secrecy mark are kept, each with its proof."""
    found = seen("机密★1年", "市林业局党组2026年主体责任报告", "汀林党〔2026〕7号", TO, BODY)
    assert (found.document_number, found.secrecy) == ("汀林党〔2026〕7号", "机密")
    assert (found.proofs["document_number"].passage, found.proofs["secrecy"].passage) == (2, 0)


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("秘密", "秘密"),
        ("秘 密★3年", "秘密"),
        ("000012机密★1年", "机密"),
        ("绝密★长期 特急", "绝密"),
        ("密级:机密", "机密"),
        ("机密大1年", "机密"),  # as recognition reads the star
        ("密级:内部", None),
        ("秘密投票情况", None),
        ("机密文件管理制度2项", None),
    ],
)
def test_secrecy_marks_in_their_forms(line, mark):
    """ensures that a mark is seen in every usual form and a sentence about secrets is none."""
    assert seen(line, "市林业局党组2026年主体责任报告", TO, BODY).secrecy == mark


@pytest.mark.parametrize(
    ("lines", "name", "rule"),
    [
        (("市林业局党组履行主体责任和主要领导履行第一责任人职责情况报告", TO, BODY), "a.docx", "combined"),
        (("市林业局党组2026年主体责任报告", TO, BODY), "市体育局报告.docx", "file_name_unit"),
        (("市林业局党组2026年主体责任报告", TO, BODY, "市体育局党组", "2026年6月1日"), "a.docx", "two_units"),
        (("市妇联2026年主体责任报告", TO, BODY), "a.docx", "unit_unknown"),
        (("市林业局党组主体责任报告", TO, "情况报告如下。"), "a.docx", "period_unknown"),
        (
            ("市林业局党组2026年上半年主体责任报告", TO, BODY, "市林业局党组", "2025年12月12日"),
            "a.docx",
            "period_conflict",
        ),
        (
            ("市林业局党组2026年上半年主体责任报告", TO, BODY, "市林业局党组", "2026年6月12日"),
            "第一责任人承诺书.docx",
            "file_name_kind",
        ),
        (
            ("市林业局党组2026年上半年落实主体责任情况的报告", TO, *["我主持会议。本人带头学习,我亲自谈话。"] * 4),
            "a.docx",
            "voice",
        ),
    ],
)
def test_conflicts_are_said(lines, name, rule):
    """ensures that evidence that does not agree becomes a doubt in Chinese."""
    doubts = {d.rule: d.message for d in seen(*lines, name=name).doubts}
    assert rule in doubts
    assert judge(paper(*lines), seen(*lines, name=name), ROSTER, RULEBOOK).outcome is Outcome.NEEDS_PERSON
    assert any("一" <= c <= "龥" for c in doubts[rule])


def test_a_person_told_by_the_post_alone():
    """ensures that a pledge without a name goes to the one holder of the post, and that somebody looks."""
    found = seen(
        "落实主体责任“第一责任人”承诺书", "市委:", "我作为禾川县委书记,郑重承诺:", "一、抓好落实。", "2026年3月5日"
    )
    assert (found.unit, found.person, found.proofs["person"].text) == ("中共禾川县委员会", "顾远山", "县委书记")
    assert [d.message for d in found.doubts] == ["按职务“县委书记”认定为顾远山,请核对"]


@pytest.mark.parametrize(("origin", "person"), [(0.93, "顾远山"), (1.0, None)])
def test_a_name_misread_by_one_character(origin, person):
    """ensures that recognition may miss a character of a signature, a typist may not."""
    text = paper("“第一责任人”承诺书", "禾川县委:", "一、抓好落实。", "承诺人:顾如山", "2026年3月5日")
    text = replace(text, passages=tuple(replace(p, confidence=origin) for p in text))
    found = identify(text, "a.jpg", ROSTER, RULEBOOK)
    assert found.person == person
    assert ("person_unsure" in {d.rule for d in found.doubts}) == (person is not None)


def test_every_field_has_its_proof():
    """ensures that what was found is proved by words of a passage."""
    text = paper(
        "禾川县委书记顾远山2026年上半年履行第一责任人职责情况报告", TO, "我把责任扛起来。", "顾远山", "2026年6月12日"
    )
    found = identify(text, "a.docx", ROSTER, RULEBOOK)
    assert set(found.proofs) >= {"kind", "unit", "person", "period", "signed_date"}
    for proof in found.proofs.values():
        assert 0 < proof.confidence <= 1
        assert proof.passage is None or proof.passage < len(text.passages)
