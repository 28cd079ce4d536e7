"""Old Word, RTF, ODF, OFD and plain text are read as the papers they are."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile

import pytest

from pipeline.errors import DamagedDocument, EncryptedDocument, NoTextFound, PartMissing
from pipeline.reading import Reader, legacy, read_file
from tests.documents import plain
from tests.reading.packages import item, level, numbering, package

WITH_OFFICE = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice 未安装")


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """One numbered paper in the three old formats, made by LibreOffice."""
    folder = tmp_path_factory.mktemp("old")
    list_ = numbering(level(0, "%1、", "chineseCounting", more='<w:suff w:val="nothing"/>'))
    (folder / "a.docx").write_bytes(package(item("学习传达") + item("签订责任书14份"), numbering=list_))
    for ending in ("doc", "rtf", "odt"):
        command = [
            "soffice",
            f"-env:UserInstallation={folder.as_uri()}/profile",
            "--headless",
            "--convert-to",
            ending,
            "a.docx",
        ]
        subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=120)
    return folder


@WITH_OFFICE
@pytest.mark.parametrize("ending", ["doc", "rtf", "odt"])
def test_old_formats_through_libreoffice(converted, ending):
    """ensures that text and automatic numbers survive, in the office's own worker too, and the format is said."""
    path = converted / f"a.{ending}"
    with Reader() as reader:
        text = reader.read_path(path, f"报告.{ending}")
    lines = text.plain.replace(" ", "").split("\n")
    assert [line[2:] for line in lines] == ["学习传达", "签订责任书14份"]
    if ending != "rtf":  # LibreOffice writes the 、 of a list's number into RTF as ?
        assert [line[:2] for line in lines] == ["一、", "二、"]
    assert (text.format, text.notices) == (ending, ())
    assert read_file(path, f"报告.{ending}") == text


@WITH_OFFICE
def test_an_old_file_with_a_password(converted, tmp_path):
    """ensures that an encrypted .doc is told from a broken one by its own mark."""
    data = bytearray((converted / "a.doc").read_bytes())
    data[data.index(b"\xec\xa5") + 11] |= 1
    (tmp_path / "x.doc").write_bytes(data)
    with pytest.raises(EncryptedDocument, match="密码"):
        read_file(tmp_path / "x.doc", "x.doc")


@WITH_OFFICE
def test_a_wps_file_is_old_word(converted):
    """ensures that .wps is read by its bytes without a complaint about its name."""
    assert read_file(converted / "a.doc", "报告.wps").notices == ()


def test_without_libreoffice_the_reason_says_so(tmp_path, monkeypatch):
    """ensures that the sender learns what to do on a machine that lacks it."""
    monkeypatch.setattr(legacy, "program", lambda: None)
    (tmp_path / "a.rtf").write_bytes(b"{\\rtf1 x}")
    with pytest.raises(PartMissing, match=r"没有安装 LibreOffice.*另存为 \.docx"):
        read_file(tmp_path / "a.rtf", "a.rtf")


def ofd(*texts: tuple[float, float, str], content: str = "") -> bytes:
    """An OFD of one page with text objects at (x, y)."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    objects = "".join(
        f'<ofd:TextObject Boundary="{x} {y} {5 * len(t)} 5" Size="5"><ofd:TextCode>{t}</ofd:TextCode></ofd:TextObject>'
        for x, y, t in texts
    )
    parts = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'<ofd:Document {space}><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/P.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/Pages/P.xml": content
        or f"<ofd:Page {space}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>",
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return stream.getvalue()


def test_ofd_in_reading_order(tmp_path):
    """ensures that text objects are put in order by where they stand and lines become paragraphs."""
    data = ofd(
        (40, 60, "签订责任书。"),
        (30, 20, "一、责任"),
        (20, 40, "年初与各单位分别谈话之后逐一签订了"),
        (105, 40, "廉政责任书及"),
        (20, 50, "承诺书,"),
    )
    (tmp_path / "a.ofd").write_bytes(data)
    text = read_file(tmp_path / "a.ofd", "报告.ofd")
    assert text.plain.startswith("一、责任\n年初与各单位分别谈话之后逐一签订了廉政责任书及承诺书,")
    assert (text.format, text.pages, text.passages[1].page) == ("ofd", 1, 1)


def test_ofd_without_text_and_broken(tmp_path):
    """ensures that a scan in OFD and a spoiled page have their own reasons."""
    (tmp_path / "scan.ofd").write_bytes(ofd())
    (tmp_path / "bad.ofd").write_bytes(ofd(content="<not xml"))
    with pytest.raises(NoTextFound, match="扫描件"):
        read_file(tmp_path / "scan.ofd", "scan.ofd")
    with pytest.raises(DamagedDocument, match="OFD"):
        read_file(tmp_path / "bad.ofd", "bad.ofd")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_the_usual_encodings(tmp_path, encoding):
    """ensures that lines are paragraphs and headings head, whichever editor wrote them."""
    (tmp_path / "a.txt").write_bytes("报告\r\n\r\n一、学习\r\n传达2次。\r\n".encode(encoding))
    text = read_file(tmp_path / "a.txt", "a.txt")
    assert [(p.text, p.headings) for p in text] == [("报告", ()), ("一、学习", ()), ("传达2次。", ("一、学习",))]


def test_a_name_that_says_otherwise_is_noted(tmp_path):
    """ensures that content decides and the difference is on record."""
    (tmp_path / "x").write_bytes(plain("正文"))
    assert read_file(tmp_path / "x", "报告.doc").notices == ("扩展名是“doc”,实际是 docx 文件,已按实际内容读取",)
