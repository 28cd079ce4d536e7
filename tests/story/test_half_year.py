"""A half-year of an invented city, played day by day through the command line; the ledger is compared with a table reckoned
by hand at five dates, over the May make-up Saturday, the Dragon Boat holiday and the October week.

2026 (State Council arrangement as the calendar has it): Dragon Boat 19–21 June off. 7 working days after Thursday 25 June:
26, 29, 30 June, 1, 2, 3, 6 July. 7 working days after 25 September (Friday, Mid-Autumn, off) are counted over 1–7 October
off and the make-up days 20 September and 10 October.
"""

from __future__ import annotations

import datetime as dt
import json

import pytest

from pipeline.rulebook import WorkingDays
from tests.documents import drop, leadership_report, plain

COUNTIES = [f"中共{name}县委员会" for name in ("禾川", "平皋", "青溪", "云门", "石梁", "桐坪")]
BUREAUS = [f"中共汀州市{name}局党组" for name in (
    "教育", "水利", "林业", "体育", "审计", "统计", "财政", "民政", "商务", "文旅", "卫健", "应急", "环保", "交通", "住建",
    "农业", "科技", "信访")]  # fmt: skip
UNITS = [*COUNTIES, *BUREAUS]
IN_TIME, LATE, LACKING, NEVER = UNITS[:14], UNITS[14:18], UNITS[18:22], UNITS[22:]
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"


def roster() -> str:
    people = []
    for n, unit in enumerate(UNITS):
        people.append({"name": f"{SURNAMES[n]}一川", "unit": unit, "post": "书记", "role": "principal"})
        people.append({"name": f"{SURNAMES[n]}二河", "unit": unit, "post": "副书记", "role": "member"})
        if n % 2 == 0:
            people.append({"name": f"{SURNAMES[n]}三江", "unit": unit, "post": "委员", "role": "member"})
    units = [{"name": u, "aliases": [u.removeprefix("中共").removesuffix("员会")], "class": "county_committee" if u in COUNTIES else "city_unit"}
             for u in UNITS]  # fmt: skip
    assert (len(units), len(people)) == (24, 60)
    return json.dumps({"units": units, "people": people}, ensure_ascii=False)


@pytest.fixture
def on(cli, tmp_path):
    """Run a command in the city's workspace on a day of 2026."""
    workspace = tmp_path / "市"
    cli("init", workspace)
    (tmp_path / "名册.json").write_text(roster(), encoding="utf-8")
    assert cli("--workspace", workspace, "roster", "import", tmp_path / "名册.json").code == 0

    def run(day: str, *arguments: object):
        return cli("--workspace", workspace, "--as-of", f"2026-{day}", *arguments)

    return run


def reports(on, day: str) -> dict[str, str]:
    rows = on(day, "ledger", "--year", 2026, "--institution", "double_report", "--json").lines
    return {r["unit"]: r["status"] for r in rows if r["obligation"] == "D-02" and r["period"] == "2026-H1"}


def states(on, day: str) -> dict[str, str]:
    rows = on(day, "flow", "list", "--year", 2026, "--workflow", "double_report_flow", "--json").lines
    return {r["unit"]: r["state"] for r in rows if "leadership_report" in r["case"] and r["period"] == "2026-H1"}


def hand_in(on, day: str, units, tmp_path, **options: object) -> list[str]:
    month, date = day.split("-")
    paths = [
        drop(tmp_path, f"{unit}-{day}.docx", leadership_report(unit=unit, extra=f"{unit}报告人。", **options))
        for unit in units
    ]
    assert int(month) and int(date)
    lines = on(day, "ingest", *paths, "--json").lines
    assert [line["unit"] for line in lines] == list(units)
    return [line["entry"] for line in lines]


def table(*groups: tuple[list[str], str]) -> dict[str, str]:
    return {unit: status for units, status in groups for unit in units}


