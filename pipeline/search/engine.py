"""The narrow interface every engine fills, and the two-character grams they all index.

Dictionary words cut the same characters differently in text and query and so miss documents; two-character grams do
not (docs/adr/0003). An engine may return a superset, flagged; never a subset.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Protocol

from pipeline.folding import fold
from pipeline.search.query import Query

FACETS = ("kind", "unit", "year", "status")
VALUED = (*FACETS, "person")
VERIFY_ALL = 400  # engines without positions look at this many texts; where more may fit, numbers are upper bounds
_SPACE = "␣"  # stands for white space inside a gram, which engines cut at


@dataclass(frozen=True, slots=True)
class Row:
    """One document as an engine stores it. ``text``: passages joined by newlines; ``folded``: the same, folded.

    ``mark``: changes when the document must be indexed anew. ``places``: (first passage, heading path, page), each
    holding until the next. ``sketch``: numbers of its clauses (``judging/likeness.py``).
    """

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
    mark: str = ""
    places: tuple[tuple[int, str, int | None], ...] = ()
    sketch: tuple[int, ...] = ()

    @property
    def order(self) -> str:
        """A key that sorts by day of receipt, then by number; the mark behind it comes along for free."""
        return f"{self.received.toordinal():09}{self.entry}|{self.mark}"


@dataclass(frozen=True, slots=True)
class Found:
    """What an engine found: (entry, score) of the page asked for, how many in all, whether that number is exact."""

    hits: tuple[tuple[str, float], ...]
    total: int
    exact: bool
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Engine(Protocol):
    """One index. Several processes may read it; the caller sees to it that one writes."""

    def apply(self, upserts: Sequence[Row], deletes: Sequence[str]) -> None:
        """The batch is in the index as a whole, or not at all; an entry that was there is replaced."""

    def search(self, query: Query) -> Found:
        """Return the documents that fit, in the query's order, as many as its limit."""

    def values(self, field: str, within: frozenset[str] | None) -> Mapping[str, int]:
        """Return every value of a field (one of ``VALUED``) and how many documents of these units have it."""

    def alike(self, sketch: Sequence[int], within: frozenset[str] | None, limit: int) -> list[tuple[str, int]]:
        """Return the documents that share most numbers of the sketch, and how many they share."""

    def rows(self, entries: Sequence[str]) -> dict[str, Row]:
        """Return the stored documents of these entries."""

    def marks(self) -> dict[str, str]:
        """Return every entry in the index with its mark."""

    def count(self) -> int:
        """Return how many entries there are."""

    def close(self) -> None:
        """Give files and locks back."""


def grams(folded: str) -> list[str]:
    """Return the two-character grams of a folded text, in order, white space as a visible mark."""
    marked = folded.replace(" ", _SPACE)
    return list(map(add, marked, marked[1:]))


def spaced_grams(folded: str) -> str:
    """Return ``grams`` parted by spaces, ten times as fast as they are cut and joined."""
    points = array("I", folded.replace(" ", _SPACE).encode("utf-32-le"))
    spaced = array("I", " ".encode("utf-32-le")) * (3 * max(len(points) - 1, 0))
    spaced[0::3], spaced[1::3] = points[:-1], points[1:]
    return spaced.tobytes().decode("utf-32-le")


def characters(folded: str) -> list[str]:
    """Return the different characters of a folded text, for one-character queries."""
    return sorted(set(folded.replace(" ", _SPACE)))


def read_order(order: str) -> tuple[int, str, str]:
    """Return the day (ordinal), entry and mark of a row's order."""
    entry, _, mark = order[9:].partition("|")
    return int(order[:9]), entry, mark


def fits(query: Query, folded: str) -> bool:
    """Whether a document's folded text holds what the query asks: the truth that every engine answers to."""
    return all(any(word in folded for word in clause) for clause in query.clauses) and not any(
        word in folded for word in query.excluded
    )


def relevance(query: Query, row: Row) -> float:
    """Return how much a text says about the query's words: often in little text, and in the title, counts most."""
    title = fold(row.title)
    score = 0.0
    for word in query.words:
        count = row.folded.count(word)
        score += count / (count + 0.3 + 0.9 * len(row.folded) / 3000) + 2 * (word in title)
    return score
