"""The facts that somebody gives for an assessment, as JSON; ``workbook`` reads the same from Excel. Every fault at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from pipeline.errors import FactsError
from pipeline.judging.assessing import Ballots, PersonFacts, UnitFacts, team_rate
from pipeline.judging.inputs import inputs, parsed
from pipeline.judging.marking import Fact
from pipeline.model import Roster
from pipeline.rulebook.assessment import Assessment
from pipeline.rulebook.draft import meant

GIVEN = "填报"
_POINTS = re.compile(r"\d{1,3}(\.\d{1,3})?")
_UNIT_KEYS = ("unit", "inputs", "ballots", "reasons", "deductions")
_PERSON_KEYS = ("person", "unit", "kind", "good", "valid", "team_ten_point")


@dataclass(frozen=True, slots=True)
class Given:
    """What was given: units and people in their order, units by the roster's names where it knows them."""

    units: tuple[UnitFacts, ...] = ()
    people: tuple[PersonFacts, ...] = ()


@dataclass
class Checker:
    """Takes what was written, place by place, and keeps every problem."""

    table: Assessment
    roster: Roster
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.asked = inputs(self.table)
        self._names = {name: u.name for u in self.roster.units for name in (u.name, *u.aliases)}
        self._kinds = {word: k.id for k in self.table.persons.kinds for word in (k.id, k.title)}
        self._posts = {(p.unit, p.name): p.role for p in self.roster.people}

    def fault(self, place: str, message: str) -> None:
        self.problems.append(f"{place}:{message}")

    def unit_name(self, place: str, raw: object) -> str:
        """Return the roster's full name of a unit, or the name as given where it is not in the roster."""
        name = raw.strip() if isinstance(raw, str) else ""
        if not name:
            self.fault(place, "没有写单位的正式名称")
        return self._names.get(name, name)

    def fact(self, place: str, name: str, raw: object, source: str = GIVEN, reason: str = "") -> Fact | None:
        """Return what was written for an input; None where it is empty or does not fit."""
        if raw is None or (isinstance(raw, str) and raw.strip() in {"", "待定"}):
            return None
        asked = self.asked.get(name)
        if asked is None:
            self.fault(place, f"没有“{name}”这项数据{meant(name, self.asked)}")
            return None
        try:
            return Fact(parsed(asked, raw), source, (), reason)
        except ValueError as error:
            self.fault(place, str(error))
            return None

    def deduction(self, place: str, name: str, raw: object, reason: str) -> Fact | None:
        """Return the points that a person deducts for one of the table's adjustments, with their reason."""
        known = {a.id: a for a in self.table.adjustments}
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if self.adjustment(name) not in known:
            self.fault(place, f"没有“{name}”这种扣分{meant(name, known)}")
            return None
        points = self.points(raw, self.table.total)
        if points is None:
            self.fault(place, f"扣分“{raw}”不对,应是 0 到 {self.table.total} 的数,最多三位小数,写扣几分")
            return None
        if points and not reason:
            self.fault(place, "扣分要由人写明理由")
        return Fact(points, GIVEN, (), reason)

    def points(self, raw: object, most: Decimal) -> Decimal | None:
        """Return points as written, at most three places so that every score prints in full; None where they do not fit."""
        text = str(raw).strip()
        if isinstance(raw, bool) or not _POINTS.fullmatch(text) or Decimal(text) > most:
            return None
        return Decimal(text)

    def adjustment(self, word: str) -> str:
        """Return the id of an adjustment that goes by its id or its grounds."""
        return next((a.id for a in self.table.adjustments if word in (a.id, "、".join(a.grounds))), word)

    def person_kind(self, place: str, unit: str, person: str, raw: object) -> str:
        """Return the kind of a person, as written or as their role in the roster says."""
        if isinstance(raw, str) and raw.strip() in self._kinds:
            return self._kinds[raw.strip()]
        role = self._posts.get((unit, person), "")
        kind = self._kinds.get(role) or ("principal" if role == "gov_party_principal" else "")
        if raw in (None, "") and kind in self._kinds.values():
            return kind
        said = f"“{raw}”不对,应是" if raw not in (None, "") else "没有写类别,应是"
        self.fault(place, said + "或".join(k.title for k in self.table.persons.kinds))
        return self.table.persons.kinds[0].id

    def count(self, place: str, label: str, raw: object) -> int | None:
        """Return a number of ballots; None where it is empty or does not fit."""
        if raw is None or raw == "":
            return None
        text = str(raw).removesuffix(".0")
        if isinstance(raw, bool) or not text.isdecimal() or len(text) > 9:
            self.fault(place, f"{label}“{raw}”应是 0 或正整数")
            return None
        return int(text)

    def votes(self, place: str, good: int | None, valid: int | None) -> None:
        """Note ballots that cannot be."""
        if good is not None and valid is not None and good > valid:
            self.fault(place, f"较好以上 {good} 票多于有效 {valid} 票")

    def only_once(self, names: Iterable[tuple[str, str]], what: str) -> None:
        """Note names that stand more than once."""
        seen: dict[str, str] = {}
        for place, name in names:
            if name in seen:
                self.fault(place, f"{what}“{name}”重复,前一处在{seen[name]}")
            seen.setdefault(name, place)

    def finish(self, file: str) -> None:
        """Nothing was wrong.

        Raises:
            FactsError: something was.
        """
        if self.problems:
            raise FactsError(
                f"“{file}”有 {len(self.problems)} 处问题,没有计分", "请改正后重新运行:", tuple(self.problems)
            )


