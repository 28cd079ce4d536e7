"""The yearly assessment: facts to score sheets, line by line, every point with its reason. Pure and exact.

A fact that is missing is 待定: its line, section and total say between what they can still lie. Nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from pipeline.judging.figures import ZERO, Span, exact, nearly, point, total
from pipeline.judging.inputs import clause_of
from pipeline.judging.marking import Fact, Mark, Place, Seen, band_of, mark, said
from pipeline.judging.ranking import places, standings
from pipeline.rulebook.assessment import (
    Assessment,
    PersonKind,
    RankOf,
    RankPart,
    ScoreLine,
    ScoreSection,
    VetoPart,
    VoteRule,
)


@dataclass(frozen=True, slots=True)
class Ballots:
    """The ballots on one body: how many in each grade; ``invalid`` ones stand apart."""

    body: str
    grades: Mapping[str, int]
    invalid: int = 0

    @property
    def valid(self) -> int:
        return sum(self.grades.values())

    def good(self, rule: VoteRule) -> int:
        """Return the ballots that count as 较好以上."""
        return sum(count for grade, count in self.grades.items() if grade in rule.good_grades)


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What is known of a unit: facts by input or ranked value, and the points a person deducts by adjustment."""

    unit: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    deducted: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of a person: their ballots, None where missing. ``team``: a ten-point score told for their team."""

    person: str
    unit: str
    kind: str
    good: int | None = None
    valid: int | None = None
    source: str = ""
    team: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineScore:
    """A scored line. ``added``: before its floor and cap; ``bound``: which of them held, in words."""

    line: ScoreLine
    clause: str
    marks: tuple[Mark, ...]
    added: Span
    points: Span
    bound: str

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(m.label for m in self.marks if m.missing)

    @property
    def why(self) -> str:
        """The facts and the arithmetic in words."""
        words = ";".join(m.words for m in self.marks)
        if len(self.marks) > 1 and not self.missing:
            words += f";合计{said(self.added)}"
        return (
            words
            + (f";{self.bound}" if self.bound else "")
            + (f";本项待定,{said(self.points)}" if self.missing else "")
        )


@dataclass(frozen=True, slots=True)
class SectionScore:
    section: ScoreSection
    lines: tuple[LineScore, ...]
    added: Span
    points: Span
    bound: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A unit's score sheet: ``total`` of 100, ``ten`` of ten, ``rank`` among all; open ones are spans."""

    unit: str
    sections: tuple[SectionScore, ...]
    deducted: Mapping[str, Fact]
    total: Span
    ten: Span
    bound: str
    rank: Place

    @property
    def lines(self) -> tuple[LineScore, ...]:
        return tuple(line for section in self.sections for line in section.lines)

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that are still lacking."""
        return tuple(label for line in self.lines for label in line.missing)


@dataclass(frozen=True, slots=True)
class PersonSheet:
    """A person's score of ten: ``own`` by their ballots, ``team`` the ten-point score of their unit."""

    facts: PersonFacts
    kind: PersonKind
    own: Span
    team: Span
    score: Span
    own_why: str
    team_why: str
    why: str
    missing: tuple[str, ...]


def team_rate(rule: VoteRule, ballots: Sequence[Ballots]) -> Fact | None:
    """Return the rate of good ballots by the rule for two bodies; None while a body has no valid ballot.

    Source: 附十·三(一)1.
    """
    if not ballots or any(b.valid == 0 for b in ballots):
        return None
    rates = [Fraction(100 * b.good(rule), b.valid) for b in ballots]
    counted = ";".join(f"{b.body}:较好以上{b.good(rule)}票,有效{b.valid}票,无效{b.invalid}票" for b in ballots)
    if rule.two_bodies == "pool":
        good, valid = sum(b.good(rule) for b in ballots), sum(b.valid for b in ballots)
        return Fact(Fraction(100 * good, valid), f"民主测评({counted};合并 {good}/{valid})")
    if rule.two_bodies == "mean":
        return Fact(sum(rates, Fraction(0)) / len(rates), f"民主测评({counted};取平均)")
    return Fact(tuple(rates), f"民主测评({counted};分别计分)")


def score_units(table: Assessment, units: Sequence[UnitFacts]) -> tuple[Sheet, ...]:
    """Return the sheet of every unit, in their order; ranks are among these units.

    Source: 附十·三(一).
    """
    clauses = {line.id: clause_of(section, line) for section in table.sections for line in section.lines}
    this = _Round(table, _ranks(table, units), clauses)
    plain = [_scored(this, unit) for unit in units]
    order = standings({sheet.unit: sheet.total for sheet in plain}, table.rank_rule.ties)
    return tuple(Sheet(s.unit, s.sections, s.deducted, s.total, s.ten, s.bound, order[s.unit]) for s in plain)


def score_persons(table: Assessment, people: Sequence[PersonFacts], sheets: Sequence[Sheet]) -> tuple[PersonSheet, ...]:
    """Return the sheet of every person, in their order.

    Source: 附十·三(二).
    """
    kinds = {kind.id: kind for kind in table.persons.kinds}
    tens = {sheet.unit: sheet.ten for sheet in sheets if not sheet.missing}
    spans = {sheet.unit: sheet.ten for sheet in sheets}
    return tuple(_person(table, p, kinds[p.kind], tens.get(p.unit), spans.get(p.unit)) for p in people)


# --- units


_Ranks = Mapping[str, Mapping[str, Place]]


