"""Lists of a bundle as a workbook and as a Word table, A4 landscape: the same rows in both, every cell text."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
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

# what XML cannot hold
CONTROL = dict.fromkeys([*(c for c in range(32) if c not in (9, 10, 13)), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])

_SIZE = 9  # points: a 档号 and a date each fit on one line

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``name``: the sheet's; ``title`` stands above, ``widths_mm`` add up to a landscape page; ``foot``: lines below."""

    name: str
    title: str
    columns: Row
    widths_mm: tuple[int, ...]
    rows: Sequence[Row]
    foot: Sequence[str] = ()


def clean(text: str) -> str:
    """Return a text as XML can hold it: control characters left out, halves of characters as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8").translate(CONTROL)


def as_xlsx(table: Table, made_on: dt.date) -> bytes:
    """Return the table as .xlsx: a cell that begins with ``=`` stays text."""
    book = Workbook()
    book.properties.created = book.properties.modified = dt.datetime.combine(made_on, dt.time())
    sheet = book.active
    assert sheet is not None
    sheet.title = table.name
    thin = Side(style="thin")
    sheet.append([clean(table.title)])
    sheet.append(list(table.columns))
    for row in table.rows:
        sheet.append([None] * len(table.columns))
        for column, value in enumerate(row, 1):
            cell = sheet.cell(row=sheet.max_row, column=column)
            cell.value = clean(value)
            cell.data_type = "s"
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(table.columns))
    sheet["A1"].font = Font(name="黑体", size=16)
    sheet["A1"].alignment = Alignment(horizontal="center")
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.font = Font(name="宋体", size=_SIZE, bold=cell.row == 2)
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
    for column, width in enumerate(table.widths_mm, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width / 2
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:2"
    for n, row in enumerate((table.columns, *table.rows), 2):
        sheet.row_dimensions[n].height = 14 * _lines(row, table.widths_mm)
    for words in table.foot:
        sheet.append([clean(words)])
        sheet.cell(row=sheet.max_row, column=1).data_type = "s"
        sheet.merge_cells(start_row=sheet.max_row, start_column=1, end_row=sheet.max_row, end_column=len(table.columns))
    stream = io.BytesIO()
    # not book.save, which writes the present time into the file
    ExcelWriter(book, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED)).save()
    return repacked(stream.getvalue())


def _lines(row: Row, widths_mm: Sequence[int]) -> int:
    """Return how many lines the fullest cell takes: not every program makes a row as high as its text."""
    half_widths = (sum(2 if ord(c) > 0x2E7F else 1 for c in value) for value in row)
    room = (max(int((width - 3) / (_SIZE * 0.18)), 1) for width in widths_mm)
    return max(1, *(-(-cells // fits) for cells, fits in zip(half_widths, room, strict=True)))


def as_docx(table: Table) -> bytes:
    """Return the table as .docx, its header row repeated on every page."""
    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(15)
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write_run(head, clean(table.title), "黑体", 16)
    grid = document.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    grid.style = "Table Grid"
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    for column, width in zip(grid.columns, table.widths_mm, strict=True):
        column.width = Mm(width)
    for n, (line, row) in enumerate(zip(grid.rows, (table.columns, *table.rows), strict=True)):
        for cell, value, width in zip(line.cells, row, table.widths_mm, strict=True):
            cell.width = Mm(width)
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)
            write_run(cell.paragraphs[0], clean(value), "宋体" if n else "黑体", _SIZE)
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for words in table.foot:
        below = document.add_paragraph()
        below.paragraph_format.space_before, below.paragraph_format.space_after = Pt(6), Pt(0)
        write_run(below, clean(words), "宋体", 10.5)
    stream = io.BytesIO()
    document.save(stream)
    return repacked(stream.getvalue())


def write_run(paragraph: Any, text: str, font: str, size: float) -> None:
    """A run of text stands in a paragraph, its Chinese in this font too."""
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    # python-docx sets the Western font only; without this Word shows Chinese in its own default
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
