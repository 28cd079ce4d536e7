"""OFD (GB/T 33190-2016): a ZIP of XML; the text objects of each page, put into reading order by where they stand."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from pipeline.errors import DamagedDocument, DocumentTooLarge, NoTextFound
from pipeline.model import Place, Text
from pipeline.reading.guards import open_package, read_part
from pipeline.reading.headings import Outline
from pipeline.reading.lines import Line, paragraphs
from pipeline.reading.xml import parse

_OFD = "{http://www.ofdspec.org/2016}"
MAX_PAGES = 2000


def read_ofd(path: Path) -> Text:
    """Return what an OFD says, page by page.

    Raises:
        DamagedDocument, DocumentTooLarge, NoTextFound: with the reason in Chinese.
    """
    outline, pages = Outline(), 0
    with open_package(path) as package:
        try:
            lines: list[Line] = []
            for name in _pages(package):
                pages += 1
                if pages > MAX_PAGES:
                    raise DocumentTooLarge(f"文件超过 {MAX_PAGES} 页", "请拆分后重新报送")
                lines += _lines(parse(read_part(package, name)), pages)
        except (KeyError, etree.XMLSyntaxError, ValueError) as error:
            raise DamagedDocument("OFD 文件结构已损坏,无法读取", "请重新导出后报送") from error
    for text, page, _ in paragraphs(lines):
        outline.add(text, Place.BODY, page=page)
    if not outline.passages:
        raise NoTextFound("OFD 里没有文字,是扫描件,待识别", "请同时报送 Word 文件")
    return Text(tuple(outline.passages), "ofd", pages)


def _pages(package: zipfile.ZipFile) -> Iterator[str]:
    """Yield the content part of every page in the order of the document."""
    names = set(package.namelist())
    for root in parse(read_part(package, "OFD.xml")).iter(f"{_OFD}DocRoot"):
        document = (root.text or "").strip().lstrip("/")
        folder = posixpath.dirname(document)
        for page in parse(read_part(package, document)).iter(f"{_OFD}Page"):
            location = page.get("BaseLoc", "")
            name = location.lstrip("/") if location.startswith("/") else posixpath.join(folder, location)
            if name in names:
                yield name


def _lines(page: etree._Element, number: int) -> Iterator[Line]:
    """Yield the lines of a page from top to bottom; millimetres of the page become the unit of length."""
    pieces: list[tuple[float, float, float, float, str]] = []
    for text_object in page.iter(f"{_OFD}TextObject"):
        x, y, width, height = (float(v) for v in (text_object.get("Boundary") or "0 0 0 0").split()[:4])
        text = "".join(code.text or "" for code in text_object.iter(f"{_OFD}TextCode"))
        if text.strip():
            pieces.append((y + height / 2, x, x + width, float(text_object.get("Size") or height), text))
    row: list[tuple[float, float, float, float, str]] = []
    for piece in sorted(pieces):
        if row and piece[0] - row[0][0] > max(piece[3], row[0][3]) * 0.5:
            yield _line(row, number)
            row = []
        row.append(piece)
    if row:
        yield _line(row, number)


def _line(row: list[tuple[float, float, float, float, str]], number: int) -> Line:
    row = sorted(row, key=lambda piece: piece[1])
    size = max(piece[3] for piece in row)
    text = "".join(piece[4] for piece in row).strip()
    return Line(number, text, row[0][1], max(piece[2] for piece in row), row[0][0] - size / 2, size, 0.5)
