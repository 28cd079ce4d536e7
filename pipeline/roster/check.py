"""A roster from raw rows: every fault named at once with its place, so that one correction round is enough."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from pipeline.errors import RosterError
from pipeline.model import Person, Roster, Unit
from pipeline.roster.labels import class_id, class_labels, role_id, role_labels
from pipeline.rulebook import Rulebook

_SEPARATORS = re.compile(r"[、,,;；\n]+")


@dataclass(frozen=True, slots=True)
class RawUnit:
    """A unit as written; ``place`` names where: ``单位 第3行``."""

    place: str
    name: str
    unit_class: str
    aliases: tuple[str, ...] = ()
    upper: str = ""


@dataclass(frozen=True, slots=True)
class RawPerson:
    """A person as written; days as text."""

    place: str
    name: str
    unit: str
    post: str
    role: str
    scope: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


@dataclass
class Checker:
    """Collects problems while rows become values."""

    rulebook: Rulebook
    problems: list[str] = field(default_factory=list)

    def roster(self, units: list[RawUnit], people: list[RawPerson]) -> Roster:
        """Return the roster.

        Raises:
            RosterError: with every problem, each with its place and what to do.
        """
        made = Roster(tuple(map(self._unit, units)), tuple(map(self._person, people)))
        self._names(units)
        self._belonging(units, people)
        if not units and not self.problems:
            self.problems.append("名册里没有单位,请至少填写一个")
        if self.problems:
            raise RosterError(f"名册有 {len(self.problems)} 处问题,没有导入", "请改正后重新导入:", tuple(self.problems))
        return made

    def _say(self, place: str, column: str, message: str) -> None:
        self.problems.append(f"{place}“{column}”:{message}")

    def _unit(self, raw: RawUnit) -> Unit:
        if not raw.name:
            self._say(raw.place, "正式名称", "没有填写")
        known = class_id(raw.unit_class, self.rulebook)
        if known is None:
            allowed = "、".join(class_labels(self.rulebook).values())
            self._say(raw.place, "类别", f"“{raw.unit_class}”不是规则里的类别,可填:{allowed}")
        return Unit(raw.name, known or raw.unit_class, raw.aliases, raw.upper or None)

    def _person(self, raw: RawPerson) -> Person:
        for column, value in (("姓名", raw.name), ("单位", raw.unit)):
            if not value:
                self._say(raw.place, column, "没有填写")
        known = role_id(raw.role, self.rulebook)
        if known is None:
            allowed = "、".join(role_labels(self.rulebook).values())
            self._say(raw.place, "角色", f"“{raw.role}”不是规则里的角色,可填:{allowed}")
        since, until = self._day(raw.place, "任职起", raw.since), self._day(raw.place, "任职止", raw.until)
        if since and until and until < since:
            self._say(raw.place, "任职止", "早于任职起")
        return Person(raw.name, raw.unit, raw.post, known or raw.role, raw.scope, since, until)

    def _day(self, place: str, column: str, value: str) -> dt.date | None:
        if not value:
            return None
        found = re.fullmatch(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T]00:00:00)?", value)
        try:
            return dt.date(*map(int, found.groups())) if found else dt.date.fromisoformat(value)
        except ValueError:
            self._say(place, column, f"“{value}”不是日期,请写成 2026-01-01")
            return None

    def _names(self, units: list[RawUnit]) -> None:
        """No name or short name may mean two units."""
        owner: dict[str, RawUnit] = {}
        for raw in units:
            for column, name in (("正式名称", raw.name), *(("简称", alias) for alias in raw.aliases)):
                before = owner.setdefault(name, raw)
                if name and before is not raw:
                    self._say(raw.place, column, f"“{name}”与{before.place}重复")

    def _belonging(self, units: list[RawUnit], people: list[RawPerson]) -> None:
        """People belong to units of the list, and so do upper units."""
        known = {raw.name for raw in units} | {alias for raw in units for alias in raw.aliases}
        for raw in units:
            if raw.upper and raw.upper not in known:
                self._say(raw.place, "上级单位", f"单位表里没有“{raw.upper}”")
        for person in people:
            if person.unit and person.unit not in known:
                self._say(person.place, "单位", f"单位表里没有“{person.unit}”")


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of a cell that holds several, divided by 、 or comma, without repeats."""
    return tuple(dict.fromkeys(word.strip() for word in _SEPARATORS.split(text) if word.strip()))
