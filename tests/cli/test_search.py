"""Search as a clerk uses it: by name, kept for later, taken to Excel, papers with the same text."""

from __future__ import annotations

import openpyxl
import pytest

from tests.documents import UNITS, leadership_report, plain

EDUCATION, WATER = list(UNITS)[1:3]


@pytest.fixture
def asked(cli, workspace, tmp_path):
    """A workspace with two units' reports in the same words, a report of the year before and a note."""
    for name, data in (
        ("教育.docx", leadership_report(EDUCATION, extra="=公车私用问题已整改。")),
        ("水利.docx", leadership_report(WATER, without=(3,))),
        ("去年.docx", leadership_report(EDUCATION, year=2025, half=2)),
        ("便函.docx", plain("关于开会的便函", "请按时到会,地点另行通知。")),
    ):
        (tmp_path / name).write_bytes(data)
        assert cli("ingest", tmp_path / name, "--workspace", workspace).code in (0, 1)

    def run(*arguments):
        return cli(*arguments, "--workspace", workspace, "--as-of", "2026-07-01")

    return run


def entries(ran) -> list[str]:
    return [hit["entry"] for hit in ran.lines[1:]]


def test_filters_go_by_names_and_initials(asked):
    """ensures that a clerk need not know the official name, and learns what was meant."""
    assert len(entries(asked("search", "责任书 单位:市教育局 年度:今年", "--json"))) == 1
    assert len(entries(asked("search", "单位:sslj", "--json"))) == 1
    several = asked("search", "制度:双报告 -年度:2025", "--json")
    assert (len(entries(several)), several.lines[0]["facets"]["institution"]) == (2, {"double_report": 2})
    assert "没有叫“没有局”的单位" in asked("search", "单位:没有局").err


def test_nothing_found_is_explained(asked):
    """ensures that an empty result says which word nobody wrote, or what the conditions took away."""
    assert "没有文件写有“飞机”" in asked("search", "责任书 飞机").err
    assert "去掉条件、排除词和日期后有 3 份" in asked("search", "责任书 年度:2019").err
    assert "没有一份文件同时写有" in asked("search", "便函 责任书").err
    missing = asked("search")
    assert (missing.code, "缺少 检索词" in missing.err) == (2, True)


def test_a_search_is_kept_and_run_again(asked):
    """ensures that what was asked, options and all, can be asked again by name."""
    first = asked(
        "search",
        "责任书",
        "--unit",
        "市教育局",
        "--since",
        "2026-01-01",
        "--sort",
        "relevance",
        "--save",
        "教育责任书",
        "--json",
    )
    again = asked("search", "--saved", "教育责任书", "--json")
    assert entries(first) == entries(again) != []
    (kept,) = asked("searches", "--json").lines
    assert kept["query"] == '责任书 单位:"市教育局" 日期:2026-01-01..'
    assert len(entries(asked("search", "年度:2025", "--saved", "教育责任书", "--json"))) == 1
    assert asked("searches", "--forget", "教育责任书").code == 0
    assert (asked("searches", "--json").out, asked("search", "--saved", "教育责任书").code) == ("", 2)


def test_hits_go_to_excel_as_text(asked, tmp_path):
    """ensures that a page of hits becomes a sheet in which nothing is a formula."""
    assert asked("search", "“=公车私用”", "--xlsx", tmp_path / "结果.xlsx").code == 0
    sheet = openpyxl.load_workbook(tmp_path / "结果.xlsx").active
    (head, row) = sheet.iter_rows()
    assert [cell.value for cell in head][:4] == ["登记号", "标题", "文种", "单位"]
    assert row[3].value == EDUCATION and "公车私用" in row[11].value
    assert all(cell.data_type != "f" for cell in row)


def test_a_begun_filter_is_completed_by_what_there_is(asked):
    """ensures that only values with papers are offered, most papers first, by any part of a name or its initials."""
    offered = asked("search", "--complete", "责任 单位:", "--json").lines
    assert [(o["text"], o["count"]) for o in offered] == [(f"责任 单位:{EDUCATION}", 2), (f"责任 单位:{WATER}", 1)]
    assert [o["label"] for o in asked("search", "--complete", "责任 -单位:市水", "--json").lines] == [WATER]
    assert [o["label"] for o in asked("search", "--complete", "单位:sjy", "--json").lines] == [EDUCATION]
    assert [o["label"] for o in asked("search", "--complete", "年", "--json").lines] == ["年度"]
    assert {o["label"]: o["count"] for o in asked("search", "--complete", "制度:双", "--json").lines} != {}
    assert asked("search", "--complete", "制度:没有").err != ""


def test_two_units_with_the_same_text_are_told_of(asked):
    """ensures that copied reports are a finding, with the shared passages side by side; other papers are not."""
    same = asked("similar", "2026-0001", "--json").lines
    by_unit = {(other["unit"], other["year"]): other for other in same}
    copied = by_unit[WATER, 2026]
    assert copied["share"] > 0.7 and copied["finding"]["severity"] == "warning"
    assert WATER in copied["finding"]["message"]
    assert any(s["text"] == s["other_text"] and "传达学习" in s["text"] for s in copied["shared"])
    assert by_unit[EDUCATION, 2025]["finding"]["severity"] == "notice"
    shown = asked("show", "2026-0001", "--json").one
    assert [f["severity"] for f in shown["findings"] if f["rule"] == "same_text"].count("warning") == 1
    assert "文字雷同" in asked("show", "2026-0001").out
    assert asked("similar", "2026-0004", "--json").out == ""
    assert "没有文字相同的文件" in asked("similar", "2026-0004").out