def test_a_half_year(on, tmp_path):
    """ensures that reminders, arrivals, reviews, feedback, replies, lateness, deductions and closing add up."""
    # 1 June: 19 days before the day; everybody is reminded once
    reminded = on("06-01", "letter", "report_reminder", "--period", "2026-H1", "--all", "--json").lines
    assert {r["unit"] for r in reminded} == set(UNITS)
    assert sum("领导班子" in r["title"] for r in reminded) == 24
    again = on("06-02", "letter", "report_reminder", "--period", "2026-H1", "--all", "--json").lines
    assert {r["fresh"] for r in again} == {False}

    # first date, 10 June: nothing has come, all is due
    assert reports(on, "06-10") == table((UNITS, "due"))

    good = hand_in(on, "06-15", IN_TIME, tmp_path)
    lacking = hand_in(on, "06-18", LACKING, tmp_path, without=(4, 9))

    # second date, 20 June, a Saturday in the holiday: the day does not move
    assert reports(on, "06-20") == table((IN_TIME, "satisfied"), (LACKING, "received"), (LATE + NEVER, "due"))

    # 22 June: two days late
    assert reports(on, "06-21") == table((IN_TIME, "satisfied"), (LACKING, "received"), (LATE + NEVER, "overdue"))
    overdue = on("06-22", "letter", "overdue_notice", "--all", "--period", "2026-H1", "--json").lines
    assert {r["unit"] for r in overdue if "领导班子" in r["title"]} == set(LATE + NEVER)
    hand_in(on, "06-23", LATE, tmp_path)

    # third date, 23 June: late is fixed by the first arrival
    assert reports(on, "06-23") == table(
        (IN_TIME, "satisfied"), (LACKING, "received"), (LATE, "late"), (NEVER, "overdue")
    )

    for entry in good:
        on("06-24", "review", entry, "--accept")
    for entry in lacking:
        on("06-24", "review", entry, "--return", "--note", "请补充第4项和第9项")
    for unit in LACKING:
        on("06-25", "letter", "review_feedback_letter", "--unit", unit)
    closed = on("06-25", "letter", "no_problem_letter", "--all", "--json").lines
    assert {r["unit"] for r in closed} == set(IN_TIME)
    assert states(on, "06-25") == table(
        (IN_TIME, "closed"), (LACKING, "feedback_sent"), (LATE, "received"), (NEVER, "late")
    )

    # the seven working days after 25 June end on 6 July
    case = f"2026-H1/{LACKING[0]}/leadership_report"
    assert on("06-25", "flow", "show", case, "--json").one["clocks"] == {"reply_7wd": "2026-07-06"}
    replies = []
    for unit in LACKING[:2]:
        path = drop(tmp_path, f"{unit}回复.docx", plain("关于2026年上半年“双报告”审阅反馈意见的情况说明和改进措施", "市委、市纪委:",
                    f"情况说明:{unit}已补开专题民主生活会。", "改进措施:每季度考核一次。", unit, "2026年7月3日"))  # fmt: skip
        replies.append(on("07-03", "ingest", path, "--json").one["entry"])

    # fourth date, 7 July: two have replied, two are late with their reply
    assert states(on, "07-06") == table(
        (IN_TIME, "closed"),
        (LACKING[:2], "replied"),
        (LACKING[2:], "feedback_sent"),
        (LATE, "received"),
        (NEVER, "late"),
    )
    assert states(on, "07-07") == table(
        (IN_TIME, "closed"), (LACKING[:2], "replied"), (LACKING[2:], "reply_late"), (LATE, "received"), (NEVER, "late")
    )
    urged = on("07-08", "letter", "reply_overdue_notice", "--all", "--json").lines
    assert {r["unit"] for r in urged} == set(LACKING[2:])
    receipts = on("07-08", "letter", "reply_receipt", "--all", "--json").lines
    assert {r["unit"] for r in receipts} == set(LACKING[:2])
    for entry in replies:
        on("07-09", "review", entry, "--accept")

    for unit in NEVER:
        on(
            "12-31",
            "flow",
            "advance",
            f"2026-H1/{unit}/leadership_report",
            "not_reported",
            "--note",
            "考核结束仍未收到",
        )

    # fifth date, 31 December: every case is where a clerk would have put it
    assert states(on, "12-31") == table(
        (IN_TIME, "closed"),
        (LACKING[:2], "closed"),
        (LACKING[2:], "reply_late"),
        (LATE, "received"),
        (NEVER, "not_reported"),
    )
    assert reports(on, "12-31") == table(
        (IN_TIME, "closed"), (LACKING[:2], "closed"), (LACKING[2:], "returned"), (LATE, "late"), (NEVER, "overdue")
    )
    marked = on("12-31", "flow", "list", "--year", 2026, "--marked", "--json").lines
    grounds = {r["unit"]: r["marks"] for r in marked if "leadership_report" in r["case"] and r["period"] == "2026-H1"}
    assert grounds == {
        **{unit: ["报告内容不完备"] for unit in LACKING},
        **{unit: ["逾期报告"] for unit in LATE},
        **{unit: ["报告制度不落实"] for unit in NEVER},
    }
    proposals = on("12-31", "letter", "deduction_proposal", "--all", "--set", "签发人=文思远", "--json").lines
    assert {r["unit"] for r in proposals} == set(LACKING + LATE + NEVER)

    # and every earlier date is still seen as it was
    assert reports(on, "06-10") == table((UNITS, "due"))
    assert reports(on, "06-20") == table((IN_TIME, "satisfied"), (LACKING, "received"), (LATE + NEVER, "due"))
    assert reports(on, "06-24") == table(
        (IN_TIME, "satisfied"), (LACKING, "returned"), (LATE, "late"), (NEVER, "overdue")
    )
    checked = on("12-31", "verify", "--json")
    assert (checked.code, checked.one["journal"], checked.one["entries"]) == (0, "intact", 24)


