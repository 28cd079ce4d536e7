"""The roster workbook (名册): sheets 单位 and 人员, read whatever Excel or WPS made of it, written so that it is inert."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.errors import PipelineError, RosterError
from pipeline.model import Roster
from pipeline.roster.check import RawPerson, RawUnit, split_words
from pipeline.roster.labels import class_labels, role_labels
from pipeline.rulebook import Rulebook

UNITS, PEOPLE, NOTES = "单位", "人员", "说明"
UNIT_COLUMNS = ("正式名称", "简称", "类别", "上级单位")
PEOPLE_COLUMNS = ("姓名", "单位", "职务", "角色", "分管范围", "任职起", "任职止")
_REQUIRED = {"正式名称", "类别", "姓名", "单位", "角色"}
_HINTS = {
    "正式名称": "落款所用的全称,不可重复",
    "简称": "平时的叫法,多个用、隔开;识别文件时也认简称",
    "类别": "从下拉单中选",
    "上级单位": "市直接管理的不填",
    "单位": "填单位表里的正式名称或简称",
    "角色": "从下拉单中选",
    "分管范围": "多个用、隔开",
    "任职起": "如 2026-01-01,可不填",
    "任职止": "离任后填写,可不填",
}
_MAX_ROWS = 20_000
_CONTROL = {c: None for c in range(32) if c not in (9, 10, 13)}


def read_workbook(path: Path) -> tuple[list[RawUnit], list[RawPerson]]:
    """Return the rows of a roster workbook; empty rows are passed over.

    Raises:
        RosterError: it does not open, a sheet or column is missing, or a cell holds a formula.
    """
    book = open_workbook(path)
    problems: list[str] = []
    units = [
        RawUnit(place, row["正式名称"], row["类别"], split_words(row["简称"]), row["上级单位"])
        for place, row in sheet_rows(book, UNITS, UNIT_COLUMNS, _REQUIRED, problems)
    ]
    people = [
        RawPerson(
            place,
            row["姓名"],
            row["单位"],
            row["职务"],
            row["角色"],
            split_words(row["分管范围"]),
            row["任职起"],
            row["任职止"],
        )
        for place, row in sheet_rows(book, PEOPLE, PEOPLE_COLUMNS, _REQUIRED, problems)
    ]
    if problems:
        raise RosterError(f"“{path.name}”有 {len(problems)} 处问题,没有导入", "请改正后重新导入:", tuple(problems))
    return units, people


def open_workbook(path: Path) -> Workbook:
    """Return a workbook that somebody filled in.

    Raises:
        RosterError: it does not open.
    """
    try:
        return load_workbook(path, data_only=False)
    except FileNotFoundError as error:
        raise RosterError(f"没有找到文件 {path}", "请检查文件名") from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError, EOFError) as error:
        raise RosterError(
            f"“{path.name}”不是能打开的 Excel 文件(.xlsx)", "有密码请去除,旧格式请另存为 .xlsx"
        ) from error


def sheet_rows(
    book: Workbook, sheet_name: str, columns: tuple[str, ...], required: set[str], problems: list[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (place, column → text) of every row that says something, below the first row that holds the headings.

    ``required``: headings without which it is no heading row. ``problems`` gets what is wrong with sheet and cells.
    """
    if sheet_name not in book.sheetnames:
        problems.append(f"缺少“{sheet_name}”工作表(现有:{'、'.join(book.sheetnames)})")
        return
    sheet = book[sheet_name]
    where: dict[str, int] | None = None
    for n, row in enumerate(sheet.iter_rows(max_row=min(sheet.max_row, _MAX_ROWS)), 1):
        cells = [
            _cell(cell, f"{sheet_name} 第{n}行 {get_column_letter(i)}列", problems) for i, cell in enumerate(row, 1)
        ]
        if where is None:
            found = {word: i for i, word in enumerate(cells) if word in columns}
            if required & set(columns) <= set(found):
                where = found
            continue
        values = {column: cells[where[column]] if column in where else "" for column in columns}
        if any(values.values()):
            yield f"{sheet_name} 第{n}行", values
    if where is None:
        need = "、".join(c for c in columns if c in required)
        problems.append(f"“{sheet_name}”工作表没有表头(至少要有:{need})")


