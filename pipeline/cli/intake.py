"""``check``, ``ingest``, ``watch``, ``run``: documents come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from pipeline.abreast import abreast
from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, printable, put, say, table
from pipeline.diary import keep_diary
from pipeline.model import Receipt
from pipeline.office import Office
from pipeline.shapes import receipt_shape
from pipeline.watch import drain, follow
from pipeline.words import OUTCOME_LABELS, VERDICT_LABELS

FILES = click.argument("files", metavar="文件…", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.command(help="读取、识别并检查文件的内容,不登记、不保存。")
@FILES
@click.option("--kind", help="指定文种,不由程序识别")
@with_call
def check(call: Call, files: tuple[Path, ...], kind: str | None) -> int:
    with call.office() as office:
        return report(call, office, abreast(files, lambda file, _: office.check(file, kind), _workers(office)))


@click.command(help="不经收件箱,直接登记这些文件(原文件留在原处)。")
@FILES
@with_call
def ingest(call: Call, files: tuple[Path, ...]) -> int:
    with call.office() as office, office.index.batch():
        return report(call, office, abreast(files, office.ingest, _workers(office)))


@click.command(help="查看收件箱,把放进来的文件逐一登记。")
@click.option("--once", is_flag=True, help="处理完现有文件就结束")
@with_call
def watch(call: Call, once: bool) -> int:
    with call.office() as office:
        if once:
            code = report(call, office, drain(office))
            waiting = [*office.inbox.waiting(), *((w.name, w.why) for w in office.ledger.claims.waiting())]
            for name, why in waiting:
                say(printable(f"仍在等待:{name}({why})"))
            return code
        keep_diary(office.archive.root)
        say(f"正在查看收件箱 {office.inbox.folder},按 Ctrl+C 停止")
        return report_each(call, office, follow(office, say))


@click.command(help="开始工作:查看收件箱并提供网页,直到停止。")
@click.option("--host", default="127.0.0.1", show_default=True, help="网页的监听地址")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535), help="网页的端口")
@click.option("--name", "names", multiple=True, help="别人打开网页时用的主机名或地址,可写多个")
@click.option("--cert", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="https 证书文件")
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="https 私钥文件")
@click.option("--insecure", is_flag=True, help="明知网络可信,在本机以外也用明文 http")
@with_call
def run(
    call: Call, host: str, port: int, names: tuple[str, ...], cert: Path | None, key: Path | None, insecure: bool
) -> int:
    from pipeline.web.serve import beside, door_for  # a second's import that no other command needs

    door = door_for(host, names, cert, key, insecure)
    with call.office() as office:
        say(f"工作区 {office.workspace}")
        say(f"把文件放进 {office.inbox.folder} 即可;回执在“回执”文件夹,退回的文件在“退回”文件夹。按 Ctrl+C 停止")
        say(f"网页:{'https' if cert else 'http'}://{host if ':' not in host else f'[{host}]'}:{port}/")
        if not office.ledger.accounts.all():
            say(
                "还没有账号。请另开一个命令行窗口,建立第一个账号:pipeline account add 账号名 --role 经办人 --role 复核人"
            )
        keep_diary(office.archive.root)
        with beside(office, host, port, door, cert, key):
            return report_each(call, office, follow(office, say))


def _workers(office: Office) -> int:
    return office.settings.reading.workers


def report(call: Call, office: Office, receipts: Iterable[Receipt]) -> int:
    """Print what became of each file; 1 when one of them was refused."""
    if call.json:
        return report_each(call, office, receipts)
    seen = list(receipts)
    if seen:
        table(("文件", "结果", "登记号", "文种", "单位", "人员", "时期", "内容检查"), [_row(r, office) for r in seen])
        for receipt in seen:
            if receipt.reason:
                put("\n" + printable(f"{receipt.file}:{receipt.reason}"))
    counts = Counter(OUTCOME_LABELS[r.outcome] for r in seen)
    put("\n合计:" + ("、".join(f"{label} {n} 份" for label, n in counts.items()) or "没有新文件"))
    return int(any(r.outcome == "set_aside" for r in seen))


def report_each(call: Call, office: Office, receipts: Iterable[Receipt]) -> int:
    """Print each file's fate as it becomes known; 1 when one of them was refused."""
    refused = False
    for receipt in receipts:
        refused = refused or receipt.outcome == "set_aside"
        if call.json:
            emit(receipt_shape(receipt, office.rulebook))
        else:
            words = " ".join(filter(None, map(str, _row(receipt, office))))
            put(printable(words + (f":{receipt.reason}" if receipt.reason else "")))
    return int(refused)


def _row(receipt: Receipt, office: Office) -> tuple[str, ...]:
    entry = receipt.entry
    identity = receipt.identity or (entry.identity if entry else None)
    verdict = receipt.verdict or (entry.verdict if entry else None)
    name = Path(receipt.file).name
    if identity is None or verdict is None:
        return (name, OUTCOME_LABELS[receipt.outcome], "", "", "", "", "", "")
    missing = [i.item for i in verdict.missing]
    if all(map(str.isdecimal, missing)):
        lacking = f"(缺第{'、'.join(missing)}项)" if missing else ""
    else:
        lacking = f"(缺{'、'.join(map(office.rulebook.item_name, missing))})"
    return (
        name,
        OUTCOME_LABELS[receipt.outcome],
        entry.number if entry else "",
        office.rulebook.kind_label(identity.kind),
        identity.unit or "",
        identity.person or "",
        identity.period or "",
        VERDICT_LABELS[verdict.outcome] + lacking,
    )
