"""What ``doctor`` and the page of the system say: how this machine and the workspace are, what is wrong, what to do."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.daybook import intake
from pipeline.errors import PipelineError
from pipeline.inbox import Kind
from pipeline.ledger.dialect import wal_is_safe
from pipeline.office import Office
from pipeline.proving import alarms

UNPROTECTED = 100  # entries: a ledger may grow so far before a missing backup is a fault
OLD_BACKUP = dt.timedelta(days=8)
INTAKE = "收件"  # the look that names papers
BACK_UP = "请每周运行 pipeline backup 备份文件夹(另一块磁盘)"


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at; ``note``: how it is, or what is wrong and what to do, in Chinese."""

    name: str
    well: bool
    note: str


def check_up(office: Office) -> list[Look]:
    """Return how everything is that the program needs."""
    return [*_machine(office), *_workspace(office)]


def _machine(office: Office) -> list[Look]:
    python = ".".join(map(str, sys.version_info[:3]))
    absent = "未安装;需要它的文件会在收件箱里等待,安装后自动登记"
    return [
        Look("Python", sys.version_info >= (3, 11), python),
        Look("SQLite", True, f"{sqlite3.sqlite_version},{'WAL' if wal_is_safe() else 'TRUNCATE'} 日志,同步写盘"),
        Look(
            "LibreOffice",
            True,
            "已安装" if office.reader.has("libreoffice") else f"{absent}(旧版 .doc、WPS、RTF 和转 PDF 需要它)",
        ),
        Look(
            "文字识别",
            True,
            "已安装" if office.reader.has("ocr") else f"{absent}(扫描件和图片需要它:pip install 'pipeline[ocr]')",
        ),
    ]


def _workspace(office: Office) -> list[Look]:
    found: list[Look] = []
    looks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("收件箱", lambda: _inbox(office)),
        (INTAKE, lambda: _intake(office)),
        ("权限", lambda: _private(office)),
        ("台账", lambda: f"{office.ledger.count()} 份,日志 {office.ledger.journal_head().seq} 条"),
        ("名册", lambda: _roster(office)),
        ("索引", lambda: f"{office.index.engine_name},{office.index.count()} 份"),
        ("规则", lambda: office.rulebook.title),
        ("工作日", lambda: _calendar(office)),
        ("磁盘", lambda: _disk(office)),
        ("核验", lambda: _proofs(office)),
        ("备份", lambda: _backup(office)),
    )
    for name, look in looks:
        try:
            found.append(Look(name, True, look()))
        except PipelineError as error:
            found.append(Look(name, False, str(error)))
    return found


def _inbox(office: Office) -> str:
    if not office.inbox.folder.is_dir():
        raise PipelineError(f"没有收件箱文件夹 {office.inbox.folder}", "共享可能断开;恢复后会自动继续")
    kinds = {Kind.LOCAL: "本机文件夹", Kind.SHARE: "网络共享", Kind.SCANNER: "扫描仪文件夹"}
    return f"{office.inbox.folder}({kinds[office.inbox.habits.kind]})"


def _intake(office: Office) -> str:
    coming = intake(office)
    if coming.trouble:
        raise PipelineError(f"自 {coming.trouble_since:%Y-%m-%d %H:%M} 起:{coming.trouble}")
    words = [f"上次查看 {coming.seen:%Y-%m-%d %H:%M}" if coming.seen else "还没有运行过 run 或 watch"]
    if coming.backlog:
        words.append(f"待处理 {coming.backlog} 份,最早 {coming.oldest:%Y-%m-%d %H:%M}")
    words += [f"{w.name} 自 {w.since} 等待:{w.why}" for w in coming.waits[:5]]
    if len(coming.waits) > 5:
        words.append(f"等待的共 {len(coming.waits)} 份,用 pipeline today 查看")
    return ";".join(words)


def _private(office: Office) -> str:
    if os.name != "nt" and stat.S_IMODE(office.archive.root.stat().st_mode) & 0o077:
        raise PipelineError("档案文件夹其他用户也能读", f"请运行 chmod 700 {office.archive.root}")
    return "档案只有本程序的用户能读"


def _roster(office: Office) -> str:
    roster = office.roster
    if not roster.units:
        raise PipelineError("还没有名册", "请运行 pipeline roster template 名册.xlsx,填好后导入")
    return f"{len(roster.units)} 个单位,{len(roster.people)} 人"


def _calendar(office: Office) -> str:
    if notice := office.calendar_notice():
        raise PipelineError(notice)
    return f"{office.today().year}年放假调休安排已载入"


def _disk(office: Office) -> str:
    free, floor = office.archive.room()
    words = f"剩余 {free / 2**30:.1f} GB"
    if free < floor:
        raise PipelineError(words, f"低于下限 {floor >> 20} MB,已暂停收件,请清理磁盘")
    return words


def _proofs(office: Office) -> str:
    if found := alarms(office):
        raise PipelineError(f"{found[0]}(共 {len(found)} 处)", "请停止使用,运行 pipeline verify 查看全部,用备份恢复")
    last = office.ledger.last_noted("fixity").get("fixity")
    if last is None:
        return "还没有轮到;run 每天核验三十分之一"
    return f"最近 {last[0].astimezone(office.now().tzinfo):%Y-%m-%d %H:%M},{last[1].get('checked')} 件,未见异常"


def _backup(office: Office) -> str:
    last = office.ledger.last_noted("backup").get("backup")
    if last is None:
        if office.ledger.count() > UNPROTECTED:
            raise PipelineError("从来没有备份", BACK_UP)
        return f"还没有备份。{BACK_UP}"
    at, facts = last
    words = (
        f"最近 {at.astimezone(office.now().tzinfo):%Y-%m-%d %H:%M},{facts.get('objects')} 件,在 {facts.get('folder')}"
    )
    if not facts.get("sound"):
        raise PipelineError(f"{words};有问题未查明", "请运行 pipeline backup 查看")
    if office.now() - at > OLD_BACKUP:
        raise PipelineError(f"{words};已过 {OLD_BACKUP.days} 天", BACK_UP)
    return words
