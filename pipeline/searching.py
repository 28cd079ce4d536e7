"""What people look for and how they are helped: filters by name, completion, advice, papers with the same text.

``within`` is a restriction to units (``Query.within``): it holds before anything is counted, marked or suggested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic, TypeVar

from pipeline.errors import UsageError
from pipeline.folding import fold
from pipeline.judging.likeness import Likeness, compare, same_text_finding, sketch
from pipeline.ledger import SavedSearch
from pipeline.model import Entry, Finding, Roster
from pipeline.office import Office
from pipeline.rulebook import Rulebook
from pipeline.rulebook.base import Way
from pipeline.rulebook.model import OTHER, OTHER_LABEL
from pipeline.search import Query, Results, Term, Vocabulary
from pipeline.search.query import FILTERS
from pipeline.search.vocabulary import initials
from pipeline.words import STANDING_LABELS

T = TypeVar("T")
MOST_ADVICE = 5  # words that are looked for one by one when nothing has them all
MAX_NAME = 100  # characters of the name of a kept search
FACETS = {"kind": "文种", "institution": "制度", "unit": "单位", "year": "年度", "status": "状态"}
CANDIDATES = 20  # papers compared word for word with one paper


def vocabulary(office: Office, within: frozenset[str] | None = None) -> Vocabulary:
    """Return the names that filters go by; of units and people only those that may be seen."""
    return _vocabulary(_Itself(office.rulebook), _Itself(office.roster), within)


@dataclass(frozen=True, slots=True, eq=False)
class _Itself(Generic[T]):
    """A thing that equals only itself: to compare two rosters name by name takes longer than what is kept for one."""

    thing: T

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


@lru_cache(maxsize=32)
def _vocabulary(known: _Itself[Rulebook], listed: _Itself[Roster], within: frozenset[str] | None) -> Vocabulary:
    rules, roster = known.thing, listed.thing
    of_institution: dict[str, list[str]] = {}
    for kind in rules.kinds.values():
        of_institution.setdefault(kind.institution, []).append(kind.id)
    seen = [unit for unit in roster.units if within is None or unit.name in within]
    names = {unit.name for unit in seen}
    return Vocabulary(
        {
            "unit": tuple(Term(unit.name, (unit.name,), unit.aliases) for unit in seen),
            "person": tuple(
                Term(name, (name,)) for name in dict.fromkeys(p.name for p in roster.people if p.unit in names)
            ),
            "kind": (*(Term(k.title, (k.id,)) for k in rules.kinds.values()), Term(OTHER_LABEL, (OTHER,))),
            "institution": tuple(
                Term(i.title, tuple(of_institution[i.id]), (i.id,))
                for i in rules.institutions.values()
                if i.id in of_institution
            ),
            "status": tuple(Term(label, (value,)) for value, label in STANDING_LABELS.items()),
        }
    )


def search(office: Office, query: Query) -> Results:
    """Return what fits, the institutions among its facets."""
    results = office.index.search(query)
    kinds = office.rulebook.kinds
    by_institution: Counter[str] = Counter()
    for kind, count in results.facets.get("kind", {}).items():
        if kind in kinds:
            by_institution[kinds[kind].institution] += count
    return replace(results, facets={**results.facets, "institution": dict(by_institution.most_common())})


def advice(office: Office, query: Query) -> list[str]:
    """Return in Chinese why nothing may have been found: which word nobody wrote, what the conditions took away."""
    if query.empty:
        return []
    hints = []
    alone = replace(query, filters=(), barred=(), excluded=(), since=None, until=None, limit=0)
    for clause in query.clauses[:MOST_ADVICE]:
        total = office.index.search(replace(alone, clauses=(clause,))).total
        if not total:
            word = "”或“".join(clause)
            hints.append(f"没有文件写有“{word}”" + (";“或”两边请空一格" if "或" in word[1:-1] else ""))
    narrowed = query.clauses and alone != replace(query, limit=0)
    if not hints and narrowed and (total := office.index.search(alone).total):
        hints.append(f"去掉条件、排除词和日期后有 {total} 份")
    if not hints and len(query.clauses) > 1:
        hints.append("没有一份文件同时写有这些词语,请减少词语,或用“或”连接")
    return hints or ["没有符合条件的文件,请放宽条件"]


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand in place of the last word typed. ``text``: the whole query then; ``count``: papers that have it."""

    text: str
    label: str
    count: int


