"""What the score table asks for: its inputs by name, and what somebody wrote for one as a value. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pipeline.rulebook.assessment import Assessment, ChecklistPart, RankOf, RankPart, ScoreLine, ScorePart, ScoreSection

Value = bool | int | Decimal | Fraction | tuple[Fraction, ...] | tuple[str, ...]
"""A flag; a count or rank; points; a rate or what is ranked; the rates of several bodies; the elements that are there."""

_YES, _NO = {"是", "有", "true", "√", "已"}, {"否", "无", "false", "×", "未"}
_NONE = {"无", "没有", "none"}
_WHOLE = re.compile(r"\d{1,6}")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,12})?%?|\d{1,9}/[1-9]\d{0,8}")


@dataclass(frozen=True, slots=True)
class Input:
    """One fact that the table asks for. ``kind``: of the part it feeds, or ``value`` for what is ranked."""

    name: str
    label: str
    kind: Literal["bands", "flag", "quota", "count", "rank", "checklist", "veto", "value"]
    part: ScorePart
    line: ScoreLine
    clause: str

    @property
    def asks(self) -> str:
        """What may be written."""
        if self.kind in {"flag", "veto"}:
            return "是 或 否"
        if self.kind in {"quota", "count"}:
            return "0 或正整数"
        if self.kind == "rank":
            return "名次,1 或更大的整数"
        if isinstance(self.part, ChecklistPart):
            return f"有的写上,用、隔开:{'、'.join((*self.part.of, *self.part.also))};都没有写“无”"
        none = ";没有的写“无”" if self.kind == "value" and _counts_without(self.part) else ""
        return ("0 到 100 的数,可写分数,如 2900/31" if self.kind == "bands" else "0 或正数") + none


def clause_of(section: ScoreSection, line: ScoreLine) -> str:
    """Return the place of a line in the plan: 附十·三(一)2(1) L262."""
    place = re.sub(r"\s*L\d.*$", "", section.clause) + line.id.removeprefix(section.id)
    return f"{place} L{line.line}" if line.line else place


def inputs(assessment: Assessment) -> dict[str, Input]:
    """Return every fact the table asks for, by name, in its order."""
    found: dict[str, Input] = {}
    for section in assessment.sections:
        for line in section.lines:
            clause = clause_of(section, line)
            for part in line.parts:
                found[part.input] = Input(part.input, part.name, part.kind, part, line, clause)
                if isinstance(part, RankPart) and isinstance(part.rank_of, RankOf):
                    ranked = part.rank_of
                    found[ranked.value] = Input(ranked.value, ranked.label or ranked.value, "value", part, line, clause)
    return found


def parsed(asked: Input, raw: object) -> Value:
    """Return what somebody wrote for an input as its value.

    Raises:
        ValueError: it does not fit; says in Chinese what would.
    """
    text = str(raw).strip() if isinstance(raw, str | int | Decimal) and not isinstance(raw, bool) else None
    if asked.kind in {"flag", "veto"}:
        return _flag(raw, asked)
    if isinstance(asked.part, ChecklistPart):
        return _elements(raw, asked, asked.part)
    if asked.kind in {"quota", "count", "rank"}:
        whole = text.removesuffix(".0") if text is not None else ""
        if not _WHOLE.fullmatch(whole) or (asked.kind == "rank" and int(whole) < 1):
            raise ValueError(_unfit(raw, asked))
        return int(whole)
    if text is not None and text in _NONE and asked.kind == "value" and (instead := _counts_without(asked.part)):
        return instead
    if asked.kind == "bands" and isinstance(raw, list | tuple) and 0 < len(raw) <= 2:
        return tuple(number(rate, asked) for rate in raw)
    return number(raw, asked)


def number(raw: object, asked: Input) -> Fraction:
    """Return a number as written, ``93.5`` or ``2900/31``, exactly.

    Raises:
        ValueError: it is none, or a rate above 100.
    """
    text = str(raw).strip() if isinstance(raw, str | int | Decimal) and not isinstance(raw, bool) else ""
    if not _NUMBER.fullmatch(text) or (asked.kind == "bands" and Fraction(text.rstrip("%")) > 100):
        raise ValueError(_unfit(raw, asked))
    return Fraction(text.rstrip("%"))


def _flag(raw: object, asked: Input) -> bool:
    word = str(raw).strip().lower()
    if isinstance(raw, bool):
        return raw
    if not isinstance(raw, str) or word not in _YES | _NO:
        raise ValueError(_unfit(raw, asked))
    return word in _YES


def _elements(raw: object, asked: Input, part: ChecklistPart) -> tuple[str, ...]:
    given: Sequence[object] = raw if isinstance(raw, list | tuple) else re.split("[、,,;;\n]", str(raw))
    names = [str(name).strip() for name in given]
    names = [name for name in names if name and not (len(names) == 1 and name in _NONE)]
    for name in names:
        if name not in (*part.of, *part.also):
            raise ValueError(f"“{asked.label}”没有“{name}”这一项,应填:{asked.asks}")
    if raw is None or isinstance(raw, bool | int | Mapping):
        raise ValueError(_unfit(raw, asked))
    return tuple(name for name in part.of if name in names)


def _counts_without(part: ScorePart) -> Fraction | None:
    of = part.rank_of if isinstance(part, RankPart) else None
    return Fraction(of.none_counts_as) if isinstance(of, RankOf) and of.none_counts_as is not None else None


def _unfit(raw: object, asked: Input) -> str:
    return f"“{asked.label}”写成“{raw}”不对,应填:{asked.asks}"
