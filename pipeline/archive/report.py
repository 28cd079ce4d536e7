"""四性检测报告 as a workbook, a Word table and JSON: the same lines in each."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from pipeline.archive.properties import LABELS, Checked, Property, whole
from pipeline.archive.properties.package import REPORT
from pipeline.archive.tables import Table, as_docx, as_xlsx

COLUMNS = ("编号", "性质", "检测项目", "结论", "依据")
_WIDTHS_MM = (14, 20, 68, 26, 139)
_FOOT = (
    "结论四种:通过、不通过、未检测(本可检测,此处或此时未做)、待人工核验(只有人能判断,程序不作通过)。",
    "依据 DA/T 70-2018 的四个方面编排;编号为本程序自编。检测人(签名):                日期:",
)


def report_files(title: str, made_on: dt.date, stage: str, checks: Sequence[Checked]) -> dict[str, bytes]:
    """Return the report's files by name."""
    rows = [(c.id, LABELS[c.property], c.title, LABELS[c.result], c.evidence) for c in checks]
    table = Table(REPORT, f"{title}{REPORT}({stage})", COLUMNS, _WIDTHS_MM, rows, (_summary(checks), *_FOOT))
    whole_text = json.dumps(
        {"schema": 1, "title": title, "made_on": made_on.isoformat(), "stage": stage, **as_shape(checks)},
        ensure_ascii=False,
        indent=1,
    )
    return {
        f"{REPORT}.xlsx": as_xlsx(table, made_on),
        f"{REPORT}.docx": as_docx(table),
        f"{REPORT}.json": whole_text.encode("utf-8", "replace") + b"\n",
    }


def as_shape(checks: Sequence[Checked]) -> dict[str, object]:
    """Return the lines as plain values."""
    return {
        "properties": {p.value: whole(c for c in checks if c.property is p).value for p in Property},
        "checks": [
            {"id": c.id, "property": c.property.value, "item": c.title, "result": c.result.value,
             "label": LABELS[c.result], "evidence": c.evidence}
            for c in checks
        ],
    }  # fmt: skip


def _summary(checks: Sequence[Checked]) -> str:
    parts = (f"{LABELS[p]}:{LABELS[whole(c for c in checks if c.property is p)]}" for p in Property)
    return "综合:" + ";".join(parts) + "。"
