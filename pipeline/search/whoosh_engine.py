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
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import whoosh.index
import whoosh.writing
from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher
from whoosh.columns import CompressedBytesColumn
from whoosh.fields import COLUMN, ID, KEYWORD, STORED, Schema

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
BLOCK = 4096  # postings read at once; Whoosh's 128 are for skipping, which existence hardly needs
FEW = 50  # papers are looked at sooner than another gram's postings are read
EVERYWHERE = 0.9  # of all papers
_COLUMNS = (*VALUED, "order")


def _schema() -> Schema:
    exact = {name: ID(sortable=True) for name in VALUED}
    return Schema(
        entry=ID(unique=True, sortable=True),
        order=ID(sortable=True),
        grams=KEYWORD(scorable=False),
        sketch=KEYWORD(scorable=False),
        stored=STORED,
        folded=COLUMN(CompressedBytesColumn(level=1)),  # folding what is looked at took longer than looking
        **exact,
    )


@dataclass(frozen=True, slots=True)
class _View:
    """The index as it stands. ``columns``: values by document; ``newest``: all documents, the newest first."""

    reader: Any
    columns: Mapping[str, list[str]]
    days: list[int]
    newest: list[int]
    texts: Any

    def folded(self, doc: int) -> str:
        return bytes(self.texts[doc]).decode()

    def entry(self, doc: int) -> str:
        return read_order(self.columns["order"][doc])[1]


class WhooshEngine:
    """One Whoosh index in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        made = whoosh.index.exists_in(str(folder))
        self._folder = folder
        self._index = whoosh.index.open_dir(str(folder)) if made else whoosh.index.create_in(str(folder), _schema())
        self._columns: dict[str, dict[str, list[str]]] = {}  # by segment, which never changes
        self._seen: _View | None = None
        self._gate = threading.Lock()

    def apply(self, upserts: Sequence[Row], deletes: Sequence[str]) -> None:
        """See ``Engine``."""
        entries = (*deletes, *(row.entry for row in upserts))
        with self._view() as view:
            gone = [doc for entry in entries for doc in _ids(view.reader, "entry", entry)] if view else []
        # whatever opens a compound segment copies all of it into memory; Whoosh's own lock is not given back after a full
        # disk, and the shelf's keeps writers apart
        writer = self._index.writer(limitmb=64, compound=False, codec=W3Codec(blocklimit=BLOCK), _lk=False)
        try:
            for doc in gone:
                writer.delete_document(doc)
            for row in upserts:
                self._add(writer, row)
        except BaseException:
            writer.cancel()
            raise
        writer.commit()
        _sync(self._folder)

    def _add(self, writer: whoosh.writing.IndexWriter, row: Row) -> None:
        writer.add_document(
            entry=row.entry,
            order=row.order,
            grams=[*dict.fromkeys(grams(row.folded)), *characters(row.folded)],
            sketch=list(map(str, row.sketch)),
            stored=pack(row),
            folded=row.folded.encode(),
            **{name: getattr(row, name) for name in VALUED},
        )

    @contextmanager
    def _view(self) -> Iterator[_View | None]:
        """The index as it stands, None while it is empty, one thread at a time: opening it takes longer than asking it."""
        with self._gate:
            view, self._seen = self._seen, None  # what fails while it is looked at is not kept
            if view is not None and view.reader.generation() != self._index.latest_generation():
                view.reader.close()
                view = None
            view = view or self._opened(10)
            yield view
            self._seen = view

    def _opened(self, again: int) -> _View | None:
        try:
            return self._open()
        except FileNotFoundError:  # columns are opened one by one, and a writer elsewhere has just merged their segment
            if not again:
                raise
            return self._opened(again - 1)

    def _open(self) -> _View | None:
        # anew: a reader that takes over another's segments brings back those that are gone
        reader = self._index.reader()
        if not reader.doc_count():
            reader.close()
            return None  # the reader of an empty index has no columns
        columns = self._read_columns(reader)
        order = columns["order"]
        newest = sorted(reader.all_doc_ids(), key=order.__getitem__, reverse=True)
        texts = reader.column_reader("folded", translate=False)
        for _, first in reader.leaf_readers():
            reader.stored_fields(first)  # opened now: its segment may be merged away while this view is asked
        return _View(reader, columns, [int(key[:9]) for key in order], newest, texts)

    def search(self, query: Query) -> Found:
        """See ``Engine``."""
        with self._view() as view:
            if view is None:
                return Found((), 0, True)
            newest = self._newest(view, query)
            exact = len(newest) <= VERIFY_ALL or not (query.clauses or query.excluded)
            kept, shown = self._verified(view, newest, exact, query)
            counted = kept if exact else newest
            facets = {name: _counted(view.columns[name], counted) for name in FACETS}
            return Found(tuple(shown), len(counted), exact, facets)

    def _newest(self, view: _View, query: Query) -> list[int]:
        """Return the documents that may fit, the newest first."""
        candidates = self._candidates(view.reader, query)
        newest = [doc for doc in view.newest if doc in candidates]
        if query.since or query.until:
            first = query.since.toordinal() if query.since else 0
            last = query.until.toordinal() if query.until else 10**9
            newest = [doc for doc in newest if first <= view.days[doc] <= last]
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
        self, view: _View, newest: list[int], exact: bool, query: Query
    ) -> tuple[list[int], list[tuple[str, float]]]:
        """Return the documents whose text fits, and the page to show: all looked at, or as many as the page needs."""
        plain = not (query.clauses or query.excluded)
        by_relevance = query.sort is Sort.RELEVANCE and bool(query.clauses)
        if plain:
            return newest, [(view.entry(doc), 1.0) for doc in newest[: query.limit]]
        kept: list[int] = []
        scored: list[tuple[str, float]] = []
        for doc in newest[:VERIFY_ALL] if by_relevance else newest:
            if not exact and not by_relevance and len(kept) >= query.limit:
                break
            folded = view.folded(doc)
            if fits(query, folded):
                kept.append(doc)
                if by_relevance:
                    row = replace(unpack(view.reader.stored_fields(doc)["stored"]), folded=folded)
                    scored.append((row.entry, relevance(query, row)))
        if by_relevance:
            return kept, sorted(scored, key=lambda hit: -hit[1])[: query.limit]
        return kept, [(view.entry(doc), 1.0) for doc in kept[: query.limit]]

    def values(self, field: str, within: frozenset[str] | None) -> Mapping[str, int]:
        """See ``Engine``."""
        with self._view() as view:
            if view is None:
                return {}
            return _counted(view.columns[field], self._candidates(view.reader, Query(within=within)))

    def alike(self, sketch: Sequence[int], within: frozenset[str] | None, limit: int) -> list[tuple[str, int]]:
        """See ``Engine``."""
        with self._view() as view:
            if view is None:
                return []
            shared = Counter(doc for n in sketch for doc in _ids(view.reader, "sketch", str(n)))
            allowed = self._candidates(view.reader, Query(within=within)) if within is not None else shared
            order = view.columns["order"]
            most = sorted((doc for doc in shared if doc in allowed), key=lambda doc: (-shared[doc], order[doc]))
            return [(view.entry(doc), shared[doc]) for doc in most[:limit]]

    def rows(self, entries: Sequence[str]) -> dict[str, Row]:
        """See ``Engine``."""
        with self._view() as view:
            docs = [doc for entry in entries for doc in _ids(view.reader, "entry", entry)] if view else []
            return {row.entry: row for row in (unpack(view.reader.stored_fields(d)["stored"]) for d in docs if view)}

    def marks(self) -> dict[str, str]:
        """See ``Engine``."""
        with self._view() as view:
            orders = [view.columns["order"][doc] for doc in view.newest] if view else []
        return {entry: mark for _, entry, mark in map(read_order, orders)}

    def count(self) -> int:
        """See ``Engine``."""
        return int(self._index.doc_count())

    def close(self) -> None:
        """See ``Engine``."""
        if self._seen is not None:
            self._seen.reader.close()
            self._seen = None
        self._index.close()

    def _read_columns(self, reader: Any) -> dict[str, list[str]]:
        """Return every column as a list by document; a segment's are read once."""
        known = {leaf.segment().segment_id(): leaf for leaf, _ in reader.leaf_readers()}
        self._columns = {name: columns for name, columns in self._columns.items() if name in known}
        for name, leaf in known.items():
            if name not in self._columns:
                every = range(leaf.doc_count_all())
                self._columns[name] = {
                    column: list(map(str, map(leaf.column_reader(column).__getitem__, every))) for column in _COLUMNS
                }
        return {column: [value for name in known for value in self._columns[name][column]] for column in _COLUMNS}


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


