"""The facts of a year as files: the workbook to fill in, and what was filled in, Excel or JSON."""

from __future__ import annotations

from pathlib import Path

from pipeline.assessment.given import Given, read_json
from pipeline.assessment.known import Known
from pipeline.assessment.run import table_of
from pipeline.assessment.workbook import facts_template, read_workbook
from pipeline.errors import UsageError
from pipeline.office import Office


def facts_book(office: Office, year: int) -> bytes:
    """Return the workbook to fill in, with what the ledger knows."""
    table = table_of(office)
    return facts_template(table, office.roster, Known(office, table, year))


def read_facts(office: Office, year: int, path: Path) -> Given:
    """Return what somebody filled in, told by the file's ending.

    Raises:
        UsageError: it is neither. FactsError: it does not open, or something does not fit.
    """
    table = table_of(office)
    if path.suffix.lower() == ".xlsx":
        return read_workbook(path, table, office.roster, Known(office, table, year))
    if path.suffix.lower() != ".json":
        raise UsageError(f"“{path.name}”不是考核数据文件", "请用 .xlsx 或 .json 文件")
    return read_json(path, table, office.roster, year)
