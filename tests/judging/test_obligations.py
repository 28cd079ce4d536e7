"""What is owed, by whom, and how it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from pipeline.judging.obligations import Standing, owed, standing
from pipeline.ledger import Event
from pipeline.model import Entry, Identity, Outcome, Person, Roster, Unit, Verdict
from pipeline.rulebook import load_rulebook
from pipeline.rulebook.base import PartyKind

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


def whole_city() -> Roster:
    """A city in which every class of unit and every role of the rulebook occurs."""
    classes = [p.id for p in RULEBOOK.parties.values() if p.kind is PartyKind.UNIT_CLASS]
    roles = [p.id for p in RULEBOOK.parties.values() if p.kind is PartyKind.ROLE]
    units = tuple(Unit(f"{c}单位", c) for c in classes)
    return Roster(units, tuple(Person(f"{u.name}{r}", u.name, r, r, ("科",)) for u in units for r in roles))


@pytest.mark.parametrize("obligation", RULEBOOK.obligations.values(), ids=lambda o: o.id)
def test_every_obligation_of_the_rulebook_is_owed_met_and_missed(obligation):
    """ensures that each has its debtors, is satisfied by events in number, and is overdue only where it has a day."""
    things = [t for t in owed(RULEBOOK, whole_city(), 2026) if t.obligation == obligation.id]
    assert things
    end = dt.date(2027, 6, 30)
    missed = {t.status for t in standing(things, (), end)}
    dated = {t.due is not None for t in things}
    assert missed == {Standing.OVERDUE if day else Standing.UPCOMING for day in dated}
    thing = things[0]
    on = dt.date(2026, 2, 1) if not thing.period.endswith("H2") else dt.date(2026, 8, 1)
    done = Event(obligation.id, on, thing.unit, thing.person, thing.least)
    (row,) = standing([thing], (), end, [done])
    assert (row.status, row.done) == (Standing.SATISFIED, thing.least)
    if thing.least > 1:
        (row,) = standing([thing], (), end, [replace(done, count=thing.least - 1)])
        assert row.status is (Standing.OVERDUE if thing.due else Standing.UPCOMING)


def test_who_leaves_in_the_middle_of_the_year_owes_no_longer():
    """ensures that each half-year's report is owed by the one in post on its day."""
    unit = Unit("中共汀州市教育局党组", "city_unit")
    before = Person("甲", unit.name, "局长", "principal", until=dt.date(2026, 8, 31))
    after = Person("乙", unit.name, "局长", "principal", since=dt.date(2026, 9, 1))
    things = [t for t in owed(RULEBOOK, Roster((unit,), (before, after)), 2026) if t.obligation == "D-03"]
    assert [(t.period, t.person) for t in things] == [("2026-H1", "甲"), ("2026-H2", "乙")]


def test_a_day_that_the_office_set():
    """ensures that what the plan leaves open becomes due and overdue by the office's day, for whom it was set."""
    things = [t for t in owed(RULEBOOK, whole_city(), 2026) if t.obligation == "C-05"]
    assert {t.due for t in things} == {None}
    told = Event("C-05", dt.date(2026, 3, 1), None, None, 0, "", {"act": "deadline", "due": "2026-09-30"})
    assert {t.status for t in standing(things, (), dt.date(2026, 9, 25), [told])} == {Standing.DUE}
    assert {t.status for t in standing(things, (), dt.date(2026, 10, 1), [told])} == {Standing.OVERDUE}


def test_a_city_of_many_answers_each_for_itself():
    """ensures that 500 units and 5,000 people are told apart. How long it takes: benchmarks/ledger.py."""
    units = tuple(Unit(f"单位{n}", "county_committee" if n % 5 == 0 else "city_unit") for n in range(500))
    people = tuple(
        Person(f"人{n}-{m}", f"单位{n}", "职务", "member" if m else "principal") for n in range(500) for m in range(10)
    )
    came = [entry(dt.date(2026, 6, 10), version=n + 1, unit=f"单位{n}") for n in range(500)]
    things = list(standing(owed(RULEBOOK, Roster(units, people), 2026), came, dt.date(2026, 7, 1)))
    reports = [r for r in things if r.obligation == "D-02" and r.period == "2026-H1"]
    assert [r.status for r in reports] == ["satisfied"] * 500
    assert len([r for r in things if r.obligation == "S-05"]) == 500 * 9
