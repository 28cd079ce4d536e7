"""Whose paper it is: the roster's unit named in title, author line, signature, header or opening. Pure.

The longest name wins. A name inside a longer one does not count: 岚口市委 is not 市委, 市财政局会计核算中心 is not 市财政局.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipeline.judging.layout import Layout, Line, squeeze
from pipeline.model import Person, Proof, Roster, Unit

_BODIES = r"(?:领导班子|班子|党组织|党组|党委|党工委|工委|党总支|总支部?|党支部|委员会|机关|办公室|党政办|党办|综合科)"
_ORGAN = r"(?:镇|乡|街道|村|社区|中心|支队|大队|中队|站|所|分局|分院|分公司|医院|学校|中学|小学|学院|公司|集团|科|处|股|队|厂|馆|园|库|局|院|办事处|管理处)"
_LOWER = re.compile(rf"^(?!{_BODIES})[一-龥]{{0,14}}?{_ORGAN}(?:{_BODIES}|的|关于|20\d\d|二[〇零○]|[上下]半年|,|$|:)")
_PLACE = re.compile(r"(?:中共)?([一-龥]{2,4})[县区市旗](?:委|委员会)$")
_BARE = re.compile(rf"(?:中共)?(?:{_BODIES})?$")


@dataclass(frozen=True, slots=True)
class Name:
    """One way a unit is written; ``place`` marks a bare place name (县、区), weak unless a committee follows."""

    text: str
    unit: str
    place: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A unit named in a line. ``unit`` None: an organ below or outside the roster; ``text``: as written there."""

    unit: str | None
    text: str
    line: int | None
    weight: float


@lru_cache(maxsize=8)
def names_of(roster: Roster) -> tuple[Name, ...]:
    """Return every way the roster's units may be written, longest first; a way that two units share is left out."""
    ways: dict[str, set[str]] = {}
    bare: set[str] = set()
    for unit in roster.units:
        for way in _ways(unit):
            ways.setdefault(way, set()).add(unit.name)
            if re.search(r"[县区市旗]$", way):
                bare.add(way)
    names = [
        Name(way, next(iter(units)), way in bare) for way, units in ways.items() if len(units) == 1 and len(way) >= 3
    ]
    return tuple(sorted(names, key=lambda n: (-len(n.text), n.text)))


def _ways(unit: Unit) -> Iterator[str]:
    for written in (unit.name, *unit.aliases):
        full = squeeze(written)
        short = full.removeprefix("中共")
        yield full
        yield short
        for ending in ("委员会党组", "党组", "党总支", "党委", "委员会", "总支部委员会"):
            if short.endswith(ending) and len(short) - len(ending) >= 3:
                stem = short.removesuffix(ending)
                if not re.search(r"[县区市旗]$", stem):
                    yield stem
                if ending == "委员会":
                    yield stem + "委"
                    yield stem + "党委"


@lru_cache(maxsize=8)
def _stems(roster: Roster) -> frozenset[str]:
    """Names of the roster's own places (岚口, 桐坪): what stands before 市… when a lower organ is meant."""
    found = set()
    for unit in roster.units:
        for written in (unit.name, *unit.aliases):
            if match := _PLACE.search(squeeze(written)):
                found.add(match[1])
    return frozenset(found)


def units_in(line: str, roster: Roster) -> Iterator[tuple[str | None, str, int]]:
    """Yield (unit, words, start) for each roster unit a squeezed line names; unit None for an organ below one."""
    taken = [False] * len(line)
    stems = _stems(roster)
    for name in names_of(roster):
        start = line.find(name.text)
        while start >= 0:
            end = start + len(name.text)
            if not any(taken[start:end]):
                before = line[max(0, start - 4) : start]
                if name.text[0] in "市县区" and any(before.endswith(stem) for stem in stems):
                    pass
                elif _LOWER.match(line[end:]) and not line[end:].startswith(("驻",)):
                    taken[start:end] = [True] * len(name.text)
                    yield None, line[start:end], start
                else:
                    taken[start:end] = [True] * len(name.text)
                    yield name.unit, line[start:end], start
            start = line.find(name.text, start + 1)