def complete(office: Office, typed: str, within: frozenset[str] | None = None, limit: int = 20) -> list[Completion]:
    """Return what a begun filter can become, most papers first: only values that papers within the restriction have."""
    before, _, last = typed.rpartition(" ")
    before = f"{before} " if before else ""
    minus = last[:1] if last[:1] in "-－" else ""
    name, colon, value = last[len(minus) :].replace("：", ":").partition(":")
    if not colon:
        begun = [filter_name for filter_name in FILTERS if filter_name.startswith(name)]
        return [Completion(f"{before}{minus}{n}:", n, 0) for n in begun] if name or not minus else []
    if name not in FILTERS or name in ("登记号", "日期"):
        return []
    known = vocabulary(office, within)
    others = {term.label: term.aliases for term in known.terms.get(FILTERS[name], ())}
    found = [
        Completion(f"{before}{minus}{name}:{_quoted(label)}", label, count)
        for label, count in _labelled(office, known, FILTERS[name], within)
        if _begins((label, *others.get(label, ())), fold(value).strip(' "'))
    ]
    return sorted(found, key=lambda c: (-c.count, c.label))[:limit]


def _labelled(
    office: Office, known: Vocabulary, field: str, within: frozenset[str] | None
) -> Iterator[tuple[str, int]]:
    counts = office.index.values("kind" if field == "institution" else field, within)
    if field == "institution":
        for term in known.terms[field]:
            if total := sum(counts.get(kind, 0) for kind in term.values):
                yield term.label, total
        return
    for value, count in counts.items():
        yield known.label(field, value), count


def _begins(names: tuple[str, ...], typed: str) -> bool:
    """Whether what was typed stands in one of a thing's names, or is the start of its initials."""
    return any(
        typed in fold(name)
        or (typed.isascii() and typed.isalpha() and any(spelt.startswith(typed) for spelt in initials(fold(name))))
        for name in names
    )


def narrowed(typed: str, name: str, label: str) -> str:
    """Return the typed query with one more condition: filter name and the label of a value."""
    return f"{typed} {name}:{_quoted(label)}".strip()


def keep(office: Office, name: str, query: str, asked: Query) -> str:
    """The search is kept under its name, which is returned. ``query``: as typed, with every condition; ``asked``: what it means.

    Raises:
        UsageError: there is nothing to keep, or no fit name.
    """
    named = name.strip()
    if not named or len(name) > MAX_NAME:
        raise UsageError(f"检索的名称应有 1 到 {MAX_NAME} 个字", "请换一个名称")
    if asked.empty:
        raise UsageError("没有要存的检索", "请写上要找的词语或条件")
    office.ledger.save_search(SavedSearch(named, query, asked.sort))
    return named


def _quoted(label: str) -> str:
    return f'"{label}"' if any(c.isspace() or c in '“”「」"' for c in label) else label


@dataclass(frozen=True, slots=True)
class Alike:
    """Another paper with much of the same text. ``finding``: what the office should know of it, if anything."""

    entry: Entry
    likeness: Likeness
    finding: Finding | None


def alike(office: Office, entry: Entry, within: frozenset[str] | None = None, limit: int = 10) -> list[Alike]:
    """Return the papers that share most of an entry's text, most first, with the shared passages side by side."""
    text = office.ledger.text(entry.number)
    numbers = office.index.alike(entry.number, sketch(fold(text.plain)), within, CANDIDATES)
    found = []
    for other, other_text in office.ledger.documents(numbers):
        likeness = compare(text, other_text)
        if likeness.shared:
            found.append(Alike(other, likeness, _finding(office, entry, other, likeness)))
    return sorted(found, key=lambda a: (-max(a.likeness.left, a.likeness.right), a.entry.number))[:limit]


def same_text(office: Office, entry: Entry) -> list[Finding]:
    """Return the findings that an entry's text is another paper's."""
    return [other.finding for other in alike(office, entry) if other.finding]


def _finding(office: Office, entry: Entry, other: Entry, likeness: Likeness) -> Finding | None:
    """Two units' reports in the same words; or a unit's own of another time. Prescribed texts (pledges) say nothing."""
    mine, theirs = entry.identity, other.identity
    if not (likeness.same and _written_freely(office, entry) and _written_freely(office, other)):
        return None
    if mine.unit != theirs.unit:
        return same_text_finding(likeness, other.number, theirs.unit or "")
    if mine.kind == theirs.kind and mine.period != theirs.period and mine.person == theirs.person:
        return same_text_finding(likeness, other.number, "", theirs.period or str(theirs.year or ""))
    return None


def _written_freely(office: Office, entry: Entry) -> bool:
    kind = office.rulebook.kinds.get(entry.identity.kind)
    return kind is not None and kind.way is not Way.GENERATED and bool(kind.content or kind.content_phrase)


def facet_labels(office: Office, facets: Mapping[str, Mapping[str, int]]) -> dict[str, list[tuple[str, int]]]:
    """Return the facets in the office's words, for people."""
    known = vocabulary(office)
    titles = {i.id: i.title for i in office.rulebook.institutions.values()}
    return {
        name: [(titles.get(v, v) if name == "institution" else known.label(name, v), n) for v, n in counts.items()]
        for name, counts in facets.items()
    }
