"""How much of one paper stands in another: clauses that two texts share, word for word.

A clause is what stands between two punctuation marks or spaces, digits left out, so that a report that was copied with
other figures, dates and a few changed words still shares most of its clauses.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from string import digits

from pipeline.folding import fold
from pipeline.model import Finding, Severity, Text

LEAST = 8  # letters of a clause; shorter ones stand in any official paper
SKETCH = 256  # clauses kept of a long paper, the same ones in every paper that holds them
ALIKE = 0.5  # the share of a paper's letters from which two papers count as the same text
_CLAUSE = re.compile(rf"[一-鿿a-z\w]{{{LEAST},}}")  # \w is all of it: what most letters are is looked at first


@dataclass(frozen=True, slots=True)
class Shared:
    """A passage of one paper beside the passage of the other that holds the same clauses; ``clauses``: folded."""

    left: int
    right: int
    left_text: str
    right_text: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """``left``, ``right``: the share of each paper's letters that stand in clauses the other has too."""

    left: float
    right: float
    shared: tuple[Shared, ...]

    @property
    def same(self) -> bool:
        """Whether either paper is mostly the other's text."""
        return max(self.left, self.right) >= ALIKE


def clauses(folded: str) -> list[str]:
    """Return the clauses of a folded text, digits left out, those that are long enough to tell."""
    for digit in digits:
        folded = folded.replace(digit, "")
    return _CLAUSE.findall(folded)


def sketch(folded: str) -> tuple[int, ...]:
    """Return numbers (32 bits) that stand for the clauses of a paper: papers that share clauses share numbers."""
    return tuple(sorted({zlib.crc32(clause.encode()) for clause in clauses(folded)})[:SKETCH])


def compare(left: Text, right: Text) -> Likeness:
    """Return what two papers share, in the order of the left one."""
    cut_left = [(p.n, p.text, tuple(clauses(fold(p.text)))) for p in left]
    cut_right = [(p.n, p.text, tuple(clauses(fold(p.text)))) for p in right]
    places: dict[str, int] = {}
    for at, (_, _, cut) in enumerate(cut_right):
        for clause in cut:
            places.setdefault(clause, at)
    shared = []
    for n, text, cut in cut_left:
        common = tuple(c for c in cut if c in places)
        if common:
            at = max((places[c] for c in common), key=[places[c] for c in common].count)
            shared.append(Shared(n, cut_right[at][0], text, cut_right[at][1], common))
    return Likeness(
        _share(cut_left, set(places)), _share(cut_right, {c for _, _, cut in cut_left for c in cut}), tuple(shared)
    )


def _share(cut: list[tuple[int, str, tuple[str, ...]]], others: set[str]) -> float:
    every = [c for _, _, found in cut for c in found]
    letters = sum(map(len, every))
    return sum(len(c) for c in every if c in others) / letters if letters else 0.0


def same_text_finding(likeness: Likeness, number: str, owner: str, other_time: str = "") -> Finding:
    """Return what a person should know: this paper's text is another's. ``other_time``: it is the unit's own of then."""
    share = round(100 * likeness.left)
    first = likeness.shared[0] if likeness.shared else None
    quoted = f",如第 {first.left + 1} 段“{first.left_text[:40]}”与对方第 {first.right + 1} 段" if first else ""
    if other_time:
        message = f"与本单位 {other_time} 的 {number} 文字雷同:本件 {share}% 的文字见于该件{quoted}"
        return Finding("same_text", Severity.NOTICE, message)
    message = f"与 {owner or '另一单位'} 报送的 {number} 文字雷同:本件 {share}% 的文字见于该件{quoted}"
    return Finding("same_text", Severity.WARNING, message)
