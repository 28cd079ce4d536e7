"""How the commands print: JSON lines for programs, tables and lines for people."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.errors import PipelineError


def emit(value: object) -> None:
    """Print one JSON object on one line of stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def say(message: str) -> None:
    """Print a message for people on stderr."""
    sys.stderr.write(f"{_harmless(message)}\n")


def put(line: str = "") -> None:
    """Print one line of the result on stdout."""
    sys.stdout.write(f"{_harmless(line)}\n")


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print columns that line up where Chinese characters are two cells wide."""
    cells = [[printable("" if c is None else str(c)) for c in row] for row in (headers, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        put("  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip())


def write_file(path: Path, data: bytes) -> None:
    """Write a result to the file a person named.

    Raises:
        PipelineError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise PipelineError(f"无法写入 {path}({error.strerror})", "如文件正打开着,请先关闭") from error


def printable(text: str) -> str:
    """Return ``text`` with control and direction characters shown as escapes, so that a name cannot drive a terminal."""
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in {"Cc", "Cf", "Cs"} else c for c in text)


def _harmless(text: str) -> str:
    """Return ``text`` without what could drive a terminal; our own lines and tabs stay."""
    return "".join(c if c in "\n\t" else printable(c) for c in text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
