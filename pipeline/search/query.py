"""What a person types, as our own query. Nothing of it ever reaches an engine's own parser."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace

from pipeline.folding import fold

MAX_CHARACTERS = 200
MAX_WORDS = 20
FILTERS = {
    "单位": "unit",
    "人员": "person",
    "年度": "year",
    "文种": "kind",
    "状态": "status",
    "登记号": "entry",
}
_WORD = re.compile(r'(-?)(?:(\w+)[:：])?(?:"([^"]*)"|“([^”]*)”|「([^」]*)」|([^\s"“「]+))')


@dataclass(frozen=True, slots=True)
class Query:
    """Every clause must hold; a clause holds when one of its words stands in the text exactly as typed (folded).

    ``excluded``: words that must not stand in it. ``filters``: field → value, compared exactly. ``since``, ``until``:
    days of receipt, both included. ``hints``: what to tell the person, in Chinese.
    """

    clauses: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    limit: int = 20
    hints: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that a hit may be marked with."""
        return tuple(dict.fromkeys(word for clause in self.clauses for word in clause))

    @property
    def empty(self) -> bool:
        """Whether nothing was asked."""
        return not (self.clauses or self.filters or self.since or self.until)


def parse_query(
    text: str,
    *,
    kind: str | None = None,
    unit: str | None = None,
    person: str | None = None,
    year: int | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    limit: int = 20,
) -> Query:
    """Return the query for what was typed; never raises. What cannot be used becomes a hint."""
    hints: list[str] = []
    if len(text) > MAX_CHARACTERS:
        hints.append(f"检索词过长,只用了前 {MAX_CHARACTERS} 个字")
        text = text[:MAX_CHARACTERS]
    typed = _read(text)
    if len(typed.clauses) > MAX_WORDS:
        hints.append(f"词语过多,只用了前 {MAX_WORDS} 个")
    given = {"kind": kind, "unit": unit, "person": person, "year": None if year is None else str(year)}
    query = Query(
        clauses=tuple(typed.clauses[:MAX_WORDS]),
        excluded=tuple(typed.excluded[:MAX_WORDS]),
        # a lone surrogate (a stray byte typed in a terminal) stands in no document and no engine takes it
        filters=tuple(
            (field, value.encode("utf-8", "replace").decode("utf-8"))
            for field, value in (*given.items(), *typed.filters)
            if value is not None
        ),
        since=since,
        until=until,
        limit=limit,
    )
    if query.empty:
        hints.append("请输入要找的词语,如:民主生活会 单位:市教育局")
    return replace(query, hints=tuple(hints))


@dataclass(slots=True)
class _Typed:
    """What stands in the typed text."""

    clauses: list[tuple[str, ...]] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    filters: list[tuple[str, str]] = field(default_factory=list)


def _read(text: str) -> _Typed:
    typed, joining = _Typed(), False
    for found in _WORD.finditer(text):
        minus, name, *quoted, plain = found.groups()
        word = next((q for q in quoted if q is not None), plain) or ""
        if plain in {"或", "OR", "|"} and not minus and not name:
            joining = bool(typed.clauses)
            continue
        if name in FILTERS and not minus:
            typed.filters.append((FILTERS[name], word.strip()))
            continue
        folded = fold(f"{name}:{word}" if name else word).strip(" ")
        if not folded:
            continue
        if minus:
            typed.excluded.append(folded)
        elif joining:
            typed.clauses[-1] = (*typed.clauses[-1], folded)
        else:
            typed.clauses.append((folded,))
        joining = False
    return typed
