"""Two-grams on Whoosh, pure Python, for machines where no Tantivy wheel installs.

Whoosh is asked only which documents hold a gram (no positions, no scores, never its query parser); we intersect the
postings rarest first, order by date, and verify on the stored text what is shown. Where not every candidate was
verified, the total is an upper bound and says so.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import whoosh.index
import whoosh.writing
from whoosh.fields import ID, KEYWORD, STORED, Schema

from pipeline.search.engine import (
    FACETS,
    VALUED,
    VERIFY_ALL,
    Found,
    Row,
    characters,
    fits,
    grams,
    read_order,
    relevance,
)
from pipeline.search.packing import pack, unpack
from pipeline.search.query import Filters, Query, Sort

NAME = "whoosh"
VERSION = ".".join(map(str, whoosh.__version__))
_COLUMNS = (*VALUED, "order")


def _schema() -> Schema:
    exact = {name: ID(sortable=True) for name in VALUED}
    return Schema(
        entry=ID(unique=True, sortable=True),
        order=ID(sortable=True),
        grams=KEYWORD(scorable=False),
        sketch=KEYWORD(scorable=False),
        stored=STORED,
        folded=STORED,  # folding every text that is looked at took ten times as long as looking
        **exact,
    )


class WhooshEngine:
    """One Whoosh index in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        made = whoosh.index.exists_in(str(folder))
        self._folder = folder
        self._index = whoosh.index.open_dir(str(folder)) if made else whoosh.index.create_in(str(folder), _schema())
        self._columns: dict[str, dict[str, list[str]]] = {}  # by segment, which never changes
        self._gate = threading.Lock()

    def apply(self, upserts: Sequence[Row], deletes: Sequence[str]) -> None:
        """See ``Engine``."""
        # without Whoosh's own lock: the shelf's keeps writers apart, and after a full disk this one is not given back
        writer = self._index.writer(limitmb=64, _lk=False)
        try:
            for entry in deletes:
                writer.delete_by_term("entry", entry)
            for row in upserts:
                self._update(writer, row)
        except BaseException:
            writer.cancel()
            raise
        writer.commit()
        _sync(self._folder)

    def _update(self, writer: whoosh.writing.IndexWriter, row: Row) -> None:
        writer.update_document(
            entry=row.entry,
            order=row.order,
            grams=" ".join((*dict.fromkeys(grams(row.folded)), *characters(row.folded))),
            sketch=" ".join(map(str, row.sketch)),
            stored=pack(row),
            folded=row.folded,
            **{name: getattr(row, name) for name in VALUED},
        )

    def search(self, query: Query) -> Found:
        """See ``Engine``."""
        with self._index.searcher() as searcher:
            reader = searcher.reader()
            if not reader.doc_count():
                return Found((), 0, True)  # the reader of an empty index has no columns
            columns = self._read_columns(reader)
            newest = self._newest(reader, columns["order"], query)
            exact = len(newest) <= VERIFY_ALL or not (query.clauses or query.excluded)
            kept, shown = self._verified(reader, newest, exact, query)
            counted = kept if exact else newest
            facets = {name: _counted(columns[name], counted) for name in FACETS}
            return Found(tuple(shown), len(counted), exact, facets)

    def _newest(self, reader: Any, order: list[str], query: Query) -> list[int]:
        """Return the documents that may fit, the newest first."""
        candidates = self._candidates(reader, query)
        newest = sorted(candidates, key=order.__getitem__, reverse=True)
        if query.since or query.until:
            first = query.since.toordinal() if query.since else 0
            last = query.until.toordinal() if query.until else 10**9
            newest = [doc for doc in newest if first <= int(order[doc][:9]) <= last]
        return newest

    def _candidates(self, reader: Any, query: Query) -> set[int]:
        """Return the documents that hold every gram asked for; a superset of what fits."""
        wanted = [_union(_holding(reader, word) for word in clause) for clause in query.clauses]
        wanted += [_having(reader, name, values) for name, values in query.filters]
        if query.within is not None:
            wanted.append(_having(reader, "unit", query.within))
        found = set.intersection(*sorted(wanted, key=len)) if wanted else set(reader.all_doc_ids())
        return found.difference(*_barred(reader, query.barred))

    def _verified(
        self, reader: Any, newest: list[int], exact: bool, query: Query
    ) -> tuple[list[int], list[tuple[str, float]]]:
        """Return the documents whose text fits, and the page to show: all looked at, or as many as the page needs."""
        plain = not (query.clauses or query.excluded)
        by_relevance = query.sort is Sort.RELEVANCE and bool(query.clauses)
        if plain:
            return newest, [(_entry(reader, doc), 1.0) for doc in newest[: query.limit]]
        kept: list[int] = []
        shown: list[tuple[str, float]] = []
        for doc in newest[:VERIFY_ALL] if by_relevance else newest:
            if not exact and not by_relevance and len(shown) >= query.limit:
                break
            stored = reader.stored_fields(doc)
            if fits(query, stored["folded"]):
                kept.append(doc)
                if by_relevance or len(shown) < query.limit:
                    row = replace(unpack(stored["stored"]), folded=stored["folded"])
                    shown.append((row.entry, relevance(query, row) if by_relevance else 1.0))
        if by_relevance:
            shown.sort(key=lambda hit: -hit[1])
        return kept, shown[: query.limit]

    def values(self, field: str, within: frozenset[str] | None) -> Mapping[str, int]:
        """See ``Engine``."""
        with self._index.searcher() as searcher:
            reader = searcher.reader()
            if not reader.doc_count():
                return {}
            docs = self._candidates(reader, Query(within=within))
            return _counted(self._read_columns(reader)[field], docs)

    def alike(self, sketch: Sequence[int], within: frozenset[str] | None, limit: int) -> list[tuple[str, int]]:
        """See ``Engine``."""
        with self._index.searcher() as searcher:
            reader = searcher.reader()
            if not reader.doc_count():
                return []
            shared = Counter(doc for n in sketch for doc in _ids(reader, "sketch", str(n)))
            allowed = self._candidates(reader, Query(within=within)) if within is not None else shared
            order = self._read_columns(reader)["order"]
            most = sorted((doc for doc in shared if doc in allowed), key=lambda doc: (-shared[doc], order[doc]))
            return [(read_order(order[doc])[1], shared[doc]) for doc in most[:limit]]

    def rows(self, entries: Sequence[str]) -> dict[str, Row]:
        """See ``Engine``."""
        with self._index.searcher() as searcher:
            reader = searcher.reader()
            docs = [doc for entry in entries for doc in _ids(reader, "entry", entry)]
            return {row.entry: row for row in (unpack(reader.stored_fields(doc)["stored"]) for doc in docs)}

    def marks(self) -> dict[str, str]:
        """See ``Engine``."""
        with self._index.searcher() as searcher:
            reader = searcher.reader()
            if not reader.doc_count():
                return {}
            order = self._read_columns(reader)["order"]
            return {entry: mark for _, entry, mark in (read_order(order[doc]) for doc in reader.all_doc_ids())}

    def count(self) -> int:
        """See ``Engine``."""
        return int(self._index.doc_count())

    def close(self) -> None:
        """See ``Engine``."""
        self._index.close()

    def _read_columns(self, reader: Any) -> dict[str, list[str]]:
        """Return every column as a list by document; a segment's are read once."""
        leaves = [leaf for leaf, _ in reader.leaf_readers()]
        with self._gate:
            known = {leaf.segment().segment_id(): leaf for leaf in leaves}
            self._columns = {name: columns for name, columns in self._columns.items() if name in known}
            for name, leaf in known.items():
                if name not in self._columns:
                    every = range(leaf.doc_count_all())
                    self._columns[name] = {
                        column: list(map(str, map(leaf.column_reader(column).__getitem__, every)))
                        for column in _COLUMNS
                    }
            found = [self._columns[leaf.segment().segment_id()] for leaf in leaves]
        if len(found) == 1:
            return found[0]
        return {column: [value for columns in found for value in columns[column]] for column in _COLUMNS}


