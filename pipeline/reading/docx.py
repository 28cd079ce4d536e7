"""A .docx as a reader of the page sees it: body in order, tables, boxes, controls, notes, headers, automatic numbers.

Inserted text counts, deleted and moved-away text does not, comments are not the document. Strict and transitional
namespaces are told apart by the root element.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lxml import etree

from pipeline.errors import DamagedDocument, HostileDocument, NoTextFound
from pipeline.model import Place, Text
from pipeline.reading.guards import open_package, read_part
from pipeline.reading.headings import Outline
from pipeline.reading.kept import Kept
from pipeline.reading.numbering import Numbering, read_lists
from pipeline.reading.runs import Runs
from pipeline.reading.styles import Style, Styles
from pipeline.reading.xml import parse

_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
MAX_PARAGRAPHS = 200_000

T = TypeVar("T")
_STYLES: Kept[Styles] = Kept()
_LISTS: Kept[Any] = Kept()


def read_docx(path: Path) -> Text:
    """Return what a .docx says.

    Raises:
        DamagedDocument, HostileDocument, NoTextFound …: with the reason in Chinese.
    """
    with open_package(path) as package:
        try:
            text = _Document(package).read()
        except (KeyError, etree.XMLSyntaxError, RecursionError, ValueError, zipfile.BadZipFile) as error:
            raise DamagedDocument("文件结构已损坏,无法读取", "请用 Word 或 WPS 打开后另存一份再报送") from error
    if not any(p.text.strip() for p in text):
        raise NoTextFound("文件里没有文字", "请检查是否放错文件;图片形式的内容请改用文字")
    return text


@dataclass
class _Document:
    """One package while it is read."""

    package: zipfile.ZipFile
    notices: list[str] = field(default_factory=list)

    def read(self) -> Text:
        self.names = set(self.package.namelist())
        main = self._main_part()
        body_root = self._xml(main)
        assert body_root is not None
        self.w = "{" + (etree.QName(body_root).namespace or "") + "}"
        relations = dict(self._relations(main))
        self.styles = self._kept(_STYLES, relations.get("styles", ""), Styles) or Styles(None, self.w)
        self.numbering = Numbering(self._kept(_LISTS, relations.get("numbering", ""), read_lists) or {})
        self.outline = Outline()
        self.runs = Runs(self.w, self.styles)
        headers = [self._xml(t) for kind, t in sorted(relations.items()) if kind.startswith("header")]
        footers = [self._xml(t) for kind, t in sorted(relations.items()) if kind.startswith("footer")]
        seen: set[str] = set()
        self._margins(headers, Place.HEADER, seen)
        body = body_root.find(self.w + "body")
        if body is None:
            raise ValueError("no body")
        self._blocks(body, Place.BODY)
        for kind in ("footnotes", "endnotes"):
            if (notes := self._related(relations, kind)) is not None:
                self._notes(notes)
        self._margins(footers, Place.FOOTER, seen)
        return Text(
            tuple(self.outline.passages), "docx", notices=tuple(dict.fromkeys((*self.notices, *self.runs.notices)))
        )

    # --- package

    def _kept(self, kept: Kept[T], name: str, make: Callable[[bytes, str], T]) -> T | None:
        """Return what a part holds, from memory when the same part was read before."""
        if name not in self.names:
            return None
        return kept.of(self.package, name, self.w, lambda: make(read_part(self.package, name), self.w))

    def _part(self, name: str) -> bytes | None:
        return read_part(self.package, name) if name in self.names else None

    def _xml(self, name: str) -> etree._Element | None:
        data = self._part(name)
        return None if data is None else parse(data)

    def _relations(self, part: str) -> Iterator[tuple[str, str]]:
        """Yield (kind, part name) of a part's internal relations; header and footer kinds carry their id."""
        folder, name = posixpath.split(part)
        root = self._xml(posixpath.join(folder, "_rels", name + ".rels"))
        for relation in root.iter(_RELATIONS) if root is not None else ():
            if relation.get("TargetMode") == "External":
                if not relation.get("Type", "").endswith("/hyperlink"):
                    self.notices.append("含外部链接内容,未访问")
                continue
            kind, target = relation.get("Type", "").rpartition("/")[2], relation.get("Target", "")
            if kind in {"header", "footer"}:
                kind += f"{len(self.names)}-{relation.get('Id', '')}"
            yield (
                kind,
                target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target)),
            )

    def _main_part(self) -> str:
        found = dict(self._relations(""))
        main = found.get("officeDocument", "word/document.xml")
        if main not in self.names:
            raise KeyError(main)
        return main

    def _related(self, relations: dict[str, str], kind: str) -> etree._Element | None:
        return self._xml(relations[kind]) if kind in relations else None

    # --- blocks

    def _blocks(self, parent: etree._Element, place: Place) -> None:
        """Read the paragraphs, tables and controls below ``parent`` in order."""
        carried = ""
        for child in parent:
            tag = self._local(child)
            if tag == "p":
                carried = self._paragraph(child, place, carried)
            elif tag == "tbl":
                self._table(child)
            elif tag in {"sdt", "customXml", "ins", "moveTo", "smartTag"}:
                content = child.find(self.w + "sdtContent") if tag == "sdt" else child
                if content is not None:
                    self._blocks(content, place)
            elif tag == "AlternateContent":
                chosen = next((c for c in child if self._local(c) in {"Choice", "Fallback"}), None)
                if chosen is not None:
                    self._blocks(chosen, place)
            elif tag == "altChunk":
                self.notices.append("含嵌入的其他格式内容,未读取")

    def _local(self, element: etree._Element) -> str:
        tag = element.tag
        return tag.rpartition("}")[2] if isinstance(tag, str) else ""

    def _table(self, table: etree._Element) -> None:
        """Read the cells row by row; rows and cells may sit inside content controls."""
        for row in self._inside(table, "tr"):
            properties = row.find(self.w + "trPr")
            if properties is not None and properties.find(self.w + "del") is not None:
                continue
            for cell in self._inside(row, "tc"):
                self._blocks(cell, Place.CELL)

    def _inside(self, parent: etree._Element, tag: str) -> Iterator[etree._Element]:
        for child in parent:
            name = self._local(child)
            if name == tag:
                yield child
            elif name in {"sdt", "sdtContent", "customXml", "ins", "moveTo"}:
                yield from self._inside(child, tag)

    def _paragraph(self, paragraph: etree._Element, place: Place, carried: str) -> str:
        """Add one paragraph; returns text that belongs to the next one because this one's mark was deleted."""
        if len(self.outline.passages) > MAX_PARAGRAPHS:
            raise HostileDocument("文件段落过多", "请拆分后重新报送")
        properties = paragraph.find(self.w + "pPr")
        style = self._style(properties)
        text, boxes = self.runs.text(paragraph)
        text = carried + text
        if self._mark_deleted(properties) and place is not Place.CELL:
            for box in boxes:
                self._blocks(box, Place.TEXT_BOX)
            return text
        label = self._label(properties, style) if text.strip() else ""
        level = self._outline_level(properties, style)
        self.outline.add(label + text, place, level, title=style.title)
        for box in boxes:
            self._blocks(box, Place.TEXT_BOX)
        return ""

    def _style(self, properties: etree._Element | None) -> Style:
        mark = properties.find(self.w + "pStyle") if properties is not None else None
        return self.styles.get(mark.get(self.w + "val", "") if mark is not None else None)

    def _mark_deleted(self, properties: etree._Element | None) -> bool:
        mark = properties.find(f"{self.w}rPr") if properties is not None else None
        return mark is not None and any(mark.find(self.w + tag) is not None for tag in ("del", "moveFrom"))

    def _label(self, properties: etree._Element | None, style: Style) -> str:
        number = properties.find(self.w + "numPr") if properties is not None else None
        num_id, level = style.num_id, style.num_level
        if number is not None:
            own_id, own_level = number.find(self.w + "numId"), number.find(self.w + "ilvl")
            num_id = own_id.get(self.w + "val") if own_id is not None else num_id
            if own_level is not None and own_level.get(self.w + "val", "").isdigit():
                level = int(own_level.get(self.w + "val", "0"))
        if num_id in {None, "0"}:
            return ""
        if level is None:
            mark = properties.find(self.w + "pStyle") if properties is not None else None
            level = self.numbering.level_of_style(str(num_id), mark.get(self.w + "val", "") if mark is not None else "")
        return self.numbering.label(str(num_id), level or 0)

    def _outline_level(self, properties: etree._Element | None, style: Style) -> int | None:
        own = properties.find(self.w + "outlineLvl") if properties is not None else None
        if own is not None and own.get(self.w + "val", "").isdigit():
            level = int(own.get(self.w + "val", "9"))
            return level + 1 if level < 9 else None
        return style.outline

    # --- beside the body

    def _margins(self, roots: list[etree._Element | None], place: Place, seen: set[str]) -> None:
        """Read headers or footers, each distinct text once."""
        for root in roots:
            if root is None:
                continue
            before = len(self.outline.passages)
            self._blocks(root, place)
            fresh = [p for p in self.outline.passages[before:] if p.text.strip() not in seen]
            seen.update(p.text.strip() for p in fresh)
            self.outline.replace_from(before, [p for p in fresh if p.text.strip()], place)

    def _notes(self, root: etree._Element) -> None:
        for note in root:
            if note.get(self.w + "type", "normal") == "normal":
                self._blocks(note, Place.FOOTNOTE)
