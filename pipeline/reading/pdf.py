"""A PDF with text: lines put together by where they stand on the page, lines joined to paragraphs, margins told apart.

The content stream's order is not the page's order (a fallback font's quotation marks come last), so every piece is
sorted by position.
"""

from __future__ import annotations

import ctypes
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.errors import DamagedDocument, DocumentTooLarge, EncryptedDocument, NoTextFound
from pipeline.model import Place, Text
from pipeline.reading.headings import Outline
from pipeline.reading.lines import Line, paragraphs

MAX_PAGES = 2000
MAX_TEXT = 20 << 20
_PAGE_NUMBER = re.compile(r"[-—–\s]*(第\s*)?\d{1,4}(\s*页)?([/／]\s*(共\s*)?\d+(\s*页)?)?[-—–\s]*")
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_MARGIN = 0.09  # share of the page's height in which headers and footers stand


class _Piece(NamedTuple):
    """One character in points: its baseline counted from the page's upper edge, its left and right edge, its height."""

    base: float
    left: float
    right: float
    height: float
    text: str


def read_pdf(path: Path) -> Text:
    """Return what a PDF says, page by page.

    Raises:
        EncryptedDocument, DamagedDocument, DocumentTooLarge, NoTextFound (a scan): with the reason in Chinese.
    """
    document = _open(path)
    try:
        pages = len(document)
        if pages > MAX_PAGES:
            raise DocumentTooLarge(f"文件有 {pages} 页,超过上限 {MAX_PAGES} 页", "请拆分后重新报送")
        lines = [line for n in range(pages) for line in _lines(document, n)]
        margins = _margin_lines(lines, pages)
        _refuse_unreadable([line for i, line in enumerate(lines) if i not in margins], pages)
        written = {line.page for i, line in enumerate(lines) if i not in margins}
        scanned = [n + 1 for n in range(pages) if n + 1 not in written and _has_image(document, n)]
    except pdfium.PdfiumError as error:
        raise DamagedDocument("PDF 已损坏,无法读取", "请重新导出 PDF,或改报 .docx") from error
    finally:
        document.close()
    outline = Outline()
    for place in (Place.HEADER, Place.BODY, Place.FOOTER):
        if place is Place.BODY:
            for text, page in paragraphs([line for i, line in enumerate(lines) if i not in margins]):
                outline.add(text, place, page=page)
        else:
            texts = dict.fromkeys(lines[i].text for i, where in sorted(margins.items()) if where is place)
            for text in texts:
                if not _PAGE_NUMBER.fullmatch(text):
                    outline.add(text, place)
    which = "、".join(map(str, scanned[:20])) + ("等" if len(scanned) > 20 else "")
    notices = (f"第{which}页是扫描的图片,其中的文字未读取,请人工查看",) if scanned else ()
    return Text(tuple(outline.passages), "pdf", pages, notices)


def _open(path: Path) -> pdfium.PdfDocument:
    _refuse_cut(path)
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
            raise EncryptedDocument("PDF 有密码", "请去除密码后重新报送") from error
        raise DamagedDocument("PDF 不完整或已损坏,打不开", "请重新复制或重新导出后报送") from error


def _refuse_cut(path: Path) -> None:
    """Raise when the end is missing: a parser would rebuild what is there and call half a paper whole."""
    data = path.read_bytes()
    end = data.rfind(b"%%EOF")
    # objects after the last mark: what was appended to an older version is not all there
    if end < 0 or re.search(rb"\d obj\b", data[end:]):
        raise DamagedDocument("PDF 不完整(缺少结尾)", "请重新复制或重新导出后报送")


def _has_image(document: pdfium.PdfDocument, n: int) -> bool:
    """Whether a page shows a picture."""
    page = document[n]
    try:
        return any(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    finally:
        page.close()


def _lines(document: pdfium.PdfDocument, n: int) -> Iterator[Line]:
    """Yield the lines of a page from top to bottom."""
    page = document[n]
    text_page = page.get_textpage()
    try:
        height = page.get_height() or 1.0
        pieces = list(_characters(text_page, height))
    finally:
        text_page.close()
        page.close()
    for row in _rows(pieces):
        row.sort(key=lambda piece: piece.left)
        size = statistics.median(piece.height for piece in row)
        top = row[0].base - size
        yield Line(n + 1, _joined(row), row[0].left, max(p.right for p in row), top, size, top / height)


def _characters(text_page: pdfium.PdfTextPage, height: float) -> Iterator[_Piece]:
    """Yield every drawn character with its box; the stream's own order says nothing about the page's."""
    x, y = ctypes.c_double(), ctypes.c_double()
    for i in range(text_page.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(text_page, i)
        if code > 32 and code not in (0xFFFE, 0xFFFF) and unicodedata.category(chr(code)) != "Cs":
            left, bottom, right, top = text_page.get_charbox(i, loose=True)
            pdfium_c.FPDFText_GetCharOrigin(text_page, i, x, y)
            yield _Piece(height - y.value, left, right, top - bottom, chr(code))


def _rows(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Group characters that stand on one baseline, top to bottom; boxes of different fonts differ, baselines do not."""
    row: list[_Piece] = []
    for piece in sorted(pieces):
        if row and piece.base - row[0].base > max(row[0].height, piece.height) * 0.4:
            yield row
            row = []
        row.append(piece)
    if row:
        yield row


def _joined(row: list[_Piece]) -> str:
    """Join the characters of a line; a gap of most of a character's width is a space."""
    out: list[str] = []
    end = None
    for piece in row:
        narrow = piece.text.isascii() and bool(out) and out[-1].isascii()
        if end is not None and piece.left - end > piece.height * (0.2 if narrow else 0.7):
            out.append(" ")
        out.append(piece.text)
        end = piece.right
    return unicodedata.normalize("NFC", "".join(out)).strip()


def _refuse_unreadable(lines: list[Line], pages: int) -> None:
    text = "".join(line.text for line in lines)
    if len(text) > MAX_TEXT:
        raise DocumentTooLarge("PDF 里的文字过多", "请拆分后重新报送")
    if len(text.strip()) < 10:
        raise NoTextFound(f"PDF 里没有文字,是扫描件(共 {pages} 页),待识别", "请同时报送 Word 文件,或报送带文字的 PDF")
    odd = sum(unicodedata.category(c) in {"Co", "Cn", "Cc", "Cs"} or c == "\ufffd" for c in text)
    if odd > 0.1 * len(text):
        raise NoTextFound("PDF 里的文字是乱码,无法读取", "请重新导出 PDF,或改报 .docx")


def _margin_lines(lines: list[Line], pages: int) -> dict[int, Place]:
    """Return the lines that are running headers and footers: at the edge, a page number or repeated on other pages."""
    edge = [i for i, line in enumerate(lines) if line.share < _MARGIN or line.share > 1 - _MARGIN]
    repeated = Counter(re.sub(r"\d+", "#", lines[i].text) for i in edge)
    often = max(2, pages // 2)
    return {
        i: Place.HEADER if lines[i].share < 0.5 else Place.FOOTER
        for i in edge
        if _PAGE_NUMBER.fullmatch(lines[i].text) or repeated[re.sub(r"\d+", "#", lines[i].text)] >= often
    }
