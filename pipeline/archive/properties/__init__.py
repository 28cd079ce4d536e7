"""四性检测: what can be said of a bag's authenticity, integrity, usability and safety (DA/T 70-2018), and what cannot.

The standard's own item numbers were not at hand: the ids are ours. What only a person can tell is never passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from pipeline.archive.properties import package, papers, records
from pipeline.archive.properties.model import LABELS, Checked, Found, Property, Result, Subject, Trouble, Witness

_A, _I, _U, _S = Property.AUTHENTICITY, Property.INTEGRITY, Property.USABILITY, Property.SAFETY
CHECKS: tuple[tuple[str, Property, str, Callable[[Subject], Found]], ...] = (
    ("A01", _A, "固化信息有效:校验值逐一相符", package.hashes),
    ("A02", _A, "固化信息有效:校验清单写法正确、互相一致", package.listed_alike),
    ("A03", _A, "归档包校验值与操作日志所记一致", package.known_hash),
    ("A04", _A, "操作日志末条与台账一致", package.head),
    ("A05", _A, "信息包结构符合规范", package.profile),
    ("A06", _A, "元数据的类型、长度、格式", records.valid),
    ("A07", _A, "元数据值域和合理性", records.values),
    ("A08", _A, "元数据无特殊字符", records.characters),
    ("A09", _A, "档号规范", records.codes),
    ("A10", _A, "档号、登记号、文号不重复", records.repeated),
    ("A11", _A, "内容的电子属性与元数据一致", records.attributes),
    ("A12", _A, "元数据与内容关联", records.linked),
    ("A13", _A, "元数据、XML 与归档文件目录一致", records.alike),
    ("A14", _A, "电子签名、印章有效", records.signatures),
    ("A15", _A, "时间戳有效", records.stamps_of_time),
    ("I01", _I, "件数相符", records.count),
    ("I02", _I, "文件数和字节数相符", package.oxum),
    ("I03", _I, "必填元数据齐全", records.required),
    ("I04", _I, "保管期限、档号已确定", records.filed),
    ("I05", _I, "件号连续", records.consecutive),
    ("I06", _I, "办理过程信息齐全", records.history),
    ("I07", _I, "内容数据齐全", papers.present),
    ("I08", _I, "附件齐全", records.attachments),
    ("U01", _U, "元数据可读", records.readable),
    ("U02", _U, "内容可以打开", papers.opens),
    ("U03", _U, "格式允许", papers.formats),
    ("U04", _U, "无加密、无口令", papers.unlocked),
    ("U05", _U, "有 PDF/A 版式件", papers.lasting),
    ("U06", _U, "版式件与原件版面一致", papers.faithful),
    ("U07", _U, "文件名在 Windows 上可用", package.names),
    ("U08", _U, "软硬件环境已记录", records.environment),
    ("U09", _U, "备份可以恢复", package.backup),
    ("S01", _S, "病毒检测", package.viruses),
    ("S02", _S, "没有多余文件", package.stray),
    ("S03", _S, "没有链接和设备文件", package.links),
    ("S04", _S, "没有程序和宏", papers.harmless),
    ("S05", _S, "载体安全", package.carrier),
    ("S06", _S, "过程安全", package.process),
)


def examine(folder: Path, witness: Witness, stage: str) -> list[Checked]:
    """Return the report's lines on a bag that lies in a folder. ``stage``: 归档, 移交接收 or 长期保存."""
    return lines_on(Subject(folder, witness, stage))


def lines_on(subject: Subject) -> list[Checked]:
    """Return the report's lines on a bag."""
    found = ((id_, property_, title, check(subject)) for id_, property_, title, check in CHECKS)
    return [Checked(id_, property_, title, each.result, each.evidence) for id_, property_, title, each in found]


def whole(checks: Iterable[Checked]) -> Result:
    """Return what several checks come to together: the worst of them, so that passed means every one passed."""
    held = {check.result for check in checks}
    return next(r for r in (Result.FAILED, Result.MANUAL, Result.UNCHECKED, Result.PASSED) if r in held)


__all__ = [
    "CHECKS",
    "LABELS",
    "Checked",
    "Property",
    "Result",
    "Subject",
    "Trouble",
    "Witness",
    "examine",
    "lines_on",
    "whole",
]
