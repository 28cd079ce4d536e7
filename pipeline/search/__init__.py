"""Full text: what people type, the engines, what was found."""

from pipeline.search.hits import Hit, mark_of
from pipeline.search.index import Index, Results, open_index
from pipeline.search.query import Query, Sort, parse_query
from pipeline.search.vocabulary import Term, Vocabulary

__all__ = [
    "Hit", "Index", "Query", "Results", "Sort", "Term", "Vocabulary", "mark_of", "open_index", "parse_query",
]  # fmt: skip
