"""What conflicts in a paper's identity, said in Chinese for the person who decides. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.judging.kinds import Guess
from pipeline.judging.layout import Layout, squeeze
from pipeline.judging.people import BY_LIKENESS, BY_POST
from pipeline.judging.units import Found, units_in
from pipeline.model import Finding, Person, Proof, Roster, Severity
from pipeline.rulebook.model import OTHER, Rulebook

_CLOSE = 0.8


def doubts_of(
    layout: Layout,
    kind: str,
    found: Sequence[Guess],
    unit: str | None,
    units: Sequence[Found],
    name: str,
    hint: str,
    roster: Roster,
    rulebook: Rulebook,
) -> tuple[Finding, ...]:
    """Return every conflict a person should look at; empty where all evidence agrees."""
    doubts: list[Finding] = []
    doubts += _combined(layout, kind, rulebook)
    if len(found) > 1 and found[0].score - found[1].score < _CLOSE and found[0].kind == kind:
        first, second = (rulebook.kind_label(g.kind) for g in found[:2])
        doubts.append(_finding("kind_unclear", Severity.WARNING, f"文种不易分清:像“{first}”,也像“{second}”,请确认"))
    doubts += _two_units(unit, units)
    doubts += _outside(kind, unit, units)
    doubts += _file_name(kind, unit, squeeze(re.sub(r"\.\w{2,5}$", "", name)), roster, rulebook)
    return tuple(doubts)


def person_doubts(keeper: tuple[Person, Proof] | None) -> tuple[Finding, ...]:
    """Return the doubt that belongs to a person who was told by the post alone, or by a name misread."""
    if keeper is None or keeper[1].confidence > BY_LIKENESS:
        return ()
    person, proof = keeper
    how = f"按职务“{proof.text}”" if proof.confidence == BY_POST else f"识别出的姓名“{proof.text}”与名册相近,"
    return (_finding("person_unsure", Severity.WARNING, f"{how}认定为{person.name},请核对"),)


def _combined(layout: Layout, kind: str, rulebook: Rulebook) -> list[Finding]:
    for other in rulebook.kinds.values():
        match = other.match
        rule = match.combined if match else None
        if (
            match
            and rule
            and kind in {other.id, *match.decide_by}
            and all(squeeze(w) in layout.title for w in rule.title_all)
        ):
            why = f"({rule.why})" if rule.why else ""
            return [
                _finding(
                    "combined",
                    Severity.WARNING,
                    f"标题同时含“{'”“'.join(rule.title_all)}”,可能是两份报告合成一份,请人工确认文种{why}",
                )
            ]
    return []


def _two_units(unit: str | None, units: Sequence[Found]) -> list[Finding]:
    strong = {hit.unit: hit.text for hit in units if hit.unit and hit.weight >= 4}
    others = [words for other, words in strong.items() if other != unit]
    if unit and unit in strong and others:
        return [
            _finding("two_units", Severity.WARNING, f"文中出现两个单位:“{strong[unit]}”和“{others[0]}”,请确认报送单位")
        ]
    return []


def _outside(kind: str, unit: str | None, units: Sequence[Found]) -> list[Finding]:
    below = next((hit.text for hit in units if hit.unit is None and hit.weight >= 2), None)
    if unit is None and kind != OTHER:
        words = f"(文中写有“{below}”的下属单位)" if below else ""
        return [_finding("unit_unknown", Severity.WARNING, f"报送单位不在名册中{words},请核对名册或人工指定单位")]
    return []


def _file_name(kind: str, unit: str | None, name: str, roster: Roster, rulebook: Rulebook) -> list[Finding]:
    named = {other for other, _, _ in units_in(name, roster) if other}
    if unit and named and unit not in named:
        return [_finding("file_name_unit", Severity.NOTICE, f"文件名中的单位与内容不一致,按内容认定为“{unit}”")]
    claimed = [
        k
        for k in rulebook.kinds.values()
        if k.match and k.match.title_all and all(squeeze(w) in name for w in k.match.title_all)
    ]
    exact = [
        k for k in claimed if not k.match or not k.match.title_any or any(squeeze(w) in name for w in k.match.title_any)
    ]
    if exact and all(k.id != kind for k in exact):
        return [
            _finding(
                "file_name_kind", Severity.NOTICE, f"文件名像“{exact[0].title}”,内容认定为“{rulebook.kind_label(kind)}”"
            )
        ]
    return []


def _finding(rule: str, severity: Severity, message: str) -> Finding:
    return Finding(rule, severity, message)
