"""The words around a hit, marked on the original text and safe to put into a page."""

from __future__ import annotations

import bisect
import html
from dataclasses import dataclass

from pipeline.folding import fold, fold_with_places

BEFORE, LENGTH = 30, 120


@dataclass(frozen=True, slots=True)
class Snippet:
    """Escaped HTML with ``<mark>`` around the words, the passage it begins to mark in, and every passage with a word."""

    html: str
    passage: int
    passages: tuple[int, ...] = ()


def snippet(text: str, words: tuple[str, ...]) -> Snippet:
    """Return the neighbourhood in which most of the words stand; the text's beginning when none does."""
    # NUL stands in no stored text and folds to itself: one folding tells where each line begins
    parted = fold(text.replace("\n", "\0"))
    starts = [0, *(at + 1 for at in _places(parted, "\0"))]
    folded = parted.replace("\0", " ")
    found = {word: _places(folded, word) for word in words}
    holding: dict[int, set[str]] = {}
    for word, places in found.items():
        for at in places:
            holding.setdefault(bisect.bisect_right(starts, at) - 1, set()).add(word)
    if not holding:
        return Snippet(_marked(text, words, 0), 0)
    best = max(holding, key=lambda line: (len(holding[line]), -line))
    lines = text.split("\n")
    line_at = sum(len(line) + 1 for line in lines[:best])
    end = starts[best + 1] if best + 1 < len(starts) else len(folded)
    first = min(at for places in found.values() for at in places if starts[best] <= at < end)
    # only this line is folded with its places: folding a whole text so takes ten times as long as everything else
    _, places = fold_with_places(lines[best])
    inside = places[min(first - starts[best], len(places) - 1)] if places else 0
    return Snippet(_marked(text, words, line_at + inside), best, tuple(sorted(holding)))


def _places(folded: str, word: str) -> list[int]:
    places, at = [], folded.find(word)
    while at >= 0:
        places.append(at)
        at = folded.find(word, at + 1)
    return places


def _marked(text: str, words: tuple[str, ...], first: int) -> str:
    start = max(0, first - BEFORE)
    end = min(len(text), start + LENGTH)
    near = text[start : end + 2 * max((len(word) for word in words), default=0)]
    folded, places = fold_with_places(near)
    out, at = ["…" if start else ""], 0
    for left, right in _spans(folded, places, words, end - start):
        out += [html.escape(near[at:left]), "<mark>", html.escape(near[left:right]), "</mark>"]
        at = right
    shown = max(at, end - start)
    out += [html.escape(near[at:shown]), "…" if start + shown < len(text) else ""]
    return "".join(out).replace("\n", " ")


def _spans(folded: str, places: list[int], words: tuple[str, ...], end: int) -> list[tuple[int, int]]:
    """Return the places of the words that begin before ``end``, merged where they overlap, in order."""
    found = ((at, at + len(word) - 1) for word in words for at in _places(folded, word))
    spans = [(places[first], places[last] + 1) for first, last in found if places[first] < end]
    merged: list[tuple[int, int]] = []
    for left, right in sorted(spans):
        if merged and left < merged[-1][1]:
            merged[-1] = merged[-1][0], max(right, merged[-1][1])
        else:
            merged.append((left, right))
    return merged
