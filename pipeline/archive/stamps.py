"""归档章 (DA/T 22-2015): six cells for the head of a paper's first page, 45 × 16 mm, as a sheet to print and cut or copy from."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from pipeline.archive.tables import clean, write_run
from pipeline.codes import read_code, retention_label
from pipeline.packing import repacked

STAMPS = "归档章"
CELLS = ("全宗号", "年度", "件号", "机构(问题)", "保管期限", "页数")
_ACROSS, _CELL_MM, _HEIGHT_MM, _SPACE_MM = 3, 15, 8, 12


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stands in a stamp, and the words below it that say which paper it is for."""

    code: str
    title: str
    pages: int | None = None

    @property
    def cells(self) -> Mapping[str, str]:
        """The six cells, '' where nothing is known; all empty for a paper without 档号."""
        found = read_code(self.code)
        if found is None:
            return dict.fromkeys(CELLS, "")
        shelf, seq = found
        pages = "" if self.pages is None else str(self.pages)
        values = (shelf.fonds, str(shelf.year), str(seq), shelf.department, retention_label(shelf.retention), pages)
        return dict(zip(CELLS, values, strict=True))


def stamp_sheet(title: str, stamps: Sequence[Stamp]) -> bytes:
    """Return the stamps as .docx, A4, three across, each in its own size."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(15)
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write_run(head, clean(title), "黑体", 14)
    if stamps:
        _fill(document, stamps)
    stream = io.BytesIO()
    document.save(stream)
    return repacked(stream.getvalue())


def _fill(document: Any, stamps: Sequence[Stamp]) -> None:
    columns = 4 * _ACROSS - 1
    lines = -(-len(stamps) // _ACROSS)
    table = document.add_table(rows=3 * lines, cols=columns)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for n, column in enumerate(table.columns):
        column.width = Mm(_SPACE_MM if n % 4 == 3 else _CELL_MM)
    rows = [(row, row.cells) for row in table.rows]  # asking a row for its cells anew is slow
    for n, (row, cells) in enumerate(rows):
        row.height, row.height_rule = Mm(_HEIGHT_MM if n % 3 < 2 else 14), WD_ROW_HEIGHT_RULE.EXACTLY
        cut = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(cut)
        for k, cell in enumerate(cells):
            cell.width = Mm(_SPACE_MM if k % 4 == 3 else _CELL_MM)
    for n, stamp in enumerate(stamps):
        top, left = 3 * (n // _ACROSS), 4 * (n % _ACROSS)
        values = list(stamp.cells.values())
        for k, value in enumerate(values):
            _cell(rows[top + k // 3][1][left + k % 3], value)
        below = rows[top + 2][1][left].merge(rows[top + 2][1][left + 2])
        write_run(below.paragraphs[0], clean(f"{stamp.code} {stamp.title}")[:44], "宋体", 7.5)
        below.paragraphs[0].paragraph_format.space_after = Pt(0)
        for row, _ in rows[top : top + 2]:  # keep a stamp and its words on one page
            for cell in row.cells[left : left + 1]:
                cell.paragraphs[0].paragraph_format.keep_with_next = True


def _cell(cell: Any, value: str) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(0)
    write_run(paragraph, value, "宋体", 9)
    edges = OxmlElement("w:tcBorders")
    for side in ("top", "left", "bottom", "right"):
        edge = OxmlElement(f"w:{side}")
        for key, setting in (("val", "single"), ("sz", "6"), ("color", "000000")):
            edge.set(qn(f"w:{key}"), setting)
        edges.append(edge)
    cell._tc.get_or_add_tcPr().append(edges)
