"""What is known of each item, for machines: one JSON for the bundle, one XML for each item with the words of DA/T 46-2009."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from lxml import etree

from pipeline import __version__
from pipeline.archive.plan import BundleItem, BundlePlan
from pipeline.archive.stamps import Stamp
from pipeline.archive.tables import clean
from pipeline.codes import read_code

NAMESPACE = "https://pipeline.invalid/ns/da-t-46/1"
METADATA = "元数据.json"
FOLDER = "元数据"
SCHEMA = "元数据.xsd"
SHIPPED = Path(__file__).with_name("shipped")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an item stands in the bag: paths relative to it; ``rendition``: '' where there is none."""

    item: BundleItem
    n: int
    file: str
    size_bytes: int
    rendition: str = ""

    @property
    def xml(self) -> str:
        return f"data/{FOLDER}/{self.n:03}.xml"


def metadata_json(plan: BundlePlan, placed: Sequence[Placed]) -> bytes:
    """Return the bundle's metadata; no key says where something lies outside the bag."""
    whole = {
        "schema": 2,
        "key": plan.key,
        "title": plan.title,
        "organization": plan.organization,
        "made_on": plan.made_on,
        "journal_head": plan.journal_head,
        "fonds": asdict(plan.fonds),
        "numbering": plan.numbering,
        "items": [_item_json(each) for each in placed],
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1, default=str)
    return text.encode("utf-8", "replace") + b"\n"


def _item_json(placed: Placed) -> dict[str, object]:
    item = placed.item
    found = {"n": placed.n, "file": placed.file, "xml": placed.xml, "size_bytes": placed.size_bytes, **asdict(item)}
    del found["source"]
    if item.rendition is not None:
        found["rendition"] = {"file": placed.rendition, **asdict(item.rendition)}
        del found["rendition"]["source"]
    found["stamp"] = dict(Stamp(item.archival_code, item.title, item.pages).cells)
    return found


def item_xml(plan: BundlePlan, placed: Placed) -> bytes:
    """Return one item's metadata; what is not known has no element."""
    item, root = placed.item, etree.Element(f"{{{NAMESPACE}}}文件", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    _add(root, "聚合层次", "文件")
    source = _add(root, "来源")
    for name, value in (("档案馆名称", plan.fonds.repository), ("档案馆代码", plan.fonds.repository_code),
                        ("全宗名称", plan.fonds.name), ("立档单位名称", plan.organization)):  # fmt: skip
        _add(source, name, value)
    _add(root, "电子文件号", item.identifier or f"{plan.key}-{placed.n:03}")
    _add_code(root, item.archival_code)
    content = _add(root, "内容描述")
    day = item.date.isoformat() if item.date else ""
    for name, value in (("题名", item.title or item.name or "无题名"), ("人名", item.person),
                        ("文件编号", item.document_number), ("责任者", item.responsible), ("日期", day),
                        ("文种", item.genre), ("密级", item.secrecy)):  # fmt: skip
        _add(content, name, value)
    form = _add(root, "形式特征")
    _add(form, "件数", "1")
    _add(form, "页数", "" if item.pages is None else str(item.pages))
    _add_file(root, placed)
    _add(_add(root, "存储位置"), "当前位置", placed.file)
    _add(root, "附注", item.remark)
    for kind, name in (("单位", item.unit), ("个人", item.person)):
        if name:
            _add_all(root, "机构人员实体", (("机构人员类型", kind), ("机构人员名称", name)))
    for act in item.history:
        _add_all(root, "业务实体", (("业务状态", "历史行为"), ("业务行为", act.act), ("行为时间", act.day.isoformat()),
                                    ("行为描述", act.words)))  # fmt: skip
    for relation in item.relations:
        _add_all(root, "实体关系", (("关系类型", relation.kind), ("实体标识符", relation.other)))
    etree.indent(root, " ")
    data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return data + b"\n"


def _add_code(root: etree._Element, code: str) -> None:
    found = read_code(code)
    if found is None:
        return
    shelf, seq = found
    values = (shelf.fonds, str(shelf.year), shelf.retention, shelf.department, shelf.category, str(seq), code)
    names = ("全宗号", "年度", "保管期限", "机构或问题", "类别号", "件号", "档号全称")
    _add_all(root, "档号", zip(names, values, strict=True))


def _add_file(root: etree._Element, placed: Placed) -> None:
    item = placed.item
    about = _add(root, "电子属性")
    _add(about, "格式信息", item.format or Path(placed.file).suffix.lstrip(".").lower() or "未知")
    _add(about, "计算机文件名", item.name or "无文件名")
    _add(about, "计算机文件大小", str(placed.size_bytes))
    _add(about, "信息系统描述", f"pipeline {__version__}")
    _add(about, "校验值", item.sha256).set("算法", "SHA-256")
    if item.rendition is not None:
        made = item.rendition
        values = (made.format, Path(placed.rendition).name, made.maker, str(made.pages))
        copy = _add_all(about, "版式件", zip(("格式信息", "计算机文件名", "文档创建程序", "页数"), values, strict=True))
        _add(copy, "校验值", made.sha256).set("算法", "SHA-256")


def _add_all(parent: etree._Element, name: str, pairs: Iterable[tuple[str, str]]) -> etree._Element:
    made = _add(parent, name)
    for label, value in pairs:
        _add(made, label, value)
    return made


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """Append an element; one that would be empty is made, but not appended."""
    made = etree.Element(f"{{{NAMESPACE}}}{name}")
    if text is None:
        parent.append(made)
    elif words := xml_words(text):
        made.text = words
        parent.append(made)
    return made


def xml_words(text: str) -> str:
    """Return words as they stand in an item's XML: what XML cannot hold left out, at most a thousand characters."""
    return clean(text)[:1000]


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema:
    """Return the schema that every item's XML follows."""
    return etree.XMLSchema(etree.parse(SHIPPED / "metadata.xsd"))
