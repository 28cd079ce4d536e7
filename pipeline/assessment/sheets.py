"""The assessed year as a workbook: ranking with a chart, every line, every deduction, people, the hand-over list."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.assessment.run import Assessed
from pipeline.assessment.shape import PENDING, by_rank, points_words, rank_words
from pipeline.roster.workbook import fill_sheet
from pipeline.rulebook.assessment import Assessment

_SHEETS_OF_UNITS = 60  # more would make a workbook that nobody can page through; the lines of all stand in one sheet
_LINE_COLUMNS = ("项目", "满分", "得分", "事实和算法", "方案原文", "依据", "数据来源", "凭据", "读法")
Row = Mapping[str, Any]


def score_workbook(
    result: Assessed, table: Assessment, last: Assessed | None, catalogue: tuple[tuple[str, ...], ...]
) -> bytes:
    """Return the workbook. ``last``: the year before, where it is frozen; ``catalogue``: material for each line."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "排名"
    scored = [u for u in result.units if u["scored"]]
    _ranking(first, scored, table, last)
    if scored:
        _chart(first, scored, table)
    ids = [line.id for section in table.sections for line in section.lines]
    fill_sheet(book.create_sheet("逐项得分"), ("单位", *ids, "得分"),
               ((u["unit"], *(points_words(line) for line in u["lines"]), points_words(u, "score")) for u in scored), {}, {})  # fmt: skip
    _people(book.create_sheet("人员"), result)
    _listed(
        book.create_sheet("扣分明细"), ("单位", "项目", "满分", "得分", "少得", "事实和算法", "依据"), losses(scored)
    )
    _listed(
        book.create_sheet("执行情况"),
        ("单位", "制度", "台账事实", "扣几分", "理由", "方案原文", "依据"),
        _execution(result),
    )
    _listed(book.create_sheet("查阅资料目录"), ("单位", "评分项目", "材料名称", "登记号", "份数"), iter(catalogue))
    _listed(book.create_sheet("移送清单"), ("单位或人员", "得分", "十分制", "备注"), transfer_rows(result, table))
    if last is not None:
        _listed(book.create_sheet("与上年比较"), ("单位", "项目", "上年", "本年", "变化"), changes(scored, last))
    readings = ((amb, words) for amb, words in result.readings.items())
    _listed(book.create_sheet("读法"), ("疑义", "本表采用的读法"), readings)
    if len(scored) <= _SHEETS_OF_UNITS:
        for n, unit in enumerate(scored, 1):
            _unit_sheet(book.create_sheet(_title(n, unit["unit"])), unit)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def losses(units: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """Yield what each unit did not get: unit, line, marks, points, difference, why, clause."""
    for unit in units:
        for line in unit["lines"]:
            points = line["points"]
            lost = None if points is None else Decimal(line["max"]) - Decimal(points)
            if points is not None and lost and lost > 0:
                yield (
                    unit["unit"],
                    line["id"],
                    line["max"],
                    points,
                    f"{lost.normalize():f}",
                    line["why"],
                    line["clause"],
                )
        for taken in unit["adjustments"]:
            if taken["points"] not in (None, "0"):
                grounds = "、".join(taken["grounds"])
                yield unit["unit"], grounds, "", "", taken["points"], taken["reason"], taken["clause"]


def transfer_rows(result: Assessed, table: Assessment) -> Iterator[tuple[str, ...]]:
    """Yield what is handed over to the joint assessment: whose, points, of ten, remark. Nothing is combined.

    Source: 附十·四(五) L314: the plan says 按照比例 and gives no ratio.
    """
    whole, ratio = result.content(), table.transfer.ratio if table.transfer else None
    remark = f"比例 {ratio}" if ratio is not None else "方案未定比例,原分移送"
    for row in (*whole["units"], *whole["persons"]):
        if row["scored"]:
            whose = row.get("unit") or f"{row['person']}({row['of_unit']})"
            yield whose, points_words(row, "score"), row["score_ten"] or "", remark


def changes(units: Sequence[Row], last: Assessed) -> Iterator[tuple[str, ...]]:
    """Yield what differs from the year before, line by line, for units assessed in both."""
    before = {u["unit"]: u for u in last.units if u["scored"]}
    for unit in units:
        old = before.get(unit["unit"])
        if old is None:
            continue
        lines = {line["id"]: line["points"] for line in old["lines"]}
        rows = [
            ("总分", old["score"], unit["score"]),
            *((n["id"], lines.get(n["id"]), n["points"]) for n in unit["lines"]),
        ]
        for name, was, now in rows:
            if was != now or name == "总分":
                moved = "" if None in (was, now) else f"{Decimal(now) - Decimal(was):+f}"
                yield unit["unit"], name, was or PENDING, now or PENDING, moved


def _ranking(sheet: Worksheet, units: Sequence[Row], table: Assessment, last: Assessed | None) -> None:
    before = {u["unit"]: u["score"] for u in last.units} if last else {}
    columns = ("名次", "单位", "得分", "十分制", *(f"{s.title}({s.max})" for s in table.sections), "上年得分", "待定")
    rows = []
    for unit in by_rank(units):
        parts = (points_words(s) for s in unit["sections"])
        rows.append((rank_words(unit), unit["unit"], points_words(unit, "score"), unit["score_ten"] or PENDING, *parts,
                     before.get(unit["unit"]) or "", "、".join(unit["missing"])))  # fmt: skip
    fill_sheet(sheet, columns, rows, {}, {})


def _chart(sheet: Worksheet, units: Sequence[Row], table: Assessment) -> None:
    """A stacked bar of the sections of each unit, from numbers beside the ranking."""
    left = sheet.max_column + 2
    ordered = by_rank(units)[:_SHEETS_OF_UNITS]
    for n, title in enumerate(("单位", *(s.title for s in table.sections))):
        sheet.cell(row=1, column=left + n, value=title)
    for row, unit in enumerate(ordered, 2):
        cell = sheet.cell(row=row, column=left)
        cell.value, cell.data_type = unit["unit"], "s"
        for n, section in enumerate(unit["sections"], 1):
            sheet.cell(row=row, column=left + n, value=Decimal(section["points"] or section["low"] or 0))
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap = "bar", "stacked", 100
    chart.title, chart.height, chart.width = "各部分得分(待定的按最低)", max(8, len(ordered)), 24
    last = len(ordered) + 1
    chart.add_data(Reference(sheet, min_col=left + 1, max_col=left + len(table.sections), min_row=1, max_row=last),
                   titles_from_data=True)  # fmt: skip
    chart.set_categories(Reference(sheet, min_col=left, min_row=2, max_row=last))
    sheet.add_chart(chart, f"A{last + 3}")


def _people(sheet: Worksheet, result: Assessed) -> None:
    rows = []
    for p in result.people:
        whys = [line["why"] for line in p["lines"]]
        rows.append((p["person"], p["of_unit"], p.get("kind", ""), points_words(p, "score"),
                     *(whys or ("", "")), p.get("why", ""), "、".join(p["missing"])))  # fmt: skip
    _listed(sheet, ("姓名", "单位", "类别", "得分", "个人得分", "领导班子得分", "算法", "待定"), iter(rows))


def _execution(result: Assessed) -> Iterator[tuple[str, ...]]:
    for unit in result.units:
        for taken in unit["adjustments"]:
            facts = ";".join(taken["facts"]) or "没有记录在案的问题"
            points = taken["points"] if taken["points"] is not None else "由人确定"
            grounds = "、".join(taken["grounds"])
            yield unit["unit"], grounds, facts, points, taken["reason"], taken["phrase"], taken["clause"]


def _unit_sheet(sheet: Worksheet, unit: Row) -> None:
    rows: list[tuple[str, ...]] = []
    lines = iter(unit["lines"])
    for section in unit["sections"]:
        own = [
            line for line in unit["lines"] if line["id"] == section["id"] or line["id"].startswith(f"{section['id']}(")
        ]
        rows += [_line_row(next(lines)) for _ in own]
        rows.append((f"{section['id']} {section['title']}", section["max"], points_words(section), section["why"], "",
                     section["clause"], "", "", ""))  # fmt: skip
    rows.append(("总分", "", points_words(unit, "score"), unit["why"], "", "", "", "", ""))
    rows.append(("十分制", "", unit["score_ten"] or PENDING, "", "", "", "", "", ""))
    _listed(sheet, _LINE_COLUMNS, iter(rows))
    for column, width in zip("ABCDEFGHI", (14, 6, 12, 60, 60, 24, 24, 36, 30), strict=True):
        sheet.column_dimensions[column].width = width


def _line_row(line: Row) -> tuple[str, ...]:
    sources = ";".join(
        dict.fromkeys(i["source"] + (f"({i['reason']})" if i["reason"] else "") for i in line["inputs"] if i["source"])
    )
    evidence = ";".join(e for i in line["inputs"] for e in i["evidence"])
    return (line["id"], line["max"], points_words(line), line["why"], line["text"], line["clause"], sources or line["source"],
            evidence, ";".join(line["readings"]))  # fmt: skip


def _listed(sheet: Worksheet, columns: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> None:
    fill_sheet(sheet, columns, rows, {}, {})
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.print_title_rows = "1:1"
    if sheet.max_row <= 2000:
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                cell.alignment = Alignment(wrap_text=True, vertical="top")


def _title(n: int, unit: str) -> str:
    return f"{n}.{''.join(c for c in unit if c not in '[]:*?/' + chr(92))}"[:31]
