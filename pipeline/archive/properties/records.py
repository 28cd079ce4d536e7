"""Checks of the metadata: their form, their values, and whether they agree with each other and with the files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from openpyxl import load_workbook

from pipeline.archive.catalogue import COLUMNS
from pipeline.archive.catalogue import NAME as CATALOGUE
from pipeline.archive.metadata import FOLDER, METADATA, schema, xml_words
from pipeline.archive.properties.model import (
    Found,
    Subject,
    day,
    decide,
    failed,
    manual,
    passed,
    some,
    unchecked,
    words,
)
from pipeline.archive.stamps import STAMPS
from pipeline.archive.tables import CONTROL, clean
from pipeline.codes import read_code

_OWN = {f"data/{name}" for name in (METADATA, f"{CATALOGUE}.xlsx", f"{CATALOGUE}.docx", f"{STAMPS}.docx")}
_FIRST_YEAR = 1949
_SECRECY = {"", "公开", "内部", "普通", "一般"}
_CONTROLS = re.compile("[" + re.escape("".join(map(chr, CONTROL))) + "\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_NO_METADATA = unchecked("没有可读的元数据")


def readable(subject: Subject) -> Found:
    """JSON, every XML and the catalogue can be read."""
    if subject.metadata is None:
        return failed(subject.faults["metadata"])
    wrong = [f"{name} {found}" for name, found in subject.xmls.items() if isinstance(found, str)]
    if _catalogue(subject) is None:
        wrong.append(f"{CATALOGUE}.xlsx 读不出")
    return decide(wrong, f"元数据、{len(subject.xmls)} 份 XML、归档文件目录均可读")


def valid(subject: Subject) -> Found:
    """Every XML follows the schema: names, types, lengths, formats."""
    if subject.metadata is None:
        return _NO_METADATA
    rules, wrong = schema(), []
    for name, root in subject.xmls.items():
        if not isinstance(root, str) and not rules.validate(root):
            wrong.append(f"{name}:{str(rules.error_log).splitlines()[0]}")
    return decide(wrong, f"{len(subject.xmls)} 份 XML 均符合结构定义")


def values(subject: Subject) -> Found:
    """Dates, pages and secrecy are what they can be."""
    if subject.metadata is None:
        return _NO_METADATA
    made = day(subject.bag.value("Bagging-Date"))
    wrong = []
    for item in subject.items:
        dated = day(item.get("date")) if item.get("date") else None
        if item.get("date") and (dated is None or dated.year < _FIRST_YEAR or (made is not None and dated > made)):
            wrong.append(f"{_who(item)} 日期 {item['date']}")
        if item.get("secrecy", "") not in _SECRECY:
            wrong.append(f"{_who(item)} 密级 {item['secrecy']}")
        pages = item.get("pages")
        if pages is not None and (not isinstance(pages, int) or pages < 0):
            wrong.append(f"{_who(item)} 页数 {pages}")
    return decide(wrong, "日期、密级、页数均在合理范围")


def codes(subject: Subject) -> Found:
    """Every 档号 is written as DA/T 22-2015 says."""
    if subject.metadata is None:
        return _NO_METADATA
    given = [item["archival_code"] for item in subject.items if item["archival_code"]]
    if not given:
        return unchecked("还没有编档号")
    return decide([code for code in given if read_code(code) is None], f"{len(given)} 个档号写法均合规")


def repeated(subject: Subject) -> Found:
    """No 档号 and no identifier stands twice."""
    if subject.metadata is None:
        return _NO_METADATA
    held = Counter(value for item in subject.items for value in (item["archival_code"], item["identifier"]) if value)
    return decide([value for value, n in held.items() if n > 1], "档号、登记号、发文字号均无重复")


def characters(subject: Subject) -> Found:
    """No control or direction character stands in a field."""
    if subject.metadata is None:
        return _NO_METADATA
    fields = ("title", "responsible", "document_number", "remark", "archival_code", "identifier")
    wrong = [f"{_who(item)} 的 {key}" for item in subject.items for key in fields
             if _CONTROLS.search(str(item.get(key, "")))]  # fmt: skip
    return decide(wrong, "没有控制符和方向符")


def attributes(subject: Subject) -> Found:
    """Size and hash in the metadata are those of the file and its manifest."""
    if subject.metadata is None:
        return _NO_METADATA
    wrong = []
    for item, what, file in _files(subject):
        path = subject.files.get(file)
        if path is None or path.is_symlink():
            continue  # told by ``linked``
        if "size_bytes" in what and path.stat().st_size != what["size_bytes"]:
            wrong.append(f"{_who(item)} 大小")
        if subject.bag.entries.get(file, {}).get("sha256") not in (what["sha256"], None):
            wrong.append(f"{_who(item)} 校验值")
    return decide(wrong, "文件大小、校验值与元数据一致")


def linked(subject: Subject) -> Found:
    """Every item has its file, and every paper its item."""
    if subject.metadata is None:
        return _NO_METADATA
    named = [file for _, _, file in _files(subject)]
    wrong = [f"没有 {file}" for file in named if file not in subject.bag.entries]
    wrong += [f"{file} 写了 {n} 次" for file, n in Counter(named).items() if n > 1]
    papers = [n for n in subject.bag.entries if n not in _OWN and not n.startswith(f"data/{FOLDER}/")]
    wrong += [f"{name} 没有元数据" for name in papers if name not in named]
    return decide(wrong, f"{len(subject.items)} 件与 {len(named)} 个文件一一对应")


def alike(subject: Subject) -> Found:
    """JSON, XML and catalogue tell the same of each item."""
    if subject.metadata is None:
        return _NO_METADATA
    wrong = [f"{_who(item)} 的 {label}" for item in subject.items for label in _differences(subject, item)]
    for item, row in zip(subject.items, _catalogue(subject) or (), strict=False):
        listed = dict(zip(COLUMNS, row, strict=False))
        for label, key in (
            ("档号", "archival_code"),
            ("文号", "document_number"),
            ("题名", "title"),
            ("责任者", "responsible"),
        ):
            if listed.get(label, "") != clean(item[key]):
                wrong.append(f"目录第 {item.get('n')} 行的{label}")
    return decide(wrong, "元数据、XML、归档文件目录所记相同")


def _differences(subject: Subject, item: Mapping[str, Any]) -> Iterator[str]:
    root = subject.xml_of(item)
    if root is None:
        return
    for path, key in (("档号/档号全称", "archival_code"), ("内容描述/责任者", "responsible"),
                      ("内容描述/文件编号", "document_number"), ("电子属性/校验值", "sha256"),
                      ("存储位置/当前位置", "file")):  # fmt: skip
        if words(root, path) != xml_words(item[key]):
            yield path
    if words(root, "内容描述/题名") != xml_words(item["title"] or item["name"] or "无题名"):
        yield "内容描述/题名"
    if words(root, "内容描述/日期") != (item.get("date") or ""):
        yield "内容描述/日期"


def count(subject: Subject) -> Found:
    """As many items as bag-info states stand in metadata and catalogue."""
    if subject.metadata is None:
        return _NO_METADATA
    said, held = subject.bag.value("Item-Count"), len(subject.items)
    if said != str(held):
        return failed(f"bag-info.txt 写 {said or '(没有)'} 件,元数据有 {held} 件")
    rows = _catalogue(subject)
    if rows is not None and len(rows) != held:
        return failed(f"归档文件目录有 {len(rows)} 件,元数据有 {held} 件")
    return passed(f"{held} 件,元数据、归档文件目录、bag-info.txt 一致")


def required(subject: Subject) -> Found:
    """Title, responsible party and date of every item are known."""
    if subject.metadata is None:
        return _NO_METADATA
    fields = (("题名", "title"), ("责任者", "responsible"), ("日期", "date"))
    wrong = [f"{_who(item)} 缺{label}" for item in subject.items for label, key in fields if not item.get(key)]
    return decide(wrong, "题名、责任者、日期齐全")


def filed(subject: Subject) -> Found:
    """Every item has its 保管期限 and 档号, which only the office can give."""
    if subject.metadata is None:
        return _NO_METADATA
    without = [_who(item) for item in subject.items if not item["archival_code"]]
    if without:
        return manual(f"{len(without)} 件尚未定保管期限、编档号(由人用 pipeline file 确定):{some(without)}")
    return passed(f"{len(subject.items)} 件均有保管期限和档号")


def consecutive(subject: Subject) -> Found:
    """No 件号 is missing on the shelves of which the bundle holds items, as the ledger stood."""
    if subject.metadata is None:
        return _NO_METADATA
    shelves = subject.metadata.get("numbering") or []
    if not shelves:
        return unchecked("还没有编件号")
    wrong = [f"{s['shelf']} 缺 {some([str(n) for n in s['missing']])}" for s in shelves if s.get("missing")]
    return decide(wrong, ";".join(f"{s['shelf']} 编到 {s['last']},连续" for s in shelves))


def history(subject: Subject) -> Found:
    """For every item something tells how it came here."""
    if subject.metadata is None:
        return _NO_METADATA
    wrong = [_who(item) for item in subject.items if not item.get("history")]
    return decide([f"{who} 没有办理过程" for who in wrong], "每件都有收文或发文、归档等过程记录")


def environment(subject: Subject) -> Found:
    """Every XML says which system made it and of which format the file is."""
    if subject.metadata is None:
        return _NO_METADATA
    roots = {name: root for name, root in subject.xmls.items() if not isinstance(root, str)}
    wrong = [n for n, r in roots.items() if not words(r, "电子属性/信息系统描述") or not words(r, "电子属性/格式信息")]
    return decide(wrong, "格式信息、信息系统描述均已记录")


def signatures(_: Subject) -> Found:
    return manual("签名、印章是否真实须由人对照原件核验")


def stamps_of_time(_: Subject) -> Found:
    return unchecked("没有使用可信时间戳")


def attachments(_: Subject) -> Found:
    return manual("附件是否齐全须由人对照正文核验")


def _files(subject: Subject) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any], str]]:
    for item, copy in subject.rendered():
        yield item, item, item["file"]
        if copy is not None:
            yield item, copy, copy["file"]


def _catalogue(subject: Subject) -> list[list[str]] | None:
    """Return the rows of the catalogue's workbook as text."""
    path = subject.files.get(f"data/{CATALOGUE}.xlsx")
    if path is None or path.is_symlink():
        return None
    try:
        book = load_workbook(path, read_only=True)
        rows = [
            ["" if c is None else str(c) for c in row]
            for row in book.worksheets[0].iter_rows(min_row=3, values_only=True)
        ]
        book.close()
    except Exception:  # noqa: BLE001 - a workbook from elsewhere may make openpyxl raise anything
        return None
    return rows


def _who(item: Mapping[str, Any]) -> str:
    return f"第 {item.get('n')} 件"
