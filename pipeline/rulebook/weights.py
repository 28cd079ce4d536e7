"""Trained weights that a rulebook may bring for its lists: ``coverage.weights`` beside its YAML. See docs/judging.md.

Format: one line of JSON (UTF-8), then zlib-compressed: the vocabulary (n-grams joined by newlines), a zero byte, then for
each n-gram one row of unsigned bytes: its squared idf, and its weight for each column, offset by 128.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

FILE_NAME = "coverage.weights"
FIELD_BYTES = 3  # of a column in a packed row: sums of 65,000 bytes fit
VERSION = 1


@dataclass(frozen=True, slots=True)
class Group:
    """One question with one answer among ``classes`` (``0``: none of them); ``columns``: its first column and the end."""

    classes: tuple[str, ...]
    first: int
    bias: tuple[float, ...]
    scale: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """Linear weights of character n-grams. ``rows``: n-gram → its columns packed into one whole number.

    ``lists``: list id → item number → (group, class) pairs that tell of the item. ``texts``: list id → item number → hash
    of the item's words at training; weights serve an item only while its words are the same.
    """

    rows: Mapping[str, int]
    columns: int
    square_scale: float
    groups: Mapping[str, Group]
    marks: tuple[float, ...]
    lists: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]]
    texts: Mapping[str, Mapping[str, str]]
    smoothing: Mapping[str, float]
    covered: Mapping[str, tuple[float, ...]]
    mentioned: Mapping[str, tuple[float, ...]]

    def serves(self, list_id: str, n: int, words: str) -> bool:
        """True where the weights were trained for this item with these words."""
        return self.texts.get(list_id, {}).get(str(n)) == fingerprint(words)


def fingerprint(words: str) -> str:
    """A short hash of an item's words."""
    return sha256(words.encode()).hexdigest()[:12]


def unpack(data: bytes) -> Weights:
    """Return the weights that a file holds.

    Raises:
        ValueError, KeyError, TypeError, zlib.error: these bytes are not such a file.
    """
    first, _, packed = data.partition(b"\n")
    head = json.loads(first)
    if head["version"] != VERSION:
        raise ValueError(head["version"])
    vocabulary, _, matrix = zlib.decompress(packed).partition(b"\0")
    words = vocabulary.decode().split("\n")
    columns = head["columns"]
    if len(matrix) != len(words) * columns:
        raise ValueError("length")
    wide = bytearray(len(matrix) * FIELD_BYTES)
    wide[::FIELD_BYTES] = matrix
    size = columns * FIELD_BYTES
    rows = {w: int.from_bytes(wide[i * size : (i + 1) * size], "little") for i, w in enumerate(words)}
    return Weights(
        rows=rows,
        columns=columns,
        square_scale=head["square_scale"],
        groups={
            name: Group(tuple(g["classes"]), g["first"], tuple(g["bias"]), tuple(g["scale"]))
            for name, g in head["groups"].items()
        },
        marks=tuple(head["marks"]),
        lists={
            name: {n: tuple((g, c) for g, c in pairs) for n, pairs in items.items()}
            for name, items in head["lists"].items()
        },
        texts=head["texts"],
        smoothing=head["smoothing"],
        covered={k: tuple(v) for k, v in head["covered"].items()},
        mentioned={k: tuple(v) for k, v in head["mentioned"].items()},
    )
