"""What every engine stores of a document: everything that does not follow from the text."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

from pipeline.search.engine import Row


def pack(row: Row) -> str:
    """Return a row as one string."""
    return json.dumps([row.entry, row.title, row.kind, row.unit, row.person, row.year, row.status,
                       row.received.isoformat(), row.mark, row.places, row.text], ensure_ascii=False)  # fmt: skip


def unpack(stored: str | bytes, folding: Callable[[str], str] = lambda _: "") -> Row:
    """Return the row of a stored string; its folded text is made only when ``folding`` is given."""
    entry, title, kind, unit, person, year, status, received, mark, places, text = json.loads(stored)
    day = dt.date.fromisoformat(received)
    runs = tuple((first, heading, page) for first, heading, page in places)
    return Row(entry, title, kind, unit, person, year, status, day, text, folding(text), mark, runs)
