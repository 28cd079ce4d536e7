"""``init`` and ``roster``: make a workspace and tell it who the units and people are."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, put, say
from pipeline.errors import UsageError
from pipeline.roster import read_roster, write_roster, write_template
from pipeline.workspace import make_workspace


@click.command(help="建立工作区:收件箱、档案、文书模板和设置文件。")
@click.argument("folder", metavar="文件夹", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--samples", is_flag=True, help="一并放入示例名册和示例文件,用来试用")
@with_call
def init(call: Call, folder: Path | None, samples: bool) -> None:
    target = (folder or call.workspace or Path.cwd()).absolute()
    made = make_workspace(target, samples=samples)
    if call.json:
        emit({"workspace": str(target), "made": made})
        return
    put(f"工作区已建好:{target}")
    if samples:
        put("示例名册已导入,示例文件已放入收件箱。下一步:pipeline watch --once")
    else:
        put("下一步:填写“名册模板.xlsx”,再运行 pipeline roster import 名册模板.xlsx")


@click.group(help="名册:单位和人员。")
def roster() -> None:
    pass


@roster.command("import", help="从 Excel 或 JSON 文件导入名册,替换现有名册。")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@with_call
def roster_import(call: Call, file: Path) -> None:
    with call.office() as office:
        value = read_roster(file, office.rulebook)
        office.ledger.save_roster(value)
        if call.json:
            emit({"units": len(value.units), "people": len(value.people)})
        else:
            put(f"名册已导入:{len(value.units)} 个单位,{len(value.people)} 人")


@roster.command("export", help="把现有名册写成 Excel 文件。")
@click.argument("file", metavar="文件.xlsx", type=click.Path(path_type=Path, dir_okay=False))
@with_call
def roster_export(call: Call, file: Path) -> None:
    if file.suffix.lower() != ".xlsx":
        raise UsageError(f"“{file.name}”不是 .xlsx 文件名", "请写成 名册.xlsx 这样的形式")
    with call.office() as office:
        write_roster(office.roster, file, office.rulebook)
        say(f"名册已写入 {file}")


@roster.command("template", help="写一份空的名册模板,供填写后导入。")
@click.argument("file", metavar="文件.xlsx", type=click.Path(path_type=Path, dir_okay=False))
@with_call
def roster_template(call: Call, file: Path) -> None:
    with call.office() as office:
        write_template(file, office.rulebook)
        say(f"名册模板已写入 {file}")