def _sync(folder: Path) -> None:
    """What was written is on the disk; Whoosh itself never asks for that."""
    for path in (*(p for p in folder.iterdir() if p.is_file()), folder):
        try:
            handle = os.open(path, os.O_RDONLY)
        except (FileNotFoundError, PermissionError):
            continue  # gone already, or a folder on Windows, which cannot be opened
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _entry(reader: Any, doc: int) -> str:
    return unpack(reader.stored_fields(doc)["stored"]).entry


def _union(sets: Iterator[set[int]]) -> set[int]:
    return set().union(*sets)


def _barred(reader: Any, barred: Filters) -> Iterator[set[int]]:
    return (_having(reader, name, values) for name, values in barred)


def _having(reader: Any, name: str, values: Collection[str]) -> set[int]:
    return {doc for value in values for doc in _ids(reader, name, value)}


def _holding(reader: Any, word: str) -> set[int]:
    """Return the documents that hold all grams of a word, the rarest gram first."""
    cut = sorted(set(grams(word)) or set(characters(word)), key=lambda gram: int(reader.doc_frequency("grams", gram)))
    found: set[int] | None = None
    for gram in cut:
        ids = _ids(reader, "grams", gram)
        found = set(ids) if found is None else found.intersection(ids)
        if not found:
            return set()
    return found or set()


def _ids(reader: Any, field: str, term: str) -> list[int]:
    if (field, term) not in reader:
        return []
    return list(reader.postings(field, term).all_ids())


def _counted(column: list[str], docs: Collection[int]) -> dict[str, int]:
    return {value: n for value, n in Counter(map(column.__getitem__, docs)).most_common() if value}


def open_engine(folder: Path) -> WhooshEngine:
    """Open the index in ``folder``, an empty one where there is none."""
    return WhooshEngine(folder)
