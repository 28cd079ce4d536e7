"""A text as plain lists on its way between processes: cheap to make, to send and to take up."""

from __future__ import annotations

from typing import Any

from pipeline.model import Mark, MarkKind, Passage, Place, Text


def packed(text: Text) -> dict[str, Any]:
    """Return the text as JSON can hold it; each heading path stands there once."""
    paths: dict[tuple[str, ...], int] = {}
    rows = [
        (p.text, p.place.value, paths.setdefault(p.headings, len(paths)), p.level, p.page, p.confidence)
        for p in text.passages
    ]
    marks = (
        None if text.marks is None else [(m.kind, m.page, m.left, m.top, m.right, m.bottom, m.near) for m in text.marks]
    )
    return {"format": text.format, "pages": text.pages, "notices": text.notices, "paths": list(paths), "rows": rows,
            "unread": text.unread_pages, "marks": marks}  # fmt: skip


def unpacked(plain: dict[str, Any]) -> Text:
    """Return the text that ``packed`` was given."""
    paths = [tuple(path) for path in plain["paths"]]
    places = {place.value: place for place in Place}
    passages = tuple(
        Passage(n, words, places[place], paths[path], level, page, confidence)
        for n, (words, place, path, level, page, confidence) in enumerate(plain["rows"])
    )
    marks = plain["marks"]
    seen = None if marks is None else tuple(Mark(MarkKind(kind), *rest) for kind, *rest in marks)
    return Text(passages, plain["format"], plain["pages"], tuple(plain["notices"]), tuple(plain["unread"]), seen)
