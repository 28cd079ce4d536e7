"""What is owed, by whom, and how it stands."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from pipeline.judging.obligations import Standing, owed, standing
from pipeline.model import Entry, Identity, Outcome, Person, Roster, Unit, Verdict
from pipeline.rulebook import load_rulebook

RULEBOOK = load_rulebook()
COUNTY, BUREAU = "中共禾川县委员会", "中共汀州市教育局党组"
ROSTER = Roster(
    (Unit(COUNTY, "county_committee"), Unit(BUREAU, "city_unit")),
    (
        Person("甲", COUNTY, "书记", "principal"),
        Person("乙", COUNTY, "副书记", "member"),
        Person("丙", COUNTY, "常委", "member"),
        Person("丁", BUREAU, "局长", "principal"),
    ),
)

WIDE = Roster(
    (
        *ROSTER.units,
        Unit("中共平皋县委员会", "county_committee"),
        Unit("一镇", "township_committee", (), COUNTY),
        Unit("二镇", "township_committee", (), COUNTY),
        Unit("县农业局", "county_unit", (), COUNTY),
    ),
    ROSTER.people,
)


def rows(obligation: str, roster: Roster = ROSTER, year: int = 2026):
    return [thing for thing in owed(RULEBOOK, roster, year) if thing.obligation == obligation]


def test_every_obligation_of_the_plan_has_a_debtor():
    """ensures that nothing of the rulebook is left out, and ids come in its order."""
    seen = dict.fromkeys(thing.obligation for thing in owed(RULEBOOK, WIDE, 2026))
    with_debtors = [o for o in RULEBOOK.obligations if o in seen]
    assert list(seen) == with_debtors
    assert set(RULEBOOK.obligations) - set(seen) <= {
        o.id for o in RULEBOOK.obligations.values() if not {"county_committee", "city_unit"} & set(o.actor)
    }


def test_the_counts_of_a_year():
    """ensures that 双报告 are four papers a unit and pledges follow the roster. Source: domain 3.3."""
    assert len(rows("D-02")) + len(rows("D-03")) == 4 * 2
    assert {(r.unit, r.person) for r in rows("D-03")} == {(COUNTY, "甲"), (BUREAU, "丁")}
    assert [r.unit for r in rows("S-02")] == [COUNTY, BUREAU]
    assert {(r.unit, r.person) for r in rows("S-05")} == {(COUNTY, "乙"), (COUNTY, "丙"), (BUREAU, None)}
    assert {r.period for r in rows("D-02")} == {"2026-H1", "2026-H2"}
    assert {r.due for r in rows("D-02")} == {dt.date(2026, 6, 20), dt.date(2026, 12, 20)}


def test_pledges_follow_who_signs_with_whom():
    """ensures that C + D and T + U units, C + D principals and Σm members owe their pledges. Source: domain 3.3."""
    main = [r.unit for r in rows("S-02", WIDE)]
    assert main == [COUNTY, "中共平皋县委员会", BUREAU]
    assert [r.unit for r in rows("S-03", WIDE)] == ["一镇", "二镇", "县农业局"]
    assert [(r.unit, r.person) for r in rows("S-04", WIDE)] == [
        (COUNTY, "甲"),
        ("中共平皋县委员会", None),
        (BUREAU, "丁"),
    ]
    assert len(rows("S-05", WIDE)) == 4
    assert {r.due for r in rows("S-04", WIDE)} == {dt.date(2026, 3, 31)}


def test_the_other_counts_of_a_year():
    """ensures that self-checks are two for each unit, and organs of the city owe once. Source: domain 3.3."""
    assert len(rows("C-01", WIDE)) == 2 * len(WIDE.units)
    assert len(rows("D-02", WIDE)) + len(rows("D-03", WIDE)) == 4 * 3
    assert [(r.unit, r.person) for r in rows("D-09", WIDE)] == [(None, None)]
    assert [r.person for r in rows("D-03", WIDE) if r.unit == "中共平皋县委员会"] == [None, None]


def test_a_city_of_many_is_reckoned_quickly():
    """ensures that 500 units and 5,000 people, all of them answering, take a second or two, not minutes."""
    units = tuple(Unit(f"单位{n}", "county_committee" if n % 5 == 0 else "city_unit") for n in range(500))
    people = tuple(
        Person(f"人{n}-{m}", f"单位{n}", "职务", "member" if m else "principal") for n in range(500) for m in range(10)
    )
    came = [entry(dt.date(2026, 6, 10), version=n + 1, unit=f"单位{n}") for n in range(500)]
    started = time.process_time()
    things = list(standing(owed(RULEBOOK, Roster(units, people), 2026), came, dt.date(2026, 7, 1)))
    assert time.process_time() - started < 10
    reports = [r for r in things if r.obligation == "D-02" and r.period == "2026-H1"]
    assert [r.status for r in reports] == ["satisfied"] * 500
    assert len([r for r in things if r.obligation == "S-05"]) == 500 * 9


def entry(
    received: dt.date,
    outcome: Outcome = Outcome.COMPLETE,
    decision: str | None = None,
    version: int = 1,
    **identity: object,
) -> Entry:
    fields = {"kind": "leadership_report", "title": "报告", "unit": COUNTY, "year": 2026, "period": "2026-H1"}
    who = Identity(**{**fields, **identity})
    return Entry(f"2026-{version:04}", "x", "0" * 64, 1, dt.datetime.now(dt.UTC), received, who, Verdict(outcome), dt.date(2026, 6, 20),
                 received <= dt.date(2026, 6, 20), version, decision=decision)  # fmt: skip


def stands(today: dt.date, *entries: Entry) -> Standing:
    (row,) = [r for r in standing(rows("D-02"), entries, today) if r.unit == COUNTY and r.period == "2026-H1"]
    return row.status


JUNE_10, JUNE_20, JUNE_21, JULY = dt.date(2026, 6, 10), dt.date(2026, 6, 20), dt.date(2026, 6, 21), dt.date(2026, 7, 1)


@pytest.mark.parametrize(
    ("today", "entries", "status"),
    [
        (dt.date(2026, 3, 1), [], "upcoming"),
        (JUNE_10, [], "due"),
        (JUNE_20, [], "due"),
        (JUNE_21, [], "overdue"),
        (JULY, [entry(JUNE_10)], "satisfied"),
        (JULY, [entry(JUNE_10, Outcome.DEFICIENT)], "received"),
        (JULY, [entry(JUNE_10, Outcome.DEFICIENT, "accept")], "satisfied"),
        (JULY, [entry(JUNE_10, decision="return")], "returned"),
        (JULY, [entry(JUNE_21)], "late"),
        (JUNE_10, [entry(JUNE_21)], "due"),  # as of a day before it came
        (JULY, [entry(JUNE_10, unit=BUREAU)], "overdue"),
        (JULY, [entry(JUNE_10, kind="principal_report")], "overdue"),
        (JULY, [entry(JUNE_10, period="2026-H2")], "overdue"),
        (JULY, [entry(JUNE_10, decision="return"), entry(JUNE_10, version=2)], "satisfied"),
    ],
)
def test_how_a_report_stands(today, entries, status):
    """ensures that status follows from what came, what a person decided and the day asked for."""
    assert stands(today, *entries) == status


def test_a_yearly_report_answers_for_its_second_half():
    """ensures that a report on the whole year is matched to December's duty."""
    row = next(
        r
        for r in standing(rows("D-02"), [entry(JUNE_10, period="2026")], JULY)
        if r.unit == COUNTY and r.period == "2026-H2"
    )
    assert row.status == "satisfied"
