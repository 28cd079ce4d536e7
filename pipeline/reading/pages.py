"""Lines of all pages to passages: running headers and footers told apart, lines joined to paragraphs, headings placed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from pipeline.model import Passage, Place
from pipeline.reading.headings import Outline
from pipeline.reading.lines import Line, paragraphs

_PAGE_NUMBER = re.compile(r"[-—–\s]*(第\s*)?\d{1,4}(\s*页)?([/／]\s*(共\s*)?\d+(\s*页)?)?[-—–\s]*")
_MARGIN = 0.09  # share of the page's height in which headers and footers stand


def outlined(lines: Sequence[Line], pages: int) -> tuple[Passage, ...]:
    """Return the passages of a paper: headers first, then the body in the order of the lines, then footers."""
    margins = margin_lines(lines, pages)
    outline = Outline()
    _add_margin(outline, Place.HEADER, lines, margins)
    body = [line for i, line in enumerate(lines) if i not in margins]
    # edges of recognised pages are not those of printed ones
    for _, run in groupby(body, key=lambda line: line.confidence < 1):
        for text, page, confidence in paragraphs(list(run)):
            outline.add(text, Place.BODY, page=page, confidence=confidence)
    _add_margin(outline, Place.FOOTER, lines, margins)
    return tuple(outline.passages)


def margin_lines(lines: Sequence[Line], pages: int) -> dict[int, Place]:
    """Return the lines that are running headers and footers: at the edge, a page number or repeated on other pages."""
    edge = [i for i, line in enumerate(lines) if line.share < _MARGIN or line.share > 1 - _MARGIN]
    repeated = Counter(re.sub(r"\d+", "#", lines[i].text) for i in edge)
    often = max(2, pages // 2)
    return {
        i: Place.HEADER if lines[i].share < 0.5 else Place.FOOTER
        for i in edge
        if _PAGE_NUMBER.fullmatch(lines[i].text) or repeated[re.sub(r"\d+", "#", lines[i].text)] >= often
    }


def _add_margin(outline: Outline, place: Place, lines: Sequence[Line], margins: dict[int, Place]) -> None:
    found = [lines[i] for i, where in sorted(margins.items()) if where is place]
    for line in {line.text: line for line in found}.values():
        if not _PAGE_NUMBER.fullmatch(line.text):
            outline.add(line.text, place, confidence=line.confidence)
