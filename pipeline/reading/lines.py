"""Lines of a page put together to paragraphs, for formats that know only where characters stand."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.reading.headings import typed_level

_ADDRESSEE = re.compile(r"[^。；;]{2,24}[：:]")
_STOP = re.compile(r"[。，,；;：:]")


@dataclass(slots=True)
class Line:
    """One line of a page in points; ``top`` counted from the page's upper edge."""

    page: int
    text: str
    left: float
    right: float
    top: float
    height: float
    share: float  # how far down the page, 0…1
    confidence: float = 1.0  # below 1 for recognised text


def paragraphs(lines: list[Line]) -> Iterator[tuple[str, int, float]]:
    """Yield text, page and confidence of each paragraph.

    One begins with an indent, a number, a gap above, or after a line that ended early; it is as sure as its lines are
    on average.
    """
    if not lines:
        return
    size = statistics.median(line.height for line in lines)
    left = common_left(lines, size)
    right = max(line.right for line in lines)
    text, page, sure, previous = "", 0, 0.0, None
    for line in lines:
        begins = previous is None or _begins(line, previous, left, right, size)
        if begins and text:
            yield text, page, sure / len(text)
        if begins:
            text, page, sure = line.text, line.page, line.confidence * len(line.text)
        else:
            sure += line.confidence * len(line.text)
            text += (" " if text[-1:].isascii() and line.text[:1].isascii() and text[-1:].isalpha() else "") + line.text
        previous = line
    yield text, page, sure / max(len(text), 1)


def common_left(lines: list[Line], size: float) -> float:
    """Return the left edge at which most full lines begin."""
    edges = Counter(round(line.left / (size / 2)) for line in lines)
    best = max(edges.values())
    return min(edge for edge, count in edges.items() if count >= best / 3) * (size / 2)


def _begins(line: Line, previous: Line, left: float, right: float, size: float) -> bool:
    if _ADDRESSEE.fullmatch(line.text) and not _STOP.search(previous.text):
        return True  # under a title that is as wide as a line
    indented = line.left > left + size * 1.2
    ended_early = previous.right < right - size * 2.2
    if line.page != previous.page:
        return indented or ended_early
    gap = line.top - (previous.top + previous.height)
    return (
        indented or ended_early or gap > size * 2.2 or (typed_level(line.text) is not None and line.left > left + size)
    )
