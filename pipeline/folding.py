"""Makes forms of one character equal: full and half width, case, brackets, traditional and simplified.

Search folds text and query alike, judging compares folded words; every folded character remembers where it stood.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from functools import lru_cache

from zhconv import zhconv

_ALIKE = {"(": "〔［【﹝{[", ")": "〕］】﹞}]", '"': "“”„‟＂「」『』《》〈〉", "'": "‘’＇"}
_BRACKETS = str.maketrans({character: one for one, group in _ALIKE.items() for character in group})


def _simplified() -> dict[int, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the library leaves its own data file open
        table = zhconv.getdict("zh-hans")
    return str.maketrans({k: v for k, v in table.items() if len(k) == len(v) == 1})


_SIMPLIFIED = _simplified()


@lru_cache(maxsize=65536)
def fold_character(character: str) -> str:
    """Return the folded form of one character; most often one character, sometimes several, '' for a lone surrogate."""
    if "\ud800" <= character <= "\udfff":
        return ""
    text = unicodedata.normalize("NFKC", character).lower().translate(_BRACKETS).translate(_SIMPLIFIED)
    return " " if text.isspace() else text


class _Table(dict[int, str]):
    """Folded forms by code point, each made when first met; white space is a line feed until runs are joined."""

    def __missing__(self, code: int) -> str:
        folded = fold_character(chr(code))
        self[code] = "\n" if folded == " " else folded
        return self[code]


_TABLE = _Table()
_RUNS = re.compile("\n+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def fold(text: str) -> str:
    """Return ``text`` folded, each run of white space one space: the first part of ``fold_with_places``, much faster."""
    folded = text.translate(_TABLE)
    return _RUNS.sub(lambda run: "" if run.start() and folded[run.start() - 1] == " " else " ", folded)


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """Return ``text`` folded, and for each folded character the place in ``text`` it came from."""
    if not _SURROGATE.search(text) and len(text.translate(_TABLE)) == len(text) == len(folded := fold(text)):
        return folded, list(range(len(text)))  # only surrogates and runs of spaces shrink: every character is one
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folded = fold_character(character)
        if folded == " " and out and out[-1] == " ":
            continue
        out.extend(folded)
        places.extend([place] * len(folded))
    return "".join(out), places
