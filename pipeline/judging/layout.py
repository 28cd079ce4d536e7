"""The outer parts of a paper: title, addressee, author line, signature. Judges read these apart from the body. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pipeline.folding import fold
from pipeline.judging.dates import closing_day, days_in
from pipeline.model import Passage, Place, Text

_HEAD_LINES = 10
_LONG = 72  # characters of a squeezed line that can no longer be a title
_TAIL_LINES = 8
_ADDRESSEE = re.compile(r"^[^。;!?]{2,44}:$")
_TO = re.compile(r"^(?:致|报|呈|呈报|主送|报送|承诺对象|接受方|接受人|受诺人|收诺人)[::](?=.)")
_NUMBER = re.compile(r"(?P<n>[一-龥]{1,12}\(?[(〔\[](?:19|20)\d\d[)〕\]]第?\d{1,4}号)")
_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|\d{1,2}[.、．)]|第[一二三四五六七八九十]+[章条部节]|[一二]、$)"
)
# 密级和保密期限 at the top, after the copy's number, before the urgency; ★ comes out of recognition as anything
_SECRECY = re.compile(
    r"^(?:\d{4,8})?(?:密级:?)?(绝密|机密|秘密)级?(?:[★*☆].{0,8}|.{0,2}(?:\d{1,2}年|长期).{0,2})?(?:特急|加急|平急)?$"
)
_OFFICE_HEAD = re.compile(r"^.{2,30}文件$")
_ENDING = re.compile(r"[。;!?][)\"']?$")


def squeeze(text: str) -> str:
    """Return ``text`` folded (width, case, simplified characters, brackets) and without any space."""
    return fold(text).replace(" ", "")


@dataclass(frozen=True, slots=True)
class Line:
    """A passage with its squeezed text. ``n``: its number; ``at``: its place among all passages, without gaps."""

    n: int
    text: str
    passage: Passage
    at: int


@dataclass(frozen=True)
class Layout:
    """A text seen as a paper. Every line keeps its passage number."""

    text: Text

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the page itself in reading order, without margins and empty lines."""
        outside = (Place.HEADER, Place.FOOTER, Place.FOOTNOTE)
        found = ((at, p, squeeze(p.text)) for at, p in enumerate(self.text) if p.place not in outside)
        return tuple(Line(p.n, s, p, at) for at, p, s in found if s)

    @cached_property
    def margins(self) -> tuple[Line, ...]:
        """Headers and footers that say something."""
        edges = (Place.HEADER, Place.FOOTER)
        found = ((at, p, squeeze(p.text)) for at, p in enumerate(self.text) if p.place in edges)
        return tuple(Line(p.n, s, p, at) for at, p, s in found if re.search("[一-龥]", s))

    @cached_property
    def head(self) -> tuple[Line, ...]:
        """The lines above the addressee, the first long paragraph or the first numbered heading."""
        found: list[Line] = []
        for line in self.lines[:_HEAD_LINES]:
            wide = len(line.text) > _LONG
            sentence = len(line.text) > 24 and _ENDING.search(line.text)
            if _ADDRESSEE.match(line.text) or _TO.match(line.text) or wide or sentence:
                break
            if _NUMBERED.match(line.text) and found:
                break
            if line.passage.place is Place.CELL and found:
                break
            found.append(line)
        return tuple(found)

    @cached_property
    def addressee(self) -> Line | None:
        """The line that says to whom the paper goes."""
        for line in self.lines[: _HEAD_LINES + 4]:
            if _TO.match(line.text) or (_ADDRESSEE.match(line.text) and not _NUMBERED.match(line.text)):
                return line
            if len(line.text) > _LONG and line.at > 3:
                return None
        return None

    @cached_property
    def title_lines(self) -> tuple[Line, ...]:
        """The lines of the head that form the title."""
        return tuple(line for line in self.head if self._of_title(line.text))

    def _of_title(self, text: str) -> bool:
        if _NUMBER.search(text) or _SECRECY.match(text) or _OFFICE_HEAD.match(text):
            return False
        if text.startswith("(") and text.endswith(")"):
            return False
        if re.match(r"^[一-龥]{2,6}:", text) and not re.search("报告|汇报|承诺|记录", text):
            return False
        rest = text
        for day in reversed(list(days_in(text))):
            rest = rest[: day.start] + rest[day.end :]
        return len(rest) >= 3

    @cached_property
    def title(self) -> str:
        """The squeezed title, its lines joined."""
        return "".join(line.text for line in self.title_lines)

    @cached_property
    def tail(self) -> tuple[Line, ...]:
        """The short lines at the end, last line first: signature, date, notes."""
        lines = self.lines[len(self.head) :][-_TAIL_LINES:]
        return tuple(line for line in reversed(lines) if len(line.text) <= 60)

    @cached_property
    def signing(self) -> tuple[Line, ...]:
        """The lines of the signature, last first: what stands between the last sentence of the body and the date."""
        tail = self.tail
        dated = next((i for i, line in enumerate(tail) if closing_day(line.text)), 0)
        found = list(tail[dated : dated + 1])
        for line in tail[dated + 1 : dated + 5]:
            adjacent = found[-1].at - line.at <= 2
            if not adjacent or line.passage.level is not None or _ENDING.search(line.text) or len(line.text) > 40:
                break
            found.append(line)
        return tuple(found)

    @cached_property
    def opening(self) -> tuple[Line, ...]:
        """The first three paragraphs after the head, the addressee left out."""
        rest = self.lines[len(self.head) :]
        skip = self.addressee.n if self.addressee else -1
        return tuple(line for line in rest if line.n != skip)[:3]

    @cached_property
    def fields(self) -> tuple[tuple[str, str, int], ...]:
        """(label, value, passage) of forms: ``单位:北埠区委`` in one line, or a label cell followed by its value cell."""
        found: list[tuple[str, str, int]] = []
        for line in self.lines:
            label, colon, value = line.text.partition(":")
            if colon and value and 2 <= len(label) <= 9 and len(value) <= 40:
                found.append((label, value, line.n))
        cells = [line for line in self.lines if line.passage.place is Place.CELL]
        for label_cell, value_cell in pairwise(cells):
            if len(label_cell.text) <= 8 and len(value_cell.text) <= 40 and value_cell.at == label_cell.at + 1:
                found.append((label_cell.text.rstrip(":"), value_cell.text, value_cell.n))
        return tuple(found)

    @cached_property
    def document_number(self) -> tuple[str, int] | None:
        """The paper's own number (发文字号) and its passage."""
        for line in (*self.lines[:8], *self.margins):
            if (match := _NUMBER.search(line.text)) and len(line.text) - len(match["n"]) <= 12:
                return _as_written(line.passage.text), line.n
        return None

    @cached_property
    def secrecy(self) -> tuple[str, int] | None:
        """A secrecy mark standing alone at the top or in a margin, and its passage."""
        for line in (*self.lines[:6], *self.margins):
            if match := _SECRECY.match(line.text):
                return match[1], line.n
        return None

    @cached_property
    def is_press(self) -> bool:
        """A piece of news: reporters and editors, never the paper of an office."""
        edges = (*self.lines[:6], *self.lines[-3:])
        return any(
            re.search(r"本报记者|记者.{0,6}[)】]|责任编辑|\(编辑:|日报》.{0,8}讯|^记者", line.text) for line in edges
        )


def _as_written(text: str) -> str:
    match = re.search(r"[一-龥]{1,12}\s*[(〔\[（【]\s*[0-9０-９]{4}\s*[)〕\]）】]\s*第?\s*[0-9０-９]{1,4}\s*号", text)
    return match[0] if match else text.strip()
