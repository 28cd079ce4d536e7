"""Items against a text: covered, mentioned or absent, each with its confidence and quoted evidence. Pure.

An item that the rulebook's weights were trained for is judged by them; any other by the item's hints and the marks of
acts. What is quoted always stands verbatim in its passage.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.judging.acts import is_act
from pipeline.judging.layout import Layout, squeeze
from pipeline.judging.scoring import Scored, logit, score, sigmoid, smooth
from pipeline.judging.sentences import Sentence, sentences_of
from pipeline.model import Evidence, ItemVerdict, Status
from pipeline.rulebook.parts import Item
from pipeline.rulebook.weights import Weights

_QUOTES = 3
_HEADING_ACT = 0.15
_HINT_SURE = 0.6
_WEAK = 0.5

Asked = tuple[str, str, Item]
"""(verdict id, list id, item)."""


def judge_items(layout: Layout, asked: Sequence[Asked], weights: Weights | None) -> tuple[ItemVerdict, ...]:
    """Return one verdict for each item asked for, in order."""
    sentences = sentences_of(layout)
    trained = {
        key for key, list_id, item in asked if weights and sentences and weights.serves(list_id, item.n, item.text)
    }
    reader = _Reader(sentences, weights, [a for a in asked if a[0] in trained]) if weights and trained else None
    return tuple(
        reader.verdict(key, list_id, item) if reader and key in trained else _by_hints(key, item, sentences)
        for key, list_id, item in asked
    )


@dataclass(frozen=True, slots=True)
class Signals:
    """What the sentences say about one item: inputs of the last two decisions, and the sentences in order of strength."""

    covered: tuple[float, ...]
    mentioned: tuple[float, ...]
    acts: tuple[tuple[float, int], ...]
    names: tuple[tuple[float, int], ...]


class _Reader:
    """The sentences of one text scored once for all items."""

    def __init__(self, sentences: Sequence[Sentence], weights: Weights, asked: Sequence[Asked]) -> None:
        self._weights = weights
        self._pairs = {key: weights.lists[list_id][str(item.n)] for key, list_id, item in asked}
        groups = sorted({group for pairs in self._pairs.values() for group, _ in pairs})
        self._scored = [score(s, weights, groups) for s in sentences]
        self._smooth = {g: smooth(self._scored, g, weights) for g in groups}

    def verdict(self, key: str, list_id: str, item: Item) -> ItemVerdict:
        found = signals(self._scored, self._smooth, self._pairs[key], self._weights)
        is_covered = sigmoid(_decide(self._weights.covered, found.covered))
        is_named = sigmoid(_decide(self._weights.mentioned, found.mentioned))
        shares = {
            Status.COVERED: is_covered,
            Status.MENTIONED: (1 - is_covered) * is_named,
            Status.ABSENT: (1 - is_covered) * (1 - is_named),
        }
        status = Status.COVERED if is_covered >= 0.5 else Status.MENTIONED if is_named >= 0.5 else Status.ABSENT
        ranked = found.acts if status is Status.COVERED else found.names
        quotes = self._quotes(ranked) if status is not Status.ABSENT else ()
        nearest = self._quotes(ranked)[0] if status is Status.ABSENT and ranked else None
        return ItemVerdict(key, status, round(shares[status], 3), quotes, not item.optional, nearest)

    def _quotes(self, ranked: Sequence[tuple[float, int]]) -> tuple[Evidence, ...]:
        least = ranked[0][0] * _WEAK
        return tuple(evidence(self._scored[i].sentence) for value, i in ranked[:_QUOTES] if value >= least)


def signals(
    scored: Sequence[Scored],
    smoothed: Mapping[str, Sequence[tuple[float, ...]]],
    pairs: Sequence[tuple[str, str]],
    weights: Weights,
) -> Signals:
    """Return what the sentences say about the item told of by the (group, class) pairs."""
    own = [_share([s.classes for s in scored], i, pairs, weights) for i in range(len(scored))]
    context = [_share([{g: smoothed[g][i] for g, _ in pairs}], 0, pairs, weights) for i in range(len(scored))]
    mixed = [math.sqrt(a * b) for a, b in zip(own, context, strict=True)]
    acts = [s.act * (_HEADING_ACT if s.sentence.is_heading else 1.0) for s in scored]
    told = sorted(((p * a, i) for i, (p, a) in enumerate(zip(context, acts, strict=True))), reverse=True)
    both = max(p * a for p, a in zip(mixed, acts, strict=True))
    names = sorted(((p * (1 - a), i) for i, (p, a) in enumerate(zip(mixed, acts, strict=True))), reverse=True)
    top, first = told[0]
    strongest = max(own)
    headed = max((p for p, s in zip(own, scored, strict=True) if s.sentence.is_heading), default=0.0)
    covered = (
        logit(top),
        logit(max(p * a for p, a in zip(own, acts, strict=True))),
        logit(both),
        logit(acts[first]),
        logit(strongest),
    )
    mentioned = (logit(names[0][0]), logit(strongest), logit(headed), logit(top), logit(max(context)))
    return Signals(covered, mentioned, tuple(told), tuple(names))


def _share(
    classes: Sequence[Mapping[str, tuple[float, ...]]], i: int, pairs: Sequence[tuple[str, str]], weights: Weights
) -> float:
    """The strongest group's share for the pairs: classes of one group add up, groups compete."""
    sums: dict[str, float] = {}
    for group, name in pairs:
        sums[group] = sums.get(group, 0.0) + classes[i][group][weights.groups[group].classes.index(name)]
    return max(sums.values())


def _decide(coefficients: Mapping[str, tuple[float, ...]], values: Sequence[float]) -> float:
    parts = zip(coefficients["weight"], coefficients["mean"], coefficients["scale"], values, strict=True)
    return coefficients["bias"][0] + sum(w * (v - mean) / scale for w, mean, scale, v in parts)


def _by_hints(key: str, item: Item, sentences: Sequence[Sentence]) -> ItemVerdict:
    """Judge by the words the rulebook gives for the item: a strong one, or two weak ones, in one sentence."""
    scored = sorted(((_hits(item, s), i) for i, s in enumerate(sentences)), key=lambda pair: (-pair[0], pair[1]))
    near = [sentences[i] for hits, i in scored if hits >= 1]
    acts = [s for s in near if is_act(s)]
    status = Status.COVERED if acts else Status.MENTIONED if near else Status.ABSENT
    quotes = tuple(evidence(s) for s in (acts or near)[:_QUOTES])
    nearest = evidence(sentences[scored[0][1]]) if not near and scored and scored[0][0] > 0 else None
    return ItemVerdict(key, status, _HINT_SURE, quotes, not item.optional, nearest)


def _hits(item: Item, sentence: Sentence) -> float:
    strong = sum(squeeze(w) in sentence.plain for w in item.strong)
    return strong + 0.5 * sum(squeeze(w) in sentence.plain for w in item.weak)


def evidence(sentence: Sentence) -> Evidence:
    return Evidence(sentence.text, sentence.passage.n, sentence.passage.heading)
