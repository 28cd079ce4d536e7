"""A PDF: what is printed, by where it stands on the page; what is a picture, by recognition.

The content stream's order is not the page's order (a fallback font's quotation marks come last), so every piece is
sorted by position. A page may be printed, scanned, or both: a printed page with a scanned part, or a scan over whose
picture a scanner laid its own invisible text.
"""

from __future__ import annotations

import ctypes
import re
import statistics
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.errors import DamagedDocument, DocumentTooLarge, EncryptedDocument, NoTextFound
from pipeline.model import Text
from pipeline.reading import ocr
from pipeline.reading.lines import Line
from pipeline.reading.pages import margin_lines, outlined
from pipeline.reading.scans import LEAST, Scans

MAX_PAGES = 2000
MAX_SCANNED = 300
MAX_TEXT = 20 << 20
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_LARGE = 0.3  # share of the page from which a picture may hold words of the paper
_FULL = 0.8  # share of the page from which a picture is the page
_DRAWN = 60  # shapes: text turned into outlines
_END = b"%%EOF"
_STRAY = 16  # bytes after the end: fewer are a careless writer's
_LAYER = 0.95  # how sure a scanner's own text layer is taken to be

_Box = tuple[float, float, float, float]


class _Piece(NamedTuple):
    """One character in points: its baseline counted from the page's upper edge, its left and right edge, its height."""

    base: float
    left: float
    right: float
    height: float
    text: str


@dataclass(slots=True)
class _Sheet:
    """One page: its printed lines and its largest picture (left, top, right, bottom in points from the upper left).

    ``share``: that picture's part of the page. ``drawn``: shapes that may be outlined text. ``layer``: the text is an
    invisible layer over a scan.
    """

    lines: list[Line]
    picture: _Box = (0.0, 0.0, 0.0, 0.0)
    share: float = 0.0
    drawn: bool = False
    layer: bool = False

    @property
    def text(self) -> str:
        return "".join(line.text for line in self.lines)

    @property
    def has_part(self) -> bool:
        """Whether a large picture stands beside the printed lines, not under them."""
        _, top, _, bottom = self.picture
        under = sum(len(line.text) for line in self.lines if top < line.top + line.height / 2 < bottom)
        return self.share >= _LARGE and not self.layer and under < 0.3 * max(len(self.text), 1)


def read_pdf(path: Path, page_done: Callable[[], None] = lambda: None) -> Text:
    """Return what a PDF says, page by page; ``page_done`` is called after each page that had to be recognised.

    Raises:
        EncryptedDocument, DamagedDocument, DocumentTooLarge, NoTextFound: with the reason in Chinese.
        PartMissing: all of it is scanned and recognition is not installed.
    """
    data = path.read_bytes()  # read by us: pdfium calls a disk that does not answer a damaged paper
    document = _open(data)
    scans = Scans(page_done)
    unread: tuple[int, ...] = ()
    try:
        pages = len(document)
        if pages > MAX_PAGES:
            raise DocumentTooLarge(f"文件有 {pages} 页,超过上限 {MAX_PAGES} 页", "请拆分后重新报送")
        notices = tuple(_unused(document, data))
        sheets = [_sheet(document, n) for n in range(pages)]
        if sum(len(sheet.text) for sheet in sheets) > MAX_TEXT:
            raise DocumentTooLarge("PDF 里的文字过多", "请拆分后重新报送")
        scanned, parts = _scanned(sheets)
        if ocr.available():
            _recognise(document, sheets, scanned, parts, scans)
        else:
            unread = _left_unread(sheets, scanned, parts)
    except pdfium.PdfiumError as error:
        raise DamagedDocument("PDF 已损坏,无法读取", "请重新导出 PDF,或改报 .docx") from error
    finally:
        document.close()
    lines = [line for sheet in sheets for line in sheet.lines]
    if sum(len(line.text) for line in lines) < LEAST:
        raise NoTextFound(f"PDF 里没有文字(共 {pages} 页)", "请重新清晰扫描(200 至 300 dpi),或改报 Word 文件")
    marks = tuple(scans.marks) if scans.count else None
    return Text(outlined(lines, pages), "pdf", pages, notices, unread, marks)


def _scanned(sheets: list[_Sheet]) -> tuple[list[int], list[int]]:
    """Return the pages (from 0) that must be recognised whole, and those of which a part is a picture."""
    lines = [line for sheet in sheets for line in sheet.lines]
    margins = margin_lines(lines, len(sheets))
    written = [0] * len(sheets)
    for i, line in enumerate(lines):
        written[line.page - 1] += len(line.text) if i not in margins else 0
    whole = [
        n
        for n, sheet in enumerate(sheets)
        if (written[n] < LEAST and (sheet.share or sheet.drawn)) or _garbled(sheet.text)
    ]
    return whole, [n for n, sheet in enumerate(sheets) if n not in set(whole) and sheet.has_part]


