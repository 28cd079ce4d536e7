"""归档文件目录: the nine columns of DA/T 22-2015."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.archive.plan import BundleItem
from pipeline.archive.tables import Row, Table

NAME = "归档文件目录"
COLUMNS = ("序号", "档号", "文号", "责任者", "题名", "日期", "密级", "页数", "备注")
_WIDTHS_MM = (12, 48, 32, 42, 62, 22, 12, 12, 25)


def catalogue(title: str, items: Sequence[BundleItem]) -> Table:
    """Return the items as the catalogue lists them, in their order."""
    return Table(NAME, f"{title}{NAME}", COLUMNS, _WIDTHS_MM, [_row(n, item) for n, item in enumerate(items, 1)])


def _row(n: int, item: BundleItem) -> Row:
    day = f"{item.date:%Y%m%d}" if item.date else ""
    pages = "" if item.pages is None else str(item.pages)
    return (str(n), item.archival_code, item.document_number, item.responsible, item.title, day, item.secrecy, pages,
            item.remark)  # fmt: skip
