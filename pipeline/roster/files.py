"""The roster as a file: JSON from another system, or the Excel workbook that the office fills in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.errors import RosterError
from pipeline.model import Roster
from pipeline.roster.check import Checker, RawPerson, RawUnit, split_words
from pipeline.roster.workbook import read_workbook
from pipeline.rulebook import Rulebook


def read_roster(path: Path, rulebook: Rulebook) -> Roster:
    """Return the roster in a .xlsx or .json file, short names of units resolved to their full names.

    Raises:
        RosterError: the file cannot be read, or does not fit; names every place at once.
    """
    match path.suffix.lower():
        case ".json":
            units, people = _read_json(path)
        case ".xlsx":
            units, people = read_workbook(path)
        case _:
            raise RosterError(f"“{path.name}”不是名册文件", "请用 .xlsx 或 .json 文件")
    return _with_full_names(Checker(rulebook).roster(units, people))


def _with_full_names(roster: Roster) -> Roster:
    full = {alias: unit.name for unit in roster.units for alias in (*unit.aliases, unit.name)}
    return Roster(
        tuple(replace(u, upper=full.get(u.upper, u.upper) if u.upper else None) for u in roster.units),
        tuple(replace(p, unit=full.get(p.unit, p.unit)) for p in roster.people),
    )


def _read_json(path: Path) -> tuple[list[RawUnit], list[RawPerson]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise RosterError(f"没有找到文件 {path}", "请检查文件名") from error
    except (OSError, ValueError, RecursionError) as error:
        raise RosterError(f"“{path.name}”不是能读取的 JSON 文件", "请检查文件内容") from error
    units, people = (content.get("units"), content.get("people")) if isinstance(content, dict) else (None, None)
    if not (
        isinstance(units, list) and isinstance(people, list) and all(isinstance(x, dict) for x in (*units, *people))
    ):
        raise RosterError(f"“{path.name}”的结构不对", '应为 {"units": [{…}], "people": [{…}]}')
    return (
        [_json_unit(f"units 第{n}项", item) for n, item in enumerate(units, 1)],
        [_json_person(f"people 第{n}项", item) for n, item in enumerate(people, 1)],
    )


def _json_unit(place: str, item: dict[str, Any]) -> RawUnit:
    return RawUnit(place, _word(item, "name"), _word(item, "class"), _words(item, "aliases"), _word(item, "upper"))


def _json_person(place: str, item: dict[str, Any]) -> RawPerson:
    fields = ("name", "unit", "post", "role")
    name, unit, post, role = (_word(item, key) for key in fields)
    return RawPerson(place, name, unit, post, role, _words(item, "scope"), _word(item, "since"), _word(item, "until"))


def _word(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return "" if value is None else str(value).strip()


def _words(item: dict[str, Any], key: str) -> tuple[str, ...]:
    value = item.get(key) or ()
    return split_words(value) if isinstance(value, str) else tuple(str(word).strip() for word in value)
