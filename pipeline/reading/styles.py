"""Paragraph styles as far as reading needs them: outline level and list membership, inherited along ``basedOn``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from pipeline.reading.xml import may_name, parse

_HEADING_NAME = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)


@dataclass(slots=True)
class Style:
    """``outline``: 1… for headings. ``num_id``, ``num_level``: the list the style belongs to."""

    outline: int | None = None
    num_id: str | None = None
    num_level: int | None = None
    title: bool = False
    hidden: bool = False


class Styles:
    """The styles of one part, each resolved along ``basedOn`` when first asked for."""

    def __init__(self, data: bytes | None, w: str) -> None:
        elements = parse(data).iterfind(w + "style") if data else ()
        self._raw = {element.get(w + "styleId", ""): element for element in elements}
        self._names_hidden = may_name(data or b"", b"vanish")
        self._hidden: list[bytes] | None = None
        self._w = w
        self._done: dict[str, Style] = {}
        self._default = next((i for i, e in self._raw.items() if self._is_default(e)), "")

    def get(self, style_id: str | None) -> Style:
        """Return a style, the default paragraph style for None, an empty one for an unknown id."""
        return self._resolve(self._default if style_id is None else style_id, frozenset())

    def may_hide(self, data: bytes) -> bool:
        """Whether a style that hides text may be used in a part; False only when surely none is."""
        if not self._names_hidden:
            return False
        if self._hidden is None:
            self._hidden = [name.encode() for name in self._raw if self._resolve(name, frozenset()).hidden]
        # a name that XML writes in more than one way is taken as used
        odd = any(not name.isalnum() for name in self._hidden)
        return odd or self.get(None).hidden or any(may_name(data, name) for name in self._hidden)

    def _is_default(self, element: etree._Element) -> bool:
        return element.get(self._w + "type") == "paragraph" and element.get(self._w + "default") in {"1", "true"}

    def _resolve(self, style_id: str, above: frozenset[str]) -> Style:
        if style_id in self._done:
            return self._done[style_id]
        element = self._raw.get(style_id)
        if element is None or style_id in above:
            return Style()
        parent = element.find(self._w + "basedOn")
        base = self._resolve(parent.get(self._w + "val", ""), above | {style_id}) if parent is not None else Style()
        self._done[style_id] = _own(element, base, self._w)
        return self._done[style_id]


def _own(element: etree._Element, base: Style, w: str) -> Style:
    style = Style(base.outline, base.num_id, base.num_level, base.title, base.hidden)
    name = element.find(w + "name")
    label = name.get(w + "val", "") if name is not None else ""
    if found := _HEADING_NAME.fullmatch(label.strip()):
        style.outline = int(found[1])
    style.title = style.title or label.strip().lower() in {"title", "标题", "subtitle", "副标题"}
    properties = element.find(w + "pPr")
    if properties is not None:
        if (outline := properties.find(w + "outlineLvl")) is not None:
            level = int(outline.get(w + "val", "9")) if outline.get(w + "val", "9").isdigit() else 9
            style.outline = level + 1 if level < 9 else None
        if (number := properties.find(w + "numPr")) is not None:
            num_id, level_mark = number.find(w + "numId"), number.find(w + "ilvl")
            style.num_id = num_id.get(w + "val") if num_id is not None else style.num_id
            if level_mark is not None and level_mark.get(w + "val", "").isdigit():
                style.num_level = int(level_mark.get(w + "val", "0"))
    run = element.find(w + "rPr")
    if run is not None and (vanish := run.find(w + "vanish")) is not None:
        style.hidden = vanish.get(w + "val", "1") not in {"0", "false"}
    return style
