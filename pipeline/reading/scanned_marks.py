"""What a scan shows beside its text: a round red seal, handwriting where one signs. Evidence with its place, never proof."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.model import Mark, MarkKind
from pipeline.reading.ocr import Box, Page
from pipeline.reading.pictures import Picture

_RED = 35
_PRINT = 0.9  # recognition is at least this sure of print
_LEAST_INK = 0.006
_RULE = 40  # pixels: longer strokes are drawn with a ruler
_SEAL_WIDTHS = (0.10, 0.34)  # of the page's width: seals measure 3 to 5 cm, on A4 or a photo with some margin
# a label at which one signs: it ends there, or a short name follows
_SIGNS = re.compile(
    r"^.{0,12}(?:签名|签字|签章|承诺人|责任人|报告人|接受人|承诺方|书记|主任|[局院校县区市处]长)[)）]?[::：\s_]*(?P<rest>.{0,5})$"
)


def seals(picture: Picture, number: int) -> Iterator[Mark]:
    """Yield the round red seals on the picture of page ``number`` (from 1)."""
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    scale = 600 / width
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.int16)
    red = (small[..., 2] - np.maximum(small[..., 0], small[..., 1]) > _RED).astype(np.uint8)
    joined = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    _, _, found, _ = cv2.connectedComponentsWithStats(joined)
    for left, top, wide, tall, _ in found[1:]:
        ink = red[top : top + tall, left : left + wide].mean()
        round_ = 0.75 < wide / tall < 1.34 and 0.04 < ink < 0.75
        if round_ and _SEAL_WIDTHS[0] < wide / 600 < _SEAL_WIDTHS[1]:
            shares = left / 600, top / (height * scale), (left + wide) / 600, (top + tall) / (height * scale)
            yield _mark(MarkKind.SEAL, number, shares)


def handwriting(page: Page, number: int) -> Iterator[Mark]:
    """Yield a mark where the ink beside a signer's label looks written: unread, barely read, blue, or unlike print."""
    if not page.boxes:
        return
    height, width = page.picture.shape[:2]
    size = sorted(b.height for b in page.boxes)[len(page.boxes) // 2]
    for label in page.boxes:
        found = _SIGNS.match(label.text)
        if not found or re.search(r"[。;;!]$|[,,、].", label.text) or len(found["rest"]) > 4:
            continue
        # recognition may have taken what is written into the label's own box
        start = min(label.right, label.left + size * (len(label.text) - len(found["rest"])))
        middle = (label.top + label.bottom) / 2
        area = (start, max(middle - 1.2 * size, 0), min(width, start + 12 * size), middle + 1.2 * size)
        beside = [b for b in page.boxes if b is not label and _beside(b, label, size)]
        things = [*beside, label] if found["rest"] else beside
        ink, blue = _ink(page.picture, area, [b for b in page.boxes if b not in things and b.confidence > _PRINT])
        if ink > _LEAST_INK and (blue > 0.3 or all(_looks_written(b, label, size) for b in things)):
            shares = area[0] / width, area[1] / height, area[2] / width, min(area[3] / height, 1.0)
            yield _mark(MarkKind.HANDWRITING, number, shares, label.text[: len(label.text) - len(found["rest"])])


def _beside(box: Box, label: Box, size: float) -> bool:
    middles = (box.top + box.bottom) / 2 - (label.top + label.bottom) / 2
    return abs(middles) < 1.2 * size and box.left >= label.right - size


def _looks_written(box: Box, label: Box, size: float) -> bool:
    """Whether a piece is barely read, taller than print, or does not stand on its label's line as print would."""
    off_line = abs((box.top + box.bottom) - (label.top + label.bottom)) / 2 > 0.18 * size
    return box.confidence < _PRINT or box.height > 1.25 * size or (box is not label and off_line)


def _mark(kind: MarkKind, page: int, shares: tuple[float, float, float, float], near: str = "") -> Mark:
    left, top, right, bottom = (round(float(share), 3) for share in shares)
    return Mark(kind, page, left, top, right, bottom, near)


def _ink(picture: Picture, area: tuple[float, float, float, float], printed: list[Box]) -> tuple[float, float]:
    """Return the share of inked pixels in an area, and how much of that ink is blue.

    Left out: a seal's red, what stands in the boxes ``printed``, a line to sign on.
    """
    import cv2
    import numpy as np

    left, top, right, bottom = (max(int(v), 0) for v in area)
    part = picture[top:bottom, left:right].astype(np.int16)
    if part.size == 0:
        return 0.0, 0.0
    blue, green, red = part[..., 0], part[..., 1], part[..., 2]
    stamped = red - np.maximum(green, blue) > _RED
    paper = int(np.median(part.mean(axis=2)))
    inked = (part.mean(axis=2) < paper - 60) & ~stamped
    for box in printed:
        edges = (box.top - 3 - top, box.bottom + 3 - top, box.left - 3 - left, box.right + 3 - left)
        above, below, before, after = (max(int(edge), 0) for edge in edges)
        inked[above:below, before:after] = False
    inked &= cv2.morphologyEx(inked.astype(np.uint8), cv2.MORPH_OPEN, np.ones((1, _RULE), np.uint8)) == 0
    count = int(inked.sum())
    of_blue = int(((blue - red > 30) & inked).sum())
    return count / inked.size, of_blue / count if count else 0.0
