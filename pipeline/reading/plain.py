"""Plain text in UTF-8, GB 18030 or, with its mark, UTF-16: a line is a paragraph."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import DocumentTooLarge, NoTextFound, UnsupportedFormat
from pipeline.model import Place, Text
from pipeline.reading.headings import Outline

LIMIT = 20 << 20


def read_plain(path: Path) -> Text:
    """Return the lines of a text file.

    Raises:
        DocumentTooLarge, NoTextFound, UnsupportedFormat: with the reason in Chinese.
    """
    if path.stat().st_size > LIMIT:
        raise DocumentTooLarge("文本文件过大", "请拆分后重新报送")
    outline = Outline()
    for line in _decoded(path.read_bytes()).splitlines():
        outline.add(line, Place.BODY)
    if not outline.passages:
        raise NoTextFound("文件里没有文字", "请检查是否放错文件")
    return Text(tuple(outline.passages), "txt")


def _decoded(data: bytes) -> str:
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnsupportedFormat("文本文件的编码不能识别", "请另存为 .docx 后重新报送")