def _garbled(text: str) -> bool:
    """Whether the characters are not those that are seen: fonts without a table, private codes."""
    odd = sum(unicodedata.category(c) in {"Co", "Cn", "Cc", "Cs"} or c == "\ufffd" for c in text)
    return odd > 0.1 * len(text)


def _recognise(
    document: pdfium.PdfDocument, sheets: list[_Sheet], scanned: list[int], parts: list[int], scans: Scans
) -> None:
    """The words of scanned pages and large pictures stand among the lines of their sheets."""
    if len(scanned) + len(parts) > MAX_SCANNED:
        raise DocumentTooLarge(f"扫描的页数超过上限 {MAX_SCANNED} 页", "请拆分后重新报送")
    from pipeline.reading.pictures import page_picture

    for n, sheet in enumerate(sheets):
        if n in scanned:
            sheet.lines = scans.read(page_picture(document, n), n + 1)
        elif n in parts:
            _, top, _, bottom = sheet.picture
            found = scans.read(page_picture(document, n), n + 1)
            inside = [line for line in found if top < line.top + line.height / 2 < bottom]
            sheet.lines = sorted((*sheet.lines, *inside), key=lambda line: line.top)
        elif sheet.layer:
            scans.look(page_picture(document, n), n + 1)


def _left_unread(sheets: list[_Sheet], scanned: list[int], parts: list[int]) -> tuple[int, ...]:
    """Return the pages (from 1) that nobody can read here. Raises: PartMissing: they are all there is, or garbled."""
    if any(_garbled(sheets[n].text) for n in scanned):
        ocr.require("PDF 里的文字是乱码,须按图片识别")
    if len(scanned) == len(sheets):
        ocr.require(f"PDF 是扫描件(共 {len(sheets)} 页)")
    return tuple(n + 1 for n in sorted((*scanned, *parts)))


def _open(data: bytes) -> pdfium.PdfDocument:
    _refuse_cut(data)
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
            raise EncryptedDocument("PDF 有密码", "请去除密码后重新报送") from error
        raise DamagedDocument("PDF 不完整或已损坏,打不开", "请重新复制或重新导出后报送") from error


def _refuse_cut(data: bytes) -> None:
    """Raise when the end is missing: a parser would rebuild what is there and call half a paper whole."""
    end = data.rfind(_END)
    # objects after the last mark: what was appended to an older version is not all there
    if end < 0 or re.search(rb"\d obj\b", data[end:]):
        raise DamagedDocument("PDF 不完整(缺少结尾)", "请重新复制或重新导出后报送")


def _unused(document: pdfium.PdfDocument, data: bytes) -> Iterator[str]:
    """Yield what the file carries beside its pages, which nobody opens or runs."""
    if count := pdfium_c.FPDFDoc_GetAttachmentCount(document):
        yield f"含 {count} 个附件,未读取,请人工查看"
    # what runs at opening is not among the scripts that pdfium counts
    if pdfium_c.FPDFDoc_GetJavaScriptActionCount(document) > 0 or b"/JavaScript" in data:
        yield "含脚本,未执行"
    if len(data[data.rfind(_END) + len(_END) :].strip(b"\0\t\n\f\r ")) > _STRAY:
        yield "文件尾部有多余数据,未读取"


def _sheet(document: pdfium.PdfDocument, n: int) -> _Sheet:
    """Return what page ``n`` (from 0) holds."""
    page = document[n]
    try:
        width, height = page.get_size()
        sheet = _Sheet(list(_lines(page, n, height or 1.0)))
        shapes = 0
        for thing in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=3):
            if thing.type == pdfium_c.FPDF_PAGEOBJ_PATH:
                shapes += 1
                continue
            left, bottom, right, top = thing.get_bounds()
            share = max(right - left, 0) * max(top - bottom, 0) / max(width * height, 1.0)
            if share >= sheet.share:
                sheet.share, sheet.picture = share, (left, height - top, right, height - bottom)
        sheet.drawn = shapes >= _DRAWN
        if sheet.share >= _FULL and sheet.lines and _invisible(page):
            sheet.layer = True
            for line in sheet.lines:
                line.confidence = _LAYER
        return sheet
    finally:
        page.close()


def _invisible(page: pdfium.PdfPage) -> bool:
    """Whether the page's text is not drawn: what scanners lay over a picture to make it searchable."""
    texts = page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=3)
    modes = [pdfium_c.FPDFTextObj_GetTextRenderMode(text.raw) for text in texts]
    hidden = modes.count(pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE)
    return hidden > len(modes) / 2


def _lines(page: pdfium.PdfPage, n: int, height: float) -> Iterator[Line]:
    """Yield the printed lines of a page from top to bottom."""
    text_page = page.get_textpage()
    try:
        pieces = list(_characters(text_page, height))
    finally:
        text_page.close()
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
