"""``bundle`` and ``bundle check``: what the office hands over, and what is handed to it."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click
from tqdm import tqdm

from pipeline.acceptance import RECEIVED, Judged, judge_bundle, witness_of
from pipeline.archive import Made
from pipeline.archive.properties import LABELS, Result
from pipeline.archive.properties.package import REPORT
from pipeline.archive.report import as_shape, report_files
from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, printable, put, say, write_file
from pipeline.dossier import plan_bundle
from pipeline.errors import SettingsError, UsageError
from pipeline.handover import hand_over
from pipeline.office import Office


@click.group(
    help="生成一个单位、一个人或一项制度一年的归档包;“bundle check”检验归档包。",
    invoke_without_command=True,
    subcommand_metavar="[check 归档包]",
)
@click.option("--unit", help="单位")
@click.option("--person", help="姓名")
@click.option("--institution", help="制度(编号)")
@click.option("--year", type=int, help="年度")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="存到这个文件夹(默认 archive/bundles)")
@click.option("--zip", "as_zip", is_flag=True, help="打成一个 zip 文件")
@click.option("--proof", type=click.Path(path_type=Path, dir_okay=False), help="另写一份校验凭据,交别人保存")
@with_call
@click.pass_context
def bundle(
    ctx: click.Context,
    call: Call,
    unit: str | None,
    person: str | None,
    institution: str | None,
    year: int | None,
    out: Path | None,
    as_zip: bool,
    proof: Path | None,
) -> None:
    if ctx.invoked_subcommand is not None:
        return
    if year is None:
        raise UsageError("没有写明年度", "请写 --year,如 --year 2026;检验归档包请写 bundle check 归档包")
    with call.office() as office:
        plan = plan_bundle(office, year, unit, person, institution)
        with tqdm(desc="版式件", unit="件", disable=None, file=sys.stderr) as bar:
            done = hand_over(office, plan, out, as_zip, bar.update)
        made = done.made
        if proof is not None:
            write_file(proof, _proof(office, plan.title, made))
        if call.json:
            emit({"bundle": str(made.path), "items": len(plan.items), "sha256": made.sha256, "copies": done.copies})
        else:
            put(f"归档包已生成:{made.path}({len(plan.items)} 件)")
            put(f"归档包校验值:{made.sha256}")
            say("其中有归档文件目录、四性检测报告(Excel 和 Word)、元数据和校验清单;校验值已写入操作日志")
            if done.why_not:
                reasons = "、".join(sorted(set(done.why_not.values())))
                say(f"有 {len(done.why_not)} 件没有 PDF/A 版式件:{reasons}")


def _proof(office: Office, title: str, made: Made) -> bytes:
    """Return what another keeps so that no one can rewrite bundle and journal unseen: both hashes, as text for Windows."""
    head = office.ledger.journal_head()
    lines = (
        "校验凭据(请交本办以外的人保存)",
        f"归档包:{title}({made.path.name})",
        f"归档包校验值(tagmanifest-sha256.txt 的 SHA-256):{made.sha256}",
        f"操作日志末条:第 {head.seq} 条 {head.hash}",
        f"生成日期:{office.today()}",
        "核对方法:pipeline bundle check 归档包;pipeline verify 的日志须含上面这一条。",
    )
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig", "replace")


@bundle.command("check", help="检验一个归档包(文件夹或 zip),不论是谁做的:逐个文件重新校验,逐项作四性检测。")
@click.argument("path", metavar="归档包", type=click.Path(path_type=Path))
@click.option("--report", type=click.Path(path_type=Path, file_okay=False), help="把四性检测报告写到这个文件夹")
@with_call
def check(call: Call, path: Path, report: Path | None) -> int:
    try:
        folder = call.folder()
    except SettingsError:
        if call.workspace is not None:
            raise
        folder = None  # a bundle can be judged where there is no workspace; then nobody can be asked
    if folder is None:
        return _check(call, path, report, None)
    with call.office() as office:
        return _check(call, path, report, office)


def _check(call: Call, path: Path, report: Path | None, office: Office | None) -> int:
    judged = judge_bundle(path, witness_of(office))
    if report is not None:
        made_on = office.today() if office else call.as_of or dt.datetime.now(dt.UTC).date()
        for name, data in report_files(judged.title, made_on, RECEIVED, judged.checks).items():
            write_file(report / name, data)
        say(f"{REPORT}已写入 {report}")
    if call.json:
        emit({"bundle": str(path), "sound": judged.sound, "sha256": judged.sha256, "items": judged.items,
              "stray": judged.stray, **as_shape(judged.checks)})  # fmt: skip
    else:
        _print(judged)
    return 0 if judged.sound else 1


def _print(judged: Judged) -> None:
    put(f"{printable(judged.title)}:{judged.items} 件")
    for each in judged.checks:
        put(f"{each.id}  {LABELS[each.property]}  {LABELS[each.result]}  {each.title}:{printable(each.evidence)}")
    counts = {r: sum(c.result is r for c in judged.checks) for r in Result}
    put(";".join(f"{LABELS[r]} {n} 项" for r, n in counts.items()))
    put("没有发现不通过的项目" if judged.sound else "检验不通过:请与移交方核对,不要接收")
