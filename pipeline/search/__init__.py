"""Full text: what people type, the engines, what was found."""

from pipeline.search.index import Hit, Index, Results, open_index
from pipeline.search.query import Query, parse_query

__all__ = ["Hit", "Index", "Query", "Results", "open_index", "parse_query"]
