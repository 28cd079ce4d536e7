"""A PDF is read by where its characters stand. Scans: test_scans.py."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from pipeline.errors import DamagedDocument, EncryptedDocument
from pipeline.reading import read_file

SAMPLES = Path(__file__).parents[2] / "samples" / "documents"
PRINTED = SAMPLES / "清源县委书记第一责任人报告.pdf"


def test_lines_become_paragraphs_with_page_and_path():
    """ensures that wrapped lines are one paragraph, headings head, and the page number is not text."""
    text = read_file(PRINTED, PRINTED.name)
    found = {passage.text: passage for passage in text}
    assert text.format == "pdf"
    assert found["一、履行总责"].level is not None
    (act,) = [p for p in text if "对15个乡镇党委书记逐一约谈" in p.text]
    assert (act.page, act.headings[-1]) == (1, "一、履行总责")
    assert "主持常委会专题研究党风廉政建设3次,对15个乡镇党委书记逐一约谈。" in act.text


def test_passwords_truncation_and_garbage(tmp_path):
    """ensures that each fault has its own Chinese reason."""
    locked = PdfWriter(clone_from=PdfReader(PRINTED))
    locked.encrypt("secret", algorithm="RC4-128")
    locked.write(tmp_path / "locked.pdf")
    with pytest.raises(EncryptedDocument, match="密码"):
        read_file(tmp_path / "locked.pdf", "locked.pdf")
    (tmp_path / "cut.pdf").write_bytes(PRINTED.read_bytes()[:700])
    (tmp_path / "noise.pdf").write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 20)
    for name in ("cut.pdf", "noise.pdf"):
        with pytest.raises(DamagedDocument, match="请重新"):
            read_file(tmp_path / name, name)


def test_what_it_is_counts_and_not_what_it_is_called(tmp_path):
    """ensures that a PDF named .docx is read, with a notice."""
    shutil.copy(PRINTED, tmp_path / "报告.docx")
    text = read_file(tmp_path / "报告.docx", "报告.docx")
    assert text.format == "pdf"
    assert any("扩展名" in notice for notice in text.notices)


@pytest.fixture
def classic(tmp_path) -> bytes:
    """The printed sample with its objects and cross-reference table in the open."""
    writer = PdfWriter(clone_from=PdfReader(PRINTED))
    writer.write(tmp_path / "classic.pdf")
    return (tmp_path / "classic.pdf").read_bytes()


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_cut_pdf_is_not_read_by_half(tmp_path, classic, share):
    """ensures that what is missing at the end is never judged as lacking."""
    (tmp_path / "x.pdf").write_bytes(classic[: int(len(classic) * share)])
    with pytest.raises(DamagedDocument, match="缺少结尾"):
        read_file(tmp_path / "x.pdf", "x.pdf")


def test_what_stands_after_the_end(tmp_path, classic):
    """ensures that a cut update is incomplete, while trailing white space and strange bytes do no harm."""
    whole = classic.rstrip()
    (tmp_path / "update.pdf").write_bytes(whole + b"\n9 0 obj\n<< /Type /Page >>\nendobj\n")
    with pytest.raises(DamagedDocument, match="缺少结尾"):
        read_file(tmp_path / "update.pdf", "update.pdf")
    for extra in (b"\n" * 5000, bytes(3000)):
        (tmp_path / "x.pdf").write_bytes(whole + extra)
        assert "一、履行总责" in read_file(tmp_path / "x.pdf", "x.pdf").plain
