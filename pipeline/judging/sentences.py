"""A text as the sentences that can speak for an item, each with its place in the paper. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.judging.layout import Layout, squeeze
from pipeline.model import Passage, Place

_END = re.compile(r"(?<=[。!?;！？；])(?![”’」』\"')）])|\n")
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text`` stands verbatim in ``passage``; ``plain`` is it squeezed; ``before``, ``after``: squeezed neighbours in the same passage.

    ``first``, ``last``: the share of the paper's body before it, 0 to 1, and whether the passage is its heading.
    """

    text: str
    plain: str
    passage: Passage
    position: float
    heading: str
    before: str = ""
    after: str = ""
    is_heading: bool = False
    opening: bool = False


def split(text: str) -> list[str]:
    """Return the sentences of a passage, each verbatim without outer space."""
    return [part.strip() for part in _END.split(text) if part.strip()]


def sentences_of(layout: Layout) -> list[Sentence]:
    """Return the sentences of the body, notes and boxes; title, addressee, signature and page margins are left out."""
    skip = {line.n for line in layout.head} | {line.n for line in layout.signing if not ends_a_sentence(line.text)}
    if layout.addressee:
        skip.add(layout.addressee.n)
    passages = [p for p in layout.text if p.n not in skip and p.place not in (Place.HEADER, Place.FOOTER)]
    total = max(1, sum(len(p.text) for p in passages))
    found: list[Sentence] = []
    done = 0
    body_begun = False
    for passage in passages:
        parts = _row_of(passage) or split(passage.text)
        plains = [squeeze(part) for part in parts]
        heading = squeeze(passage.headings[-1]) if passage.headings else ""
        opening = not body_begun and not passage.headings and passage.level is None
        for i, (part, plain) in enumerate(zip(parts, plains, strict=True)):
            if len(plain) >= _LEAST or passage.level is not None:
                found.append(
                    Sentence(
                        text=part,
                        plain=plain,
                        passage=passage,
                        position=done / total,
                        heading=heading,
                        before=plains[i - 1] if i else "",
                        after=plains[i + 1] if i + 1 < len(plains) else "",
                        is_heading=passage.level is not None or _looks_like_heading(passage, plain, len(parts)),
                        opening=opening,
                    )
                )
        done += len(passage.text)
        body_begun = body_begun or (len(passage.text) > 15 and passage.place is Place.BODY)
    return found


def _looks_like_heading(passage: Passage, plain: str, parts: int) -> bool:
    return passage.place is not Place.CELL and parts == 1 and len(plain) <= 30 and not re.search(r"[。;!?,:]", plain)


def ends_a_sentence(text: str) -> bool:
    """True for a line closed like a sentence of the body, which no signature is."""
    return bool(re.search(r"[。;!?][)\"']?$", text))


def _row_of(passage: Passage) -> list[str]:
    return [passage.text.strip()] if passage.place is Place.CELL and len(passage.text) <= 40 else []
