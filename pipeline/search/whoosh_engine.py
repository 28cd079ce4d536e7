"""Two-grams on Whoosh, pure Python, for machines where no Tantivy wheel installs.

Whoosh is asked only which documents hold a gram (no positions, no scores, never its query parser); we intersect the
postings rarest first, order by date, and verify on the stored text what is shown. Where not every candidate was
verified, the total is an upper bound and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import whoosh.index
import whoosh.writing
from whoosh.fields import ID, KEYWORD, STORED, Schema

from pipeline.folding import fold
from pipeline.search.engine import FACETS, Found, Row, characters, fits, grams
from pipeline.search.packing import pack, unpack
from pipeline.search.query import Query

NAME = "whoosh"
VERSION = ".".join(map(str, whoosh.__version__))
VERIFY_ALL = 400  # up to this many candidates every one is verified and the total is exact
BATCH = 500
_FIELDS = ("kind", "unit", "person", "year", "status")


def _schema() -> Schema:
    exact = {name: ID(sortable=True) for name in _FIELDS}
    return Schema(
        entry=ID(unique=True, sortable=True),
        order=ID(sortable=True),
        grams=KEYWORD(scorable=False),
        stored=STORED,
        **exact,
    )


class WhooshEngine:
    """One Whoosh index in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        made = whoosh.index.exists_in(str(folder))
        self._index = whoosh.index.open_dir(str(folder)) if made else whoosh.index.create_in(str(folder), _schema())

    def apply(self, upserts: Sequence[Row], deletes: Sequence[str]) -> None:
        """See ``Engine``. Large batches are cut so that memory stays flat."""
        for start in range(0, max(len(upserts), 1), BATCH):
            part = upserts[start : start + BATCH]
            writer = self._index.writer(limitmb=64)
            try:
                for entry in deletes if start == 0 else ():
                    writer.delete_by_term("entry", entry)
                for row in part:
                    self._update(writer, row)
            except BaseException:
                writer.cancel()  # else its lock keeps every later writer out
                raise
            writer.commit()

    def _update(self, writer: whoosh.writing.IndexWriter, row: Row) -> None:
        writer.update_document(
            entry=row.entry,
            order=f"{row.received.toordinal():09}{row.entry}",
            grams=" ".join((*dict.fromkeys(grams(row.folded)), *characters(row.folded))),
            stored=pack(row),
            **{name: getattr(row, name) for name in _FIELDS},
        )

    def search(self, query: Query) -> Found:
        """See ``Engine``."""
        with self._index.searcher() as searcher:
            reader = searcher.reader()
            if not reader.doc_count():
                return Found((), 0, True)  # the reader of an empty index has no columns
            candidates = self._candidates(reader, query)
            order = reader.column_reader("order")
            newest = sorted(candidates, key=lambda doc: str(order[doc]), reverse=True)
            newest = [doc for doc in newest if _in_span(str(order[doc]), query)]
            exact = len(newest) <= VERIFY_ALL
            shown: list[tuple[str, float]] = []
            kept: list[int] = []
            for doc in newest:
                if not exact and len(shown) >= query.limit:
                    break
                row = unpack(reader.stored_fields(doc)["stored"], fold)
                if fits(query, row):
                    kept.append(doc)
                    if len(shown) < query.limit:
                        shown.append((row.entry, 1.0))
            counted = kept if exact else newest
            return Found(tuple(shown), len(counted), exact, _facets(reader, counted))

    def _candidates(self, reader: object, query: Query) -> set[int]:
        """Return the documents that hold every gram asked for; a superset of what fits."""
        wanted = [_union(reader, clause) for clause in query.clauses]
        wanted += [set(_ids(reader, name, value)) for name, value in query.filters]
        if not wanted:
            return set(reader.all_doc_ids())  # type: ignore[attr-defined]
        wanted.sort(key=len)
        found = wanted[0]
        for more in wanted[1:]:
            found = found & more
        return found

    def rows(self, entries: Sequence[str]) -> dict[str, Row]:
        """See ``Engine``."""
        with self._index.searcher() as searcher:
            found = (searcher.document(entry=entry) for entry in entries)
            return {row.entry: row for row in (unpack(f["stored"], fold) for f in found if f)}

    def numbers(self) -> set[str]:
        """See ``Engine``."""
        with self._index.searcher() as searcher:
            reader = searcher.reader()
            if not reader.doc_count():
                return set()
            column = reader.column_reader("entry")
            return {str(column[doc]) for doc in reader.all_doc_ids()}

    def count(self) -> int:
        """See ``Engine``."""
        return int(self._index.doc_count())

    def close(self) -> None:
        """See ``Engine``."""
        self._index.close()


def _union(reader: object, words: tuple[str, ...]) -> set[int]:
    found: set[int] = set()
    for word in words:
        found |= _holding(reader, word)
    return found


def _holding(reader: object, word: str) -> set[int]:
    """Return the documents that hold all grams of a word, the rarest gram first."""
    cut = sorted(set(grams(word)) or set(characters(word)), key=lambda gram: reader.doc_frequency("grams", gram))  # type: ignore[attr-defined]
    found: set[int] | None = None
    for gram in cut:
        ids = _ids(reader, "grams", gram)
        found = set(ids) if found is None else found.intersection(ids)
        if not found:
            return set()
    return found or set()


def _ids(reader: object, field: str, term: str) -> list[int]:
    if (field, term) not in reader:  # type: ignore[operator]
        return []
    return list(reader.postings(field, term).all_ids())  # type: ignore[attr-defined]


def _in_span(order: str, query: Query) -> bool:
    day = int(order[:9])
    return (query.since is None or query.since.toordinal() <= day) and (
        query.until is None or day <= query.until.toordinal()
    )


def _facets(reader: object, docs: list[int]) -> dict[str, dict[str, int]]:
    found = {}
    for name in FACETS:
        column = reader.column_reader(name)  # type: ignore[attr-defined]
        found[name] = dict(Counter(value for value in (str(column[doc]) for doc in docs) if value).most_common())
    return found


def open_engine(folder: Path) -> WhooshEngine:
    """Open the index in ``folder``, an empty one where there is none."""
    return WhooshEngine(folder)
