"""Recognises a page image: lines in reading order with their confidence. The models lie in the wheel; nothing is fetched.

A page that lies on its side or upside down is turned by what reads best; a page that is a little askew is straightened
by the slope of its lines. Red is taken out first, so that a seal does not hide what is printed under it.
"""

from __future__ import annotations

import importlib.util
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.errors import PartMissing
from pipeline.reading.lines import Line, common_left
from pipeline.reading.pictures import Picture

OCR = "ocr"
INSTALL = "pip install 'pipeline[ocr]'"
_MOST = 0.999  # recognised text is never as certain as typed text
_READABLE = 0.85
_ASKEW = 0.002  # rise of a line over its length from which a page is straightened
_A4 = 595.0  # points
_MARGIN = 70.0  # points
_TELLING = 6  # lines
_RED = 35  # how far red stands out of green and blue in stamping ink


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of a line in pixels of the straightened page."""

    text: str
    confidence: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Page:
    """A recognised page: its boxes from top to bottom and the picture, turned upright and straightened."""

    boxes: tuple[Box, ...]
    picture: Picture


def available() -> bool:
    """Whether recognition is installed on this machine."""
    importlib.invalidate_caches()  # it may be installed while we run
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def require(what: str) -> None:
    """Raises: PartMissing: recognition is not installed; ``what`` says what cannot be read without it."""
    if not available():
        raise PartMissing(
            OCR, f"{what},本机没有安装文字识别组件", f"安装({INSTALL})后会自动识别登记;急件请改报 Word 文件"
        )


def recognise(picture: Picture) -> Page:
    """Return the text of a page image, turned upright."""
    import numpy as np

    turn, read = 0, {}
    while turn not in read:
        turned = np.ascontiguousarray(np.rot90(picture, turn))
        found = read[turn] = _read(turned)
        lies, sure = _lies_on_its_side(found), _sureness(found)
        if not found or (sure >= _READABLE and not lies):
            return _straightened(found, turned)
        # lines that lie with their head to the left are read all the same, those that lie the other way are not
        turn = (turn + (2 if not lies else 1 if sure >= _READABLE else 3)) % 4
    best = max(read, key=lambda turn: (not _lies_on_its_side(read[turn]), _weight(read[turn])))
    return _straightened(read[best], np.ascontiguousarray(np.rot90(picture, best)))


def lines(page: Page, number: int) -> list[Line]:
    """Return the page's lines in points of an A4 page's width; boxes that stand on one height are one line.

    ``number``: the page's, from 1. Pages of one paper lie differently on the glass: where there are enough lines to
    tell, the left edge of most is put at the margin's usual place.
    """
    height, width = page.picture.shape[:2]
    scale = _A4 / width
    found = []
    for row in _rows(list(page.boxes)):
        text, end = "", None
        for box in row:
            text += (" " if end is not None and box.left - end > box.height * 0.5 else "") + box.text
            end = box.right
        weight = sum(len(box.text) for box in row) or 1
        sure = min(sum(box.confidence * len(box.text) for box in row) / weight, _MOST)
        top, size = min(box.top for box in row), statistics.median(box.height for box in row)
        left, right = row[0].left * scale, max(box.right for box in row) * scale
        found.append(Line(number, text, left, right, top * scale, size * scale, top / height, round(sure, 3)))
    if len(found) >= _TELLING:
        shift = _MARGIN - common_left(found, statistics.median(line.height for line in found))
        for line in found:
            line.left, line.right = line.left + shift, line.right + shift
    return found


_Found = list[tuple[Any, str, float]]  # the four corners, the words, how sure


@cache
def _engine() -> Any:
    """The engine, made when first needed. One thread: the office's workers are the parallel ones."""
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "Det.limit_side_len": 960,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _read(picture: Picture) -> _Found:
    result = _engine()(_without_red(picture))
    if result.boxes is None or not result.txts:
        return []
    return [
        (box, text, float(score))
        for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
        if text.strip()
    ]


def _without_red(picture: Picture) -> Picture:
    """Red ink becomes paper; what is black under it stays."""
    import numpy as np

    blue, green, red = (picture[..., n].astype(np.int16) for n in range(3))
    stamped = red - np.maximum(green, blue) > _RED
    if not stamped.any():
        return picture
    cleaned = picture.copy()
    cleaned[stamped] = picture[..., 2][stamped][:, None]
    return cleaned


def _sureness(found: _Found) -> float:
    return _weight(found) / max(sum(len(text) for _, text, _ in found), 1)


def _weight(found: _Found) -> float:
    """How many characters were recognised, each as far as it is sure."""
    return sum(len(text) * score for _, text, score in found)


def _lies_on_its_side(found: _Found) -> bool:
    """Whether most of the longer pieces stand upright: lines of a page that was turned by a quarter."""
    sides = [_sides(box) for box, text, _ in found if len(text) >= 4]
    return len(sides) >= 2 and sum(tall > wide for wide, tall in sides) > len(sides) / 2


def _sides(box: Any) -> tuple[float, float]:
    (x0, y0), (x1, y1), _, (x3, y3) = box
    return float(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5), float(((x3 - x0) ** 2 + (y3 - y0) ** 2) ** 0.5)


def _straightened(found: _Found, picture: Picture) -> Page:
    """Return the page as it stands when its lines are level."""
    import cv2
    import numpy as np

    slopes = [
        (float(box[1][1]) - float(box[0][1])) / max(float(box[1][0]) - float(box[0][0]), 1.0)
        for box, text, _ in found
        if len(text) >= 6
    ]
    slope = statistics.median(slopes) if slopes else 0.0
    boxes = []
    for box, text, score in found:
        # small angles: turned about the upper left corner
        xs = [float(x) + slope * float(y) for x, y in box]
        ys = [float(y) - slope * float(x) for x, y in box]
        boxes.append(Box(text.strip(), score, min(xs), max(xs), sum(ys[:2]) / 2, sum(ys[2:]) / 2))
    if abs(slope) > _ASKEW:
        height, width = picture.shape[:2]
        turn = np.array([[1, slope, 0], [-slope, 1, 0]], dtype=np.float32)
        level = cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
        picture = np.asarray(level, dtype=np.uint8)
    return Page(tuple(boxes), picture)


def _rows(boxes: list[Box]) -> Iterator[list[Box]]:
    row: list[Box] = []
    for box in sorted(boxes, key=lambda b: b.top + b.bottom):
        middle = (box.top + box.bottom) / 2
        if row and middle - (row[0].top + row[0].bottom) / 2 > 0.5 * min(row[0].height, box.height):
            yield sorted(row, key=lambda b: b.left)
            row = []
        row.append(box)
    if row:
        yield sorted(row, key=lambda b: b.left)
