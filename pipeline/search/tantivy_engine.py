"""Two-gram phrases on Tantivy. Grams are cut by us: its own n-gram tokenizer gives every token position 0."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import tantivy

from pipeline.search.engine import FACETS, Found, Row, characters, grams
from pipeline.search.packing import pack, unpack
from pipeline.search.query import Query

NAME = "tantivy"
VERSION = version("tantivy")
HEAP = 64 << 20
_RAW = ("entry", "kind", "unit", "person", "year", "status")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in _RAW:
        builder.add_text_field(name, stored=False, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("received", indexed=True, fast=True)
    builder.add_text_field("order", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("grams", tokenizer_name="grams", index_option="position")
    builder.add_text_field("characters", tokenizer_name="grams", index_option="basic")
    builder.add_text_field("stored", stored=True, tokenizer_name="raw", index_option="basic")
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
        document.add_text("order", f"{row.received.toordinal():09}{row.entry}")
        document.add_text("grams", " ".join(grams(row.folded)))
        document.add_text("characters", " ".join(characters(row.folded)))
        document.add_text("stored", pack(row))
        return document

    def search(self, query: Query) -> Found:
        """See ``Engine``."""
        self._index.reload()
        searcher = self._index.searcher()
        asked = self._query(query)
        result = searcher.search(asked, limit=max(query.limit, 1), count=True, order_by_field="order")
        total = int(getattr(result, "count", 0) or 0)  # the stubs leave it out
        hits = [(key[9:], 1.0) for key, _ in result.hits]
        return Found(tuple(hits), total, True, self._facets(searcher, asked))

    def _facets(self, searcher: tantivy.Searcher, asked: tantivy.Query) -> dict[str, dict[str, int]]:
        wanted = {name: {"terms": {"field": name, "size": 500}} for name in FACETS}
        found = searcher.aggregate(asked, wanted)
        return {
            name: {b["key"]: b["doc_count"] for b in found[name]["buckets"] if b["key"]}
            for name in FACETS
            if name in found
        }

    def _query(self, query: Query) -> tantivy.Query:
        must = [(tantivy.Occur.Must, self._clause(clause)) for clause in query.clauses]
        for name, value in query.filters:
            must.append((tantivy.Occur.Must, tantivy.Query.term_query(self._schema, name, value, "basic")))
        if query.since or query.until:
            first, last = query.since or dt.date.min, query.until or dt.date.max
            span = tantivy.Query.range_query(
                self._schema, "received", tantivy.FieldType.Integer, first.toordinal(), last.toordinal()
            )
            must.append((tantivy.Occur.Must, span))
        if not must:
            must.append((tantivy.Occur.Must, tantivy.Query.all_query()))
        must += [(tantivy.Occur.MustNot, self._word(word)) for word in query.excluded]
        return tantivy.Query.const_score_query(tantivy.Query.boolean_query(must), 1.0)

    def _clause(self, words: tuple[str, ...]) -> tantivy.Query:
        if len(words) == 1:
            return self._word(words[0])
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._word(word)) for word in words])

    def _word(self, word: str) -> tantivy.Query:
        cut = grams(word)
        if not cut:
            return tantivy.Query.term_query(self._schema, "characters", characters(word)[0], "basic")
        if len(cut) == 1:
            return tantivy.Query.term_query(self._schema, "grams", cut[0], "basic")
        return tantivy.Query.phrase_query(self._schema, "grams", list(cut))

    def rows(self, entries: Sequence[str]) -> dict[str, Row]:
        """See ``Engine``."""
        searcher = self._index.searcher()
        asked = tantivy.Query.term_set_query(self._schema, "entry", list(entries))
        found = searcher.search(asked, limit=max(len(entries), 1)).hits
        unpacked = (unpack(searcher.doc(address)["stored"][0]) for _, address in found)
        return {row.entry: row for row in unpacked}

    def numbers(self) -> set[str]:
        """See ``Engine``."""
        self._index.reload()
        searcher = self._index.searcher()
        count = searcher.num_docs
        found = searcher.search(tantivy.Query.all_query(), limit=max(count, 1), order_by_field="order").hits
        return {key[9:] for key, _ in found}

    def count(self) -> int:
        """See ``Engine``."""
        self._index.reload()
        return int(self._index.searcher().num_docs)

    def close(self) -> None:
        """See ``Engine``."""


def open_engine(folder: Path) -> TantivyEngine:
    """Open the index in ``folder``, an empty one where there is none."""
    return TantivyEngine(folder)