_WRITES = re.compile(rf"^(?:关于)?(?:中共)?[一-龥]{{2,20}}?(?:{_BODIES}|{_ORGAN})")


def author_unit(
    layout: Layout, roster: Roster, person: Person | None
) -> tuple[str | None, Proof | None, tuple[Found, ...]]:
    """Return the unit that made the paper, the proof, and everything found (for doubts)."""
    found = tuple(_search(layout, roster))
    if layout.is_press:
        return None, None, found
    best: dict[str | None, float] = {}
    for hit in found:
        best[hit.unit] = best.get(hit.unit, 0.0) + hit.weight
    if person is not None and person.unit in best:
        best[person.unit] += 2.0
    if best:
        unit = max(best, key=lambda u: (best[u], u is not None))
        hit = max((h for h in found if h.unit == unit), key=lambda h: h.weight)
        if unit is None and hit.weight < 2:
            best.pop(None)
            unit = max(best, key=lambda u: best[u]) if best else None
            hit = max((h for h in found if h.unit == unit), key=lambda h: h.weight, default=hit)
        if unit is not None:
            rest = max((v for u, v in best.items() if u != unit), default=0.0)
            confidence = min(0.99, 0.6 + 0.1 * best[unit] - 0.1 * rest)
            return unit, Proof(hit.text, hit.line, max(0.3, round(confidence, 2))), found
        if hit.weight >= 2:
            return None, None, found
    if person is not None:
        return person.unit, Proof(person.name, None, 0.8), found
    return None, None, found


def _search(layout: Layout, roster: Roster) -> Iterator[Found]:
    skip = layout.addressee.n if layout.addressee else -1
    title = {line.n for line in layout.title_lines}
    joined = layout.title
    for i, (unit, words, start) in enumerate(units_in(joined, roster)):
        if _is_target(joined, start):
            continue
        yield Found(unit, words, _line_of(layout.title_lines, start), 5.0 if i == 0 else 1.0)
    for line in layout.head:
        if line.n not in title:
            yield from _line(line, roster, 3.0)
    for line in layout.signing:
        if line.n != skip and line.n not in title:
            yield from _line(line, roster, 4.0)
    for label, value, n in layout.fields:
        if re.fullmatch(r"(?:报告|报送|填报|承诺|所在|被谈话人)?单位(?:名称)?|(?:报告|填报)部门|部门", label):
            for unit, words, _ in units_in(value, roster):
                yield Found(unit, words, n, 4.0)
    for line in layout.margins:
        yield from _line(line, roster, 2.0)
    for line in layout.opening:
        yield from _opening(line, roster)


def _line(line: Line, roster: Roster, weight: float) -> Iterator[Found]:
    hits = list(units_in(line.text, roster))
    for unit, words, _ in hits[:1]:
        yield Found(unit, words, line.n, weight)


_SELF = re.compile(r"(?:我是|本人|我任|担任|作为|现任|我在|我叫|我们|将)[^。;]{0,20}$")


def _opening(line: Line, roster: Roster) -> Iterator[Found]:
    for unit, words, start in units_in(line.text[:300], roster):
        said = _SELF.search(line.text[:start])
        yield Found(unit, words, line.n, (2.5 if said else 0.6) if unit else 0.3)


def _is_target(title: str, start: int) -> bool:
    """True for a unit a paper is addressed to or about: 给市委的…, 向…报告, 对…的反馈."""
    return bool(re.search(r"(?:给|向|致|对|呈)$", title[max(0, start - 2) : start]))


def _line_of(lines: Iterable[Line], start: int) -> int | None:
    place = 0
    for line in lines:
        place += len(line.text)
        if start < place:
            return line.n
    return None
