"""When papers are due, in both rulebooks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipeline.judging.deadlines import due_day, last_day
from pipeline.rulebook import load_rulebook
from pipeline.rulebook.due import DueAfter, DueDates, DueMonths, DueOpen, DueTerm, DueWindow

SHIPPED = load_rulebook()
OTHER = load_rulebook(Path(__file__).parents[1] / "rulebook" / "yunxi-2026.yaml")


@pytest.mark.parametrize(
    ("kind", "year", "period", "due"),
    [
        ("leadership_report", 2026, "2026-H1", dt.date(2026, 6, 20)),
        ("leadership_report", 2026, "2026-H2", dt.date(2026, 12, 20)),
        ("principal_report", 2025, "2025-H2", dt.date(2025, 12, 20)),
        ("leadership_report", 2025, "2025", dt.date(2025, 12, 20)),
        ("pledge_main", 2026, "2026", dt.date(2026, 3, 31)),
        ("leadership_report", None, None, None),
        ("topic_report", 2026, None, None),
        ("other", 2026, "2026-H1", None),
        ("nonsense", 2026, "2026-H1", None),
    ],
)
def test_papers_are_due_when_the_plan_says(kind, year, period, due):
    """ensures that the kind and the period decide the day. Source: 附五·三·1 L180; 附一·二 L104."""
    assert due_day(kind, year, period, SHIPPED) == due


@pytest.mark.parametrize(
    ("due", "half", "day"),
    [
        (DueDates(dates=["06-20", "12-20"]), 1, dt.date(2026, 6, 20)),
        (DueDates(dates=["06-20", "12-20"]), None, dt.date(2026, 12, 20)),
        (DueDates(dates=["06-20"], inclusive=False), None, dt.date(2026, 6, 19)),
        (DueDates(dates=["+01-10"]), None, dt.date(2027, 1, 10)),
        (DueWindow(window=("12-01", "+03-31")), None, dt.date(2027, 3, 31)),
        (DueMonths(months=[6, 12]), 1, dt.date(2026, 6, 30)),
        (DueMonths(months=[2]), None, dt.date(2026, 2, 28)),
        (DueTerm(term="每年年初"), None, dt.date(2026, 3, 31)),
        (DueTerm(term="每年初"), None, dt.date(2026, 3, 31)),
        (DueTerm(term="每年年底"), None, dt.date(2026, 12, 31)),
        (DueTerm(term="年底或次年年初"), None, dt.date(2027, 3, 31)),
        (DueTerm(term="年中"), None, dt.date(2026, 7, 31)),
        (DueTerm(term="每年第一季度"), None, dt.date(2026, 3, 31)),
        (DueTerm(term="每年6月和12月"), 1, dt.date(2026, 6, 30)),
        (DueTerm(term="每年6月和12月"), 2, dt.date(2026, 12, 31)),
        (DueTerm(term="每年6月20日前、12月20日前"), 1, dt.date(2026, 6, 20)),
        (DueTerm(term="每年6月20日前、12月20日前"), 2, dt.date(2026, 12, 20)),
        (DueTerm(term="每年6月底、12月底前"), 1, dt.date(2026, 6, 30)),
        (DueTerm(term="每半年"), 1, dt.date(2026, 6, 30)),
        (DueTerm(term="每半年"), 2, dt.date(2026, 12, 31)),
        (DueTerm(term="当年12月上旬"), None, dt.date(2026, 12, 10)),
        (DueTerm(term="次年1月中旬"), None, dt.date(2027, 1, 20)),
        (DueTerm(term="前一周"), None, None),
        (DueTerm(term="限期"), None, None),
        (DueTerm(term="定期"), None, None),
        (DueTerm(term="及时"), None, None),
        (DueAfter(after="report_accepted", workdays=30), None, None),
        (DueOpen(open="方案未定日期"), None, None),
    ],
)
def test_each_way_of_saying_when(due, half, day):
    """ensures that every way the plan puts a time becomes its last day, or none."""
    assert last_day(due, 2026, half, SHIPPED) == day


def test_another_city_s_plan_has_its_own_days():
    """ensures that no date is in code: the other rulebook's kinds are due by its own rules."""
    days = {due_day(kind, 2026, "2026", OTHER) for kind in OTHER.kinds}
    assert days - {None}
    assert due_day("leadership_report", 2026, "2026-H1", OTHER) is None
