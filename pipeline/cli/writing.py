"""``letter``: what the office writes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from tqdm import tqdm

from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, put, say, table, write_file
from pipeline.correspondence import Wanted, drafts, issue, kinds
from pipeline.dossier import full_unit_name
from pipeline.errors import PipelineError, UsageError
from pipeline.ledger import Letter
from pipeline.letters import Draft
from pipeline.letters.fields import COLUMNS
from pipeline.letters.merge import merged
from pipeline.office import Office
from pipeline.reading.pdfa import FILTER
from pipeline.roster.workbook import sheet_file

MERGED = "合并打印"  # a folder of its own: what counts the letters in the other must not count this


@click.command(help="生成文书并登记编号。“letter list”列出可生成的文书,“letter check 文件”检查改过的模板。")
@click.argument("kind", metavar="文书")
@click.argument("file", metavar="[模板.docx]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--unit", help="只给一个单位")
@click.option("--person", help="只给一个人")
@click.option("--year", type=int, help="年度(默认今年)")
@click.option("--period", help="时期,如 2026-H1")
@click.option("--all", "everyone", is_flag=True, help="生成全部应发的")
@click.option("--set", "given", multiple=True, metavar="名称=内容", help="补充内容;多条就写多次,表格的格用 | 隔开")
@click.option("--fields", type=click.Path(path_type=Path, dir_okay=False), help="从 JSON 文件补充内容")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="另存到这个文件夹")
@click.option("--pdf", is_flag=True, help="同时转成 PDF(需要 LibreOffice)")
@click.option("--xlsx", is_flag=True, help="表格类文书(公开目录、材料目录等)同时写成 Excel")
@click.option("--pdfa", is_flag=True, help="同时转成归档用的 PDF/A-2b(需要 LibreOffice)")
@with_call
def letter(
    call: Call,
    kind: str,
    file: Path | None,
    unit: str | None,
    person: str | None,
    year: int | None,
    period: str | None,
    everyone: bool,
    given: tuple[str, ...],
    fields: Path | None,
    out: Path | None,
    pdf: bool,
    pdfa: bool,
    xlsx: bool,
) -> int:
    with call.office() as office:
        if kind == "list":
            return _list(call, office)
        if kind == "check":
            return _check(call, office, file)
        if file is not None:
            raise UsageError(f"多出了参数:{file}", "检查模板请写 letter check 文件.docx")
        told = _given(given, fields)
        if not (everyone or unit or person or told):
            raise UsageError("没有写明给谁", "请写 --unit 单位、--person 姓名,或 --all 生成全部")
        wanted = Wanted(year or office.today().year, full_unit_name(office, unit) if unit else None, person, period)
        planned = list(drafts(kind, wanted, office, told))
        if notice := office.calendar_notice():
            say(notice)
        folder = out or office.workspace / "archive" / "letters"
        written = _issue(planned, office)
        contents = [office.archive.path_of(made.sha256).read_bytes() for made in written]
        for made, content in zip(written, contents, strict=True):
            target = folder / f"{made.number}-{made.name}"
            write_file(target, content)
            if call.json:
                emit(_shape(made, target))
        if len(written) > 1:
            write_file(folder / MERGED / f"{kind}-{wanted.year}.docx", merged(contents))
        if xlsx:
            _to_excel(planned, written, folder)
        if pdf or pdfa:
            _to_pdf([folder / f"{made.number}-{made.name}" for made in written], folder, pdfa)
        if not call.json:
            fresh = sum(made.fresh for made in written)
            put(f"共 {len(written)} 份:新生成 {fresh} 份,原已生成 {len(written) - fresh} 份。存于 {folder}"
                + (",另有一份合并打印" if len(written) > 1 else ""))  # fmt: skip
        return 0


def _given(pairs: tuple[str, ...], file: Path | None) -> dict[str, object]:
    """Return what the office supplies: field → text, lines where it was said several times, rows where ``|`` parts cells."""
    found: dict[str, object] = {}
    if file is not None:
        try:
            read = json.loads(file.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise UsageError(f"读不出 {file}", '应是 JSON 文件,形如 {"谈话人": "张三"}') from error
        if not isinstance(read, dict):
            raise UsageError(f"{file} 的内容不对", '应是 JSON 对象,形如 {"谈话人": "张三"}')
        found.update(read)
    said: dict[str, list[object]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"“{pair}”的写法不对", "应写成 名称=内容")
        said.setdefault(name.strip(), []).append(value.split("|") if "|" in value else value)
    for name, values in said.items():
        found[name] = values[0] if len(values) == 1 and isinstance(values[0], str) else values
    return found


def _issue(planned: list[Draft], office: Office) -> list[Letter]:
    with tqdm(planned, desc="生成文书", unit="份", disable=None, file=sys.stderr) as bar:
        return [issue(draft, office) for draft in bar]


def _check(call: Call, office: Office, file: Path | None) -> int:
    """Say everything that is wrong with a template that the office edited; 1 when something is."""
    if file is None:
        raise UsageError("没有写明模板文件", "请写 letter check 文件.docx")
    kind = next((k for k in (file.stem, *office.letters.kinds()) if k in file.stem), file.stem)
    problems = office.letters.check(file, kind)
    if call.json:
        emit({"file": str(file), "kind": kind, "problems": problems})
    else:
        for problem in problems:
            put(f"· {problem}")
        put(f"{file.name}:" + (f"有 {len(problems)} 处问题" if problems else "没有问题"))
    return int(bool(problems))


def _list(call: Call, office: Office) -> int:
    written = office.ledger.letters()
    if call.json:
        for kind, title in kinds(office).items():
            emit({"kind": kind, "title": title, "written": sum(made.kind == kind for made in written)})
        return 0
    table(
        ("文书", "名称", "已生成"), [(k, t, sum(made.kind == k for made in written)) for k, t in kinds(office).items()]
    )
    return 0


def _shape(made: Letter, target: Path) -> dict[str, object]:
    return {
        "number": made.number,
        "kind": made.kind,
        "title": made.title,
        "unit": made.unit,
        "person": made.person,
        "entry": made.entry,
        "sha256": made.sha256,
        "file": str(target),
        "fresh": made.fresh,
    }


def _to_excel(planned: list[Draft], written: list[Letter], folder: Path) -> None:
    """The rows of lists and catalogues as inert cells, beside the letter."""
    for draft, made in zip(planned, written, strict=True):
        rows = draft.fields.get("rows")
        if isinstance(rows, list):
            data = sheet_file(draft.title[:31], COLUMNS[draft.letter], map(tuple, rows))
            write_file((folder / f"{made.number}-{made.name}").with_suffix(".xlsx"), data)


def _to_pdf(files: list[Path], folder: Path, for_archive: bool) -> None:
    """Convert with LibreOffice, to PDF/A-2b for the archive; its exit code says nothing, so the results are looked for."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise PipelineError(
            "本机没有 LibreOffice,不能转成 PDF", "请安装 LibreOffice,或在 Word 中另存为 PDF;Word 文书已生成"
        )
    with tempfile.TemporaryDirectory() as profile:
        command = [program, f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--convert-to"]
        command.append(FILTER if for_archive else "pdf")
        subprocess.run(
            [*command, "--outdir", str(folder), *map(str, files)], capture_output=True, check=False, timeout=600
        )
    missing = [file.name for file in files if not file.with_suffix(".pdf").exists()]
    if missing:
        raise PipelineError(f"有 {len(missing)} 份没有转成 PDF", "Word 文书已生成,可在 Word 中另存")
