"""归档文件目录: the nine columns of DA/T 22-2015 as a workbook and as a Word table, A4 landscape."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.writer.excel import ExcelWriter

from pipeline.packing import repacked

COLUMNS = ("序号", "档号", "文号", "责任者", "题名", "日期", "密级", "页数", "备注")
_WIDTHS_MM = (12, 34, 30, 46, 74, 22, 12, 12, 25)
# what XML cannot hold
_CONTROL = dict.fromkeys([*(c for c in range(32) if c not in (9, 10, 13)), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])

Row = tuple[str, ...]


def catalogue_xlsx(title: str, rows: Sequence[Row], made_on: dt.date) -> bytes:
    """Return the catalogue as .xlsx. Every cell is text: a title that begins with ``=`` stays a title."""
    book = Workbook()
    book.properties.created = book.properties.modified = dt.datetime.combine(made_on, dt.time())
    sheet = book.active
    assert sheet is not None
    sheet.title = "归档文件目录"
    thin = Side(style="thin")
    sheet.append([title.translate(_CONTROL)])
    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append([None] * len(COLUMNS))
        for column, value in enumerate(row, 1):
            cell = sheet.cell(row=sheet.max_row, column=column)
            cell.value = value.translate(_CONTROL)
            cell.data_type = "s"
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(COLUMNS))
    sheet["A1"].font = Font(name="黑体", size=16)
    sheet["A1"].alignment = Alignment(horizontal="center")
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.font = Font(name="宋体", size=10.5, bold=cell.row == 2)
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
    for column, width in enumerate(_WIDTHS_MM, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width / 2
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:2"
    stream = io.BytesIO()
    # not book.save, which writes the present time into the file
    ExcelWriter(book, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED)).save()
    return repacked(stream.getvalue())


def catalogue_docx(title: str, rows: Sequence[Row]) -> bytes:
    """Return the catalogue as .docx, its header row repeated on every page."""
    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(15)
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(head, title.translate(_CONTROL), "黑体", 16)
    table = document.add_table(rows=1, cols=len(COLUMNS))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, _WIDTHS_MM, strict=True):
        column.width = Mm(width)
    for row in (COLUMNS, *rows):
        cells = table.rows[0].cells if row is COLUMNS else table.add_row().cells
        for cell, value, width in zip(cells, row, _WIDTHS_MM, strict=True):
            cell.width = Mm(width)
            _write(cell.paragraphs[0], value.translate(_CONTROL), "黑体" if row is COLUMNS else "宋体", 10.5)
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    stream = io.BytesIO()
    document.save(stream)
    return repacked(stream.getvalue())


def _write(paragraph: Any, text: str, font: str, size: float) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    # python-docx sets the Western font only; without this Word shows Chinese in its own default
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
