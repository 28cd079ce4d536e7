"""Two-gram phrases on Tantivy. Grams are cut by us: its own n-gram tokenizer gives every token position 0."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur

from pipeline.folding import fold
from pipeline.search.engine import FACETS, Found, Row, grams, read_order, spaced_grams
from pipeline.search.packing import pack, unpack
from pipeline.search.query import Query, Sort

NAME = "tantivy"
VERSION = version("tantivy")
HEAP = 128 << 20
TITLE_COUNTS = 3.0  # a word of the title against the same word in the text
_RAW = ("entry", "kind", "unit", "person", "year", "status")
COUNTED = 30_000  # papers in which words are looked for place by place; where more may fit, numbers are upper bounds
_MOST_VALUES = 10_000
_DAYS = {"days": {"histogram": {"field": "received", "interval": 16, "min_doc_count": 1}}}


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in _RAW:
        builder.add_text_field(name, stored=False, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("received", indexed=True, fast=True)
    builder.add_text_field("order", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("grams", tokenizer_name="grams", index_option="position")
    builder.add_text_field("titles", tokenizer_name="grams", index_option="position")
    builder.add_text_field("characters", tokenizer_name="characters", index_option="basic")
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
        for name, cut in (("grams", tantivy.Tokenizer.whitespace()), ("characters", tantivy.Tokenizer.ngram(1, 1))):
            self._index.register_tokenizer(name, tantivy.TextAnalyzerBuilder(cut).build())

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
        document.add_text("grams", spaced_grams(row.folded))
        document.add_text("titles", spaced_grams(fold(row.title)))
        document.add_text("characters", row.folded)
        document.add_text("sketch", " ".join(map(str, row.sketch)))
        document.add_bytes("stored", pack(row).encode())
        return document

    def search(self, query: Query) -> Found:
        """See ``Engine``."""
        self._index.reload()
        searcher = self._index.searcher()
        exact = not self._too_many(searcher, query)
        counted = searcher.aggregate(self._query(searcher, query, exact), _terms(FACETS) | _DAYS)
        facets = _counted(counted, FACETS)
        total = sum(facets["kind"].values())  # every document has a kind
        if not query.limit or not total:
            return Found((), total, exact, facets)
        if query.sort is Sort.RELEVANCE and query.clauses:
            scored = searcher.search(self._scored(searcher, query), limit=query.limit, count=False).hits
            hits = [(unpack(searcher.doc(address)["stored"][0]).entry, score) for score, address in scored]
        else:
            days = [(int(b["key"]), int(b["doc_count"])) for b in counted["days"]["buckets"]]
            hits = [(read_order(order)[1], 1.0) for order in self._newest(searcher, query, days)]
        return Found(tuple(hits), total, exact, facets)

    def _too_many(self, searcher: tantivy.Searcher, query: Query) -> bool:
        """Whether more papers than can be looked at may fit, by the grams that stand in them anywhere."""
        if searcher.num_docs <= COUNTED or max(map(len, (*query.words, *query.excluded)), default=0) <= 2:
            return False
        number = {"number": {"value_count": {"field": "received"}}}
        return int(searcher.aggregate(self._query(searcher, query, False), number)["number"]["value"]) > COUNTED

    def _newest(self, searcher: tantivy.Searcher, query: Query, days: Sequence[tuple[int, int]]) -> list[str]:
        """Return the orders of the newest that fit. ``days``: first days of spans and how many may fit in each.

        Only as many days are looked at as the page needs: the work does not grow with what fits.
        """
        wanted = query.limit
        while True:
            together = list(accumulate(count for _, count in reversed(days)))
            oldest = len(days) - 1 - min(bisect_left(together, wanted), len(days) - 1)
            since = self._span(days[oldest][0], dt.date.max.toordinal())
            asked = tantivy.Query.boolean_query([*self._parts(searcher, query), (Occur.Must, since)])
            found = searcher.search(asked, limit=query.limit, count=False, order_by_field="order").hits
            if len(found) == query.limit or not oldest:
                return [order for order, _ in found]
            wanted *= 4  # fewer fitted than might have

    def values(self, field: str, within: frozenset[str] | None) -> Mapping[str, int]:
        """See ``Engine``."""
        self._index.reload()
        searcher = self._index.searcher()
        return _counted(searcher.aggregate(self._query(searcher, Query(within=within)), _terms((field,))), (field,))[
            field
        ]

    def alike(self, sketch: Sequence[int], within: frozenset[str] | None, limit: int) -> list[tuple[str, int]]:
        """See ``Engine``."""
        self._index.reload()
        searcher = self._index.searcher()
        shared = [(Occur.Should, tantivy.Query.const_score_query(self._term("sketch", str(n)), 1.0)) for n in sketch]
        if not shared:
            return []
        seen = tantivy.Query.const_score_query(self._query(searcher, Query(within=within)), 0.0)
        asked = tantivy.Query.boolean_query([(Occur.Must, seen), (Occur.Must, tantivy.Query.boolean_query(shared))])
        found = searcher.search(asked, limit=limit, count=False).hits
        return [(unpack(searcher.doc(address)["stored"][0]).entry, round(score)) for score, address in found]

    def _query(self, searcher: tantivy.Searcher, query: Query, exact: bool = True) -> tantivy.Query:
        """What fits; where not ``exact``, whatever holds the grams anywhere: more, and found in a tenth of the time."""
        return tantivy.Query.const_score_query(tantivy.Query.boolean_query(self._parts(searcher, query, exact)), 1.0)

    def _scored(self, searcher: tantivy.Searcher, query: Query) -> tantivy.Query:
        """The same documents, scored by their words, those of the title first."""
        titles = [
            (Occur.Should, tantivy.Query.boost_query(self._word(searcher, word, field="titles"), TITLE_COUNTS))
            for word in query.words
            if len(word) > 1
        ]
        return tantivy.Query.boolean_query([*self._parts(searcher, query), *titles])

    def _parts(self, searcher: tantivy.Searcher, query: Query, exact: bool = True) -> list[tuple[Occur, tantivy.Query]]:
        must = [self._clause(searcher, clause, exact) for clause in query.clauses]
        limits = [self._any(name, values) for name, values in query.filters]
        if query.within is not None:
            limits.append(self._any("unit", query.within))
        if query.since or query.until:
            first, last = query.since or dt.date.min, query.until or dt.date.max
            limits.append(self._span(first.toordinal(), last.toordinal()))
        must += [tantivy.Query.const_score_query(limit, 0.0) for limit in limits]
        if not must:
            must.append(tantivy.Query.all_query())
        barred = [self._any(name, values) for name, values in query.barred]
        # a paper that holds the grams of a word need not hold the word: only the word itself may exclude it
        barred += [self._word(searcher, word) for word in query.excluded if exact or len(word) <= 2]
        return [(Occur.Must, part) for part in must] + [(Occur.MustNot, part) for part in barred]

    def _any(self, name: str, values: Collection[str]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, name, list(values))

    def _span(self, first: int, last: int) -> tantivy.Query:
        return tantivy.Query.range_query(self._schema, "received", tantivy.FieldType.Integer, first, last)

    def _clause(self, searcher: tantivy.Searcher, words: tuple[str, ...], exact: bool) -> tantivy.Query:
        asked = [self._word(searcher, word, exact) for word in words]
        return asked[0] if len(asked) == 1 else tantivy.Query.boolean_query([(Occur.Should, word) for word in asked])

    def _word(self, searcher: tantivy.Searcher, word: str, exact: bool = True, field: str = "grams") -> tantivy.Query:
        cut = grams(word)
        if not cut:
            return self._term("characters", word)
        if len(cut) == 1:
            return tantivy.Query.term_query(self._schema, field, cut[0], "freq")
        frequencies = [searcher.doc_freq(field, gram) for gram in cut]
        places = covering(len(cut), frequencies.index(min(frequencies)))
        if exact:
            return tantivy.Query.phrase_query(self._schema, field, [(at, cut[at]) for at in places])
        return tantivy.Query.boolean_query([(Occur.Must, self._term(field, cut[at])) for at in places])

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


def covering(count: int, rarest: int) -> list[int]:
    """Return which of a word's ``count`` grams to ask for: the rarest, and every second one beside it.

    Together they hold every character in its place, as all grams do, with half the places to be read.
    """
    return sorted({0, *range(rarest, -1, -2), *range(rarest, count, 2), count - 1})


def _terms(fields: Sequence[str]) -> dict[str, dict[str, dict[str, str | int]]]:
    return {name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in fields}


def _counted(found: Mapping[str, Any], fields: Sequence[str]) -> dict[str, dict[str, int]]:
    # an empty index has no such columns and answers with nothing
    return {
        name: {b["key"]: b["doc_count"] for b in found.get(name, {}).get("buckets", ()) if b["key"]} for name in fields
    }


def open_engine(folder: Path) -> TantivyEngine:
    """Open the index in ``folder``, an empty one where there is none."""
    return TantivyEngine(folder)
