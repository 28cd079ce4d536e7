"""Events from Excel: a template with every obligation to choose from, read back with every fault by row and column."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

from openpyxl import Workbook

from pipeline.errors import RosterError, UsageError
from pipeline.ledger import Event
from pipeline.model import Roster
from pipeline.office import Office
from pipeline.roster.workbook import fill_sheet, open_workbook, sheet_rows
from pipeline.rulebook import Rulebook

SHEET = "登记"
COLUMNS = ("事项", "日期", "单位", "人员", "次数", "说明")
_REQUIRED = {"事项", "日期"}
_HINTS = {
    "事项": "从下拉单中选,编号在前",
    "日期": "如 2026-03-06",
    "单位": "名册里的全称或简称;全市的事不填",
    "人员": "名册里的姓名,可不填",
    "次数": "不填就是 1",
}


def noted_event(
    office: Office, obligation: str, on: dt.date | None, unit: str | None, person: str | None, count: int, note: str
) -> Event:
    """Return one event as the office tells it, its unit by the roster's name; on no day: today.

    Raises:
        UsageError: the rulebook has no such obligation or event, or the roster no such unit.
    """
    rules = office.rulebook
    if obligation not in rules.obligations and obligation not in rules.events:
        known = "、".join(f"{k} {v}" for k, v in rules.events.items())
        raise UsageError(f"规则里没有“{obligation}”这个事项", f"编号可用 pipeline rulebook show 查看;也可以是 {known}")
    return Event(obligation, on or office.today(), named_unit(office, unit), person, count, note)


def named_unit(office: Office, unit: str | None) -> str | None:
    """Return the roster's name of a unit, None where none is named.

    Raises:
        UsageError: the roster has no such unit.
    """
    if unit is None:
        return None
    named = office.unit_named(unit)
    if named is None:
        raise UsageError(f"名册里没有“{unit}”", "请写单位全称或名册里的简称")
    return named


def event_template(rulebook: Rulebook) -> bytes:
    """Return an empty workbook to fill in."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    choices = [f"{o.id} {o.action}" for o in rulebook.obligations.values()]
    fill_sheet(sheet, COLUMNS, (), {"事项": choices}, _HINTS)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read_event_book(path: Path, rulebook: Rulebook, roster: Roster) -> list[Event]:
    """Return the events of a filled-in workbook.

    Raises:
        RosterError: it does not open, or something in it does not fit; names every row and column at once.
    """
    problems: list[str] = []
    names = {name: unit.name for unit in roster.units for name in (unit.name, *unit.aliases)}
    people = {person.name for person in roster.people}
    found: list[Event] = []
    for place, row in sheet_rows(open_workbook(path), SHEET, COLUMNS, _REQUIRED, problems):
        before = len(problems)
        obligation = row["事项"].split(" ")[0]
        if obligation not in rulebook.obligations:
            problems.append(f"{place} 事项:规则里没有“{row['事项']}”")
        day = _day(row["日期"])
        if day is None:
            problems.append(f"{place} 日期:“{row['日期']}”不是日期,应写成 2026-03-06")
        if row["单位"] and row["单位"] not in names:
            problems.append(f"{place} 单位:名册里没有“{row['单位']}”")
        if row["人员"] and row["人员"] not in people:
            problems.append(f"{place} 人员:名册里没有“{row['人员']}”")
        if row["次数"] and not (row["次数"].isdigit() and 1 <= int(row["次数"]) <= 1000):
            problems.append(f"{place} 次数:“{row['次数']}”应是 1 到 1000 的整数")
        if len(problems) == before and day is not None:
            unit = names.get(row["单位"])
            found.append(Event(obligation, day, unit, row["人员"] or None, int(row["次数"] or 1), row["说明"]))
    if problems:
        raise RosterError(
            f"“{path.name}”有 {len(problems)} 处问题,一件也没有登记", "请改正后重新导入:", tuple(problems)
        )
    return found


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
