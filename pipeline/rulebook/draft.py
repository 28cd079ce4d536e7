"""From raw sections to typed entries, one by one: a bad entry is reported and left out, its neighbours are kept."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from pipeline.rulebook.assessment import Assessment
from pipeline.rulebook.base import Part
from pipeline.rulebook.due import DUE_KEYS, Term, WorkdayRules
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
from pipeline.rulebook.yaml_source import Problem, Series, Table, place_of, step_into

P = TypeVar("P", bound=Part)
Step = str | int
# the steps of an error's path after these name the class that was chosen, not a key of the file
_CHOSEN = frozenset({"due", "min", "rank_of"})


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be understood. ``ids``: section → every id written there, also of entries that are wrong.

    ``raw``: section → id → the entry as written, for its lines.
    """

    rulebook: Rulebook
    ids: Mapping[str, frozenset[str]]
    raw: Mapping[str, Mapping[str, Table]]

    def problem(self, section: str, entry: str, path: tuple[Step, ...], message: str) -> Problem:
        """A problem at a place inside an entry."""
        file, line = place_of(self.raw[section].get(entry), path)
        return Problem(file, line, key_of((section, entry, *path)), message)


def key_of(path: tuple[Step, ...]) -> str:
    """``("obligations", "D-02", "doc", 0)`` as a person counts: ``obligations.D-02.doc[1]``."""
    key = ""
    for step in path:
        key += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if key else step
    return key


class Drafting:
    """Reads the sections of one rulebook, gathering problems on the way."""

    def __init__(self, raw: Table) -> None:
        self.raw = raw
        self.problems: list[Problem] = []
        self.ids: dict[str, frozenset[str]] = {}
        self.tables: dict[str, dict[str, Table]] = {}

    def draft(self) -> Draft:
        self._schema()
        head = self._one("rulebook", Head, needed=True)
        rulebook = Rulebook(
            # stands in for a faulty head while the rest is checked; never handed out
            head=head or Head(id="faulty", title="-", issuer="-", region="-", level="-"),
            institutions=self._many("institutions", Institution, needed=True),
            parties=self._many("parties", Party, needed=True),
            lists=self._keyed("lists", ContentList),
            kinds=self._many("document_types", DocumentKind, needed=True),
            terms=self._many("terms", Term, "phrase"),
            obligations=self._many("obligations", Obligation),
            workflows=self._many("workflows", Workflow),
            letters=self._many("letters", LetterKind),
            ambiguities=self._many("ambiguities", Ambiguity),
            events=self._events(),
            archives=self._one("archives", Archives),
            assessment=self._one("assessment", Assessment),
            calendar=self._one("calendar", WorkdayRules) or WorkdayRules(),
        )
        return Draft(rulebook, self.ids, self.tables)

    def _schema(self) -> None:
        if "schema" not in self.raw:
            self._lack("schema")
        elif self.raw["schema"] != 1:
            self._note(self.raw, ("schema",), ("schema",), "本程序只认 schema: 1 的规则文件")

    def _lack(self, section: str) -> None:
        self.problems.append(Problem(self.raw.file, 0, section, f"缺少“{section}”这一部分"))

    def _note(self, table: object, path: tuple[Step, ...], key: tuple[Step, ...], message: str) -> None:
        file, line = place_of(table, path)
        self.problems.append(Problem(file, line, key_of(key), message))

    def _one(self, section: str, kind: type[P], needed: bool = False) -> P | None:
        self.ids[section] = frozenset()
        value = self.raw.get(section)
        if section not in self.raw:
            if needed:
                self._lack(section)
            return None
        if isinstance(value, Table):
            self.tables[section] = {section: value}
            return self._entry(kind, value, (section,))
        self._note(self.raw, (section,), (section,), f"“{section}”应由“键: 值”组成")
        return None

    def _many(self, section: str, kind: type[P], key: str = "id", needed: bool = False) -> dict[str, P]:
        rows = self.raw.get(section)
        tables: dict[str, Table] = {}
        entries: dict[str, P] = {}
        if needed and not rows:
            self._lack(section)
        for position, row in enumerate(rows if isinstance(rows, Series) else ()):
            name = row.get(key) if isinstance(row, Table) else None
            label: Step = name if isinstance(name, str) else position
            if not isinstance(row, Table):
                self._note(rows, (position,), (section, position), "应由“键: 值”组成")
            elif isinstance(name, str) and name in tables:
                file, line = place_of(tables[name], (key,))
                self._note(row, (key,), (section, name), f"编号“{name}”重复,前一处在 {file} 第 {line} 行")
            elif (entry := self._entry(kind, row, (section, label))) and isinstance(name, str):
                entries[name] = entry
            if isinstance(name, str) and isinstance(row, Table):
                tables.setdefault(name, row)
        self.tables[section] = tables
        self.ids[section] = frozenset(tables)
        return entries

    def _keyed(self, section: str, kind: type[P]) -> dict[str, P]:
        rows = self.raw.get(section)
        tables: dict[str, Table] = {}
        entries: dict[str, P] = {}
        for name, row in rows.items() if isinstance(rows, Table) else ():
            if not isinstance(row, Table):
                self._note(rows, (name,), (section, name), "应由“键: 值”组成")
                continue
            tables[name] = row
            if entry := self._entry(kind, row, (section, name)):
                entries[name] = entry
        self.tables[section] = tables
        self.ids[section] = frozenset(rows) if isinstance(rows, Table) else frozenset()
        return entries

    def _events(self) -> dict[str, str]:
        rows = self.raw.get("events")
        events: dict[str, str] = {}
        for name, label in rows.items() if isinstance(rows, Table) else ():
            if isinstance(label, str) and label:
                events[name] = label
            else:
                self._note(rows, (name,), ("events", name), "应为文字:事件的名称")
        self.ids["events"] = frozenset(rows) if isinstance(rows, Table) else frozenset()
        return events

    def _entry(self, kind: type[P], row: Table, key: tuple[Step, ...]) -> P | None:
        try:
            return _adapter(kind).validate_python(row)
        except ValidationError as error:
            faults = error.errors(include_url=False)
            misspelt = {_meant_key(fault, kind) for fault in faults}
            for fault in faults:
                if fault["type"] == "missing" and fault["loc"] in misspelt:
                    continue
                path = _plain(row, fault)
                self._note(row, path, (*key, *path), _explain(fault, kind))
            return None


