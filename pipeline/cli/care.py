"""``verify``, ``journal``, ``rebuild``, ``doctor``: the office looks after its archive."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import click
from tqdm import tqdm

from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, printable, put, say, write_file
from pipeline.daybook import intake
from pipeline.errors import ArchiveDamaged, PipelineError
from pipeline.inbox import Kind
from pipeline.ledger import keep_head, read_head, sheet_text
from pipeline.ledger.dialect import wal_is_safe
from pipeline.office import Office
from pipeline.proving import Proof, alarms, day_sheet, journal_troubles, prove, prove_share

UNPROTECTED = 100  # entries: a ledger may grow so far before a missing backup is a fault
OLD_BACKUP = dt.timedelta(days=8)
BACK_UP = "请每周运行 pipeline backup 备份文件夹(另一块磁盘)"


@click.command(help="核验档案:重新计算每份原件的校验值,检查操作日志是否被改动。只看不写。")
@click.option("--rolling", is_flag=True, help="只核验今天轮到的(约三十分之一),结果记入台账;run 每天自动做一次")
@click.option("--head", "heads", multiple=True, help="他人保管的日志末条:文件,或“条数:校验值”;可写多个")
@with_call
def verify(call: Call, rolling: bool, heads: tuple[str, ...]) -> int:
    kept = [head for given in heads for head in read_head(given)]
    with call.office() as office:
        if rolling:
            proof = prove_share(office, kept, again=True)
            assert proof is not None
        else:
            with tqdm(desc="核验", unit="件", disable=None, file=sys.stderr) as bar:
                proof = prove(office, kept, lambda: bar.update())
        if call.json:
            emit(_proof_shape(proof))
        else:
            _put_proof(proof)
        return 0 if proof.sound else ArchiveDamaged.exit_code


def _proof_shape(proof: Proof) -> dict[str, object]:
    found = proof.fixity
    return {
        "entries": proof.entries,
        "objects": found.objects,
        "damaged": found.damaged,
        "missing": found.missing,
        "stray": found.stray,
        "journal": "intact" if proof.intact else "broken",
        "journal_head": {"seq": proof.head.seq, "hash": proof.head.hash},
        "checked": found.checked,
        "journal_breaks": [{"kind": b.kind, "seq": b.seq, "last": b.last} for b in proof.breaks],
        "heads": proof.heads,
        "heads_lost": [{"seq": k.head.seq, "hash": k.head.hash, "source": k.source} for k in proof.lost],
    }


def _put_proof(proof: Proof) -> None:
    found = proof.fixity
    put(f"登记 {proof.entries} 份,档案 {found.objects} 件,本次核验 {found.checked} 件")
    for label, things in (("已损坏", found.damaged), ("缺失", found.missing), ("多余", found.stray)):
        for thing in things:
            put(f"{label}:{thing}")
    for trouble in journal_troubles(proof):
        put(trouble)
    put("操作日志:完好" if proof.intact else "操作日志:不完好,可能被改动")
    put(f"与留存的日志末条核对:{proof.heads} 处,不符 {len(proof.lost)} 处")
    put(f"日志末条:第 {proof.head.seq} 条 {proof.head.hash}")
    put("核验通过" if proof.sound else "核验未通过:请停止使用,用备份恢复受损的文件")


@click.group(help="操作日志:每一步都留痕,前后相连。")
def journal() -> None:
    pass


@journal.command("head", help="显示日志末条,写成文件交他人保管,以后可证明日志没有被删改。")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写成文件")
@with_call
def journal_head(call: Call, out: Path | None) -> None:
    with call.office() as office:
        sheet = day_sheet(office)
        text = sheet_text(sheet)
        keep_head(office.archive.root, sheet.head, sheet.at, "sheet")
        if out is not None:
            write_file(out, text.encode("utf-8-sig"))
            say(f"日志末条已写入 {out},请交他人保管")
        if call.json:
            counts = {"entries": sheet.entries, "objects": sheet.objects}
            emit({"seq": sheet.head.seq, "hash": sheet.head.hash, "at": sheet.at, **counts})
        elif out is None:
            put(text)


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
        ("核验", lambda: _proofs(office)),
        ("备份", lambda: _backup(office)),
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
