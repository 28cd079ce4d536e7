"""Chinese words for the classes and roles of a roster, from the rulebook's parties: nothing of one city in code."""

from __future__ import annotations

from pipeline.rulebook import Rulebook
from pipeline.rulebook.base import PartyKind

# words offices use beside the rulebook's own, by the role's id
_ROLE_WORDS = {
    "principal": ("主要负责人", "主要领导", "主要负责同志", "书记", "第一责任人", "一把手"),
    "member": ("班子成员", "领导班子成员", "成员", "副职"),
}


def class_labels(rulebook: Rulebook) -> dict[str, str]:
    """Return class id → Chinese label of every class of units the rulebook knows."""
    return {p.id: p.name for p in rulebook.parties.values() if p.kind is PartyKind.UNIT_CLASS}


def role_labels(rulebook: Rulebook) -> dict[str, str]:
    """Return role id → Chinese label."""
    found = {p.id: p.name for p in rulebook.parties.values() if p.kind is PartyKind.ROLE}
    return {role: words[0] for role, words in _ROLE_WORDS.items()} | found


def class_id(word: str, rulebook: Rulebook) -> str | None:
    """Return the class a word names: an id (singular or plural alike), a label or an alias; None when unknown."""
    parties = [p for p in rulebook.parties.values() if p.kind is PartyKind.UNIT_CLASS]
    for party in parties:
        if word in {party.id, party.name, *party.aliases} or word.rstrip("s") == party.id.rstrip("s"):
            return party.id
    return None


def role_id(word: str, rulebook: Rulebook) -> str | None:
    """Return the role a word names: an id, a label or an alias; None when unknown."""
    for party in rulebook.parties.values():
        if party.kind is PartyKind.ROLE and word in {party.id, party.name, *party.aliases}:
            return party.id
    return next((role for role, words in _ROLE_WORDS.items() if word == role or word in words), None)
