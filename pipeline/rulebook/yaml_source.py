"""YAML into plain values that know their lines.

Plain scalars follow the core of YAML 1.2: ``true false null`` and whole numbers, everything else is text, so
``06-20``, ``0.5`` and ``12:30`` stay as written. ``yes no on off`` without quotes are refused, because programs that
follow YAML 1.1 read them as truth values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import yaml

_LOADER = getattr(yaml, "CLoader", yaml.Loader)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_TRAPS = frozenset({"yes", "no", "on", "off"})
_FIXED = {"true": True, "false": False, "null": None, "~": None, "": None}
_DEEPEST = 40


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A fault of a rulebook: the file, its line (1-based, 0: the file as a whole), the key path and what is wrong."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file} 第 {self.line} 行" if self.line else self.file
        return f"{place}{f'({self.key})' if self.key else ''}:{self.message}"


class Table(dict[str, object]):
    """A mapping with the line of each key."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line
        self.lines: dict[str, int] = {}


class Series(list[object]):
    """A list with the line of each item."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line
        self.lines: list[int] = []


def step_into(value: object, step: object) -> tuple[object, int]:
    """Return what lies one step inside a table or series and its line; line 0 when there is nothing."""
    if isinstance(value, Table) and isinstance(step, str) and step in value:
        return value[step], value.lines[step]
    if isinstance(value, Series) and isinstance(step, int) and step < len(value):
        return value[step], value.lines[step]
    return None, 0


def place_of(value: object, path: Iterable[object]) -> tuple[str, int]:
    """Return the file and line of what ``path`` leads to, or of the last step of it that exists."""
    file, line = (value.file, value.line) if isinstance(value, Table | Series) else ("", 0)
    for step in path:
        inner, inner_line = step_into(value, step)
        if inner_line:
            value, line = inner, inner_line
            file = value.file if isinstance(value, Table | Series) else file
    return file, line


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


class _Builder:
    """Builds tables and series from parser events, noting what must not be in a rulebook."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.events = iter(yaml.parse(text, Loader=_LOADER))
        self.problems: list[Problem] = []

    def note(self, event: yaml.Event, key: str, message: str) -> None:
        self.problems.append(Problem(self.file, _line(event), key, message))

    def document(self) -> object:
        value: object = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self.note(event, "", "一个文件只能有一份内容,请删去中间的 ---")
            elif isinstance(event, yaml.NodeEvent):
                built = self.value(event, "", 0)
                value = built if documents == 1 else value
        return value

    def value(self, event: yaml.Event, key: str, depth: int) -> object:
        if depth > _DEEPEST:
            raise yaml.YAMLError(f"第 {_line(event)} 行层次过深")
        if getattr(event, "anchor", None) is not None:
            self.note(event, key, "不能用 & 和 * 引用,请把内容写全")
        if isinstance(event, yaml.MappingStartEvent):
            return self.table(event, key, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.series(event, key, depth)
        return self.scalar(event, key) if isinstance(event, yaml.ScalarEvent) else None

    def table(self, start: yaml.Event, path: str, depth: int) -> Table:
        table = Table(self.file, _line(start))
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            name = event.value if isinstance(event, yaml.ScalarEvent) else ""
            here = f"{path}.{name}" if path else name
            if not isinstance(event, yaml.ScalarEvent):
                self.note(event, path, "键应为文字")
                self.value(event, path, depth + 1)
            elif not event.style and name.lower() in _TRAPS:
                self.note(event, here, f"键“{name}”会被当作是或否,请换一个词或加引号")
            value = self.value(next(self.events), here, depth + 1)
            if isinstance(value, Table):
                # what such an entry lacks is reported on the line of its name
                value.line = _line(event)
            if name in table:
                self.note(event, here, f"键“{name}”重复,前一处在第 {table.lines[name]} 行")
            elif name:
                table[name] = value
                table.lines[name] = _line(event)
        return table

    def series(self, start: yaml.Event, path: str, depth: int) -> Series:
        series = Series(self.file, _line(start))
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            series.lines.append(_line(event))
            series.append(self.value(event, f"{path}[{len(series) + 1}]", depth + 1))
        return series

    def scalar(self, event: yaml.ScalarEvent, key: str) -> object:
        text: str = event.value
        if event.tag not in (None, "!"):
            self.note(event, key, f"不能用标签 {event.tag}")
        if event.style:
            return text
        if text.lower() in _TRAPS:
            self.note(event, key, f"“{text}”会被当作是或否,请加引号,或写 true、false")
            return text
        if text in _FIXED:
            return _FIXED[text]
        return int(text) if _WHOLE.fullmatch(text) and len(text) < 19 else text


def read_yaml(file: str, text: str) -> tuple[object, tuple[Problem, ...]]:
    """Return the value of a YAML text and what is wrong with it; the value is None when it cannot be read at all."""
    builder = _Builder(file, text)
    try:
        value = builder.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        return None, (*builder.problems, Problem(file, line, "", f"YAML 写法有误:{_explain(error, text)}"))
    except yaml.YAMLError as error:
        return None, (*builder.problems, Problem(file, 0, "", f"YAML 写法有误:{error}"))
    return value, tuple(builder.problems)


_REASONS = (
    ("found character that cannot start", "用了不能打头的符号,这段文字请加引号"),
    ("mapping values are not allowed", "多了一个冒号,或缩进不齐;含冒号加空格的文字请加引号"),
    ("did not find expected key", "缩进不齐,或缺少键"),
    ("did not find expected ',' or", "括号 [ ] 或 { } 没有配对,或缺逗号"),
    ("could not find expected ':'", "缺少冒号"),
    ("did not find expected '-'", "列表的缩进不齐"),
    ("found unexpected end of stream", "引号没有配对"),
    ("unexpected end", "内容没有写完"),
    ("maximum nesting depth", "层次过深"),
)


def _explain(error: yaml.MarkedYAMLError, text: str) -> str:
    said = f"{error.problem or ''} {error.context or ''}"
    lines = text.splitlines()
    line = lines[error.problem_mark.line] if error.problem_mark and error.problem_mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "行首用了制表符,请改用空格"
    return next((chinese for english, chinese in _REASONS if english in said), said.strip())