def _cell(cell: Any, place: str, problems: list[str]) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        problems.append(f"{place}:是公式,请改为文字")
        return ""
    if cell.data_type == "e":
        problems.append(f"{place}:是错误值 {value},请改为文字")
        return ""
    if isinstance(value, dt.datetime | dt.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\u3000", " ").strip()


def write_roster(roster: Roster, path: Path, rulebook: Rulebook) -> None:
    """The roster stands in a workbook that ``read_roster`` reads back unchanged.

    Raises:
        PipelineError: the file cannot be written.
    """
    classes, roles = class_labels(rulebook), role_labels(rulebook)
    units = ((u.name, "、".join(u.aliases), classes.get(u.unit_class, u.unit_class), u.upper) for u in roster.units)
    people = (
        (p.name, p.unit, p.post, roles.get(p.role, p.role), "、".join(p.scope), p.since, p.until) for p in roster.people
    )
    _save(path, rulebook, units, people)


def write_template(path: Path, rulebook: Rulebook) -> None:
    """An empty workbook to fill in, with drop-downs and a sheet of explanations.

    Raises:
        PipelineError: the file cannot be written.
    """
    _save(path, rulebook, (), ())


def _save(
    path: Path, rulebook: Rulebook, units: Iterable[tuple[object, ...]], people: Iterable[tuple[object, ...]]
) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = UNITS
    fill_sheet(first, UNIT_COLUMNS, units, {"类别": list(class_labels(rulebook).values())}, _HINTS)
    fill_sheet(
        book.create_sheet(PEOPLE), PEOPLE_COLUMNS, people, {"角色": list(role_labels(rulebook).values())}, _HINTS
    )
    notes = book.create_sheet(NOTES)
    for line in ("填写说明", *(f"{column}:{hint}" for column, hint in _HINTS.items())):
        notes.append([line])
    notes.append(["类别可填:" + "、".join(class_labels(rulebook).values())])
    notes.append(["角色可填:" + "、".join(role_labels(rulebook).values())])
    notes.column_dimensions["A"].width = 100
    try:
        book.save(path)
    except OSError as error:
        raise PipelineError(f"无法写入 {path}({error.strerror})", "如文件正打开着,请先关闭") from error


def fill_sheet(
    sheet: Worksheet,
    columns: tuple[str, ...],
    rows: Iterable[tuple[object, ...]],
    choices: dict[str, list[str]],
    hints: dict[str, str],
) -> None:
    """Headings with their hints, rows as inert text, drop-downs for the columns in ``choices``."""
    sheet.append(list(columns))
    for row in rows:
        line = sheet.max_row + 1
        for n, value in enumerate(row, 1):
            cell = sheet.cell(row=line, column=n)
            cell.value = "" if value is None else str(value).translate(_CONTROL)
            cell.data_type = "s"  # a name that begins with = stays a name
    for n, column in enumerate(columns, 1):
        head = sheet.cell(row=1, column=n)
        head.font = Font(name="黑体", bold=True)
        head.fill = PatternFill("solid", fgColor="DDE8F5")
        if column in hints:
            head.comment = Comment(hints[column], "主体办")
        sheet.column_dimensions[get_column_letter(n)].width = 40 if column in {"正式名称", "单位", "简称"} else 22
        if column in choices:
            _drop_down(sheet, n, choices[column])
    sheet.freeze_panes = "A2"


def sheet_file(title: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    """Return a workbook of one sheet, every cell inert text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    fill_sheet(sheet, columns, rows, {}, {})
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.print_title_rows = "1:1"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _drop_down(sheet: Worksheet, column: int, values: list[str]) -> None:
    book = sheet.parent
    assert book is not None
    # written into the cell rule itself, the list would be cut at Excel's 255 characters
    lists = book.create_sheet(f"选项{column}{sheet.title}")
    lists.sheet_state = "hidden"
    for value in values:
        lists.append([value])
    choice = DataValidation(type="list", formula1=f"='{lists.title}'!$A$1:$A${len(values)}", allow_blank=True)
    choice.error, choice.errorTitle = "请从下拉单中选择", "填写"
    sheet.add_data_validation(choice)
    letter = get_column_letter(column)
    choice.add(f"{letter}2:{letter}5000")