def test_the_clocks_of_the_story_over_the_calendar():
    """ensures that make-up Saturdays count and holidays inside a clock do not, reckoned by hand."""
    add = WorkingDays().add
    assert add(dt.date(2026, 6, 16), 7) == dt.date(2026, 6, 26)  # 19 June off
    assert add(dt.date(2026, 6, 25), 7) == dt.date(2026, 7, 6)
    assert add(dt.date(2026, 5, 6), 3) == dt.date(2026, 5, 9)  # Saturday 9 May is worked
    assert add(dt.date(2026, 9, 28), 7) == dt.date(2026, 10, 13)  # 1 to 7 October off, Saturday 10 worked


@pytest.mark.parametrize(
    ("returned", "written", "until", "after"),
    [
        # 12 June is a Friday: 15, 16, 17, 18, (19 to 21 off), 22, 23, 24
        ("06-11", "06-12", "2026-06-24", "06-25"),
        # 29 April is a Wednesday: 30, (1 to 5 May off), 6, 7, 8, 9 (a Saturday worked), 11, 12
        ("04-28", "04-29", "2026-05-12", "05-13"),
    ],
)
def test_a_reply_clock_over_a_holiday(on, tmp_path, returned, written, until, after):
    """ensures that the seven working days of a feedback letter run over days off and make-up Saturdays as reckoned by hand."""
    (entry,) = hand_in(on, "04-20", UNITS[:1], tmp_path, without=(4,))
    on(returned, "review", entry, "--return", "--note", "请补充第4项")
    on(written, "letter", "review_feedback_letter", "--unit", UNITS[0])
    case = f"2026-H1/{UNITS[0]}/leadership_report"
    assert on(written, "flow", "show", case, "--json").one["clocks"] == {"reply_7wd": until}
    assert on(until[5:], "flow", "show", case, "--json").one["state"] == "feedback_sent"
    assert on(after, "flow", "show", case, "--json").one["state"] == "reply_late"
