"""The yearly score: exact to the last place, every reading, every band edge, and what holds for any facts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.judging.assessing import Ballots, PersonFacts, UnitFacts, score_persons, score_units, team_rate
from pipeline.judging.figures import exact
from pipeline.judging.inputs import inputs, parsed
from pipeline.judging.marking import Fact
from pipeline.rulebook import load_rulebook
from pipeline.rulebook.assessment import Assessment
from tests.assessment.examples import BEST, EXAMPLES, ORDINARY, PERSONS, WORST

TABLE = load_rulebook().assessment
ASKED = inputs(TABLE)


def facts(values, unit="禾川县委"):
    return UnitFacts(unit, {name: Fact(parsed(ASKED[name], value)) for name, value in values.items()})


def sheet(values, table=TABLE):
    (found,) = score_units(table, [facts(values)])
    return found


def points(found):
    return {line.line.id: exact(line.points.low) if line.points.known else None for line in found.lines}


def read_as(amb, chosen, table=TABLE):
    """The shipped table with another reading chosen, as an office would set it."""
    raw = table.model_dump(by_alias=True, exclude_unset=True)
    for reading in raw["readings"]:
        if reading["amb"] == amb:
            reading["chosen"] = chosen
    return Assessment.model_validate(raw)


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_examples_agree_line_by_line(name):
    """ensures that every line, section, total and ten-point score is exactly that of the reckoning by hand."""
    values, lines, sections, total, ten = EXAMPLES[name]
    found = sheet(values)
    assert points(found) == lines
    assert [exact(s.points.low) for s in found.sections] == sections
    assert (exact(found.total.low), exact(found.ten.low), found.missing) == (total, ten, ())


@pytest.mark.parametrize(("kind", "good", "valid", "own", "score"), PERSONS)
def test_persons_agree(kind, good, valid, own, score):
    """ensures that principals are halved and members weighed 70 to 30, with the bands of the ballots."""
    person = PersonFacts("甲", "禾川县委", kind, good, valid)
    (found,) = score_persons(TABLE, [person], [sheet(ORDINARY)])
    assert (exact(found.own.low), exact(found.score.low)) == (own, score)


@pytest.mark.parametrize(
    ("rate", "score"),
    [("100", "20"), ("95", "20"), ("9499/100", "18"), ("90", "18"), ("89.99", "15"), ("85", "15"), ("84.99", "12"), ("80", "12"),
     ("79.99", "8"), ("70", "8"), ("69.99", "3"), ("60", "3"), ("59.99", "0"), ("0", "0")],
)  # fmt: skip
def test_edges_of_the_vote(rate, score):
    """ensures that the lower end of a band belongs to it and nothing is rounded up into the next."""
    assert points(sheet({**ORDINARY, "team_vote_rate": rate}))["1"] == score


@pytest.mark.parametrize(
    ("good", "own"),
    [(1000, "10"), (900, "10"), (899, "9.5"), (850, "9.5"), (849, "9"), (800, "9"), (799, "8"), (750, "8"), (749, "6.5"),
     (700, "6.5"), (699, "5"), (600, "5"), (599, "2"), (0, "2")],
)  # fmt: skip
def test_edges_of_a_person_s_vote(good, own):
    """ensures that the deduction of each band starts at its lower end."""
    (found,) = score_persons(TABLE, [PersonFacts("甲", "禾川县委", "member", good, 1000)], [sheet(ORDINARY)])
    assert exact(found.own.low) == own


@pytest.mark.parametrize(
    ("change", "line", "score"),
    [({"special_campaigns": 0}, "2(3)", "0"), ({"special_campaigns": 9}, "2(3)", "3"), ({"concentrated_checks": 0}, "2(4)", "1"),
     ({"standing_committee_studies": 0}, "5(2)", "0"), ({"standing_committee_studies": 5}, "5(2)", "2"),
     ({"case_work_rank": 12}, "3(1)", "0"), ({"case_work_rank": 10}, "3(1)", "2"), ({"petition_rank": 40}, "3(4)", "0"),
     ({"permit_self_reported": 99, "permit_criticised": 0}, "4(8)", "2"), ({"permit_check_mechanism": False}, "4(8)", "0"),
     ({"penalty_standard_not_published": True, "penalty_self_reported": 0, "penalty_criticised": 9}, "4(9)", "0.1"),
     ({"regulations_issued": 11}, "4(11)", "1"), ({"province_leader_approvals": 3}, "5(6)", "3"),
     ({"power_catalogue_elements": []}, "4(7)", "0"), ({"cases_circulated_province": 9}, "3(7)", "19")],
)  # fmt: skip
def test_floors_and_caps_of_lines(change, line, score):
    """ensures that each kind of rule stops where the plan stops it and nowhere else."""
    assert points(sheet({**ORDINARY, **change}))[line] == score


def test_a_person_s_points_off_count_and_stop_at_zero():
    """ensures that the deduction that the plan leaves to people is taken from the total, never below nothing."""
    taken = UnitFacts("禾川县委", facts(ORDINARY).facts, {"double_report": Fact(Decimal("1.5"), "填报", (), "迟报")})
    assert exact(score_units(TABLE, [taken])[0].total.low) == "75.3"
    taken = UnitFacts("禾川县委", facts(WORST).facts, {"signing": Fact(Decimal(5), "填报", (), "未签")})
    assert exact(score_units(TABLE, [taken])[0].total.low) == "0"


# --- readings of unclear places


@pytest.mark.parametrize(
    ("amb", "chosen", "change", "line", "score"),
    [("A37", "three", {"cases_circulated_province": 9}, "3(7)", "3"), ("A38", "any_and_each", {}, "4(11)", "1.3"),
     ("A38", "any_and_each", {"regulations_issued": 0}, "4(11)", "0"), ("A39", "three", {}, "4(7)", "2"),
     ("A39", "three", {"power_catalogue_elements": ["公开"]}, "4(7)", "0.5"),
     ("A40", "sections_only", {"permit_check_mechanism": False, "permit_self_reported": 0}, "4(8)", "-0.3")],
)  # fmt: skip
def test_another_reading_is_one_word(amb, chosen, change, line, score):
    """ensures that the office changes a reading by its name alone and the sheet then says the other one."""
    table = read_as(amb, chosen)
    assert points(sheet({**ORDINARY, **change}, table))[line] == score
    assert {r.amb: r.words for r in table.readings}[amb] != {r.amb: r.words for r in TABLE.readings}[amb]


def test_bonuses_beyond_a_section_only_where_the_office_says_so():
    """ensures that the cap of a section is a setting and the total never passes 100."""
    table = read_as("A36", "total_only")
    assert exact(sheet(BEST, table).sections[2].points.low) == "33"  # 27 and 6 of bonus
    assert exact(sheet(BEST, table).total.low) == "100"


def test_ties_without_a_gap():
    """ensures that dense ranks are a setting."""
    values = {"甲": "12", "乙": "12.0", "丙": "13.5", "丁": "14.1"}
    for table, ranks in ((TABLE, [1, 1, 3, 4]), (read_as("A41", "dense"), [1, 1, 2, 3])):
        plain = {k: v for k, v in ORDINARY.items() if k != "petition_rank"}
        units = [facts({**plain, "petitions_per_10k": v}, name) for name, v in values.items()]
        found = [exact(next(x for x in s.lines if x.line.id == "3(4)").points.low) for s in score_units(table, units)]
        assert found == [exact(1 - Decimal(rank - 1) / 10) for rank in ranks]


def test_every_reading_loads_and_an_unknown_one_is_named():
    """ensures that no choice in the rulebook is dead, and a wrong word says which words there are."""
    for reading in TABLE.readings:
        for name in reading.choices:
            assert score_units(read_as(reading.amb, name), [facts(ORDINARY)])
    with pytest.raises(ValidationError, match="没有“half”这种读法"):
        read_as("A35", "half")


@pytest.mark.parametrize(
    ("two", "rate", "score"),
    [("pool", Fraction(2900, 31), "18"), ("mean", Fraction(1870, 20), "18"), ("separate", None, "19")],
)
def test_two_bodies_one_vote(two, rate, score):
    """ensures that ballots of party and government make one rate, the mean of two, or two scores; invalid ones stand apart."""
    rule = TABLE.vote_rule.model_copy(update={"two_bodies": two})
    one = {"pool": ((176, 186), (172, 186)), "mean": ((97, 100), (9, 10)), "separate": ((97, 100), (9, 10))}[two]
    ballots = [
        Ballots(b, {"好": g - 1, "较好": 1, "一般": v - g, "差": 0}, 7)
        for b, (g, v) in zip(("党委", "政府"), one, strict=True)
    ]
    fact = team_rate(rule, ballots)
    assert rate is None or fact.value == rate
    assert "无效7票" in fact.source
    values = facts({k: v for k, v in ORDINARY.items() if k != "team_vote_rate"})
    (found,) = score_units(TABLE, [UnitFacts(values.unit, {**values.facts, "team_vote_rate": fact})])
    assert points(found)["1"] == score


# --- what is missing


def test_a_missing_fact_is_open_and_never_zero():
    """ensures that the line, its section and the total say between what they can still lie."""
    found = sheet({k: v for k, v in ORDINARY.items() if k not in {"special_campaigns", "team_vote_rate"}})
    line = next(x for x in found.lines if x.line.id == "2(3)")
    assert (line.points.low, line.points.high) == (0, 3)
    assert (exact(found.total.low), exact(found.total.high)) == (
        "56.8",
        "79.8",
    )  # without 18 and 2; with 20 and 3 at best
    assert found.missing == ("党委、政府领导班子民主测评较好以上率(%)", "专项治理次数")
    assert "待定" in line.why


def test_a_missing_value_opens_the_ranks_of_the_others():
    """ensures that nobody is ranked as if a unit whose value is missing were last."""
    plain = {k: v for k, v in ORDINARY.items() if k != "petition_rank"}
    units = [
        facts({**plain, "petitions_per_10k": "3"}, "甲"),
        facts({**plain, "petitions_per_10k": "5"}, "乙"),
        facts(plain, "丙"),
    ]
    spans = [next(x for x in s.lines if x.line.id == "3(4)").points for s in score_units(TABLE, units)]
    assert [(exact(s.low), exact(s.high)) for s in spans] == [("0.9", "1"), ("0.8", "0.9"), ("0.8", "1")]


def test_a_rank_that_nobody_gave_is_open():
    """ensures that the only unit of a file is not first for want of others."""
    found = sheet({k: v for k, v in ORDINARY.items() if k != "petition_rank"})
    line = next(x for x in found.lines if x.line.id == "3(4)")
    assert (exact(line.points.low), exact(line.points.high), len(found.missing)) == ("0", "1", 1)


def test_persons_without_ballots_or_team():
    """ensures that a person's range follows from what is missing of theirs and of their team."""
    people = [PersonFacts("甲", "禾川县委", "principal"), PersonFacts("乙", "别处", "member", 9, 10)]
    first, second = score_persons(TABLE, people, [sheet(ORDINARY)])
    assert (exact(first.score.low), exact(first.score.high)) == ("4.84", "8.84")
    assert (exact(second.score.low), exact(second.score.high), second.missing) == ("7", "10", ("领导班子得分",))


