"""``file`` and ``items``: the office files its papers, and sees what is filed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from pipeline.archive.stamps import Stamp, stamp_sheet
from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, put, say, table, write_file
from pipeline.codes import normal_code, retention_label
from pipeline.dossier import full_unit_name, pages_of, title_of
from pipeline.errors import UsageError
from pipeline.filing import file_papers, missing_numbers, paper_of, unfiled
from pipeline.ledger import Item, Rendition
from pipeline.office import Office


@click.command(help="归档:定保管期限,编档号。档号一经编定不再改动。")
@click.argument("papers", metavar="登记号或发文字号…", nargs=-1)
@click.option("--retention", required=True, metavar="Y|D30|D10", help="保管期限:Y 永久、D30 三十年、D10 十年")
@click.option("--problem", metavar="代码", help="机构(问题)代码(默认用 pipeline.toml 里的 department)")
@click.option("--year", type=int, help="不逐件写号,而是归这一年形成的全部未归档件")
@click.option("--unit", help="与 --year 同用:只归一个单位的")
@click.option("--kind", help="与 --year 同用:只归一个文种或一种文书")
@with_call
def file(
    call: Call,
    papers: tuple[str, ...],
    retention: str,
    problem: str | None,
    year: int | None,
    unit: str | None,
    kind: str | None,
) -> None:
    if bool(papers) == (year is not None):
        raise UsageError("没有写明归哪些件", "请写登记号或发文字号,或写 --year 年度(可加 --unit、--kind),二者选一")
    with call.office() as office:
        named = (
            [paper.strip() for paper in papers]
            if year is None
            else list(unfiled(office, year, full_unit_name(office, unit) if unit else None, kind))
        )
        done = file_papers(office, named, retention, problem and problem.upper())
        for item in done:
            if call.json:
                emit(_shape(item))
            else:
                put(f"{item.code}  {item.subject}" + ("" if item.fresh else "(早已归档)"))
        say(f"共 {len(done)} 件,新编档号 {sum(item.fresh for item in done)} 个")


@click.command(help="已归档的件:档号、缺号,可打印归档章。")
@click.option("--code", metavar="档号", help="只看一个档号(间隔点、全角半角写法不限)")
@click.option("--year", type=int, help="只看一个年度")
@click.option("--stamps", type=click.Path(path_type=Path, dir_okay=False), help="把归档章排成一份 Word 文件,供打印")
@with_call
def items(call: Call, code: str | None, year: int | None, stamps: Path | None) -> int:
    with call.office() as office:
        found = office.ledger.items(year=year, code=normal_code(code) if code else None)
        if code and not found:
            raise UsageError(f"没有档号 {normal_code(code)}", "请检查写法,pipeline items 可列出全部档号")
        copies = office.ledger.renditions()
        printed = [_stamp(office, item, copies) for item in found]
        if stamps is not None:
            write_file(stamps, stamp_sheet("归档章", printed))
            say(f"归档章已写入 {stamps}({len(found)} 枚)")
        if call.json:
            for item, stamp in zip(found, printed, strict=True):
                emit({**_shape(item), "stamp": stamp.cells})
        else:
            lines = [
                (i.code, retention_label(i.retention), i.subject, title_of(paper_of(office, i.subject))) for i in found
            ]
            table(("档号", "保管期限", "登记号或文号", "题名"), lines)
        missing = missing_numbers(office.ledger.items())
        for gap in missing:
            say(f"缺号:{gap.shelf.code(gap.missing[0])} 等 {len(gap.missing)} 个,请运行 pipeline verify 并查明原因")
        return int(bool(missing))


def _shape(item: Item) -> dict[str, object]:
    keys = ("code", "subject", "fonds", "category", "year", "retention", "department", "seq", "filed_at", "fresh")
    return {key: getattr(item, key) for key in keys}


def _stamp(office: Office, item: Item, copies: Mapping[str, Rendition]) -> Stamp:
    paper = paper_of(office, item.subject)
    return Stamp(item.code, title_of(paper), pages_of(office, paper, copies) if paper else None)
