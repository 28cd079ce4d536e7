"""``verify``, ``journal``, ``rebuild``, ``doctor``: the office looks after its archive."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from tqdm import tqdm

from pipeline.checkup import check_up
from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, printable, put, say, write_file
from pipeline.errors import ArchiveDamaged
from pipeline.ledger import keep_head, read_head, sheet_text
from pipeline.proving import Proof, day_sheet, journal_troubles, prove, prove_share


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
        looks = check_up(office)
        for look in looks:
            if call.json:
                emit({"check": look.name, "ok": look.well, "note": printable(look.note)})
            else:
                put(f"{'正常' if look.well else '注意'}  {look.name}:{printable(look.note)}")
        return int(not all(look.well for look in looks))
