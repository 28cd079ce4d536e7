"""The names that filters go by: of units, people, kinds, institutions and standings, each also by pinyin initials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pipeline.folding import fold

MAX_NAMES = 5  # what initials may stand for, before they say too little


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a filter can name. ``values``: what the index holds for it; ``aliases``: its other names."""

    label: str
    values: tuple[str, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """The terms of each filter, by the filter's field."""

    terms: Mapping[str, tuple[Term, ...]]

    def named(self, field: str, typed: str) -> tuple[Term, ...]:
        """Return the terms that go by what was typed: exactly, else by initials, else those that hold it."""
        wanted = fold(typed).strip(" ")
        known = self._names.get(field, ())
        exact = {term: None for name, term in known if name == wanted}
        spelt = {
            term: None for name, term in known if wanted.isascii() and wanted.isalpha() and wanted in initials(name)
        }
        holding = {term: None for name, term in known if wanted and wanted in name}
        return tuple(exact or spelt or holding)

    def label(self, field: str, value: str) -> str:
        """Return what people call a value of the index."""
        return self._labels.get((field, value), value)

    def spelt(self, word: str) -> tuple[str, ...]:
        """Return the names of units and people whose initials are ``word``; none where it could be too many."""
        if not (len(word) >= 2 and word.isascii() and word.isalpha()):
            return ()
        found = dict.fromkeys(name for field in ("unit", "person") for name, _ in self._spelt.get((field, word), ()))
        return tuple(found) if len(found) <= MAX_NAMES else ()

    @cached_property
    def _names(self) -> dict[str, list[tuple[str, Term]]]:
        return {field: list(_by_name(terms)) for field, terms in self.terms.items()}

    @cached_property
    def _labels(self) -> dict[tuple[str, str], str]:
        return {
            (field, t.values[0]): t.label for field, terms in self.terms.items() for t in terms if len(t.values) == 1
        }

    @cached_property
    def _spelt(self) -> dict[tuple[str, str], list[tuple[str, Term]]]:
        found: dict[tuple[str, str], list[tuple[str, Term]]] = {}
        for field in ("unit", "person"):
            for name, term in self._names.get(field, ()):
                for letters in initials(name):
                    found.setdefault((field, letters), []).append((name, term))
        return found


def _by_name(terms: Iterable[Term]) -> Iterable[tuple[str, Term]]:
    for term in terms:
        for name in dict.fromkeys(map(fold, (term.label, *term.aliases, *term.values))):
            yield name, term


@lru_cache(maxsize=65536)
def initials(name: str) -> frozenset[str]:
    """Return the pinyin initials of a name, ``sjyj`` for 市教育局; several where a character has several readings."""
    from pypinyin import Style, pinyin  # its tables take half a second, and few ever type initials

    spellings = {""}
    for character in name:
        (readings,) = pinyin(character, style=Style.FIRST_LETTER, heteronym=True) or ([character],)
        letters = {reading[:1] for reading in readings}
        spellings = {before + letter for before in spellings for letter in letters}
        if len(spellings) > 16:
            return frozenset()
    return frozenset(spellings)
