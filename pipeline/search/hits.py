"""A document as the index takes it, and as it shows it when it is found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.folding import fold
from pipeline.judging.likeness import sketch
from pipeline.model import Entry, Text
from pipeline.search.engine import Row
from pipeline.search.query import Query
from pipeline.search.snippets import snippet


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. ``snippet``: escaped HTML with ``<mark>``; ``passage``: where its first mark stands.

    ``heading``, ``page``: the headings above that passage, outermost first, and its page where known. ``passages``:
    every passage in which a word stands, to go from one to the next.
    """

    entry: str
    score: float
    title: str
    kind: str
    unit: str
    person: str
    year: int | None
    status: str
    received: dt.date
    snippet: str
    passage: int
    heading: str
    page: int | None
    passages: tuple[int, ...]


def mark_of(sha256: str, decision: str | None) -> str:
    """Return what changes when an entry must be indexed anew: its bytes, or a person's decision on it."""
    return f"{sha256[:16]}{decision or ''}"


def row_of(entry: Entry, text: Text) -> Row:
    """Return a document as the engines take it."""
    who = entry.identity
    # one line for each passage, so that a place in the text names its passage
    lines = "\n".join(" ".join(p.text.split()) for p in text)
    lines = lines.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
    folded = fold(lines)
    return Row(
        entry=entry.number,
        title=_storable(who.title),
        kind=who.kind,
        unit=who.unit or "",
        person=who.person or "",
        year="" if who.year is None else str(who.year),
        status=entry.decision or entry.verdict.outcome.value,
        received=entry.received,
        text=lines,
        folded=folded,
        mark=mark_of(entry.sha256, entry.decision),
        places=tuple(_places(text)),
        sketch=sketch(folded),
    )


def _storable(title: str) -> str:
    return title.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _places(text: Text) -> Iterator[tuple[int, str, int | None]]:
    before: tuple[str, int | None] = "", None
    for n, passage in enumerate(text):
        here = passage.heading, passage.page
        if here != before:
            yield n, _storable(passage.heading), passage.page
            before = here


def hit(row: Row, score: float, query: Query) -> Hit:
    """Return a found document with its words marked."""
    found = snippet(row.text, query.words)
    heading, page = next(((h, p) for first, h, p in reversed(row.places) if first <= found.passage), ("", None))
    return Hit(
        entry=row.entry,
        score=score,
        title=row.title,
        kind=row.kind,
        unit=row.unit,
        person=row.person,
        year=int(row.year) if row.year else None,
        status=row.status,
        received=row.received,
        snippet=found.html,
        passage=found.passage,
        heading=heading,
        page=page,
        passages=found.passages,
    )
