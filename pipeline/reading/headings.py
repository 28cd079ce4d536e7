"""Gives each passage its place under the headings above it: by style where there is one, else by how papers number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from pipeline.model import Passage, Place

# 一、… （一）… 1.… （1）… 第一章 … — short, and not a sentence
_PATTERNS = (
    re.compile(r"第[一二三四五六七八九十百零〇\d]+[章编部分篇]+"),
    re.compile(r"[一二三四五六七八九十百]+\s*[、.．,,]"),
    re.compile(r"[（(][一二三四五六七八九十百]+[)）]"),
    re.compile(r"\d{1,2}\s*[、.．](?!\d)"),
    re.compile(r"[（(]\d{1,2}[)）]"),
)
_FIRST = re.compile(r"[第一二三四五六七八九十百（(\d]")
_SENTENCE_END = re.compile(r"[。；;!?！？]")
MAX_HEADING = 45


def typed_level(text: str) -> int | None:
    """Return the level a typed number gives to a short line that is no sentence, None for a body paragraph."""
    line = text.strip()
    if (
        not line
        or len(line) > MAX_HEADING
        or not _FIRST.match(line)
        or _SENTENCE_END.search(line[:-1])
        or line[-1] in ",,、;；:"
    ):
        return None
    level = next((n for n, pattern in enumerate(_PATTERNS, 1) if pattern.match(line)), None)
    # 1. and （1） head a list item more often than a section when they end as a sentence
    return None if level is not None and level >= 4 and line.endswith("。") else level


@dataclass
class Outline:
    """The passages so far and the headings that are open."""

    passages: list[Passage] = field(default_factory=list)
    _open: list[tuple[int, str]] = field(default_factory=list)

    def add(
        self,
        text: str,
        place: Place,
        level: int | None = None,
        title: bool = False,
        page: int | None = None,
        confidence: float = 1.0,
    ) -> None:
        """Add one paragraph; an empty one is left out. A title heads nothing."""
        text = text.strip("\n\r ")
        if not text.strip():
            return
        if place is Place.BODY and not title:
            level = level if level is not None and len(text) <= 4 * MAX_HEADING else typed_level(text)
        else:
            level = None
        if level is not None:
            while self._open and self._open[-1][0] >= level:
                self._open.pop()
        above = (
            tuple(heading for _, heading in self._open)
            if place not in {Place.HEADER, Place.FOOTER, Place.FOOTNOTE}
            else ()
        )
        self.passages.append(Passage(len(self.passages), text, place, above, level, page, confidence))
        if level is not None:
            self._open.append((level, text))

    def replace_from(self, start: int, passages: list[Passage], place: Place) -> None:
        """Put these passages in the place of all from ``start`` on, numbered anew."""
        del self.passages[start:]
        self.passages += [replace(p, n=start + i, place=place) for i, p in enumerate(passages)]
