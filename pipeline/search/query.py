"""What a person types, as our own query. Nothing of it ever reaches an engine's own parser."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pipeline.folding import fold
from pipeline.search.dates import read_span, read_years
from pipeline.search.vocabulary import Vocabulary

MAX_CHARACTERS = 200
MAX_WORDS = 20
FILTERS = {
    "单位": "unit",
    "人员": "person",
    "年度": "year",
    "文种": "kind",
    "制度": "institution",
    "状态": "status",
    "登记号": "entry",
    "日期": "received",
}
_ALSO = {"部门": "单位", "姓名": "人员", "年份": "年度", "类型": "文种", "编号": "登记号", "时间": "日期"}
_WORD = re.compile(r'([-－]?)(?:(\w+)[:：])?(?:"([^"]*)"|“([^”]*)”|「([^」]*)」|([^\s"“「]+))')
_AFTER_COLON = re.compile(rf"({'|'.join((*FILTERS, *_ALSO))})[:：]\s+(?=\S)")
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), " ")


class Sort(StrEnum):
    """``date``: the newest first; ``relevance``: what says most about the words first."""

    DATE = "date"
    RELEVANCE = "relevance"


Filters = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """Every clause must hold; a clause holds when one of its words stands in the text exactly as typed (folded).

    ``excluded``: words that must not stand in it. ``filters``: field → values, one of which must be equal; ``barred``:
    none may be. ``since``, ``until``: days of receipt, both included. ``within``: the units whose papers may be seen,
    '' for papers of no unit; None: all. ``hints``: what to tell the person, in Chinese.
    """

    clauses: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[str, ...] = ()
    filters: Filters = ()
    barred: Filters = ()
    since: dt.date | None = None
    until: dt.date | None = None
    within: frozenset[str] | None = None
    sort: Sort = Sort.DATE
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
    within: frozenset[str] | None = None,
    sort: Sort = Sort.DATE,
    limit: int = 20,
    known: Vocabulary | None = None,
    today: dt.date | None = None,
) -> Query:
    """Return the query for what was typed; never raises. What cannot be used becomes a hint.

    ``known``: the names that filters go by; without it a filter's value counts as typed.
    """
    typed = _Typed(known, today, since, until)
    typed.read(text)
    given = {"kind": kind, "unit": unit, "person": person, "year": None if year is None else str(year)}
    options = tuple((name, (_storable(value),)) for name, value in given.items() if value is not None)
    query = Query(
        clauses=tuple(typed.clauses),
        excluded=tuple(typed.excluded),
        filters=options + tuple((name, tuple(values)) for (name, _), values in typed.filters.items()),
        barred=tuple((name, tuple(values)) for (name, _), values in typed.barred.items()),
        since=typed.since,
        until=typed.until,
        within=within,
        sort=sort,
        limit=limit,
    )
    if query.since and query.until and query.since > query.until:
        typed.hints.append(f"起始日期 {query.since} 晚于截止日期 {query.until},不会有结果")
    if query.empty and not typed.hints:
        lone = "只写了要排除的,请加上要找的词语" if query.excluded or query.barred else "请输入要找的词语"
        typed.hints.append(f"{lone},如:民主生活会 单位:市教育局")
    return replace(query, hints=tuple(typed.hints))


def _storable(value: str) -> str:
    # a lone surrogate (a stray byte typed in a terminal) stands in no document and no engine takes it
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


@dataclass(slots=True)
class _Typed:
    """What stands in the typed text; filters by (field, the name they were typed under)."""

    known: Vocabulary | None
    today: dt.date | None
    since: dt.date | None
    until: dt.date | None
    clauses: list[tuple[str, ...]] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    filters: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    barred: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    hints: list[str] = field(default_factory=list)
    count: int = 0

    def read(self, text: str) -> None:
        """Take in the text, word by word, as far as the limits go."""
        if len(text) > MAX_CHARACTERS:
            self.hints.append(f"检索词过长,只用了前 {MAX_CHARACTERS} 个字")
        joining = False
        text = _AFTER_COLON.sub(r"\1:", text[:MAX_CHARACTERS].translate(_CONTROLS))
        for found in _WORD.finditer(text):
            minus, name, *quoted, plain = found.groups()
            if plain in {"或", "OR", "|", "｜"} and not minus and not name:
                joining = bool(self.clauses)
                if not joining:
                    self.hints.append("“或”的两边都要有词语")
                continue
            if self.count >= MAX_WORDS:
                self.hints.append(f"词语过多,只用了前 {MAX_WORDS} 个")
                return
            word = next((q for q in quoted if q is not None), plain) or ""
            self.count += 1
            name = _ALSO.get(name or "", name)
            if plain and plain[-1] in ":：" and (begun := _ALSO.get(plain[:-1], plain[:-1])) in FILTERS:
                self._filter(begun, "", bool(minus))
            elif name in FILTERS:
                self._filter(name, word.strip(), bool(minus))
            else:
                self._word(f"{name}:{word}" if name else word, bool(minus), joining, plain is not None and not name)
            joining = False
        if joining:
            self.hints.append("“或”的两边都要有词语")

    def _word(self, word: str, minus: bool, joining: bool, plain: bool) -> None:
        folded = fold(word).strip(" ")
        if not folded:
            return
        if minus:
            self.excluded.append(folded)
            return
        names = self.known.spelt(folded) if self.known and plain else ()
        if names:
            self.hints.append(f"“{word}”也按拼音首字母查找:{'、'.join(names)}(要按原文查找,请加引号)")
        if joining:
            self.clauses[-1] = (*self.clauses[-1], folded, *names)
        else:
            self.clauses.append((folded, *names))

    def _filter(self, name: str, typed: str, minus: bool) -> None:
        typed = _storable(typed)
        if not typed:
            self.hints.append(f"“{name}:”后面要写内容,如 {_EXAMPLES[name]}")
        elif name == "日期":
            self._days(typed, minus)
        else:
            target, values = self._values(name, typed)
            (self.barred if minus else self.filters).setdefault((target, name), []).extend(values)

    def _days(self, typed: str, minus: bool) -> None:
        span = read_span(fold(typed), self.today)
        if span is None or minus:
            self.hints.append(f"“日期:{typed}”看不懂,请写成 {_EXAMPLES['日期']}")
            return
        self.since = max(filter(None, (self.since, span[0])), default=None)
        self.until = min(filter(None, (self.until, span[1])), default=None)

    def _values(self, name: str, typed: str) -> tuple[str, tuple[str, ...]]:
        """Return the field of the index and the values that a filter allows."""
        target = "kind" if name == "制度" else FILTERS[name]
        if name == "年度":
            years = read_years(fold(typed), self.today)
            if years is None:
                self.hints.append(f"“年度:{typed}”看不懂,请写成 {_EXAMPLES[name]}")
            return target, years or (typed,)
        if name == "登记号" or self.known is None:
            return target, (typed,)
        terms = self.known.named(FILTERS[name], typed)
        if not terms:
            self.hints.append(f"没有叫“{typed}”的{name},可以只写名称里的几个字")
        elif len(terms) > 1:
            shown = "、".join(term.label for term in terms[:MAX_WORDS])
            self.hints.append(f"“{name}:{typed}”包括 {len(terms)} 个:{shown}")
        return target, tuple(value for term in terms for value in term.values) or (typed,)


_EXAMPLES = {
    "单位": "单位:市教育局",
    "人员": "人员:张三",
    "年度": "年度:2026、年度:2024-2026 或 年度:去年",
    "文种": "文种:承诺书",
    "制度": "制度:双报告",
    "状态": "状态:缺项",
    "登记号": "登记号:2026-0001",
    "日期": "日期:2026-06、日期:2026-01..2026-06 或 日期:上月",
}
