"""The text of one paragraph: runs in order, revisions resolved, fields by their result, boxes set apart."""

from __future__ import annotations

import re

from lxml import etree

from pipeline.reading.styles import Styles

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# a symbol font's private code points that Word draws as common marks
_SYMBOLS = {"F0FE": "☑", "F0A8": "□", "F0FC": "√", "F052": "☑", "F0A3": "□", "F0B7": "·"}
_SKIP = {"del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr", "instrText", "delText", "delInstrText", "rt", "commentReference",
         "annotationRef", "proofErr", "bookmarkStart", "bookmarkEnd"}  # fmt: skip
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


class Runs:
    """Reads paragraphs; keeps what a person should know in ``notices``."""

    def __init__(self, w: str, styles: Styles, may_hide: bool) -> None:
        self._w = w
        self._styles = styles
        self._may_hide = may_hide  # whether the word for hidden text occurs at all
        self._hidden_style = False  # whether the paragraph's own style hides it
        self._field_depth: list[bool] = []  # per open field: whether its result has begun
        self._skipped: set[object] = {w + "rPr", w + "pPr"}
        self._text, self._run = w + "t", w + "r"
        self._properties, self._vanish, self._style = w + "rPr", w + "vanish", w + "rStyle"
        self.notices: list[str] = []

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


def _symbol(code: str) -> str:
    """Return the mark a symbol shows: known ones of symbol fonts, any other character as itself."""
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    plain = re.fullmatch("[0-9A-F]{4}", code) is not None and int(code, 16) >= 32 and not "D800" <= code <= "F8FF"
    return chr(int(code, 16)) if plain else ""
