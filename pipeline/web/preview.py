"""A letter of ours as a page shows it: its paragraphs and tables in order. The Word file stays what counts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.table import Table

_PLACES = {WD_ALIGN_PARAGRAPH.CENTER: "center", WD_ALIGN_PARAGRAPH.RIGHT: "right"}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (``text``, where it stands) or a table (``rows``)."""

    text: str = ""
    place: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(letter: bytes) -> Iterator[Block]:
    """Yield what a letter says, from top to bottom."""
    document = docx.Document(io.BytesIO(letter))
    for thing in document.iter_inner_content():
        if isinstance(thing, Table):
            yield Block(rows=tuple(tuple(cell.text for cell in row.cells) for row in thing.rows))
        else:
            yield Block(thing.text, _PLACES.get(thing.alignment, "") if thing.alignment is not None else "")
