"""One file to one ``Text``, by what its bytes are; the extension is only compared."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pipeline.errors import NoTextFound
from pipeline.model import Text
from pipeline.reading.docx import read_docx
from pipeline.reading.guards import sniff
from pipeline.reading.legacy import Converter
from pipeline.reading.ofd import read_ofd
from pipeline.reading.pdf import read_pdf
from pipeline.reading.plain import read_plain
from pipeline.reading.scans import read_image, read_pictures_in
from pipeline.words import odd_name

READERS = {"docx": read_docx, "ofd": read_ofd, "txt": read_plain}
PAGED = {"pdf": read_pdf, **dict.fromkeys(("jpg", "png", "tif", "gif", "bmp"), read_image)}  # page by page, slowly
CONVERTED = {"doc", "rtf", "odt"}
_SAME = {
    "wps": "doc",
    "dot": "doc",
    "docm": "docx",
    "jpeg": "jpg",
    "tiff": "tif",
}  # endings that say the same as the bytes


def read_file(path: Path, name: str) -> Text:
    """Return what the file says; ``name`` is the sender's, the path may be any.

    Raises:
        UnprocessableDocument: what is wrong with it and what to do.
    """
    kind = sniff(path)
    if kind not in CONVERTED:
        return noted(read_kind(path, kind), kind, name)
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-") as folder, closing(Converter()) as converter:
        return noted(read_docx(converter.convert(path, kind, Path(folder))), kind, name)


def read_kind(path: Path, kind: str, page_done: Callable[[], None] = lambda: None) -> Text:
    """Return what a file of a kind read directly says; ``page_done`` is called after each recognised page."""
    if kind in PAGED:
        return PAGED[kind](path, page_done)
    try:
        return READERS[kind](path)
    except NoTextFound:
        # a scan pasted into Word
        pasted = read_pictures_in(path, page_done) if kind == "docx" else None
        if pasted is None:
            raise
        return pasted


def noted(text: Text, kind: str, name: str) -> Text:
    """Say what the file really was, with a notice where its name says something else or deceives the eye."""
    suffix = Path(name).suffix.lower().lstrip(".")
    text = replace(text, format=kind, notices=(*text.notices, *odd_name(name)))
    if _SAME.get(suffix, suffix) == kind:
        return text
    notice = f"扩展名是“{suffix or '无'}”,实际是 {kind} 文件,已按实际内容读取"
    return replace(text, notices=(*text.notices, notice))
