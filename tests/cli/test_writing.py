"""Letters and bundles from the command line: numbered once, filed, readable by others."""

from __future__ import annotations

import shutil

import bagit
import docx
import pytest
from openpyxl import load_workbook

from pipeline.reading import read_file
from tests.documents import UNITS, drop, leadership_report, plain

UNIT = "中共汀州市教育局党组"


@pytest.fixture
def registered(cli, workspace, tmp_path):
    report = drop(tmp_path, "报告.docx", leadership_report(UNIT, without=(4,)))
    cli("ingest", report, "--workspace", workspace, "--as-of", "2026-06-18")
    return workspace


def test_pledges_of_a_year_in_one_run_and_only_once(cli, registered, tmp_path):
    """ensures that every pair gets its letter, numbers have no gap, and a second run makes no second letter."""
    first = cli(
        "letter", "pledge", "--year", 2026, "--all", "--out", tmp_path / "文书", "--workspace", registered, "--json"
    ).lines
    again = cli(
        "letter", "pledge", "--year", 2026, "--all", "--out", tmp_path / "文书", "--workspace", registered, "--json"
    ).lines
    assert [made["number"] for made in first] == [f"主体办承诺〔2026〕{n}号" for n in range(1, len(first) + 1)]
    assert len(first) == 2 * len(UNITS)  # a pledge of each unit and one of its head
    assert {made["fresh"] for made in first} == {True}
    assert {made["fresh"] for made in again} == {False}
    assert [(m["number"], m["sha256"]) for m in again] == [(m["number"], m["sha256"]) for m in first]
    assert len(list((tmp_path / "文书").glob("*.docx"))) == len(first)


def test_a_supplement_answers_the_deficient_report(cli, registered, tmp_path):
    """ensures that the letter names the missing item and the reply day in working days."""
    run = (
        "letter",
        "supplement_notice",
        "--unit",
        "市教育局",
        "--year",
        2026,
        "--as-of",
        "2026-06-24",
        "--out",
        tmp_path,
        "--workspace",
        registered,
    )
    made = cli(*run, "--json").one
    text = read_file(tmp_path / made["file"], "x.docx").plain
    assert (made["number"], made["entry"], made["unit"]) == ("主体办〔2026〕1号", "2026-0001", UNIT)
    assert "第4项 党委（党组）召开专题民主生活会" in text
    assert "2026年7月3日前补报" in text  # seven working days after 24 June


def test_overdue_notices_go_to_those_who_owe(cli, registered, tmp_path):
    """ensures that who has reported is left alone and who has not is reminded."""
    run = (
        "letter",
        "overdue_notice",
        "--all",
        "--year",
        2026,
        "--period",
        "2026-H1",
        "--as-of",
        "2026-07-01",
        "--out",
        tmp_path,
    )
    units = {
        m["unit"]
        for m in cli(*run, "--workspace", registered, "--json").lines
        if m["person"] is None and "领导班子" in m["title"]
    }
    assert units == set(UNITS) - {UNIT}


def test_feedback_follows_a_person_s_review(cli, registered, tmp_path):
    """ensures that no feedback goes out before somebody has looked, and their words are in it."""
    run = (
        "letter",
        "review_feedback_letter",
        "--all",
        "--year",
        2026,
        "--out",
        tmp_path,
        "--workspace",
        registered,
        "--json",
    )
    assert cli(*run).lines == []
    cli("review", "2026-0001", "--return", "--note", "请说明专题民主生活会情况", "--workspace", registered)
    made = cli(*run).one
    assert "整改要求：请说明专题民主生活会情况" in read_file(tmp_path / made["file"], "x.docx").plain


def test_a_bundle_holds_papers_and_letters(cli, registered, tmp_path):
    """ensures that a unit's year is one valid bag with the original, the letter and the catalogue."""
    cli("letter", "supplement_notice", "--all", "--year", 2026, "--as-of", "2026-06-24", "--workspace", registered)
    made = cli(
        "bundle",
        "--unit",
        "市教育局",
        "--year",
        2026,
        "--out",
        tmp_path / "包",
        "--as-of",
        "2026-07-01",
        "--workspace",
        registered,
        "--json",
    ).one
    bag = bagit.Bag(made["bundle"])
    bag.validate()
    assert made["items"] == 2
    sheet = load_workbook(f"{made['bundle']}/data/归档文件目录.xlsx").active
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[8] for row in rows] == ["登记号 2026-0001", "答复登记号 2026-0001"]
    assert rows[1][2] == "主体办〔2026〕1号"
    assert bag.info["Journal-Head"].split(":")[1] in str(bag.info)
    assert cli("verify", "--workspace", registered).code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["letter", "pledge"], "没有写明给谁"),
        (["letter", "pledge", "--unit", "无此局"], "名册里没有"),
        (["bundle", "--unit", "无此局", "--year", "2026"], "名册里没有"),
        (["bundle", "--person", "无此人", "--year", "2026"], "名册里没有"),
        (["bundle", "--unit", "市教育局", "--year", "1999"], "没有已登记的文件"),
        (["bundle", "--unit", "市教育局", "--person", "闻人杰", "--year", "2026"], "三者选一"),
    ],
)
def test_requests_that_name_nobody(cli, registered, arguments, words):
    """ensures that a wrong name ends as a sentence and exit code 2."""
    ran = cli(*arguments, "--workspace", registered)
    assert ran.code == 2
    assert words in ran.err


