"""One assessment: what was given laid over what the ledger knows, scored, and said in full."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pipeline.assessment.given import Given
from pipeline.assessment.known import LEDGER, Known
from pipeline.assessment.shape import fact_words, person_shape, sheet_shape
from pipeline.errors import UsageError
from pipeline.judging.assessing import PersonSheet, Sheet, UnitFacts, score_persons, score_units
from pipeline.judging.inputs import Input, inputs, parsed
from pipeline.judging.marking import Fact
from pipeline.office import Office
from pipeline.rulebook.assessment import Assessment
from pipeline.rulebook.draft import meant

Shape = dict[str, Any]


@dataclass(frozen=True)
class Assessed:
    """A scored year: units and people as JSON values, in the order given. ``units`` that are not scored say so."""

    year: int
    rulebook: str
    readings: Mapping[str, str]
    units: tuple[Shape, ...]
    people: tuple[Shape, ...]

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Every fact that is still lacking, with whose it is."""
        units = [f"{u['unit']}:{'、'.join(u['missing'])}" for u in self.units if u["missing"]]
        return (*units, *(f"{p['person']}:{'、'.join(p['missing'])}" for p in self.people if p["missing"]))

    @property
    def notices(self) -> tuple[str, ...]:
        """What people should know of units and people, each with whose it is."""
        rows = (*self.units, *self.people)
        return tuple(f"{r.get('unit') or r.get('person')}:{n}" for r in rows for n in r["notices"])

    def content(self) -> Shape:
        """Return all of it as JSON values, the form in which a year is frozen."""
        return {"year": self.year, "rulebook": self.rulebook, "readings": dict(self.readings),
                "units": list(self.units), "persons": list(self.people)}  # fmt: skip


def assessed(content: Shape) -> Assessed:
    """Return a frozen year as it was."""
    return Assessed(content["year"], content["rulebook"], content["readings"], tuple(content["units"]),
                    tuple(content["persons"]))  # fmt: skip


def table_of(office: Office) -> Assessment:
    """Return the rulebook's score table.

    Raises:
        UsageError: it has none.
    """
    table = office.rulebook.assessment
    if table is None:
        raise UsageError("规则里没有年度考核的评分表", "请检查规则")
    return table


def assess(
    office: Office, year: int, given: Given, sets: Sequence[tuple[str, str]] = (), only: str | None = None
) -> Assessed:
    """Return the year scored. ``sets``: what-if, input and value, for all units or ``only`` one.

    Raises:
        UsageError: a what-if names no input or an unfit value.
    """
    with _nothing_dies():
        return _assess(office, year, given, sets, only)


