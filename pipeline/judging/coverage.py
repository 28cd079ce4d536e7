"""Items against a text: covered, mentioned or absent, with quoted evidence. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.judging.acts import is_act
from pipeline.judging.layout import Layout, squeeze
from pipeline.judging.sentences import Sentence, sentences_of
from pipeline.model import Evidence, ItemVerdict, Status
from pipeline.rulebook.parts import Item

_QUOTES = 3


def judge_items(layout: Layout, items: Sequence[tuple[str, Item]]) -> tuple[ItemVerdict, ...]:
    """Return one verdict for each (id, item), in order."""
    sentences = sentences_of(layout)
    return tuple(_judge(key, item, sentences) for key, item in items)


def _judge(key: str, item: Item, sentences: Sequence[Sentence]) -> ItemVerdict:
    scored = sorted(((_hits(item, s), s) for s in sentences), key=lambda pair: -pair[0])
    near = [(score, s) for score, s in scored if score >= 1]
    acts = [(score, s) for score, s in near if is_act(s)]
    status = Status.COVERED if acts else Status.MENTIONED if near else Status.ABSENT
    quotes = tuple(evidence(s) for _, s in (acts or near)[:_QUOTES])
    nearest = evidence(scored[0][1]) if status is Status.ABSENT and scored and scored[0][0] > 0 else None
    return ItemVerdict(key, status, 0.6, quotes, not item.optional, nearest)


def _hits(item: Item, sentence: Sentence) -> float:
    text = sentence.plain
    return sum(squeeze(w) in text for w in item.strong) + 0.5 * sum(squeeze(w) in text for w in item.weak)


def evidence(sentence: Sentence) -> Evidence:
    return Evidence(sentence.text, sentence.passage.n, sentence.passage.heading)
