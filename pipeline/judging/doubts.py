"""What conflicts in a paper's identity, said in Chinese for the person who decides. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from pipeline.judging.kinds import Guess, body_voice, maker_fits
from pipeline.judging.layout import Layout, squeeze
from pipeline.judging.people import BY_LIKENESS, BY_POST
from pipeline.judging.units import Found, units_in
from pipeline.model import Finding, Person, Proof, Roster, Severity
from pipeline.rulebook.base import Period
from pipeline.rulebook.model import OTHER, Rulebook

_CLOSE = 0.8
_AFTER = 183  # days after its period in which a paper about it is still signed


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
    doubts += _two_sided(layout, kind, rulebook)
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


def period_doubts(
    kind: str, period: str | None, year: int | None, signed: dt.date | None, rulebook: Rulebook
) -> tuple[Finding, ...]:
    """Return the doubt of a periodic paper that tells of no period, or of one that its date does not fit."""
    found = rulebook.kinds.get(kind)
    if found is None or found.period not in {Period.HALF_YEAR, Period.YEAR}:
        return ()
    if year is None or period is None:
        return (_finding("period_unknown", Severity.WARNING, "未写明所属年度和时期,请确认"),)
    first, last = {"H1": ((1, 1), (6, 30)), "H2": ((7, 1), (12, 31))}.get(period.partition("-")[2], ((1, 1), (12, 31)))
    opens, closes = dt.date(year, *first), dt.date(year, *last) + dt.timedelta(days=_AFTER)
    if signed is not None and not opens <= signed <= closes:
        words = f"所写时期({_period_words(period)})与落款日期({signed})不合,请确认"
        return (_finding("period_conflict", Severity.WARNING, words),)
    return ()


def _period_words(period: str) -> str:
    """Return 2026年上半年 for ``2026-H1``, 2026年度 for ``2026``."""
    year, _, half = period.partition("-")
    return year + {"H1": "年上半年", "H2": "年下半年"}.get(half, "年度")


def voice_doubts(layout: Layout, kind: str, rulebook: Rulebook) -> tuple[Finding, ...]:
    """Return the doubt of a paper whose title says that a unit speaks while a person does, or the other way round."""
    found, voice = rulebook.kinds.get(kind), body_voice(layout)
    if found is None or found.period is None or maker_fits(found, rulebook, voice) is not False:
        return ()
    who = "个人口吻" if voice == "person" else "单位口吻"
    words = f"文种认定为“{rulebook.kind_label(kind)}”,正文却是{who},请确认"
    return (_finding("voice", Severity.WARNING, words),)


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


def _two_sided(layout: Layout, kind: str, rulebook: Rulebook) -> list[Finding]:
    """A pledge is one side's word; a 责任书 in which both sides sign duties is another paper, though it speaks alike."""
    found = rulebook.kinds.get(kind)
    if found is not None and not found.parties_pairs:
        return []
    sides = {side for side in ("甲方", "乙方") for line in layout.lines if line.text.startswith(side)}
    titled = re.search("责任书|责任状", layout.title) and "承诺书" not in layout.title
    if titled or len(sides) == 2:
        return [_finding("two_sided", Severity.WARNING, "这是双方签订的责任书,不是一方作出的承诺书,请确认")]
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
        return [_finding("file_name_unit", Severity.WARNING, f"文件名中的单位与内容不一致,按内容认定为“{unit}”")]
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
                "file_name_kind",
                Severity.WARNING,
                f"文件名像“{exact[0].title}”,内容认定为“{rulebook.kind_label(kind)}”",
            )
        ]
    return []


def _finding(rule: str, severity: Severity, message: str) -> Finding:
    return Finding(rule, severity, message)
