"""Two-gram phrases on Tantivy. Grams are cut by us: its own n-gram tokenizer gives every token position 0."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import tantivy

from pipeline.folding import fold
from pipeline.search.engine import FACETS, Found, Row, characters, grams, read_order
from pipeline.search.packing import pack, unpack
from pipeline.search.query import Query, Sort

NAME = "tantivy"
VERSION = version("tantivy")
HEAP = 64 << 20
TITLE_COUNTS = 3.0  # a word of the title against the same word in the text
_RAW = ("entry", "kind", "unit", "person", "year", "status")
_MOST_VALUES = 10_000


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in _RAW:
        builder.add_text_field(name, stored=False, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("received", indexed=True, fast=True)
    builder.add_text_field("order", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("grams", tokenizer_name="grams", index_option="position")
    builder.add_text_field("titles", tokenizer_name="grams", index_option="position")
    builder.add_text_field("characters", tokenizer_name="grams", index_option="basic")
    builder.add_text_field("sketch", tokenizer_name="grams", index_option="basic")
    # bytes, for a text field is always indexed too: one term of 9 KB a paper made indexing four times as slow
    builder.add_bytes_field("stored", stored=True, indexed=False, fast=False)
    return builder.build()


class TantivyEngine:
    """One Tantivy index in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._schema = _schema()
        self._index = tantivy.Index(self._schema, path=str(folder))
        self._index.register_tokenizer("grams", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())

    def apply(self, upserts: Sequence[Row], deletes: Sequence[str]) -> None:
        """See ``Engine``."""
        writer = self._index.writer(heap_size=HEAP, num_threads=1)
        for entry in (*deletes, *(row.entry for row in upserts)):
            writer.delete_documents_by_term("entry", entry)
        for row in upserts:
            writer.add_document(self._document(row))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def _document(self, row: Row) -> tantivy.Document:
        document = tantivy.Document()
        for name in _RAW:
            document.add_text(name, getattr(row, name))
        document.add_integer("received", row.received.toordinal())
        document.add_text("order", row.order)
        document.add_text("grams", " ".join(grams(row.folded)))
        document.add_text("titles", " ".join(grams(fold(row.title))))
        document.add_text("characters", " ".join(characters(row.folded)))
        document.add_text("sketch", " ".join(map(str, row.sketch)))
        document.add_bytes("stored", pack(row).encode())
        return document

    def search(self, query: Query) -> Found:
        """See ``Engine``."""
        self._index.reload()
        searcher = self._index.searcher()
        asked = self._query(query)
        facets = self._facets(searcher, asked)
        total = sum(facets["kind"].values())  # every document has a kind
        if not query.limit or not total:
            return Found((), total, True, facets)
        if query.sort is Sort.RELEVANCE and query.clauses:
            scored = searcher.search(self._scored(query), limit=query.limit, count=False).hits
            hits = [(unpack(searcher.doc(address)["stored"][0]).entry, score) for score, address in scored]
        else:
            newest = searcher.search(asked, limit=query.limit, count=False, order_by_field="order").hits
            hits = [(read_order(order)[1], 1.0) for order, _ in newest]
        return Found(tuple(hits), total, True, facets)

    def values(self, field: str, within: frozenset[str] | None) -> Mapping[str, int]:
        """See ``Engine``."""
        self._index.reload()
        return self._counted(self._index.searcher(), self._query(Query(within=within)), (field,))[field]

    def alike(self, sketch: Sequence[int], within: frozenset[str] | None, limit: int) -> list[tuple[str, int]]:
        """See ``Engine``."""
        self._index.reload()
        searcher = self._index.searcher()
        shared = [
            (tantivy.Occur.Should, tantivy.Query.const_score_query(self._term("sketch", str(n)), 1.0)) for n in sketch
        ]
        if not shared:
            return []
        seen = tantivy.Query.const_score_query(self._query(Query(within=within)), 0.0)
        asked = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, seen), (tantivy.Occur.Must, tantivy.Query.boolean_query(shared))]
        )
        found = searcher.search(asked, limit=limit, count=False).hits
        return [(unpack(searcher.doc(address)["stored"][0]).entry, round(score)) for score, address in found]

    def _facets(self, searcher: tantivy.Searcher, asked: tantivy.Query) -> dict[str, dict[str, int]]:
        return self._counted(searcher, asked, FACETS)

    def _counted(
        self, searcher: tantivy.Searcher, asked: tantivy.Query, fields: Sequence[str]
    ) -> dict[str, dict[str, int]]:
        wanted = {name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in fields}
        found = searcher.aggregate(asked, wanted)
        # an empty index has no such columns and answers with nothing
        return {
            name: {b["key"]: b["doc_count"] for b in found.get(name, {}).get("buckets", ()) if b["key"]}
            for name in fields
        }

    def _query(self, query: Query) -> tantivy.Query:
        return tantivy.Query.const_score_query(tantivy.Query.boolean_query(self._parts(query)), 1.0)

    def _scored(self, query: Query) -> tantivy.Query:
        """The same documents, scored by their words, those of the title first."""
        titles = [
            (tantivy.Occur.Should, tantivy.Query.boost_query(self._word(word, "titles"), TITLE_COUNTS))
            for word in query.words
            if len(word) > 1
        ]
        return tantivy.Query.boolean_query([*self._parts(query), *titles])

    def _parts(self, query: Query) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        must = [self._clause(clause) for clause in query.clauses]
        limits = [self._any(name, values) for name, values in query.filters]
        if query.within is not None:
            limits.append(self._any("unit", query.within))
        if query.since or query.until:
            first, last = query.since or dt.date.min, query.until or dt.date.max
            limits.append(
                tantivy.Query.range_query(
                    self._schema, "received", tantivy.FieldType.Integer, first.toordinal(), last.toordinal()
                )
            )
        must += [tantivy.Query.const_score_query(limit, 0.0) for limit in limits]
        if not must:
            must.append(tantivy.Query.all_query())
        barred = [self._any(name, values) for name, values in query.barred]
        return [(tantivy.Occur.Must, part) for part in must] + [
            (tantivy.Occur.MustNot, part) for part in (*barred, *map(self._word, query.excluded))
        ]

    def _any(self, name: str, values: Collection[str]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, name, list(values))

    def _clause(self, words: tuple[str, ...]) -> tantivy.Query:
        if len(words) == 1:
            return self._word(words[0])
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._word(word)) for word in words])

    def _word(self, word: str, field: str = "grams") -> tantivy.Query:
        cut = grams(word)
        if not cut:
            return self._term("characters", characters(word)[0])
        if len(cut) == 1:
            return tantivy.Query.term_query(self._schema, field, cut[0], "freq")
        return tantivy.Query.phrase_query(self._schema, field, list(cut))

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, "basic")

    def rows(self, entries: Sequence[str]) -> dict[str, Row]:
        """See ``Engine``."""
        searcher = self._index.searcher()
        asked = self._any("entry", entries)
        found = searcher.search(asked, limit=max(len(entries), 1), count=False).hits
        unpacked = (unpack(searcher.doc(address)["stored"][0]) for _, address in found)
        return {row.entry: row for row in unpacked}

    def marks(self) -> dict[str, str]:
        """See ``Engine``."""
        self._index.reload()
        searcher = self._index.searcher()
        most = max(searcher.num_docs, 1)
        found = searcher.search(tantivy.Query.all_query(), limit=most, count=False, order_by_field="order").hits
        return {entry: mark for _, entry, mark in (read_order(order) for order, _ in found)}

    def count(self) -> int:
        """See ``Engine``."""
        self._index.reload()
        return int(self._index.searcher().num_docs)

    def close(self) -> None:
        """See ``Engine``."""


def open_engine(folder: Path) -> TantivyEngine:
    """Open the index in ``folder``, an empty one where there is none."""
    return TantivyEngine(folder)
