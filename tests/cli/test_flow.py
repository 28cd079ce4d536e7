"""Cases, events, the day's digest and the draw, as a person calls them."""

from __future__ import annotations

import datetime as dt

import pytest
from openpyxl import load_workbook

from tests.documents import drop, leadership_report, plain

EDUCATION, WATER = "中共汀州市教育局党组", "中共汀州市水利局党组"


@pytest.fixture
def on(cli, workspace):
    """Run a command on a day of 2026."""

    def run(day: str, *arguments: object):
        return cli("--workspace", workspace, "--as-of", f"2026-{day}", *arguments)

    return run


def state(on, day: str, unit: str) -> str:
    return on(day, "flow", "show", f"2026-H1/{unit}/leadership_report", "--json").one["state"]


def test_a_double_report_from_due_to_closed(on, tmp_path):
    """ensures that papers, review and letters move the case by themselves, and a person closes it."""
    report = drop(tmp_path, "报告.docx", leadership_report(without=(4, 9)))
    assert state(on, "06-10", EDUCATION) == "due"
    entry = on("06-18", "ingest", report, "--json").one["entry"]
    assert state(on, "06-18", EDUCATION) == "received"
    on("06-23", "review", entry, "--return", "--note", "请补充第4项和第9项")
    assert state(on, "06-23", EDUCATION) == "incomplete"
    assert on("06-25", "letter", "review_feedback_letter", "--unit", EDUCATION, "--json").code == 0
    shown = on("06-25", "flow", "show", f"2026-H1/{EDUCATION}/leadership_report", "--json").one
    assert (shown["state"], shown["clocks"], shown["marks"]) == (
        "feedback_sent",
        {"reply_7wd": "2026-07-06"},
        ["报告内容不完备"],
    )
    assert state(on, "07-07", EDUCATION) == "reply_late"
    reply = drop(
        tmp_path,
        "回复.docx",
        plain("关于2026年上半年“双报告”审阅反馈意见的情况说明和改进措施", "市委、市纪委:", "情况说明:已补开会议。",
              "改进措施:每季度考核一次。", EDUCATION, "2026年7月8日"),
    )  # fmt: skip
    answer = on("07-08", "ingest", reply, "--json").one
    assert answer["kind"] == "rectification_reply"
    assert state(on, "07-08", EDUCATION) == "replied"
    on("07-10", "review", answer["entry"], "--accept")
    assert state(on, "07-10", EDUCATION) == "closed"
    assert state(on, "06-24", EDUCATION) == "incomplete"  # an earlier day is seen as it was
    words = on("07-10", "flow", "show", f"2026-H1/{EDUCATION}/leadership_report").out
    assert "办结归档" in words and "记录在案:报告内容不完备" in words


def test_what_is_not_reported_becomes_a_proposal(on):
    """ensures that silence ends as late by itself and as not reported by a person, with facts for a deduction."""
    assert state(on, "06-21", WATER) == "late"
    refused = on("12-30", "flow", "advance", f"2026-H1/{WATER}/leadership_report", "closed")
    assert refused.code == 2
    assert "现在是“逾期未报”,不能直接到“办结归档”" in refused.err
    on("12-31", "flow", "advance", f"2026-H1/{WATER}/leadership_report", "not_reported", "--note", "考核结束仍未收到")
    found = on("12-31", "today", "--json").one["proposals"]
    (proposal,) = [p for p in found if p["unit"] == WATER]
    assert (proposal["grounds"], proposal["moves"][-1]["clause"]) == (["报告制度不落实"], "附五·四·2 L186")


def test_a_case_that_the_office_opens(on):
    """ensures that an ordered topic report runs against the date that the office set."""
    made = on("03-02", "flow", "open", "topic_report_flow", "--unit", "市水利局", "--due", "2026-03-20", "--json").one
    assert (made["state"], made["unit"], made["due"]) == ("ordered", WATER, "2026-03-20")
    assert on("03-20", "flow", "show", made["case"], "--json").one["state"] == "ordered"
    assert on("03-21", "flow", "show", made["case"], "--json").one["state"] == "late"
    assert on("03-02", "flow", "open", "double_report_flow").code == 2
    assert on("03-02", "flow", "open", "nonsense").code == 2
    assert on("03-02", "flow", "show", "nonsense").code == 2


def obligation(on, day: str, name: str, unit: str | None) -> str:
    rows = on(day, "ledger", "--year", 2026, "--json").lines
    (row,) = [r for r in rows if r["obligation"] == name and r["unit"] == unit and r["period"] == "2026-H1"]
    return row["status"]


def test_events_count_towards_what_is_owed(on):
    """ensures that a recorded event satisfies its obligation from its day on, and too late is late."""
    on("05-08", "event", "record", "W-02", "--unit", "市教育局", "--note", "参观警示教育基地")
    on("07-02", "event", "record", "W-02", "--unit", "市水利局", "--on", "2026-06-30")
    assert obligation(on, "05-07", "W-02", EDUCATION) == "upcoming"
    assert obligation(on, "05-08", "W-02", EDUCATION) == "satisfied"
    assert obligation(on, "07-02", "W-02", WATER) == "satisfied"
    assert obligation(on, "07-02", "W-02", "中共禾川县委员会") == "overdue"
    assert on("05-08", "event", "record", "X-99").code == 2
    assert on("05-08", "event", "record", "W-02", "--unit", "没有的单位").code == 2