_ADAPTERS: dict[type[Part], TypeAdapter[Any]] = {}


def _adapter(kind: type[P]) -> TypeAdapter[P]:
    return _ADAPTERS.setdefault(kind, TypeAdapter(kind))


def _plain(row: Table, fault: ErrorDetails) -> tuple[Step, ...]:
    """The path of a fault in words of the file: without the names of chosen classes."""
    loc = fault["loc"]
    path: list[Step] = []
    value: object = row
    for i, step in enumerate(loc):
        chosen = i > 0 and (loc[i - 1] in _CHOSEN or (i > 1 and loc[i - 2] == "parts" and isinstance(loc[i - 1], int)))
        if chosen:
            continue
        inner, line = step_into(value, step)
        if line:
            value = inner
        elif not (i == len(loc) - 1 and fault["type"] == "missing"):
            continue
        path.append(step)
    return tuple(path)


_SAID = {
    "string_type": "应为文字(数字、是否请加引号)",
    "int_type": "应为整数",
    "bool_type": "应为 true 或 false",
    "tuple_type": "应为列表 [ ]",
    "dict_type": "应由“键: 值”组成",
    "mapping_type": "应由“键: 值”组成",
    "model_type": "应由“键: 值”组成",
    "model_attributes_type": "应由“键: 值”组成",
    "string_too_short": "不能为空",
    "too_short": "至少要有一项",
    "too_long": "项数过多",
    "decimal_type": "应为数字",
    "finite_number": "应为数字",
    "is_instance_of": "类型不对",
}


def _explain(fault: ErrorDetails, kind: type[Part]) -> str:
    """The fault in Chinese, saying what would be right."""
    name, last = fault["type"], str(fault["loc"][-1]) if fault["loc"] else ""
    context = fault.get("ctx", {})
    if name == "missing":
        return "缺少日期" if last.isdigit() else f"缺少“{last}”"
    if name == "extra_forbidden":
        return f"不认识的键“{last}”{meant(last, _known_keys(kind))}"
    if name in ("enum", "literal_error"):
        return f"“{fault['input']}”不可用,只能是 {str(context['expected']).replace(' or ', '、').replace(', ', '、')}"
    if name == "value_error":
        return str(context["error"])
    if name == "string_pattern_mismatch":
        return f"“{fault['input']}”写法不对(编号用英文字母开头,后接字母、数字、_ 或 -)"
    if name in ("greater_than_equal", "less_than_equal"):
        return f"数值“{fault['input']}”超出范围"
    if name.startswith("union_tag"):
        return f"期限应写明 {'、'.join(DUE_KEYS)} 之一" if last == "due" else "kind 应为可用的计分方式之一"
    return _SAID.get(name, f"填写有误:{fault['msg']}")


def _meant_key(fault: ErrorDetails, kind: type[Part]) -> tuple[Step, ...] | None:
    """Where an unknown key of an entry belongs if it is the misspelling of a known one."""
    if fault["type"] != "extra_forbidden":
        return None
    near = nearest(str(fault["loc"][-1]), _known_keys(kind))
    return (*fault["loc"][:-1], near) if near else None


def _known_keys(kind: type[Part]) -> Iterator[str]:
    for name, info in kind.model_fields.items():
        yield info.alias or name


def nearest(word: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.65)), None)


def meant(word: str, known: Iterable[str]) -> str:
    """``,是否为“x”`` when a known word is near, else nothing."""
    near = nearest(word, known)
    return f",是否为“{near}”" if near else ""
