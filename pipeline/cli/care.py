"""``verify``, ``rebuild``, ``doctor``: the office looks after its archive."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable

import click
from tqdm import tqdm

from pipeline.archive import check_fixity
from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, printable, put
from pipeline.daybook import intake
from pipeline.errors import ArchiveDamaged, PipelineError
from pipeline.inbox import Kind
from pipeline.ledger.dialect import wal_is_safe
from pipeline.office import Office


@click.command(help="核验档案:重新计算每份原件的校验值,检查操作日志是否被改动。")
@with_call
def verify(call: Call) -> int:
    with call.office() as office:
        with tqdm(desc="核验", unit="件", disable=None, file=sys.stderr) as bar:
            found = check_fixity(office.archive, office.ledger.objects(), lambda: bar.update())
        broken = office.ledger.journal_break()
        head = office.ledger.journal_head()
        sound = found.sound and broken is None
        if call.json:
            emit(
                {
                    "entries": office.ledger.count(),
                    "objects": found.objects,
                    "damaged": found.damaged,
                    "missing": found.missing,
                    "stray": found.stray,
                    "journal": "intact" if broken is None else "broken",
                    "journal_head": {"seq": head.seq, "hash": head.hash},
                }
            )
        else:
            put(f"登记 {office.ledger.count()} 份,档案 {found.objects} 件")
            for label, things in (("已损坏", found.damaged), ("缺失", found.missing), ("多余", found.stray)):
                for thing in things:
                    put(f"{label}:{thing}")
            put("操作日志:完好" if broken is None else f"操作日志:从第 {broken} 条起不连贯,可能被改动")
            put(f"日志末条:第 {head.seq} 条 {head.hash}")
            put("核验通过" if sound else "核验未通过:请停止使用,用备份恢复受损的文件")
        return 0 if sound else ArchiveDamaged.exit_code


@click.group(help="重建可由台账和档案推出的部分。")
def rebuild() -> None:
    pass


@rebuild.command("index", help="重建全文索引。")
@with_call
def rebuild_index(call: Call) -> None:
    with call.office() as office:
        with tqdm(desc="重建索引", unit="份", total=office.ledger.count(), disable=None, file=sys.stderr) as bar:
            count = office.rebuild_index(lambda: bar.update())
        if call.json:
            emit({"indexed": count})
        else:
            put(f"索引已重建:{count} 份")


@click.command(help="检查本机和工作区:缺什么、有什么问题、怎么办。")
@with_call
def doctor(call: Call) -> int:
    with call.office() as office:
        checks = [*_machine(office), *_workspace(office)]
        for name, well, note in checks:
            if call.json:
                emit({"check": name, "ok": well, "note": note})
            else:
                put(f"{'正常' if well else '注意'}  {name}:{note}")
        return int(not all(well for _, well, _ in checks))


def _machine(office: Office) -> list[tuple[str, bool, str]]:
    python = ".".join(map(str, sys.version_info[:3]))
    absent = "未安装;需要它的文件会在收件箱里等待,安装后自动登记"
    return [
        ("Python", sys.version_info >= (3, 11), python),
        ("SQLite", True, f"{sqlite3.sqlite_version},{'WAL' if wal_is_safe() else 'TRUNCATE'} 日志,同步写盘"),
        (
            "LibreOffice",
            True,
            "已安装" if office.reader.has("libreoffice") else f"{absent}(旧版 .doc、WPS、RTF 和转 PDF 需要它)",
        ),
        (
            "文字识别",
            True,
            "已安装" if office.reader.has("ocr") else f"{absent}(扫描件和图片需要它:pip install 'pipeline[ocr]')",
        ),
    ]


def _workspace(office: Office) -> list[tuple[str, bool, str]]:
    checks: list[tuple[str, bool, str]] = []
    looks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("收件箱", lambda: _inbox(office)),
        ("收件", lambda: _intake(office)),
        ("权限", lambda: _private(office)),
        ("台账", lambda: f"{office.ledger.count()} 份,日志 {office.ledger.journal_head().seq} 条"),
        ("名册", lambda: _roster(office)),
        ("索引", lambda: f"{office.index.engine_name},{office.index.count()} 份"),
        ("规则", lambda: office.rulebook.title),
        ("工作日", lambda: _calendar(office)),
        ("磁盘", lambda: _disk(office)),
    )
    for name, look in looks:
        try:
            checks.append((name, True, look()))
        except PipelineError as error:
            checks.append((name, False, str(error)))
    return checks


def _inbox(office: Office) -> str:
    if not office.inbox.folder.is_dir():
        raise PipelineError(f"没有收件箱文件夹 {office.inbox.folder}", "共享可能断开;恢复后会自动继续")
    kinds = {Kind.LOCAL: "本机文件夹", Kind.SHARE: "网络共享", Kind.SCANNER: "扫描仪文件夹"}
    return f"{office.inbox.folder}({kinds[office.inbox.habits.kind]})"


def _intake(office: Office) -> str:
    coming = intake(office)
    if coming.trouble:
        raise PipelineError(f"自 {coming.trouble_since:%Y-%m-%d %H:%M} 起:{printable(coming.trouble)}")
    words = [f"上次查看 {coming.seen:%Y-%m-%d %H:%M}" if coming.seen else "还没有运行过 run 或 watch"]
    if coming.backlog:
        words.append(f"待处理 {coming.backlog} 份,最早 {coming.oldest:%Y-%m-%d %H:%M}")
    words += [f"{w.name} 自 {w.since} 等待:{w.why}" for w in coming.waits[:5]]
    if len(coming.waits) > 5:
        words.append(f"等待的共 {len(coming.waits)} 份,用 pipeline today 查看")
    return printable(";".join(words))


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
    usage = shutil.disk_usage(office.archive.root)
    free = f"剩余 {usage.free / 2**30:.1f} GB"
    if usage.free < office.archive.floor_bytes:
        raise PipelineError(free, f"低于下限 {office.archive.floor_bytes >> 20} MB,已暂停收件,请清理磁盘")
    return free
