"""Loads a rulebook, or says everything that is wrong with it at once."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from pipeline.errors import RulebookError
from pipeline.rulebook.checks import cross_check
from pipeline.rulebook.draft import Drafting
from pipeline.rulebook.model import Rulebook
from pipeline.rulebook.reading import read_sections
from pipeline.rulebook.weights import FILE_NAME, Weights, unpack
from pipeline.rulebook.yaml_source import Problem

SHIPPED = Path(__file__).with_name("langfang-2014")


def load_rulebook(source: Path | None = None) -> Rulebook:
    """Return the rulebook of a folder or file; without ``source`` the shipped one, read once in a process.

    Raises:
        RulebookError: with every problem, each with its file, line and key.
    """
    return _shipped() if source is None else _load(source)


def check_rulebook(source: Path) -> tuple[Problem, ...]:
    """Return everything that is wrong with a rulebook, in the order of its files; empty when it can be used."""
    return _examine(source)[1]


@lru_cache(maxsize=1)
def _shipped() -> Rulebook:
    return _load(SHIPPED)


def _load(source: Path) -> Rulebook:
    rulebook, problems = _examine(source)
    if rulebook is None or problems:
        raise RulebookError(
            f"规则“{source.name}”有 {len(problems)} 处问题", "请按下列各处改正后再试", tuple(str(p) for p in problems)
        )
    return replace(rulebook, weights=_weights(source)) if source.is_dir() else rulebook


def _weights(folder: Path) -> Weights | None:
    """The trained weights beside a rulebook's YAML, None where it has none."""
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        return unpack(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise RulebookError(
            f"要点判断的权重文件“{FILE_NAME}”不能读取", "请从安装包恢复该文件;没有该文件时按规则的提示词判断"
        ) from error


def _examine(source: Path) -> tuple[Rulebook | None, tuple[Problem, ...]]:
    """Read and check: the rulebook (None when a file cannot be read at all) and its problems."""
    sections, unread, problems = read_sections(source)
    # what an unreadable file would have said is unknown: nothing is reported as lacking because of it
    if unread:
        return None, tuple(sorted(problems))
    drafting = Drafting(sections)
    draft = drafting.draft()
    found = {*problems, *drafting.problems, *cross_check(draft)}
    return draft.rulebook, tuple(sorted(found))
