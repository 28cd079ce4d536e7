"""The narrow interface every engine fills, and the two-character grams they all index.

Dictionary words cut the same characters differently in text and query and so miss documents; two-character grams do
not (docs/adr/0003). An engine may return a superset, flagged; never a subset.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.search.query import Query

FACETS = ("kind", "unit", "year", "status")
_SPACE = "␣"  # stands for white space inside a gram, which engines cut at


@dataclass(frozen=True, slots=True)
class Row:
    """One document as an engine stores it. ``text``: passages joined by newlines; ``folded``: the same, folded."""

    entry: str
    title: str
    kind: str
    unit: str
    person: str
    year: str
    status: str
    received: dt.date
    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class Found:
    """What an engine found: (entry, score) of the page asked for, how many in all, whether that number is exact."""

    hits: tuple[tuple[str, float], ...]
    total: int
    exact: bool
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Engine(Protocol):
    """One index on disk. Several processes may read it; the caller sees to it that one writes."""

    def apply(self, upserts: Sequence[Row], deletes: Sequence[str]) -> None:
        """The batch is in the index as a whole, or not at all; an entry that was there is replaced."""

    def search(self, query: Query) -> Found:
        """Return the newest documents that fit, as many as the query's limit."""

    def rows(self, entries: Sequence[str]) -> dict[str, Row]:
        """Return the stored documents of these entries."""

    def numbers(self) -> set[str]:
        """Return every entry in the index."""

    def count(self) -> int:
        """Return how many entries there are."""

    def close(self) -> None:
        """Give files and locks back."""


def grams(folded: str) -> list[str]:
    """Return the two-character grams of a folded text, in order, white space as a visible mark."""
    marked = folded.replace(" ", _SPACE)
    return [marked[i : i + 2] for i in range(len(marked) - 1)]


def characters(folded: str) -> list[str]:
    """Return the different characters of a folded text, for one-character queries."""
    return sorted(set(folded.replace(" ", _SPACE)))


def fits(query: Query, row: Row) -> bool:
    """Whether a document's text holds what the query asks: the truth that every engine answers to."""
    return all(any(word in row.folded for word in clause) for clause in query.clauses) and not any(
        word in row.folded for word in query.excluded
    )
