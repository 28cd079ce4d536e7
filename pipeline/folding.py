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


def _not_itself() -> re.Pattern[str]:
    """Match whatever may fold to something else; what most texts consist of is known not to."""
    ascii_too = (character for character in map(chr, range(0x20, 0x7F)) if fold_character(character) != character)
    # NFKC, case and brackets leave the unified ideographs alone
    ideographs = (chr(code) for code, form in _SIMPLIFIED.items() if 0x4E00 <= code < 0xA000 and form != chr(code))
    return re.compile(
        f"[\0-\x1f\x7f-\u3000\u3003-\u4dff\ua000-\U0010ffff{re.escape(''.join(ascii_too))}{''.join(ideographs)}]"
    )


_TABLE = _Table()
_NOT_ITSELF = _not_itself()
_MANY = 40  # different characters to be folded, from which one pass over the text is quicker than one for each
_RUNS = re.compile("\n+")
_SPACES = re.compile("  +")
_SURROGATE = re.compile("[\ud800-\udfff]")


def fold(text: str) -> str:
    """Return ``text`` folded, each run of white space one space: the first part of ``fold_with_places``, much faster.

    What a character folds to folds to itself, so one character after another may be replaced.
    """
    forms = {character: fold_character(character) for character in set(_NOT_ITSELF.findall(text))}
    if len(forms) > _MANY or any(" " in form and form != " " for form in forms.values()):
        folded = text.translate(_TABLE)
        return _RUNS.sub(lambda run: "" if run.start() and folded[run.start() - 1] == " " else " ", folded)
    for character, form in forms.items():
        text = text.replace(character, form)
    return _SPACES.sub(" ", text) if "  " in text else text


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