def read_json(path: Path, table: Assessment, roster: Roster, year: int) -> Given:
    """Return the facts of a JSON file.

    Raises:
        FactsError: it does not open or does not fit; names every place at once.
    """
    content = _loaded(path)
    check = Checker(table, roster)
    for key in content:
        if key not in {"year", "units", "persons"}:
            check.fault(key, f"不认识的键{meant(key, ('year', 'units', 'persons'))}")
    if content.get("year", year) != year:
        check.fault("year", f"文件写的是 {content['year']} 年,与 --year {year} 不符")
    units = [_unit(check, f"units 第{n}项", row) for n, row in enumerate(_rows(check, content, "units"), 1)]
    check.only_once(((f"units 第{n}项", u.unit) for n, u in enumerate(units, 1)), "单位")
    people = [_person(check, f"persons 第{n}项", row) for n, row in enumerate(_rows(check, content, "persons"), 1)]
    check.only_once(((f"persons 第{n}项", f"{p.unit} {p.person}") for n, p in enumerate(people, 1)), "人员")
    check.finish(path.name)
    return Given(tuple(units), tuple(people))


def _loaded(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal, parse_constant=_refused,
                             object_pairs_hook=_once)  # fmt: skip
    except FileNotFoundError as error:
        raise FactsError(f"没有找到文件 {path}", "请检查文件名") from error
    except (OSError, ValueError, RecursionError) as error:
        told = f"({error})" if str(error).startswith("键") else ""
        raise FactsError(f"“{path.name}”不是能读取的 JSON 文件{told}", "请检查文件内容") from error
    if not isinstance(content, dict):
        raise FactsError(f"“{path.name}”的结构不对", '应为 {"year": 2026, "units": [{…}], "persons": [{…}]}')
    return content


def _refused(word: str) -> NoReturn:
    raise ValueError(word)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(k for n, (k, _) in enumerate(pairs) if k in {key for key, _ in pairs[:n]})
        raise ValueError(f"键“{twice}”写了两次")
    return found


def _rows(check: Checker, content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    rows = content.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        check.fault(key, "应是列表,每项由“键: 值”组成")
        return []
    return rows


def _known_keys(check: Checker, place: str, row: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in row:
        if key not in known:
            check.fault(place, f"不认识的键“{key}”{meant(key, known)}")


def _table(check: Checker, place: str, row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = row.get(key) or {}
    if not isinstance(value, dict):
        check.fault(f"{place} {key}", "应由“键: 值”组成")
        return {}
    return value


def _unit(check: Checker, place: str, row: Mapping[str, Any]) -> UnitFacts:
    _known_keys(check, place, row, _UNIT_KEYS)
    unit = check.unit_name(place, row.get("unit"))
    here = f"{place}({unit})"
    reasons = _table(check, here, row, "reasons")
    facts = {}
    for name, raw in _table(check, here, row, "inputs").items():
        fact = check.fact(here, name, raw, GIVEN, str(reasons.get(name) or ""))
        if fact is not None:
            facts[name] = fact
    rated = _ballots(check, here, row)
    if rated is not None:
        facts.update(rated)
    deducted = {}
    for name, told in _table(check, here, row, "deductions").items():
        points, reason = (told.get("points"), str(told.get("reason") or "")) if isinstance(told, dict) else (told, "")
        fact = check.deduction(f"{here} {name}", name, points, reason)
        if fact is not None:
            deducted[check.adjustment(name)] = fact
    return UnitFacts(unit, facts, deducted)


def _ballots(check: Checker, place: str, row: Mapping[str, Any]) -> dict[str, Fact] | None:
    bodies = []
    for ballot in _rows(check, row, "ballots"):
        grades = {
            grade: check.count(place, str(grade), n) or 0 for grade, n in _table(check, place, ballot, "grades").items()
        }
        bodies.append(
            Ballots(str(ballot.get("body") or ""), grades, check.count(place, "无效票", ballot.get("invalid")) or 0)
        )
    fact = team_rate(check.table.vote_rule, bodies)
    name = next((a.name for a in check.asked.values() if a.kind == "bands"), None)
    return {name: fact} if fact is not None and name is not None else None


def _person(check: Checker, place: str, row: Mapping[str, Any]) -> PersonFacts:
    _known_keys(check, place, row, _PERSON_KEYS)
    name = str(row.get("person") or "").strip()
    if not name:
        check.fault(place, "没有写姓名")
    here = f"{place}({name})"
    unit = check.unit_name(here, row.get("unit"))
    kind = check.person_kind(here, unit, name, row.get("kind"))
    good, valid = check.count(here, "较好以上票", row.get("good")), check.count(here, "有效票", row.get("valid"))
    check.votes(here, good, valid)
    team = None
    if row.get("team_ten_point") is not None:
        team = check.points(row["team_ten_point"], check.table.convert.to)
        if team is None:
            check.fault(
                here, f"领导班子得分“{row['team_ten_point']}”应是 0 到 {check.table.convert.to} 的数,最多三位小数"
            )
    return PersonFacts(name, unit, kind, good, valid, GIVEN, team)
