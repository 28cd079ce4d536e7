"""The journal's head outside the database: on a sheet for another's keeping, and in a text file of our own.

Whoever owns the database can cut off the journal's tail or compute every hash anew; a head that somebody else keeps
shows it. Our own file shows it too when only the database was exchanged, as by a careless restore.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PipelineError, UsageError
from pipeline.ledger.journal import Head

OWN_FILE = "heads.txt"
_LINE = re.compile(r"(\S+) (\d+) ([0-9a-f]{64}) (\S+)")
_TYPED = re.compile(r"(\d+)[::]([0-9a-f]{16,64})")
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A head as it was once; ``source``: where it was kept since."""

    head: Head
    source: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What goes on the sheet: the head, when it was taken, and how much there was then."""

    office: str
    at: dt.datetime
    head: Head
    entries: int
    objects: int


def sheet_text(sheet: Sheet) -> str:
    """Return the sheet: Chinese for the person who keeps it, a last line for ``verify --head``."""
    grouped = " ".join(re.findall(".{8}", sheet.head.hash))
    machine = {"pipeline_journal_head": 1, "seq": sheet.head.seq, "hash": sheet.head.hash, "at": sheet.at.isoformat(),
               "entries": sheet.entries, "objects": sheet.objects}  # fmt: skip
    return "\n".join(
        (
            "操作日志末条(请交本办公室以外的人保管,如纪检、档案部门)",
            "",
            f"单位:{sheet.office}",
            f"时间:{sheet.at:%Y-%m-%d %H:%M:%S}",
            f"末条:第 {sheet.head.seq} 条",
            f"校验值:{grouped}",
            f"此时共有:登记 {sheet.entries} 份,档案 {sheet.objects} 件",
            "",
            "用途:以后运行 pipeline verify --head 本文件。日志被删去末尾、被改写或台账被换成旧的,都会查出来。",
            "只有打印件时:pipeline verify --head 条数:校验值(不写空格,至少前 16 位)。",
            "",
            json.dumps(machine, ensure_ascii=False),
            "",
        )
    )


def read_head(given: str) -> list[KeptHead]:
    """Return the heads in a file (a sheet, or a copy of ``heads.txt``), or the one typed as ``seq:hash``.

    Raises:
        UsageError: it is neither.
    """
    if typed := _TYPED.fullmatch(given.strip().lower()):
        return [KeptHead(Head(int(typed[1]), typed[2]), given)]
    path = Path(given)
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"“{given}”不是日志末条文件", "请给出 pipeline journal head --out 写出的文件")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(f"打不开日志末条文件 {given}", "请检查文件名,或写成 条数:校验值") from error
    found = [*_machine_lines(text, given), *_own_lines(text, given)]
    if not found:
        raise UsageError(f"“{given}”里没有日志末条", "请给出 pipeline journal head --out 写出的文件")
    return found


def _machine_lines(text: str, source: str) -> Iterator[KeptHead]:
    for line in text.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            if line.startswith("{") and (value := json.loads(line))["pipeline_journal_head"] == 1:
                yield KeptHead(Head(int(value["seq"]), str(value["hash"])), source)


def _own_lines(text: str, source: str) -> Iterator[KeptHead]:
    for n, line in enumerate(text.splitlines(), 1):
        # a line that a crash cut short is no head
        if found := _LINE.fullmatch(line):
            yield KeptHead(Head(int(found[2]), found[3]), f"{source} 第 {n} 行")


def own_heads(folder: Path) -> list[KeptHead]:
    """Return the heads that we kept ourselves in this folder, oldest first.

    Raises:
        PipelineError: the file is there and cannot be read.
    """
    try:
        return list(_own_lines((folder / OWN_FILE).read_text(encoding="utf-8", errors="replace"), OWN_FILE))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise PipelineError(f"无法读取 {OWN_FILE}({error.strerror})", "请检查磁盘和权限") from error


def keep_head(folder: Path, head: Head, at: dt.datetime, act: str) -> None:
    """The head stands durably as the last line of our own file; no line before it changes.

    Raises:
        PipelineError: the file cannot be written.
    """
    path = folder / OWN_FILE
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(size - 1, 0))
            torn = size > 0 and stream.read(1) != b"\n"
            line = f"{at.astimezone(dt.UTC).isoformat(timespec='seconds')} {head.seq} {head.hash} {act}\n"
            stream.write(("\n" if torn else "").encode() + line.encode())
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise PipelineError(f"无法写入 {OWN_FILE}({error.strerror})", "请检查磁盘和权限") from error
