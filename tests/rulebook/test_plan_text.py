"""The shipped rulebook says what the plan says: every quoted word stands on the line its clause cites."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.rulebook import load_rulebook
from pipeline.rulebook.parts import Item

PLAN = Path(__file__).with_name("plan.txt").read_text(encoding="utf-8").split("\n")
RULES = load_rulebook()
_LINES = re.compile(r"L(\d+)(?:-L(\d+))?")
_CLAUSE = re.compile(r"(?:[正附][^ ;]* )?L\d+(?:-L\d+)?")


def fold(text: str) -> str:
    """``match_fold`` of the rulebook (NFKC, no spaces, quotes unified); a lost dash of an interval is a dash."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    text = re.sub(r"(?<=[%)])&(?=\d+%)", "—", text)
    return re.sub(r"[“”\"&]", '"', text)


def cited(clause: str) -> list[int]:
    return [n for a, b in _LINES.findall(clause) for n in range(int(a), int(b or a) + 1)]


def stands(words: str, lines: list[int]) -> bool:
    return any(fold(words) in fold(PLAN[n - 1]) for n in lines)


def items() -> Iterator[tuple[str, str, Item]]:
    for name, content in RULES.lists.items():
        for item in content.items:
            yield name, content.clause, item


@pytest.mark.parametrize(("name", "clause", "item"), list(items()), ids=lambda v: str(getattr(v, "n", v))[:30])
def test_list_item_is_verbatim(name: str, clause: str, item: Item) -> None:
    assert item.line in cited(clause)
    assert stands(item.text, [item.line]), f"{name}.{item.n}"


def phrases() -> Iterator[tuple[str, str, str]]:
    for o in RULES.obligations.values():
        yield o.id, o.phrase, o.clause
    for k in RULES.kinds.values():
        for phrase in (k.publish_phrase, k.content_phrase):
            if phrase:
                yield k.id, phrase, k.clause
        for condition in k.conditions:
            yield f"{k.id}.{condition.id}", condition.phrase, condition.clause
    score = RULES.assessment
    assert score and score.transfer and score.combine
    yield "convert", score.convert.phrase, score.convert.clause
    for part in (*score.adjustments, score.transfer, score.combine):
        yield "assessment", part.phrase, part.clause


@pytest.mark.parametrize(("entry", "phrase", "clause"), list(phrases()))
def test_phrase_stands_in_its_clause(entry: str, phrase: str, clause: str) -> None:
    assert stands(phrase, cited(clause)), entry


def test_obligation_phrases_are_129() -> None:
    assert len(list(phrases())) > len(RULES.obligations) == 129


def test_score_lines_are_verbatim() -> None:
    score = RULES.assessment
    assert score and score.persons.deduct_text
    texts = [(line.id, line.text, line.line) for section in score.sections for line in section.lines]
    texts += [(kind.id, kind.text, kind.line) for kind in score.persons.kinds]
    texts.append(("deduct", score.persons.deduct_text.text, score.persons.deduct_text.line))
    wrong = [name for name, text, line in texts if line is None or not stands(text, [line])]
    # line 279 of the text holds one quotation mark too many (A65), the rulebook prints it without
    assert wrong == ["4(4)"]
    assert fold(score.sections[3].lines[3].text).replace('"', "") in fold(PLAN[278]).replace('"', "")


def test_every_clause_cites_lines_of_the_plan() -> None:
    sections = (RULES.institutions, RULES.parties, RULES.lists, RULES.kinds, RULES.obligations, RULES.letters)
    clauses = [(name, entry.clause) for section in sections for name, entry in section.items()]
    clauses += [(flow.id, step.clause) for flow in RULES.workflows.values() for step in flow.transitions]
    clauses += [(name, doubt.clause) for name, doubt in RULES.ambiguities.items() if doubt.clause != "全文"]
    for name, clause in clauses:
        assert all(_CLAUSE.fullmatch(part) for part in clause.split("; ")), (name, clause)
        assert all(6 <= line <= 316 for line in cited(clause)), (name, clause)


def test_months_and_days_of_dated_obligations_stand_in_the_plan() -> None:
    # the dates that the plan gives as such: twice a year by the 20th
    assert stands("每年6月20日前、12月20日前", [180])
    for name in ("D-02", "D-03"):
        assert [str(d) for d in RULES.obligations[name].due.dates] == ["06-20", "12-20"]  # type: ignore[union-attr]
