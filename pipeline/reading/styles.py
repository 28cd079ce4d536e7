"""Paragraph styles as far as reading needs them: outline level and list membership, inherited along ``basedOn``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

_HEADING_NAME = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)


@dataclass(slots=True)
class Style:
    """``outline``: 1… for headings. ``num_id``, ``num_level``: the list the style belongs to."""

    outline: int | None = None
    num_id: str | None = None
    num_level: int | None = None
    title: bool = False
    hidden: bool = False


def read_styles(root: etree._Element | None, w: str) -> tuple[dict[str, Style], str | None]:
    """Return paragraph and character styles by id, inheritance resolved, and the id of the default paragraph style."""
    if root is None:
        return {}, None
    raw = {e.get(w + "styleId", ""): e for e in root.iterfind(w + "style")}
    default = next(
        (i for i, e in raw.items() if e.get(w + "type") == "paragraph" and e.get(w + "default") in {"1", "true"}), None
    )
    done: dict[str, Style] = {}

    def resolve(style_id: str, above: frozenset[str] = frozenset()) -> Style:
        if style_id in done:
            return done[style_id]
        element = raw.get(style_id)
        if element is None or style_id in above:
            return Style()
        parent = element.find(w + "basedOn")
        base = resolve(parent.get(w + "val", ""), above | {style_id}) if parent is not None else Style()
        done[style_id] = _own(element, base, w)
        return done[style_id]

    return {style_id: resolve(style_id) for style_id in raw}, default


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
