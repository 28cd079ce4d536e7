"""``backup`` and ``restore``: a second copy elsewhere, and the proof that it can be used."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path

import click
from tqdm import tqdm

from pipeline.backup import KEEP, back_up
from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, put
from pipeline.errors import ArchiveDamaged
from pipeline.restoring import Protocol, drill
from pipeline.restoring import restore as restore_into


@click.command(help="备份到另一块磁盘上的文件夹,程序运行时也可以;只复制新增的。")
@click.argument("folder", metavar="备份文件夹", type=click.Path(path_type=Path))
@click.option("--keep", default=KEEP, show_default=True, type=click.IntRange(1, 10_000), help="保留最近几次")
@with_call
def backup(call: Call, folder: Path, keep: int) -> int:
    with call.office() as office:
        with tqdm(desc="备份", unit="件", disable=None, file=sys.stderr) as bar:
            done = back_up(office, folder.absolute(), keep, lambda: bar.update())
        if call.json:
            emit({**asdict(done), "sound": done.sound})
        else:
            put(f"备份 {done.name}:登记 {done.entries} 份,档案 {done.objects} 件,新复制 {done.copied} 件,"
                f"用时 {done.seconds:.1f} 秒")  # fmt: skip
            put(f"日志末条:第 {done.head.seq} 条 {done.head.hash}")
            for trouble in done.troubles:
                put(f"问题:{trouble}")
            put(f"备份完成,保留 {done.kept} 次" if done.sound else
                f"备份已写成,但上述问题未查明前不清理旧备份(现有 {done.kept} 次)。请停止使用并查明原因")  # fmt: skip
        return 0 if done.sound else ArchiveDamaged.exit_code


@click.command(help="从备份恢复到一个空文件夹,并逐项核验;--drill 只演练,不留下任何东西。")
@click.argument("source", metavar="备份文件夹", type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="恢复到这个空文件夹(默认:工作区文件夹)")
@click.option("--database", default="", help="把台账放入这个空数据库(默认:恢复为本机文件)")
@click.option("--despite-damage", is_flag=True, help="备份有损坏时,恢复其余完好的")
@click.option("--drill", "only_drill", is_flag=True, help="恢复演练:恢复到临时文件夹,核验后删去(--into 指明放在哪里)")
@with_call
def restore(call: Call, source: Path, into: Path | None, database: str, despite_damage: bool, only_drill: bool) -> int:
    target = into or call.workspace or Path(os.environ.get("PIPELINE_WORKSPACE") or Path.cwd())
    with tqdm(desc="恢复", unit="件", disable=None, file=sys.stderr) as bar:
        if only_drill:
            protocol = drill(source.absolute(), into, lambda: bar.update())
        else:
            protocol = restore_into(source.absolute(), target.absolute(), database, despite_damage, bar.update)
    if call.json:
        emit({**asdict(protocol), "drill": only_drill, "sound": protocol.sound})
    else:
        _put_protocol(protocol, only_drill)
    return 0 if protocol.sound else ArchiveDamaged.exit_code


def _put_protocol(protocol: Protocol, only_drill: bool) -> None:
    put("恢复演练记录" if only_drill else "恢复记录")
    put(f"备份:{protocol.snapshot}")
    put(f"位置:{'临时文件夹,已删去' if only_drill else protocol.place}")
    for step in protocol.steps:
        put(f"{'通过' if step.well else '未通过'}  {step.what}:{step.note}")
    put(f"用时:{protocol.seconds:.1f} 秒")
    put("结论:" + ("通过" if protocol.sound else "未通过,请改用另一份备份"))
    if not only_drill and protocol.sound:
        put(f"下一步:pipeline --workspace {protocol.place} run")
    if only_drill:
        put("演练人:____________  日期:____________")
