"""The words around a hit, marked on the original text and safe to put into a page."""

from __future__ import annotations

import html
from dataclasses import dataclass

from pipeline.folding import fold_with_places

BEFORE, LENGTH = 30, 120


@dataclass(frozen=True, slots=True)
class Snippet:
    """Escaped HTML with ``<mark>`` around the words, and the passage in which the first stands."""

    html: str
    passage: int


def snippet(text: str, words: tuple[str, ...]) -> Snippet:
    """Return the neighbourhood of the first word that stands in ``text``; its beginning when none does."""
    folded, places = fold_with_places(text)
    firsts = [at for word in words if (at := folded.find(word)) >= 0]
    first = places[min(firsts)] if firsts else 0
    start, end = max(0, first - BEFORE), min(len(text), first - BEFORE + LENGTH if first > BEFORE else LENGTH)
    out, at = ["…" if start else ""], start
    for left, right in _spans(folded, places, words, start, end):
        out += [html.escape(text[at:left]), "<mark>", html.escape(text[left:right]), "</mark>"]
        at = right
    out += [html.escape(text[at : max(at, end)]), "…" if end < len(text) else ""]
    return Snippet("".join(out).replace("\n", " "), text.count("\n", 0, first))


def _spans(folded: str, places: list[int], words: tuple[str, ...], start: int, end: int) -> list[tuple[int, int]]:
    """Return the places of the words that begin within the window, merged where they touch, in order."""
    spans = []
    for word in words:
        at = folded.find(word)
        while at >= 0 and places[at] < end:
            if places[at] >= start:
                spans.append((places[at], places[at + len(word) - 1] + 1))
            at = folded.find(word, at + 1)
    merged: list[tuple[int, int]] = []
    for left, right in sorted(spans):
        if merged and left < merged[-1][1]:
            merged[-1] = merged[-1][0], max(right, merged[-1][1])
        else:
            merged.append((left, right))
    return merged
