"""Which document kind a paper is, by the rulebook's ``match`` words, its addressee and whether a person or a unit speaks. Pure.

What the paper tells is never used to choose its list: both lists of a double report leak into each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.judging.layout import Layout, squeeze
from pipeline.model import Person
from pipeline.rulebook.base import PartyKind, Way
from pipeline.rulebook.model import OTHER, Rulebook
from pipeline.rulebook.parts import DocumentKind, Match

_I = re.compile(
    r"我(?!们|县|市|区|镇|乡|局|院|校|馆|处|站|委|办|厅|省|国|党|部|社|库|所|中心|集团|公司|支队|单位|系统|队)|本人"
)
_WE = re.compile(
    r"我们|我[县市区镇乡局院校馆处站委办社库所队]|本[县市区镇乡局院校馆处站委办社库所队]|班子|党[委组]|全[县市区镇乡局院校馆]|支队|集团"
)
_REPORT = re.compile(r"(?:报告|汇报|情况)(?:\([^)]*\)|稿|书)*$")


@dataclass(frozen=True, slots=True)
class Guess:
    """A kind with its score and the words that speak for it."""

    kind: str
    score: float
    words: tuple[str, ...] = ()


def speaker(layout: Layout, person: Person | None) -> str:
    """Return ``person`` where one person speaks for himself, ``unit`` where an organ does, '' where neither shows."""
    title = layout.title
    singular, plural, size = _pronouns(layout)
    score = 0.0
    if person is not None:
        score += 1.5
        if squeeze(person.name) in title or any(squeeze(person.name) in line.text for line in layout.head):
            score += 1.5
    if re.search(r"本人|个人|我(?!市|县|区|局|院|校|们)|同志", title):
        score += 2
    if re.search(
        r"领导班子|党组(?!书记|成员|主要|副)|党委(?!书记|委员|副|主要)|党总支(?!书记)|[县区市]委(?!书记|常委|副书记)",
        title,
    ):
        score -= 2
    per_thousand = 1000 * singular / max(1, size)
    score += 2 if per_thousand > 6 else 1 if per_thousand > 3 else 0
    score -= 1.5 if per_thousand < 1 and plural > 2 else 0
    return "person" if score >= 1.5 else "unit" if score <= -1 else ""


def body_voice(layout: Layout) -> str:
    """Return who speaks in the body alone, whatever the title says; '' where it is not plain."""
    singular, plural, size = _pronouns(layout)
    if singular >= 4 and 1000 * singular / max(1, size) > 4 and singular > 3 * plural:
        return "person"
    return "unit" if singular == 0 and plural >= 4 else ""


def _pronouns(layout: Layout) -> tuple[int, int, int]:
    """Return how often the body says I and we, and its length."""
    body = "".join(line.text for line in layout.lines[len(layout.head) :])[:6000]
    return len(_I.findall(body)), len(_WE.findall(body)), len(body)


def guesses(layout: Layout, rulebook: Rulebook, person: Person | None) -> list[Guess]:
    """Return the kinds the paper may be, best first."""
    voice = speaker(layout, person)
    found = [
        guess
        for kind in rulebook.kinds.values()
        if kind.match is not None and (guess := _score(kind, kind.match, layout, rulebook, voice, person)) is not None
    ]
    return sorted(found, key=lambda g: -g.score)


def _score(
    kind: DocumentKind, match: Match, layout: Layout, rulebook: Rulebook, voice: str, person: Person | None
) -> Guess | None:
    title = layout.title
    opening = "".join(line.text for line in layout.opening)[:500]
    if any(squeeze(w) in title for w in match.title_not):
        return None
    about = [w for w in match.subject if squeeze(w) in title and w not in match.title_any]
    if match.other_subjects and not about and any(squeeze(w) in title for w in match.other_subjects):
        return None
    hits_all = [w for w in match.title_all if squeeze(w) in title]
    hits_any = [w for w in match.title_any if squeeze(w) in title]
    exact = len(hits_all) == len(match.title_all) and bool(hits_any or not match.title_any)
    score = 0.0
    if exact:
        score += 4 + 0.1 * sum(map(len, (*hits_all, *hits_any)))
    received = _addressed_to(kind, layout, rulebook)
    fits = maker_fits(kind, rulebook, voice)
    body_hits = [w for w in match.body_any if squeeze(w) in opening]
    if not exact:
        if not (match.subject and kind.way is Way.RECEIVED):
            return None
        near = about or [w for w in match.subject if squeeze(w) in opening]
        named = fits and person is not None and squeeze(person.name) in title and _REPORT.search(title)
        if fits is None or not ((near and (received or hits_any)) or named):
            return None
        score += 2 + (0.5 if about else 0) + (0.5 if hits_all else 0)
    score += 1.0 if received else 0.0
    score += {True: 1.5, None: 0.0, False: -2.5}[fits]
    score += 0.3 * len(body_hits)
    score += 0.2 if kind.content else 0.0
    return Guess(kind.id, score, (*hits_all, *hits_any, *about))


def _addressed_to(kind: DocumentKind, layout: Layout, rulebook: Rulebook) -> bool:
    """True where the addressee names a receiver of the kind, by any of its names."""
    said = layout.addressee.text if layout.addressee else ""
    said += layout.title if re.search("[给向]", layout.title) else ""
    if not said:
        said = "".join(line.text for line in layout.opening[:1] if re.search("向.{2,20}(?:报告|汇报)", line.text))
    names = [n for party in (*kind.to, *([kind.keeper] if kind.keeper else [])) for n in _names(rulebook, party)]
    return any(name in said for name in names)


def _names(rulebook: Rulebook, party: str) -> list[str]:
    found = rulebook.parties.get(party)
    return [squeeze(n) for n in (found.name, *found.aliases)] if found else []


def maker_fits(kind: DocumentKind, rulebook: Rulebook, voice: str) -> bool | None:
    """True or False where the kind is made by persons only or units only and the voice is clear, else None."""
    if not voice:
        return None
    roles = [rulebook.parties[m].kind is PartyKind.ROLE for m in kind.maker if m in rulebook.parties]
    if kind.parties_pairs or not roles or (any(roles) and not all(roles)):
        return None
    return all(roles) == (voice == "person")


def choose(found: list[Guess]) -> tuple[str, float]:
    """Return the kind and how sure it is; ``other`` where nothing fits."""
    if not found:
        return OTHER, 0.8
    best = found[0]
    rest = found[1].score if len(found) > 1 else 0.0
    return best.kind, round(max(0.4, min(0.99, 0.55 + 0.1 * (best.score - rest) + 0.04 * best.score)), 2)
