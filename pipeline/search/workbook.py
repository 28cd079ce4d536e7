"""What was found as a workbook: one line for each paper, filterable, inert."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterable

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from pipeline.search.hits import Hit

COLUMNS = ("登记号", "标题", "文种", "单位", "人员", "年度", "收到", "状态", "所在标题", "页", "段", "摘录")
_WIDTHS = (12, 50, 30, 30, 12, 8, 12, 12, 30, 6, 6, 80)


def hits_workbook(hits: Iterable[Hit], label: Callable[[str, str], str]) -> bytes:
    """Return the workbook; ``label``: field and value to what people call it. Text only."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "检索结果"
    for n, cells in enumerate([COLUMNS, *(_cells(hit, label) for hit in hits)], 1):
        for column, value in enumerate(cells, 1):
            cell = sheet.cell(row=n, column=column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", "" if value is None else str(value))
            cell.data_type = "s"
    for column, width in enumerate(_WIDTHS, 1):
        sheet.cell(row=1, column=column).font = Font(name="黑体", bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{sheet.max_row}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.print_title_rows = "1:1"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cells(hit: Hit, label: Callable[[str, str], str]) -> tuple[object, ...]:
    return (hit.entry, hit.title, label("kind", hit.kind), hit.unit, hit.person, hit.year, hit.received,
            label("status", hit.status), hit.heading, hit.page, hit.passage + 1, plain_snippet(hit))  # fmt: skip


def plain_snippet(hit: Hit, left: str = "", right: str = "") -> str:
    """Return the snippet as plain text, its marks as ``left`` and ``right``."""
    return html.unescape(re.sub("</mark>", right, re.sub("<mark>", left, hit.snippet)))
