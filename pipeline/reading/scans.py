"""Scans and photos: page pictures recognised to lines, with the seals and the handwriting they show."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import NoTextFound
from pipeline.model import Mark, Text
from pipeline.reading import ocr
from pipeline.reading.guards import open_package, read_part
from pipeline.reading.lines import Line
from pipeline.reading.pages import outlined

if TYPE_CHECKING:
    from pipeline.reading.pictures import Picture

_PASTED = re.compile(r"word/media/[^/]+\.(?:jpe?g|png|tiff?|bmp|gif)", re.IGNORECASE)
_LARGE = 20_000  # bytes: less is a logo or a line
LEAST = 10  # characters: less is a stray mark, not a paper


@dataclass
class Scans:
    """Recognises one page picture after another. ``page_done`` is called after each; ``marks``: what all of them show."""

    page_done: Callable[[], None]
    marks: list[Mark] = field(default_factory=list)
    count: int = 0

    def read(self, picture: Picture, number: int) -> list[Line]:
        """Return the lines of page ``number`` (from 1)."""
        from pipeline.reading.scanned_marks import handwriting, seals

        page = ocr.recognise(picture)
        self.marks += seals(page.picture, number)
        self.marks += handwriting(page, number)
        self.count += 1
        self.page_done()
        return ocr.lines(page, number)

    def look(self, picture: Picture, number: int) -> None:
        """Look for seals on a page whose words are known."""
        from pipeline.reading.scanned_marks import seals

        self.marks += seals(picture, number)
        self.count += 1


def read_image(path: Path, page_done: Callable[[], None] = lambda: None) -> Text:
    """Return what an image file, of one page or several, says.

    Raises:
        PartMissing: recognition is not installed.
        DocumentTooLarge, DamagedDocument, NoTextFound: with the reason in Chinese.
    """
    ocr.require("这是图片")
    return _recognised([path.read_bytes()], page_done)


def read_pictures_in(path: Path, page_done: Callable[[], None]) -> Text | None:
    """Return what the large pictures pasted into a .docx say, None where there are none.

    Raises: as ``read_image``.
    """
    with open_package(path) as package:
        names = [e.filename for e in package.infolist() if _PASTED.fullmatch(e.filename) and e.file_size >= _LARGE]
        if not names:
            return None
        ocr.require("Word 文件里只有图片")
        names.sort(key=lambda name: int(re.sub(r"\D", "", name) or 0))
        return _recognised([read_part(package, name) for name in names], page_done)


def _recognised(files: Sequence[bytes], page_done: Callable[[], None]) -> Text:
    from pipeline.reading.pictures import frames

    scans = Scans(page_done)
    pictures = (picture for data in files for picture in frames(data))
    lines = [line for n, picture in enumerate(pictures, 1) for line in scans.read(picture, n)]
    if sum(len(line.text) for line in lines) < LEAST:
        raise NoTextFound(
            f"图片里没有识别出文字(共 {scans.count} 页)", "请重新清晰扫描(200 至 300 dpi),或改报 Word 文件"
        )
    return Text(outlined(lines, scans.count), "image", scans.count, marks=tuple(scans.marks))
