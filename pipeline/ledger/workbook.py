"""The ledger as a workbook (台账): one sheet per institution, coloured by status, filterable, inert."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from pipeline.judging.obligations import Owed, Standing

COLUMNS = ("事项", "要求", "单位", "人员", "时期", "期限", "状态", "登记号", "依据")
_WIDTHS = (8, 50, 40, 12, 12, 12, 12, 14, 30)
LABELS = {
    Standing.UPCOMING: "未到期",
    Standing.DUE: "将到期",
    Standing.RECEIVED: "已收",
    Standing.LATE: "迟报",
    Standing.OVERDUE: "逾期",
    Standing.SATISFIED: "已完成",
    Standing.RETURNED: "已退回",
    Standing.CLOSED: "已办结",
}
_COLOURS = {Standing.OVERDUE: "F8CBAD", Standing.LATE: "FFE699", Standing.DUE: "FFF2CC", Standing.SATISFIED: "E2EFDA"}


def ledger_workbook(rows: Iterable[Owed], institutions: Mapping[str, str], actions: Mapping[str, str]) -> bytes:
    """Return the workbook; ``institutions``: id → title, ``actions``: obligation → what must be done. Text only."""
    sheets: dict[str, list[Owed]] = defaultdict(list)
    for row in rows:
        sheets[row.institution].append(row)
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    for n, (institution, things) in enumerate(sheets.items() or [("", [])], 1):
        title = "".join(c for c in institutions.get(institution, "台账") if c not in "[]:*?/\\")
        sheet = book.create_sheet(f"{n}.{title}"[:31])
        sheet.append(list(COLUMNS))
        for thing in things:
            line = sheet.max_row + 1
            for column, value in enumerate(_cells(thing, actions), 1):
                cell = sheet.cell(row=line, column=column)
                cell.value = "" if value is None else str(value)
                cell.data_type = "s"
                if thing.status in _COLOURS:
                    cell.fill = PatternFill("solid", fgColor=_COLOURS[thing.status])
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


def _cells(thing: Owed, actions: Mapping[str, str]) -> tuple[object, ...]:
    return (thing.obligation, actions.get(thing.obligation, ""), thing.unit, thing.person, thing.period, thing.due,
            LABELS[thing.status], thing.entry, thing.clause)  # fmt: skip
