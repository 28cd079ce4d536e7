"""Loads a rulebook, or says everything that is wrong with it at once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from pipeline.errors import RulebookError
from pipeline.rulebook.assessment import Assessment
from pipeline.rulebook.due import Term, WorkdayRules
from pipeline.rulebook.model import Rulebook
from pipeline.rulebook.parts import (
    Ambiguity,
    Archives,
    ContentList,
    DocumentKind,
    Head,
    Institution,
    LetterKind,
    Obligation,
    Party,
    Workflow,
)
from pipeline.rulebook.reading import read_sections
from pipeline.rulebook.yaml_source import Problem

SHIPPED = Path(__file__).with_name("langfang-2014")


def load_rulebook(source: Path | None = None) -> Rulebook:
    """Return the rulebook of a folder or file; without ``source`` the shipped one, read once for the process.

    Raises: RulebookError with every problem, each with file, line and key.
    """
    return _shipped() if source is None else _load(source)


@lru_cache(maxsize=1)
def _shipped() -> Rulebook:
    return _load(SHIPPED)


def check_rulebook(source: Path) -> tuple[Problem, ...]:
    """Return everything that is wrong with a rulebook, in the order of its files; empty when it can be used."""
    return read_sections(source)[1]


def _load(source: Path) -> Rulebook:
    raw, problems = read_sections(source)
    if problems:
        raise RulebookError(
            f"规则文件“{source.name}”有 {len(problems)} 处问题", "请改正后重试", tuple(str(p) for p in problems)
        )

    def many(name: str, kind: type, key: str = "id") -> dict:
        return {getattr(e, key): e for e in TypeAdapter(tuple[kind, ...]).validate_python(raw.get(name, []))}

    return Rulebook(
        head=Head.model_validate(raw["rulebook"]),
        institutions=many("institutions", Institution),
        parties=many("parties", Party),
        lists=TypeAdapter(dict[str, ContentList]).validate_python(raw.get("lists", {})),
        kinds=many("document_types", DocumentKind),
        terms=many("terms", Term, "phrase"),
        obligations=many("obligations", Obligation),
        workflows=many("workflows", Workflow),
        letters=many("letters", LetterKind),
        ambiguities=many("ambiguities", Ambiguity),
        archives=Archives.model_validate(raw["archives"]) if "archives" in raw else None,
        assessment=Assessment.model_validate(raw["assessment"]) if "assessment" in raw else None,
        calendar=WorkdayRules.model_validate(raw.get("calendar", {})),
    )