@contextmanager
def _nothing_dies() -> Iterator[None]:
    """Look for no garbage meanwhile: of 3,000 units all that is made stays, and walking it again and again took half the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _assess(office: Office, year: int, given: Given, sets: Sequence[tuple[str, str]], only: str | None) -> Assessed:
    table, known = table_of(office), Known(office, table_of(office), year)
    classes = {u.name: u.unit_class for u in office.roster.units}
    scored = [u for u in given.units if _is_scored(table, classes.get(u.unit))]
    merged = [_merged(u, known.facts(u.unit) if u.unit in classes else {}) for u in scored]
    sheets = score_units(table, [facts for facts, _ in merged])
    people = [p for p in given.people if _is_scored(table, classes.get(p.unit))]
    persons = score_persons(table, people, sheets)
    if sets:
        changed = what_if(table, [facts for facts, _ in merged], sets, only)
        other = score_units(table, changed)
        units = [_compared(_sheet(table, known, s, n, classes), before, table, known) for s, before, (_, n) in
                 zip(other, sheets, merged, strict=True)]  # fmt: skip
        persons = score_persons(table, people, other)
    else:
        units = [_sheet(table, known, s, notices, classes) for s, (_, notices) in zip(sheets, merged, strict=True)]
    by_name = {u["unit"]: u for u in units}
    rows = [by_name.get(u.unit) or _unscored(u.unit, table, known) for u in given.units]
    told = {p.facts.unit + p.facts.person: p for p in persons}
    shapes = [_person(table, told.get(p.unit + p.person), p.person, p.unit, office) for p in given.people]
    readings = {r.amb: r.words for r in table.readings}
    return Assessed(year, office.rulebook.id, readings, tuple(rows), tuple(shapes))


def what_if(
    table: Assessment, units: Sequence[UnitFacts], sets: Sequence[tuple[str, str]], only: str | None
) -> list[UnitFacts]:
    """Return the facts as they would be; 待定 takes a fact away.

    Raises:
        UsageError: there is no such input, the value does not fit, or no such unit is assessed.
    """
    if only is not None and all(u.unit != only for u in units):
        raise UsageError(f"“{only}”不在计分的单位里", "请检查名称")
    asked, changes = inputs(table), dict[str, Fact | None]()
    for word, raw in sets:
        name = _input_named(asked, word)
        try:
            changes[name] = None if raw in {"待定", ""} else Fact(parsed(asked[name], raw), "假设")
        except ValueError as error:
            raise UsageError(str(error), "") from error
    found = []
    for unit in units:
        facts = dict(unit.facts)
        for name, fact in changes.items() if only in (None, unit.unit) else ():
            facts.pop(name, None)
            if fact is not None:
                facts[name] = fact
        found.append(replace(unit, facts=facts))
    return found


def _input_named(asked: Mapping[str, Input], word: str) -> str:
    if word in asked:
        return word
    found = [name for name, one in asked.items() if one.label == word]
    if not found:
        raise UsageError(f"评分表没有“{word}”这项数据{meant(word, asked)}", "编号见 pipeline assess --template 的空表")
    return found[0]


def _is_scored(table: Assessment, unit_class: str | None) -> bool:
    """A unit that the roster does not know is taken at its word.

    Source: 附十·三.
    """
    return unit_class is None or unit_class in (table.subject_classes or (table.subjects,))


def _merged(given: UnitFacts, known: Mapping[str, Fact]) -> tuple[UnitFacts, tuple[str, ...]]:
    """Return the facts, a person's word before the ledger's, and what should be known of that."""
    facts, notices = dict(known), []
    for name, fact in given.facts.items():
        before = known.get(name)
        if before is None:
            facts[name] = fact
        elif before.value == fact.value:
            facts[name] = replace(fact, source=f"{fact.source},与台账一致", evidence=before.evidence)
        else:
            said = f"{fact.source},改动台账的“{fact_words(before.value)}”"
            facts[name] = replace(fact, source=said, evidence=before.evidence)
            if not fact.reason:
                notices.append(f"{name} 与台账不一致(台账为“{fact_words(before.value)}”),没有写理由")
    return replace(given, facts=facts), tuple(notices)


def _sheet(
    table: Assessment, known: Known, sheet: Sheet, notices: tuple[str, ...], classes: Mapping[str, str]
) -> Shape:
    if sheet.unit not in classes:
        notices = ("名册里没有这个单位,按填报数据计分", *notices)
    return sheet_shape(table, sheet, known.year, {a.id: known.marks.get((a.id, sheet.unit), ()) for a in table.adjustments},
                       notices)  # fmt: skip


def _compared(shape: Shape, before: Sheet, table: Assessment, known: Known) -> Shape:
    old = sheet_shape(table, before, known.year, {}, ())
    moved = [{"id": b["id"], "before": a["points"], "after": b["points"]} for a, b in zip(old["lines"], shape["lines"],
             strict=True) if (a["points"], a["low"], a["high"]) != (b["points"], b["low"], b["high"])]  # fmt: skip
    return shape | {"what_if": {"score": old["score"], "low": old["low"], "high": old["high"], "rank": old["rank"],
                                "lines": moved}}  # fmt: skip


def _unscored(unit: str, table: Assessment, known: Known) -> Shape:
    said = "方案只对县(市、区)党政领导班子及其成员量化打分,本单位不计分,只留执行情况记录"
    proposed = [{"id": a.id, "grounds": list(a.grounds), "facts": list(known.marks.get((a.id, unit), ())), "points": None,
                 "reason": "", "phrase": a.phrase, "clause": a.clause} for a in table.adjustments]  # fmt: skip
    return {"unit": unit, "year": known.year, "scored": False, "score": None, "score_ten": None, "low": None, "high": None,
            "rank": None, "sections": [], "lines": [], "adjustments": proposed, "missing": [],
            "notices": [said.replace("县(市、区)党政领导班子", known.office.rulebook.parties[table.subjects].name)]}  # fmt: skip


def _person(table: Assessment, sheet: PersonSheet | None, person: str, unit: str, office: Office) -> Shape:
    if sheet is None:
        said = f"方案只对{office.rulebook.parties[table.subjects].name}及其成员量化打分,{unit}的人员不计分"
        return {"person": person, "of_unit": unit, "scored": False, "score": None, "score_ten": None, "low": None,
                "high": None, "lines": [], "missing": [], "notices": [said]}  # fmt: skip
    return person_shape(table, sheet)


__all__ = ["LEDGER", "Assessed", "assess", "assessed", "table_of", "what_if"]
