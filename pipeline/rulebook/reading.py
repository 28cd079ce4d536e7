"""From a file or folder to raw sections: every file read, their sections laid together, nothing understood yet."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pipeline.rulebook.yaml_source import Problem, Series, Table, read_yaml

LISTED = ("institutions", "terms", "parties", "document_types", "obligations", "workflows", "letters", "ambiguities")
KEYED = ("lists", "events")
SINGLE = ("schema", "rulebook", "calendar", "archives", "assessment")
_LARGEST_BYTES = 8 << 20
_S = TypeVar("_S", Table, Series)


def read_sections(source: Path) -> tuple[Table, bool, tuple[Problem, ...]]:
    """Read a file, or all ``*.yaml`` of a folder in the order of their names.

    Returns: the sections laid together, whether some file could not be read at all, and the problems.
    """
    paths, problems = _files(source)
    merged = Table(source.name, 0)
    unread = not paths
    for path in paths:
        value, found = read_file(path)
        problems += found
        if isinstance(value, Table):
            problems += _merge(merged, value)
            continue
        unread = True
        if not any(p.file == path.name for p in found):
            problems.append(Problem(path.name, 1, "", "内容应由“键: 值”组成,例如以 rulebook: 开头"))
    return merged, unread, tuple(problems)


def _files(source: Path) -> tuple[list[Path], list[Problem]]:
    if source.is_dir():
        paths = sorted(p for p in source.iterdir() if p.suffix in (".yaml", ".yml") and not p.name.startswith("."))
        return paths, [] if paths else [Problem(source.name, 0, "", "文件夹里没有规则文件(*.yaml)")]
    if not source.exists():
        return [], [Problem(source.name, 0, "", "找不到这份规则文件,请核对路径")]
    return [source], []


def read_file(path: Path) -> tuple[object, tuple[Problem, ...]]:
    """Return the value of a YAML file and its problems; the value is None when it cannot be read."""
    try:
        if not path.is_file():
            return None, (Problem(path.name, 0, "", "找不到,或不是普通文件"),)
        if path.stat().st_size > _LARGEST_BYTES:
            return None, (Problem(path.name, 0, "", "文件过大,不像规则文件"),)
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, (Problem(path.name, 0, "", "不是 UTF-8 文字,请另存为 UTF-8 编码的文本"),)
    except OSError as error:
        return None, (Problem(path.name, 0, "", f"读不出来:{error.strerror}"),)
    return read_yaml(path.name, text)


def _merge(merged: Table, table: Table) -> list[Problem]:
    problems: list[Problem] = []
    for key, value in table.items():
        if key in LISTED or key in KEYED:
            problems += _lay(merged, key, value, table)
        elif key not in SINGLE:
            problems.append(Problem(table.file, table.lines[key], key, f"没有“{key}”这一部分"))
        elif key in merged:
            problems.append(Problem(table.file, table.lines[key], key, f"“{key}”只能写在一个文件里"))
        else:
            merged[key] = value
            merged.lines[key] = table.lines[key]
    return problems


def _lay(merged: Table, key: str, value: object, table: Table) -> list[Problem]:
    """Add a file's share of a section; each entry keeps its own file and lines."""
    line = table.lines[key]
    if value is None:
        return []
    if key in KEYED:
        if not isinstance(value, Table):
            return [Problem(table.file, line, key, f"“{key}”应由“编号: 内容”组成")]
        return _join(_section(merged, key, Table(table.file, line), line), key, value)
    if not isinstance(value, Series):
        return [Problem(table.file, line, key, f"“{key}”应为列表,每条以 - 开头")]
    series = _section(merged, key, Series(table.file, line), line)
    series.extend(value)
    series.lines.extend(value.lines)
    return []


def _section(merged: Table, key: str, empty: _S, line: int) -> _S:
    merged.lines.setdefault(key, line)
    return merged.setdefault(key, empty)  # type: ignore[return-value]


def _join(whole: Table, section: str, share: Table) -> list[Problem]:
    problems = []
    for key, value in share.items():
        if key in whole:
            problems.append(Problem(share.file, share.lines[key], f"{section}.{key}", f"编号“{key}”重复"))
            continue
        whole[key] = value
        whole.lines[key] = share.lines[key]
    return problems
