"""Sentences scored by trained weights: how likely each tells of a class, and how likely it tells an act. Pure.

A score is the sum of the weights of the sentence's character n-grams (1 to 3 long, each once), divided by their length
as a vector (tf-idf with binary term frequency). One packed whole number per n-gram holds all columns, so that one
addition serves every class at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.judging.acts import marks, normal
from pipeline.judging.sentences import Sentence
from pipeline.rulebook.weights import FIELD_BYTES, Group, Weights

_OFFSET = 128
_MARKS_SCALE = 0.5
ACT = "act"


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence with its act probability and, for each group, the probability of each class."""

    sentence: Sentence
    act: float
    classes: dict[str, tuple[float, ...]]


def grams(plain: str) -> set[str]:
    """Return the character n-grams of length 1 to 3 of a squeezed sentence, numbers made equal."""
    text = normal(plain)
    n = len(text)
    return {text[i : i + k] for k in (1, 2, 3) for i in range(n - k + 1)}


def score(sentence: Sentence, weights: Weights, groups: Sequence[str]) -> Scored:
    """Return the sentence's probabilities for the groups asked for."""
    rows = weights.rows
    found = [rows[g] for g in grams(sentence.plain) if g in rows]
    total = sum(found).to_bytes(weights.columns * FIELD_BYTES + 1, "little")
    square = int.from_bytes(total[:FIELD_BYTES], "little") * weights.square_scale
    length = math.sqrt(square) if square else 1.0
    offset = _OFFSET * len(found)

    def linear(group: Group) -> list[float]:
        out = []
        for k, (bias, scale) in enumerate(zip(group.bias, group.scale, strict=True)):
            at = (group.first + k) * FIELD_BYTES
            out.append(bias + scale * (int.from_bytes(total[at : at + FIELD_BYTES], "little") - offset) / length)
        return out

    by_marks = sum(w * m for w, m in zip(weights.marks, marks(sentence), strict=True)) * _MARKS_SCALE
    act = linear(weights.groups[ACT])[0] + by_marks
    return Scored(sentence, sigmoid(act), {name: softmax(linear(weights.groups[name])) for name in groups})


def smooth(scored: Sequence[Scored], group: str, weights: Weights) -> list[tuple[float, ...]]:
    """Return each sentence's class probabilities once its neighbours and its heading had their say.

    Neighbours are up to four sentences away in the same passage, each weighing 0.6 of the one nearer.
    """
    near, above = weights.smoothing["neighbours"], weights.smoothing["heading"]
    logs = [[math.log(p + 0.01) for p in s.classes[group]] for s in scored]
    heads = {s.sentence.plain: logs[i] for i, s in enumerate(scored) if s.sentence.is_heading}
    segments = _segments(scored)
    out = []
    for i, item in enumerate(scored):
        new = list(logs[i])
        around = [(logs[j], 0.6 ** abs(i - j)) for j in _window(i, segments)]
        share = near / max(1.2, sum(w for _, w in around))
        for log, w in around:
            for c, value in enumerate(log):
                new[c] += share * w * value
        head = heads.get(item.sentence.heading)
        if head is not None and not item.sentence.is_heading:
            new = [a + above * b for a, b in zip(new, head, strict=True)]
        out.append(normalised(new))
    return out


def _segments(scored: Sequence[Scored]) -> list[int]:
    found: list[int] = []
    at = -1
    for item in scored:
        if not item.sentence.before or item.sentence.is_heading:
            at += 1
        found.append(at)
    return found


def _window(i: int, segments: Sequence[int]) -> list[int]:
    return [j for j in range(max(0, i - 4), min(len(segments), i + 5)) if j != i and segments[j] == segments[i]]


def normalised(logs: Sequence[float]) -> tuple[float, ...]:
    top = max(logs)
    raised = [math.exp(v - top) for v in logs]
    whole = sum(raised)
    return tuple(v / whole for v in raised)


softmax = normalised


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))


def logit(p: float) -> float:
    p = min(max(p, 1e-3), 1 - 1e-3)
    return math.log(p / (1 - p))
