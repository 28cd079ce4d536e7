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

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
MAX_PARAGRAPHS = 200_000

T = TypeVar("T")
Marks = dict[Any, etree._Element]  # the properties of a paragraph by tag
_STYLES: Kept[Styles] = Kept()
_LISTS: Kept[Any] = Kept()
_RELATIONS: Kept[tuple[dict[str, str], bool]] = Kept()


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
        data = read_part(self.package, main)
        body_root = parse(data)
        self.w = "{" + (etree.QName(body_root).namespace or "") + "}"
        relations = self._relations(main)
        self.styles = self._kept(_STYLES, relations.get("styles", ""), Styles) or Styles(None, self.w)
        self.numbering = Numbering(self._kept(_LISTS, relations.get("numbering", ""), read_lists) or {})
        self.outline = Outline()
        self.runs = Runs(self.w, self.styles)
        seen: set[str] = set()
        self._margins(relations, Place.HEADER, seen)
        body = body_root.find(self.w + "body")
        if body is None:
            raise ValueError("no body")
        self.runs.begin(body, data)
        self._blocks(body, Place.BODY)
        for kind in ("footnotes", "endnotes"):
            if (notes := self._opened(relations.get(kind, ""))) is not None:
                self._notes(notes)
        self._margins(relations, Place.FOOTER, seen)
        return Text(
            tuple(self.outline.passages), "docx", notices=tuple(dict.fromkeys((*self.notices, *self.runs.notices)))
        )

    # --- package

    def _kept(self, kept: Kept[T], name: str, make: Callable[[bytes, str], T]) -> T | None:
        """Return what a part holds, from memory when the same part was read before."""
        if name not in self.names:
            return None
        return kept.of(self.package, name, self.w, lambda: make(read_part(self.package, name), self.w))

    def _opened(self, name: str) -> etree._Element | None:
        """Return the root of a part whose paragraphs are read next, None where there is no such part."""
        if name not in self.names:
            return None
        data = read_part(self.package, name)
        root = parse(data)
        self.runs.begin(root, data)
        return root

    def _main_part(self) -> str:
        """Return the name of the main part; nearly every program calls it the same."""
        main = "word/document.xml"
        if main not in self.names:
            main = self._relations("").get("officeDocument", "")
        if main not in self.names:
            raise KeyError(main)
        return main

    def _relations(self, part: str) -> dict[str, str]:
        """Return kind → part name of a part's internal relations; header and footer kinds carry their id."""
        folder, name = posixpath.split(part)
        listing = posixpath.join(folder, "_rels", f"{name}.rels")
        if listing not in self.names:
            return {}
        found, outside = _RELATIONS.of(self.package, listing, folder, lambda: self._read_relations(listing, folder))
        if outside:
            self.notices.append("含外部链接内容,未访问")
        return found

    def _read_relations(self, listing: str, folder: str) -> tuple[dict[str, str], bool]:
        found: dict[str, str] = {}
        outside = False
        for relation in parse(read_part(self.package, listing)).iter(_RELATION):
            kind, target = relation.get("Type", "").rpartition("/")[2], relation.get("Target", "")
            if relation.get("TargetMode") == "External":
                outside = outside or kind != "hyperlink"
                continue
            if kind in {"header", "footer"}:
                kind += relation.get("Id", "")
            absolute = target.startswith("/")
            found[kind] = target.lstrip("/") if absolute else posixpath.normpath(posixpath.join(folder, target))
        return found, outside

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
                if cell.find(f"{self.w}tcPr/{self.w}cellDel") is None:
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
        default = self.styles.get(None)
        if not carried and default.num_id is None and (plain := self.runs.plain(paragraph)) is not None:
            if plain and not plain.isspace():
                self.outline.add(plain, place, default.outline, title=default.title)
            return ""
        first = paragraph[0] if len(paragraph) else None
        marks = {e.tag: e for e in first} if first is not None and first.tag == self.w + "pPr" else {}
        style = self.styles.get(self._value(marks, "pStyle"))
        text, boxes = self.runs.text(paragraph, style.hidden)
        text = carried + text
        joins_next = bool(marks) and self._mark_deleted(marks) and place is not Place.CELL
        if not joins_next:
            label = self._label(marks, style)  # an empty paragraph of a list takes a number too
            if text.strip():
                self.outline.add(label + text, place, self._outline_level(marks, style), title=style.title)
        for box in boxes:
            self._blocks(box, Place.TEXT_BOX)
        return text if joins_next else ""

    def _value(self, marks: Marks, tag: str) -> str | None:
        element = marks.get(self.w + tag)
        return None if element is None else element.get(self.w + "val", "")

    def _mark_deleted(self, marks: Marks) -> bool:
        mark = marks.get(self.w + "rPr")
        return mark is not None and any(mark.find(self.w + tag) is not None for tag in ("del", "moveFrom"))

    def _label(self, marks: Marks, style: Style) -> str:
        number = marks.get(self.w + "numPr")
        num_id, level = style.num_id, style.num_level
        if number is not None:
            own = {e.tag: e for e in number}
            num_id = self._value(own, "numId") if self.w + "numId" in own else num_id
            own_level = self._value(own, "ilvl") or ""
            level = int(own_level) if own_level.isdigit() else level
        if num_id in {None, "0"}:
            return ""
        if level is None:
            level = self.numbering.level_of_style(str(num_id), self._value(marks, "pStyle") or "")
        return self.numbering.label(str(num_id), level or 0)

    def _outline_level(self, marks: Marks, style: Style) -> int | None:
        own = self._value(marks, "outlineLvl") or ""
        if own.isdigit():
            return int(own) + 1 if int(own) < 9 else None
        return style.outline

    # --- beside the body

    def _margins(self, relations: dict[str, str], place: Place, seen: set[str]) -> None:
        """Read headers or footers, each distinct text once."""
        for name in (part for kind, part in sorted(relations.items()) if kind.startswith(place.value)):
            root = self._opened(name)
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