# --- whatever the facts are

_VALUE = {
    "flag": st.booleans(), "veto": st.booleans(), "quota": st.integers(0, 9), "count": st.integers(0, 30),
    "rank": st.integers(1, 30), "bands": st.fractions(0, 100, max_denominator=400).map(str),
    "value": st.fractions(0, 90, max_denominator=50).map(str), "checklist": st.just(()),
}  # fmt: skip


@st.composite
def any_values(draw, whole=True):
    found = {}
    for name, asked in ASKED.items():
        if asked.kind == "value":
            continue
        value = draw(_VALUE[asked.kind])
        if asked.kind == "checklist":
            value = draw(st.lists(st.sampled_from(asked.part.of), unique=True))
        if whole or draw(st.integers(0, 9)):
            found[name] = value
    return found


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_values())
def test_totals_lie_within_their_marks(values):
    """ensures that no facts whatever lift a section above its marks or press it below zero."""
    found = sheet(values)
    assert found.total.known and 0 <= found.total.low <= 100
    for section in found.sections:
        assert section.points.known and 0 <= section.points.low <= section.section.max
    assert all("/" not in exact(x.points.low) for x in found.lines)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_values(), st.data())
def test_each_input_moves_the_total_in_its_own_direction(values, data):
    """ensures that more of what the plan rewards never lowers, and of what it punishes never raises, the total."""
    name = data.draw(st.sampled_from([n for n in values if ASKED[n].kind not in {"checklist", "bands"}]))
    part = ASKED[name].part
    less, more = (False, True) if ASKED[name].kind in {"flag", "veto"} else (values[name], int(values[name]) + 1)
    rises = {"flag": lambda: part.points > 0, "veto": lambda: False, "quota": lambda: True, "count": lambda: part.each > 0,
             "rank": lambda: False}[ASKED[name].kind]()  # fmt: skip
    low, high = (sheet({**values, name: v}).total.low for v in (less, more))
    assert low <= high if rises else low >= high


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_values(whole=False), st.randoms(use_true_random=False))
def test_what_is_missing_stays_within_its_range(values, random):
    """ensures that however a missing fact turns out, the total lies in the range shown before."""
    before = sheet(values)
    full = dict(values)
    for name, asked in ASKED.items():
        if asked.kind != "value" and name not in full:
            choices = {"flag": [True, False], "veto": [True, False], "quota": [0, 1, 9], "count": [0, 1, 40], "rank": [1, 3, 40],
                       "bands": ["0", "60", "88", "100"], "checklist": [[], list(getattr(asked.part, "of", ()))]}  # fmt: skip
            full[name] = random.choice(choices[asked.kind])
    assert before.total.low <= sheet(full).total.low <= before.total.high


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(any_values(whole=False), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_again_is_the_same(many, random):
    """ensures that units get the same sheet and rank in any order, and the same at every reckoning."""
    units = [facts(values, f"单位{n}") for n, values in enumerate(many)]
    other = list(units)
    random.shuffle(other)
    first = {s.unit: s for s in score_units(TABLE, units)}
    assert {s.unit: s for s in score_units(TABLE, other)} == first
    assert {s.unit: s for s in score_units(TABLE, units)} == first


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(any_values(), min_size=2, max_size=7))
def test_ranks_follow_the_totals(many):
    """ensures that equal totals share a rank, a higher total has a better one, and the next rank is skipped."""
    sheets = score_units(TABLE, [facts(values, f"单位{n}") for n, values in enumerate(many)])
    for one in sheets:
        better = sum(other.total.low > one.total.low for other in sheets)
        assert (one.rank.best, one.rank.worst) == (1 + better, 1 + better)
