"""What the search benchmark is held against: FTS5, scans, Whoosh with dictionary words."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import jieba
from search_asked import Times, Truth, times
from search_corpus import Corpus
from whoosh.analysis import Token, Tokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in
from whoosh.qparser import QueryParser

from pipeline.folding import fold
from pipeline.search import Query
from pipeline.search.engine import grams

NEWEST = 20


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
) -> dict[str, dict[str, Times]]:
    """FTS5, a scan of extracted text, and Whoosh with jieba as people commonly set it up; returns the times."""
    taken: dict[str, dict[str, Times]] = {"sqlite fts5": {}, "ripgrep": {}, "plain scan": {}}
    started = time.perf_counter()
    fts = Sqlite(folder / "fts.sqlite", corpus)
    print(f"sqlite fts5 two-grams: {count / (time.perf_counter() - started):.0f} documents/s", flush=True)
    for kind, these in asked.items():
        taken["sqlite fts5"][kind] = times(fts.search, these)
        print(f"  {kind:14} {taken['sqlite fts5'][kind]}", flush=True)
    few = {kind: these[:10] for kind, these in asked.items()}
    if shutil.which("rg"):
        texts = folder / "texts"
        texts.mkdir()
        for entry, text in zip(truth.entries, truth.texts, strict=True):
            (texts / entry).write_text(text, encoding="utf-8")
        command = ["rg", "--files-with-matches", "--fixed-strings", "--"]
        for kind, these in few.items():
            scan = times(lambda q: subprocess.run([*command, q.words[0], str(texts)], capture_output=True), these)
            print(f"ripgrep {kind:14} {scan} (its processor time is not in it)", flush=True)
            taken["ripgrep"][kind] = scan
    print("plain scan of texts in memory (ripgrep's task, without its files)", flush=True)
    for kind, these in few.items():
        taken["plain scan"][kind] = times(lambda q: truth.holding(q.words[0]), these)
        print(f"  {kind:14} {taken['plain scan'][kind]}", flush=True)
    jieba_rival(folder / "jieba", corpus, truth, words)
    return taken


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
