"""What the search benchmark asks, what is true, and how long an answer takes."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from search_corpus import SUBJECTS, Corpus

from pipeline.folding import fold
from pipeline.search import Query, parse_query

ROUNDS = 3


class Truth:
    """Every folded text, to be scanned."""

    def __init__(self, corpus: Corpus) -> None:
        self.entries: list[str] = []
        self.texts: list[str] = []
        for entry, text in corpus:
            self.entries.append(entry.number)
            self.texts.append(fold(text.plain))

    def holding(self, word: str) -> set[str]:
        return {entry for entry, text in zip(self.entries, self.texts, strict=True) if word in text}


def queries(corpus: Corpus, dice: random.Random, count: int) -> dict[str, list[Query]]:
    """Return ``count`` queries of each kind. A common word stands in 98 % of the papers, a rare one in 0.5 %."""
    asked: dict[str, list[Query]] = {}

    def ask(kind: str, make: Callable[[], Query]) -> None:
        asked[kind] = [make() for _ in range(count)]

    phrases = ["".join(dice.sample(SUBJECTS, 1)) + w for w in ("研究部署", "情况的报告", "严肃查处", "问题整改")]
    ask("rare word", lambda: parse_query(dice.choice(corpus.rare)))
    ask("common word", lambda: parse_query(dice.choice(SUBJECTS)))
    ask("two words", lambda: parse_query(f"{dice.choice(SUBJECTS)} {dice.choice(corpus.people)}"))
    ask("phrase", lambda: parse_query(f"“{dice.choice(phrases)}”"))
    ask("filter + word", lambda: parse_query(dice.choice(SUBJECTS), unit=dice.choice(corpus.units)))
    ask("date range", lambda: _ranged(dice))
    return asked


def _ranged(dice: random.Random) -> Query:
    first = dt.date(dice.randint(2015, 2025), dice.randint(1, 12), 1)
    return parse_query(dice.choice(SUBJECTS), since=first, until=first + dt.timedelta(180))


def substrings(truth: Truth, dice: random.Random, count: int) -> list[str]:
    """Return random pieces of the texts, 1–12 characters, as they are typed: width, case and brackets vary."""
    found: list[str] = []
    while len(found) < count:
        text = dice.choice(truth.texts)
        length = dice.randint(1, 12)
        start = dice.randrange(len(text) - length)
        word = text[start : start + length]
        if word.strip(" ") != word or not word or any(c in '"“”' for c in word):
            continue
        found.append(
            "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() and dice.random() < 0.3 else c for c in word)
        )
    return found


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of every query, wall clock and processor time, the quickest of its rounds."""

    wall: tuple[float, ...]
    burnt: tuple[float, ...]

    @property
    def p95(self) -> float:
        """The 95th percentile of processor time, which what else runs on the machine disturbs least."""
        return _share(self.burnt, 0.95)

    @property
    def wall_p50(self) -> float:
        return _share(self.wall, 0.5)

    @property
    def wall_p95(self) -> float:
        return _share(self.wall, 0.95)

    def __str__(self) -> str:
        return " cpu ".join(f"{_share(t, 0.5):6.1f}/{_share(t, 0.95):6.1f}" for t in (self.wall, self.burnt))


def _share(times: Sequence[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


def times(ask: Callable[[Query], object], asked: Sequence[Query]) -> Times:
    """Return how long each answer takes; all are asked round after round, and the quickest of each counts."""
    wall, burnt = [float("inf")] * len(asked), [float("inf")] * len(asked)
    for _ in range(ROUNDS):
        for n, query in enumerate(asked):
            started, before = time.perf_counter(), time.process_time()
            ask(query)
            burnt[n] = min(burnt[n], (time.process_time() - before) * 1000)
            wall[n] = min(wall[n], (time.perf_counter() - started) * 1000)
    return Times(tuple(wall), tuple(burnt))
