"""One file to one ``Text``, by what its bytes are; the extension is only compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.model import Text
from pipeline.reading.docx import read_docx
from pipeline.reading.guards import sniff
from pipeline.reading.pdf import read_pdf

_READERS = {"docx": read_docx, "pdf": read_pdf}


def read_file(path: Path, name: str) -> Text:
    """Return what the file says; ``name`` is the sender's, the path may be any.

    Raises:
        UnprocessableDocument: what is wrong with it and what to do.
    """
    kind = sniff(path)
    text = _READERS[kind](path)
    suffix = Path(name).suffix.lower().lstrip(".")
    if suffix == kind:
        return text
    notice = f"扩展名是“{suffix or '无'}”,实际是 {kind} 文件,已按实际内容读取"
    return replace(text, notices=(*text.notices, notice))