@dataclass(frozen=True, slots=True)
class _Round:
    """What is the same for all units: the table, the ranks that follow from values, each line's place in the plan.

    ``seen``: what was reckoned already.
    """

    table: Assessment
    ranks: _Ranks
    clauses: Mapping[str, str]
    seen: Seen = field(default_factory=dict)


def _ranks(table: Assessment, units: Sequence[UnitFacts]) -> _Ranks:
    """Return input → unit → rank, for the inputs that follow from a value of every unit."""
    found: dict[str, dict[str, Place]] = {}
    for section in table.sections:
        for line in section.lines:
            for part in line.parts:
                if isinstance(part, RankPart) and isinstance(part.rank_of, RankOf):
                    of = part.rank_of
                    values = {u.unit: _value(u, of.value) for u in units if part.input not in u.facts}
                    found[part.input] = places(values, of.best, table.rank_rule.ties, of.label or of.value)
    return found


def _value(unit: UnitFacts, name: str) -> Fraction | None:
    fact = unit.facts.get(name)
    return fact.value if fact is not None and isinstance(fact.value, Fraction) else None


def _scored(this: _Round, unit: UnitFacts) -> Sheet:
    table = this.table
    sections = tuple(_section(this, section, unit) for section in table.sections)
    taken = [point(-fact.value) for fact in unit.deducted.values() if isinstance(fact.value, Decimal)]
    added = total([*(s.points for s in sections), *taken])
    most = table.total
    whole = added.within(ZERO, most)
    ten = whole.times(1 / table.convert.divide_by)
    bound = _bound(added, whole, ZERO, most, "总分")
    return Sheet(unit.unit, sections, unit.deducted, whole, ten, bound, Place(1, 1))


def _section(this: _Round, section: ScoreSection, unit: UnitFacts) -> SectionScore:
    lines = tuple(_line(this, line, unit) for line in section.lines)
    added = total(line.points for line in lines)
    most = section.max if this.table.bounds.section_cap else None
    points = added.within(ZERO, most)
    bound = _bound(added, points, ZERO, most, "本部分")
    for part in (p for line in section.lines for p in line.parts if isinstance(p, VetoPart)):
        fact = unit.facts.get(part.input)
        if fact is None:
            points = Span(ZERO, points.high)
        elif fact.value:
            points, bound = point(ZERO), f"{part.name},一票否决,本部分记0分"
            break
    return SectionScore(section, lines, added, points, bound)


def _line(this: _Round, line: ScoreLine, unit: UnitFacts) -> LineScore:
    marks = tuple(
        mark(part, unit.facts.get(part.input), _rank(this.ranks, part.input, unit.unit), this.seen)
        for part in line.parts
    )
    added = total(m.points for m in marks)
    floor = None if line.floor is None or not this.table.bounds.line_floor else line.floor
    cap = None if line.cap is None else line.cap
    points = added.within(floor, cap)
    return LineScore(line, this.clauses[line.id], marks, added, points, _bound(added, points, floor, cap, "本项"))


def _rank(ranks: _Ranks, name: str, unit: str) -> Place | None:
    found = ranks.get(name)
    return found.get(unit) if found else None


def _bound(added: Span, points: Span, floor: Decimal | None, cap: Decimal | None, what: str) -> str:
    if not added.known or added == points or added.low is None or points.low is None:
        return ""
    if cap is not None and added.low > cap:
        return f"{what}最多{exact(cap)}分,由{exact(added.low)}分计为{exact(points.low)}分"
    least = exact(floor) if floor is not None else ""
    return f"{what}不低于{least}分,由{exact(added.low)}分计为{exact(points.low)}分"


# --- persons


def _person(
    table: Assessment, facts: PersonFacts, kind: PersonKind, ten: Span | None, span: Span | None
) -> PersonSheet:
    rules = table.persons
    base, missing = rules.base, []
    if facts.good is None or not facts.valid:
        missing.append("个人民主测评票数")
        most = max(band.points for band in rules.deduct.bands)
        own = Span(base - most, base).within(rules.floor, None)
        own_why = f"个人民主测评票数待定({said(own)})"
    else:
        rate = Fraction(100 * facts.good, facts.valid)
        taken, band = band_of(rules.deduct.bands, rate)
        own = point(base - taken).within(rules.floor, None)
        own_why = (f"较好以上{facts.good}票÷有效{facts.valid}票 = {nearly(rate)}%,属{band},"
                   f"{exact(base)} − {exact(taken)} = {said(own)}")  # fmt: skip
    team, team_why = _team(table, facts, ten, span)
    if not team.known or (facts.team is None and ten is None):
        missing.append("领导班子得分")
    shares = kind.own, kind.team
    score = total([own.times(shares[0]), team.times(shares[1])])
    why = f"个人{said(own)}×{exact(shares[0] * 100)}% + 领导班子{said(team)}×{exact(shares[1] * 100)}% = {said(score)}"
    return PersonSheet(facts, kind, own, team, score, own_why, team_why, why, tuple(missing))


def _team(table: Assessment, facts: PersonFacts, ten: Span | None, span: Span | None) -> tuple[Span, str]:
    if facts.team is not None:
        return point(facts.team), f"领导班子十分制得分{exact(facts.team)}分(填报)"
    if ten is not None:
        return ten, f"{facts.unit}领导班子得分换算为十分制{said(ten)}"
    open_ = span or Span(ZERO, table.convert.to)
    return open_, f"{facts.unit}领导班子得分待定({said(open_)})"