def test_the_ledger_as_a_workbook(cli, registered, tmp_path):
    """ensures that the office gets its 台账 in Excel, a sheet for each institution, frozen and filterable."""
    cli("ledger", "--year", 2026, "--xlsx", tmp_path / "台账.xlsx", "--as-of", "2026-07-01", "--workspace", registered)
    book = load_workbook(tmp_path / "台账.xlsx")
    sheet = next(s for s in book if "双报告" in s.title)
    rows = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[0] == "D-02" and row[4] == "2026-H1"]
    assert {row[2]: row[6] for row in rows} == {
        "中共禾川县委员会": "逾期",
        "中共汀州市水利局党组": "逾期",
        UNIT: "已收",
    }
    assert (sheet.freeze_panes, sheet.auto_filter.ref is not None) == ("A2", True)


def test_a_fault_nobody_thought_of_ends_in_a_sentence(cli, workspace, monkeypatch):
    """ensures that a person never sees a traceback."""
    monkeypatch.setattr("pipeline.office.Office.rulebook", property(lambda self: 1 / 0))
    ran = cli("rulebook", "show", "--workspace", workspace)
    assert ran.code == 3
    assert "程序内部出错(ZeroDivisionError)" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice 未安装")
def test_letters_for_the_archive_and_for_the_printer(cli, registered, tmp_path):
    """ensures that PDF/A carries its mark, and many letters lie in one file to print, apart from the others."""
    out = tmp_path / "文书"
    told = ("--set", "方式=专项督查", "--set", "时间安排=7月", "--set", "督查任务=查台账", "--set", "方式方法=查阅资料")
    ran = cli(
        "--workspace", registered, "letter", "inspection_notice", "--all", *told, "--pdfa", "--out", out, "--json"
    )
    assert (ran.code, len(ran.lines)) == (0, len(UNITS))
    assert [b"pdfaid:part" in p.read_bytes() for p in out.glob("*.pdf")] == [True] * len(UNITS)
    (together,) = (out / "合并打印").iterdir()
    assert read_file(together, together.name).plain.count("专项督查") == len(UNITS)
    again = cli("--workspace", registered, "letter", "inspection_notice", "--all", *told, "--out", out, "--json").lines
    assert {made["fresh"] for made in again} == {False}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ((), "没有写明给谁"),
        (("--set", "方式=专项督查"), "还缺:时间安排、督查任务、方式方法"),
        (("--set", "颜色=红"), "没有“颜色”这一项"),
        (("--set", "方式"), "应写成 名称=内容"),
        (("--fields", "没有.json"), "应是 JSON 文件"),
    ],
)
def test_what_a_letter_lacks_is_said_at_once(cli, registered, told, words):
    """ensures that a clerk learns by Chinese names what to supply, and nothing is written meanwhile."""
    ran = cli("--workspace", registered, "letter", "inspection_notice", *told)
    assert (ran.code, words in ran.err) == (2, True)
    assert cli("--workspace", registered, "letter", "list", "--json").code == 0


def test_a_template_that_the_office_edited_is_checked(cli, registered):
    """ensures that the shipped template passes and a field nobody supplies is named."""
    template = registered / "templates" / "inspection_notice.docx"
    assert cli("--workspace", registered, "letter", "check", template).code == 0
    document = docx.Document(str(template))
    document.paragraphs[-1].add_run("{{ 不存在 }}")
    document.save(str(template))
    ran = cli("--workspace", registered, "letter", "check", template, "--json")
    assert (ran.code, ran.one["kind"], len(ran.one["problems"])) == (1, "inspection_notice", 1)
    assert "没有“不存在”这个名称" in ran.one["problems"][0]
    assert cli("--workspace", registered, "letter", "check").code == 2


def test_the_list_for_the_public(cli, workspace, tmp_path):
    """ensures that signed pledges that came in are listed, in Word and in Excel, every cell inert."""
    pledge = drop(
        tmp_path,
        "承诺书.docx",
        plain("落实主体责任“第一责任人”承诺书", "市委:", "我是禾川县委书记顾远山,2026年度郑重承诺:", "一、抓好责任落实。", "二、管好班子成员。",
              "如有违反,愿接受处理。", "承诺人:顾远山", "2026年3月5日"),
    )  # fmt: skip
    assert cli("--workspace", workspace, "ingest", pledge, "--json").one["kind"] == "pledge_first"
    out = tmp_path / "文书"
    cli("--workspace", workspace, "letter", "publication_list", "--year", 2026, "--all", "--xlsx", "--out", out)
    (sheet,) = out.glob("*.xlsx")
    rows = list(load_workbook(sheet).active.values)
    assert rows[0] == ("承诺书", "承诺方", "接受方", "签订日期")
    assert (rows[1][1], rows[1][3]) == ("顾远山", "2026年3月5日")
    (letter,) = out.glob("*.docx")
    assert "顾远山" in read_file(letter, letter.name).plain