def test_counts_against_the_plans_minimum(on):
    """ensures that twice a year means twice."""
    on("03-01", "event", "record", "R-05", "--note", "第一次专题研究")
    rows = [r for r in on("12-31", "ledger", "--year", 2026, "--json").lines if r["obligation"] == "R-05"]
    assert [r["status"] for r in rows] == ["due"]
    on("12-10", "event", "record", "R-05", "--note", "第二次专题研究")
    rows = [r for r in on("12-31", "ledger", "--year", 2026, "--json").lines if r["obligation"] == "R-05"]
    assert [r["status"] for r in rows] == ["satisfied"]


def test_events_from_excel_all_or_none(on, tmp_path):
    """ensures that the template is read back, and one wrong cell names its row and keeps everything out."""
    path = tmp_path / "登记.xlsx"
    on("03-01", "event", "template", path)
    book = load_workbook(path)
    book["登记"].append(["W-02 警示教育", dt.date(2026, 3, 6), "市教育局", None, 2, "=1+1"])
    book["登记"].append(["没有", "昨天", "外星局", "无名氏", "多次", ""])
    book["登记"]["F2"].data_type = "s"
    book.save(path)
    refused = on("03-10", "event", "import", path)
    assert refused.code == 2
    for words in ("第3行 事项", "第3行 日期", "第3行 单位", "第3行 人员", "第3行 次数"):
        assert words in refused.err
    assert on("03-10", "event", "list", "--json").lines == []
    book["登记"].delete_rows(3)
    book.save(path)
    assert on("03-10", "event", "import", path).code == 0
    (made,) = on("03-10", "event", "list", "--json").lines
    assert (made["obligation"], made["on"], made["unit"], made["count"]) == ("W-02", "2026-03-06", EDUCATION, 2)


def test_the_day_at_a_glance(on, tmp_path):
    """ensures that the digest names what is due within a week, late, doubtful, and whose clock runs out."""
    found = on("06-16", "today", "--json").one
    assert {r["unit"] for r in found["due"] if r["obligation"] == "D-02"} == {EDUCATION, WATER, "中共禾川县委员会"}
    assert not [r for r in found["overdue"] if r["obligation"] == "D-02"]
    stranger = drop(tmp_path, "市妇联报告.docx", leadership_report(unit="中共汀州市妇联党组"))
    entry = on("06-16", "ingest", stranger, "--json").one["entry"]
    late = on("06-22", "today", "--json").one
    assert {r["unit"] for r in late["overdue"] if r["obligation"] == "D-02"} == {EDUCATION, WATER, "中共禾川县委员会"}
    assert [w["entry"] for w in late["waiting"]] == [entry]
    assert "已逾期" in on("06-22", "today").out


def test_the_draw_is_recorded_once(on):
    """ensures that a second draw of the year is the first, and the next year goes to who waited."""
    first = on("11-01", "draw", "--seed", "甲", "--json").one
    assert (first["fresh"], len(first["drawn"]), first["of"]) == (True, 1, 3)
    again = on("11-02", "draw", "--seed", "乙", "--json").one
    assert (again["fresh"], again["drawn"], again["seed"]) == (False, first["drawn"], "甲")
    next_year = on("11-03", "draw", "--year", "2027", "--json").one
    assert next_year["drawn"][0]["unit"] != first["drawn"][0]["unit"]
    assert "签号" in on("11-03", "draw").out


def test_days_that_follow_from_an_event(on):
    """ensures that a session sets the week before it, and seven working days after it, for what the plan counts from it."""
    on("06-20", "event", "record", "plenary_session", "--on", "2026-07-10")
    due = {r["obligation"]: r["due"] for r in on("06-25", "ledger", "--year", 2026, "--json").lines}
    assert due["Z-04"] == "2026-07-03"
    assert due["Z-06"] == "2026-07-21"
    statuses = {r["obligation"]: r["status"] for r in on("07-04", "ledger", "--year", 2026, "--json").lines}
    assert statuses["Z-04"] == "overdue"


def test_a_paper_without_a_year_waits_for_a_person_too(on, tmp_path):
    """ensures that what tells of no year is not lost from the day's digest."""
    path = drop(
        tmp_path,
        "无年度.docx",
        plain("中共汀州市教育局党组主体责任情况报告", "市委、市纪委:", "我们组织学习3次,查了9个单位。"),
    )
    entry = on("06-16", "ingest", path, "--json").one
    assert (entry["year"], entry["verdict"]) == (None, "needs_person")
    assert entry["entry"] in [w["entry"] for w in on("06-16", "today", "--json").one["waiting"]]
