"""Score sheets as JSON values: every number a decimal string, every line with its rule, facts, sources and arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pipeline.judging.assessing import LineScore, PersonSheet, SectionScore, Sheet
from pipeline.judging.figures import Span, exact
from pipeline.judging.inputs import Value
from pipeline.judging.marking import Mark, said
from pipeline.rulebook.assessment import Assessment

PENDING = "待定"


def fact_words(value: Value) -> str:
    """Return a fact's value in words."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal | Fraction):
        return exact(value)
    return "、".join(exact(v) if isinstance(v, Fraction) else v for v in value) or "无"


def points_words(row: Mapping[str, Any], key: str = "points") -> str:
    """Return the points of a sheet, section or line in words: the number, or between what it may come to lie."""
    if not row.get("scored", True):
        return "不计分"
    return str(row[key]) if row[key] is not None else f"{PENDING}({row['low'] or '不限'}至{row['high'] or '不限'})"


def rank_words(row: Mapping[str, Any]) -> str:
    """Return a unit's rank, from which to which where that is open, '' where it is not scored."""
    if not row["scored"]:
        return ""
    return str(row["rank"] or f"{row['rank_low']}至{row['rank_high']}")


def by_rank(units: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return units in the order of their ranks, those that are not scored last."""
    return sorted(units, key=lambda u: (0, int(u["rank_low"]), int(u["rank_high"])) if u["scored"] else (1, 0, 0))


def sheet_shape(
    table: Assessment, sheet: Sheet, year: int, proposed: Mapping[str, tuple[str, ...]], notices: tuple[str, ...]
) -> dict[str, Any]:
    """Return a unit's sheet. ``proposed``: facts for each adjustment that the plan names without an amount."""
    words = {r.amb: f"{r.amb} {r.words}" for r in table.readings}
    missing = list(sheet.missing)
    rank = sheet.rank.best if sheet.rank.best == sheet.rank.worst and not missing else None
    return {
        "unit": sheet.unit,
        "year": year,
        "scored": True,
        **_points("score", sheet.total, missing),
        "score_ten": None if missing else _text(sheet.ten.low),
        "rank": None if rank is None else str(rank),
        "rank_low": str(sheet.rank.best),
        "rank_high": str(sheet.rank.worst),
        "why": _total_why(sheet),
        "sections": [_section(s) for s in sheet.sections],
        "lines": [_line(line, words) for line in sheet.lines],
        "adjustments": [
            {"id": a.id, "grounds": list(a.grounds), "facts": list(proposed.get(a.id, ())), "points": _deducted(sheet, a.id),
             "reason": sheet.deducted[a.id].reason if a.id in sheet.deducted else "", "phrase": a.phrase, "clause": a.clause}
            for a in table.adjustments
        ],
        "missing": missing,
        "notices": list(notices),
    }  # fmt: skip


def person_shape(table: Assessment, sheet: PersonSheet) -> dict[str, Any]:
    """Return a person's sheet."""
    missing = list(sheet.missing)
    base = exact(table.persons.base)
    deduct = table.persons.deduct_text
    own_clause = deduct.clause if deduct else sheet.kind.clause
    ends = _points("score", sheet.score, missing)
    return {
        "person": sheet.facts.person,
        "of_unit": sheet.facts.unit,
        "kind": sheet.kind.title,
        "scored": True,
        **ends,
        "score_ten": ends["score"],
        "own": None if not sheet.own.known else _text(sheet.own.low),
        "team": None if "领导班子得分" in missing else _text(sheet.team.low),
        "why": sheet.why,
        "lines": [
            {"id": "个人", "max": base, **_ends(sheet.own), "share": exact(sheet.kind.own), "why": sheet.own_why,
             "clause": own_clause, "text": deduct.text if deduct else "", "source": sheet.facts.source},
            {"id": "班子", "max": exact(table.convert.to), **_ends(sheet.team),
             "share": exact(sheet.kind.team), "why": sheet.team_why, "clause": sheet.kind.clause,
             "text": sheet.kind.text, "source": "本表"},
        ],
        "missing": missing,
        "notices": [],
    }  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else exact(value)


def _points(key: str, span: Span, missing: list[str]) -> dict[str, str | None]:
    return {key: None if missing else _text(span.low), "low": _text(span.low), "high": _text(span.high)}


def _ends(span: Span) -> dict[str, str | None]:
    return {"points": _text(span.low) if span.known else None, "low": _text(span.low), "high": _text(span.high)}


def _section(score: SectionScore) -> dict[str, Any]:
    lacking = [label for line in score.lines for label in line.missing]
    why = f"各项合计{said(score.added)}" + (f";{score.bound}" if score.bound else "")
    section = score.section
    return {"id": section.id, "title": section.title, "max": exact(section.max),
            **_points("points", score.points, lacking), "why": why, "clause": section.clause}  # fmt: skip


def _line(score: LineScore, words: Mapping[str, str]) -> dict[str, Any]:
    line, missing = score.line, list(score.missing)
    return {
        "id": line.id,
        "max": exact(line.max),
        **_points("points", score.points, missing),
        "status": PENDING if missing else "已定",
        "why": score.why,
        "clause": score.clause,
        "text": line.text,
        "source": line.source,
        "bound": score.bound,
        "inputs": [_input(m) for m in score.marks],
        "readings": [words[amb] for amb in line.amb if amb in words],
        "missing": missing,
    }


def _input(mark: Mark) -> dict[str, Any]:
    fact, points = mark.fact, None if mark.missing else _text(mark.points.low)
    if fact is None:
        ranked = "" if mark.missing else mark.words.partition(":")[2].partition("(")[0]
        return {"input": mark.input, "label": mark.label, "value": ranked or None, "source": "按各单位数值排名" if ranked else "",
                "evidence": [], "reason": "", "points": points}  # fmt: skip
    return {"input": mark.input, "label": mark.label, "value": fact_words(fact.value), "source": fact.source,
            "evidence": list(fact.evidence), "reason": fact.reason, "points": points}  # fmt: skip


def _deducted(sheet: Sheet, adjustment: str) -> str | None:
    fact = sheet.deducted.get(adjustment)
    return None if fact is None else fact_words(fact.value)


def _total_why(sheet: Sheet) -> str:
    parts = [f"{s.section.title}{said(s.points)}" for s in sheet.sections]
    parts += [f"扣{fact_words(f.value)}分({f.reason})" for f in sheet.deducted.values() if f.value]
    words = " + ".join(parts[: len(sheet.sections)]) + "".join(f",{p}" for p in parts[len(sheet.sections) :])
    return f"{words} = {said(sheet.total)}" + (f";{sheet.bound}" if sheet.bound else "")