def _union(sets: Iterator[set[int]]) -> set[int]:
    return set().union(*sets)


def _barred(reader: Any, barred: Filters) -> Iterator[set[int]]:
    return (_having(reader, name, values) for name, values in barred)


def _having(reader: Any, name: str, values: Collection[str]) -> set[int]:
    return {doc for value in values for doc in _ids(reader, name, value)}


def _holding(reader: Any, word: str) -> set[int]:
    """Return the documents that hold the grams of a word, the rarest gram first.

    Grams that would take away little are not asked for: what is left is looked at anyway, or is counted as 约.
    """
    frequencies = {gram: int(reader.doc_frequency("grams", gram)) for gram in grams(word) or characters(word)}
    found: set[int] | None = None
    for gram in sorted(frequencies, key=frequencies.__getitem__):
        if found is not None and (len(found) <= FEW or frequencies[gram] > EVERYWHERE * reader.doc_count()):
            break
        ids = _ids(reader, "grams", gram)
        found = set(ids) if found is None else found.intersection(ids)
    return found or set()


def _ids(reader: Any, field: str, term: str) -> list[int]:
    """Return the documents that hold a term, a block of postings at a time: one by one takes ten times as long."""
    found: list[int] = []
    for leaf, first in reader.leaf_readers():
        if (field, term) not in leaf:
            continue
        matcher = leaf.postings(field, term)
        matcher = getattr(matcher, "child", matcher)  # deleted documents are left out below
        if isinstance(matcher, W3LeafMatcher):
            ids: list[int] = []
            while matcher.is_active():
                matcher._read_data()
                ids += accumulate(matcher._data[0])
                matcher._next_block()
        else:
            ids = list(matcher.all_ids())  # so few that they stand with the term itself
        deleted = leaf.deleted_docs_set
        found += (first + doc for doc in ids if doc not in deleted) if deleted else (first + doc for doc in ids)
    return found


def _counted(column: list[str], docs: Collection[int]) -> dict[str, int]:
    return {value: n for value, n in Counter(map(column.__getitem__, docs)).most_common() if value}


def open_engine(folder: Path) -> WhooshEngine:
    """Open the index in ``folder``, an empty one where there is none."""
    return WhooshEngine(folder)
