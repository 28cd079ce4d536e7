"""The text of one paragraph: runs in order, revisions resolved, fields by their result, boxes set apart."""

from __future__ import annotations

import re

from lxml import etree

from pipeline.reading.styles import Styles
from pipeline.reading.xml import may_name

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# a symbol font's private code points that Word draws as common marks
_SYMBOLS = {"F0FE": "☑", "F0A8": "□", "F0FC": "√", "F052": "☑", "F0A3": "□", "F0B7": "·"}
_SKIP = {"del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr", "instrText", "delText", "delInstrText", "rt", "commentReference",
         "annotationRef", "proofErr", "bookmarkStart", "bookmarkEnd"}  # fmt: skip
# what makes a paragraph more than the characters of its w:t: breaks, fields, revisions, drawings with numbers as text,
# a style, a list, a level
_WALKED = ("tab", "br", "cr", "noBreakHyphen", "ptab", "sym", "fldChar", "instrText", "del", "delText", "delInstrText",
           "moveFrom", "ruby", "drawing", "pict", "object", "txbxContent",
           "pStyle", "numPr", "outlineLvl")  # fmt: skip
_HEAD = 8192  # bytes: who lays out a part does so from its first elements on
_BLANKS = (b">\n", b">\r", b">\t", b"> <w:")  # XML laid out for people: blanks between elements are no text
_characters = etree.XPath("string()", smart_strings=False)
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


class Runs:
    """Reads paragraphs; keeps what a person should know in ``notices``."""

    def __init__(self, w: str, styles: Styles) -> None:
        self._w = w
        self._styles = styles
        self._may_hide = True  # whether the part at hand can hold hidden text at all
        self._hidden_style = False  # whether the paragraph's own style hides it
        self._field_depth: list[bool] = []  # per open field: whether its result has begun
        self._walked = [w + name for name in _WALKED] + [_MC + "AlternateContent"]
        self._skipped: set[object] = {w + "rPr", w + "pPr"}
        self._text, self._run = w + "t", w + "r"
        self._properties, self._vanish, self._style = w + "rPr", w + "vanish", w + "rStyle"
        self._plain = False  # whether paragraphs outside ``_to_walk`` are only their characters
        self._to_walk: set[etree._Element] = set()
        self.notices: list[str] = []

    def begin(self, root: etree._Element, data: bytes) -> None:
        """Look over a part before its paragraphs are read: which must be walked, which are only their characters.

        libxml2 joins a plain paragraph's characters many times faster than a walk that makes an object of every run.
        """
        self._to_walk.clear()
        self._may_hide = may_name(data, b"vanish") or self._styles.may_hide(data)
        self._plain = not self._may_hide and not _laid_out(data)
        if not self._plain:
            return
        tabs, paragraph = self._w + "tabs", self._w + "p"
        for thing in root.iter(*self._walked):
            holder: etree._Element | None = thing.getparent()
            if holder is not None and holder.tag == tabs:
                continue  # where tabulators stand, not one of them
            while holder is not None:
                if holder.tag == paragraph:
                    self._to_walk.add(holder)
                holder = holder.getparent()

    def plain(self, paragraph: etree._Element) -> str | None:
        """Return the characters of a paragraph that has neither style, list nor level of its own nor need of a walk."""
        if self._plain and paragraph not in self._to_walk:
            return str(_characters(paragraph))
        return None

    def text(self, paragraph: etree._Element, hidden_style: bool = False) -> tuple[str, list[etree._Element]]:
        """Return the paragraph's text and the content of its text boxes.

        ``hidden_style``: the paragraph's style hides every run that does not say otherwise.
        """
        self._hidden_style = hidden_style
        out: list[str] = []
        boxes: list[etree._Element] = []
        self._field_depth.clear()
        self._walk(paragraph, out, boxes)
        return "".join(out), boxes

    def _walk(self, parent: etree._Element, out: list[str], boxes: list[etree._Element]) -> None:
        run, text = self._run, self._text
        for child in parent:
            tag = child.tag
            if tag == run:
                if self._may_hide and self._hidden(child):
                    continue
                # nine runs of ten are properties and one text: looked at here, they cost half of a walk
                size = len(child)
                if size == 1 or (size == 2 and child[0].tag == self._properties):
                    last = child[-1]
                    child, tag = (last, text) if last.tag == text else (child, tag)
            if tag == text:
                if not self._field_depth or all(self._field_depth):
                    out.append(child.text or "")
            elif tag == run:
                self._walk(child, out, boxes)
            elif tag not in self._skipped and isinstance(tag, str):
                self._other(child, tag.rpartition("}")[2], out, boxes)

    def _other(self, child: etree._Element, name: str, out: list[str], boxes: list[etree._Element]) -> None:
        if name in _SKIP:
            self._skipped.add(child.tag)
        elif name == "fldChar":
            self._field(child.get(self._w + "fldCharType"))
        elif name in _BREAKS:
            out.append(_BREAKS[name])
        elif name == "sym":
            out.append(_symbol(child.get(self._w + "char", "").upper()))
        elif name == "txbxContent":
            boxes.append(child)
        elif name == "t":
            out.append(child.text or "")
        else:
            # the same box stands in Choice and in Fallback: read one
            chosen = child.find(_MC + "Choice") if name == "AlternateContent" else None
            self._walk(child if chosen is None else chosen, out, boxes)

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._field_depth.append(False)
        elif self._field_depth and kind == "separate":
            self._field_depth[-1] = True
        elif self._field_depth and kind == "end":
            self._field_depth.pop()

    def _hidden(self, run: etree._Element) -> bool:
        first = run[0] if len(run) else None
        properties = first if first is not None and first.tag == self._properties else None
        hidden = self._hidden_style
        if properties is not None and len(properties):
            vanish = properties.find(self._vanish)
            style = properties.find(self._style)
            if vanish is not None:
                hidden = vanish.get(self._w + "val", "1") not in {"0", "false"}
            elif style is not None:
                hidden = hidden or self._styles.get(style.get(self._w + "val", "")).hidden
        if hidden:
            self.notices.append("含隐藏文字,未计入")
        return hidden


def _laid_out(data: bytes) -> bool:
    """Whether blanks stand between the first elements of a part, after its XML declaration."""
    start = data.find(b"?>", 0, 200) + 3
    return any(data.find(mark, start, start + _HEAD) >= 0 for mark in _BLANKS)


def _symbol(code: str) -> str:
    """Return the mark a symbol shows: known ones of symbol fonts, any other character as itself."""
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    plain = re.fullmatch("[0-9A-F]{4}", code) is not None and int(code, 16) >= 32 and not "D800" <= code <= "F8FF"
    return chr(int(code, 16)) if plain else ""
