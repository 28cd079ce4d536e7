"""Trying to open papers: each in its own answer, none at the cost of its neighbours."""

from __future__ import annotations

import io

import pypdf
import pytest

from pipeline.reading import opening
from pipeline.reading.opening import first_troubles
from tests.archive.golden import pdfa
from tests.documents import plain


def locked_pdf():
    writer, stream = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("口令", algorithm="RC4-128")
    writer.write(stream)
    return stream.getvalue()


PAPERS = {
    "好.docx": (plain("正文"), None),
    "好.pdf": (pdfa(), None),
    "图.png": (b"\x89PNG\r\n\x1a\n", None),
    "锁.pdf": (locked_pdf(), "encrypted"),
    "断.pdf": (pdfa()[:40], "damaged"),
    "断.docx": (plain("正文")[:3000], "damaged"),
    "程序.docx": (b"MZ" + b"\0" * 100, "unsupported_format"),
    "空.docx": (b"", "damaged"),
}


def test_each_paper_gets_its_own_answer(tmp_path):
    """ensures that what is whole opens, and what does not says why by a stable word."""
    for name, (data, _) in PAPERS.items():
        (tmp_path / name).write_bytes(data)
    found = {name: code for name, code, _ in first_troubles({n: tmp_path / n for n in PAPERS})}
    assert found == {name: code for name, (_, code) in PAPERS.items() if code}


def test_a_paper_that_kills_its_process_costs_nobody_else(tmp_path):
    """ensures that it is named, and the papers after it are still tried."""
    (tmp_path / "好.docx").write_bytes(plain("正文"))
    (tmp_path / "断.docx").write_bytes(b"PK\x03\x04")
    papers = {
        "一": tmp_path / "好.docx",
        "卡住": tmp_path / "pipe",
        "断": tmp_path / "断.docx",
        "二": tmp_path / "好.docx",
    }
    if not hasattr(opening.os, "mkfifo"):
        pytest.skip("没有管道")
    opening.os.mkfifo(tmp_path / "pipe")  # opening it waits for ever: the clock ends it
    found = {name: code for name, code, _ in first_troubles(papers, wall_s=3)}
    assert found == {"卡住": "unprocessable", "断": "damaged"}
