"""How things are said in a Chinese official letter: dates, periods, punctuation, states."""

from __future__ import annotations

import datetime as dt
import re

from pipeline.model import Outcome, Status

_FULL = str.maketrans({",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"})
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[,:](?=\d)")

STATES = {Status.COVERED: "已写", Status.MENTIONED: "仅提及，未见具体做法", Status.ABSENT: "未见"}
VERDICTS = {
    Outcome.COMPLETE: "内容齐全",
    Outcome.DEFICIENT: "内容不齐，缺少以下各项",
    Outcome.NEEDS_PERSON: "需人工核对",
    Outcome.NOT_APPLICABLE: "此类文件没有内容清单",
}


def day(value: dt.date) -> str:
    """Return 2026年6月5日, without zero padding. Source: GB/T 9704-2012 成文日期."""
    return f"{value.year}年{value.month}月{value.day}日"


def period_words(period: str | None) -> str:
    """Return 2026年上半年 for ``2026-H1``, 2026年度 for ``2026``, '' for None."""
    if not period:
        return ""
    year, _, half = period.partition("-")
    return {"H1": f"{year}年上半年", "H2": f"{year}年下半年"}.get(half, f"{year}年度")


def full_width(text: str) -> str:
    """Return the plan's words with the full-width punctuation of print; 1,200 and 9:30 keep theirs."""
    kept: list[str] = []
    at = 0
    for found in _BETWEEN_DIGITS.finditer(text):
        kept += [text[at : found.start()].translate(_FULL), found.group()]
        at = found.end()
    return "".join((*kept, text[at:].translate(_FULL)))
