"""Working days: the official arrangement, corrections above it, and years that nobody has published yet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.rulebook import WorkingDays, load_corrections, unpublished_notice

DAYS = st.dates(dt.date(2014, 1, 1), dt.date(2026, 12, 31))
COUNTS = st.integers(0, 80)
CALENDAR = WorkingDays()


@pytest.mark.parametrize(
    ("event", "n", "last"),
    [
        ("2025-06-20", 30, "2025-08-01"),  # review of a report of June
        ("2025-08-01", 7, "2025-08-12"),  # reply to the feedback
        ("2024-12-20", 30, "2025-02-08"),  # over New Year and Spring Festival, ending on a Saturday that is worked
        ("2025-09-30", 1, "2025-10-09"),
        ("2026-02-13", 1, "2026-02-14"),  # a Saturday that is worked
        ("2026-02-14", 1, "2026-02-24"),
    ],
)
def test_counts_of_the_plan(event: str, n: int, last: str) -> None:
    assert CALENDAR.add(dt.date.fromisoformat(event), n) == dt.date.fromisoformat(last)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2025-01-26", True),  # Sunday, made up before Spring Festival
        ("2025-01-28", False),
        ("2025-02-08", True),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-09-20", True),
        ("2026-11-24", True),
        ("2005-12-31", True),  # a December day moved by the notice of the next year
    ],
)
def test_published_days(day: str, worked: bool) -> None:
    assert CALENDAR.is_working(dt.date.fromisoformat(day)) is worked


@pytest.mark.parametrize(("year", "number"), [(2014, 250), (2020, 249), (2024, 251), (2025, 248)])
def test_working_days_of_a_year(year: int, number: int) -> None:
    assert CALENDAR.between(dt.date(year - 1, 12, 31), dt.date(year, 12, 31)) == number


@given(DAYS, COUNTS)
def test_adding_lands_on_a_working_day_and_counts_back(day: dt.date, n: int) -> None:
    last = CALENDAR.add(day, n)
    assert CALENDAR.between(day, last) == n
    assert n == 0 or CALENDAR.is_working(last)


@given(DAYS, COUNTS, COUNTS)
def test_adding_twice_is_adding_the_sum(day: dt.date, n: int, m: int) -> None:
    assert CALENDAR.add(CALENDAR.add(day, n), m) == CALENDAR.add(day, n + m)


@given(DAYS, DAYS, DAYS)
def test_between_adds_up(a: dt.date, b: dt.date, c: dt.date) -> None:
    a, b, c = (dt.date(2024, 1, 1) + (d - dt.date(2014, 1, 1)) / 12 for d in (a, b, c))
    assert CALENDAR.between(a, b) + CALENDAR.between(b, c) == CALENDAR.between(a, c)
    assert CALENDAR.between(a, b) == -CALENDAR.between(b, a)


@given(DAYS)
def test_a_correction_decides(day: dt.date) -> None:
    assert WorkingDays({day: True}).is_working(day)
    assert not WorkingDays({day: False}).is_working(day)


@given(DAYS, COUNTS)
def test_a_day_more_off_never_makes_a_count_end_sooner(day: dt.date, n: int) -> None:
    corrected = WorkingDays({day + dt.timedelta(days=3): False})
    assert corrected.add(day, n) >= CALENDAR.add(day, n)


def test_counting_backward_is_refused() -> None:
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.add(dt.date(2026, 1, 1), -1)


def test_years_not_yet_published() -> None:
    far = dt.date(2098, 12, 20)
    assert CALENDAR.unpublished(dt.date(2014, 1, 1), dt.date(2026, 12, 31)) == ()
    assert CALENDAR.unpublished(far, dt.date(2099, 2, 1)) == (2098, 2099)
    entered = WorkingDays({dt.date(2099, 2, 7): True})
    assert entered.unpublished(far, dt.date(2099, 2, 1)) == (2098,)
    assert CALENDAR.unpublished(dt.date(1999, 5, 1), dt.date(2001, 5, 1)) == (1999, 2000)


def test_unpublished_years_still_have_statutory_holidays() -> None:
    assert not CALENDAR.is_working(dt.date(2099, 10, 1))
    assert CALENDAR.is_working(dt.date(2099, 10, 12))


def test_notice_is_loud_and_says_what_to_do() -> None:
    assert unpublished_notice(()) == ""
    notice = unpublished_notice((2027, 2028))
    assert notice.startswith("注意:2027、2028 年")
    assert "更正文件" in notice


def test_corrections_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "workdays.yaml"
    path.write_text("# 2027\n2027-02-06: workday\n2027-10-08: holiday\n'2027-10-09': 上班\n", encoding="utf-8")
    days = load_corrections(path)
    assert days == {dt.date(2027, 2, 6): True, dt.date(2027, 10, 8): False, dt.date(2027, 10, 9): True}
    assert WorkingDays(days).add(dt.date(2027, 2, 5), 1) == dt.date(2027, 2, 6)


def test_empty_corrections(tmp_path: Path) -> None:
    path = tmp_path / "workdays.yaml"
    path.write_text("# nothing yet\n", encoding="utf-8")
    assert load_corrections(path) == {}


def test_every_faulty_line_of_corrections_is_named(tmp_path: Path) -> None:
    path = tmp_path / "workdays.yaml"
    path.write_text(
        "2027-02-30: workday\n2027-02-06: yes\n2027/2/7: holiday\n2027-03-01: workday\n2027-03-01: holiday\n2027-03-02:\n",
        encoding="utf-8",
    )
    with pytest.raises(SettingsError) as caught:
        load_corrections(path)
    said = str(caught.value)
    for words in (
        "第 1 行(2027-02-30):“2027-02-30”不是日历上有的日期",
        "第 2 行(2027-02-06)",
        "第 3 行(2027/2/7):“2027/2/7”不是日期",
        "第 5 行(2027-03-01):键“2027-03-01”重复",
        "第 6 行(2027-03-02)",
    ):
        assert words in said


@pytest.mark.parametrize("text", ["- 2027-02-06\n", "workday\n", "2027-02-06: [\n"])
def test_corrections_of_another_shape(text: str, tmp_path: Path) -> None:
    path = tmp_path / "workdays.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"workdays\.yaml"):
        load_corrections(path)


def test_missing_corrections(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="找不到"):
        load_corrections(tmp_path / "none.yaml")
