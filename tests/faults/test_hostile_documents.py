"""Files built to harm, broken files and files of other kinds: each ends as its own reason, its neighbours are read."""

from __future__ import annotations

import io
import os
import random
import re
import struct
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from pipeline.errors import (
    DamagedDocument,
    DocumentTooLarge,
    EncryptedDocument,
    HostileDocument,
    NoTextFound,
    UnprocessableDocument,
    UnsupportedFormat,
)
from pipeline.reading import Reader
from tests.documents import plain
from tests.reading.packages import p, package
from tests.reading.pdfs import deep_pages, looped_pages, many_pages, simple_pdf

GOOD = plain("正文在此")
PRINTED = Path(__file__).parents[2] / "samples" / "documents" / "清源县委书记第一责任人报告.pdf"


def changed(parts: dict[str, bytes], base: bytes = GOOD, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return the package with these parts put in or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base)) as source, zipfile.ZipFile(out, "w", compression) as target:
        for name in source.namelist():
            target.writestr(name, parts.get(name, source.read(name)))
        for name in parts.keys() - set(source.namelist()):
            target.writestr(name, parts[name])
    return out.getvalue()


def doctype(encoding: str) -> bytes:
    xml = '<?xml version="1.0" encoding="%s"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
    return (xml % encoding).encode(encoding)


def overlapping() -> bytes:
    """Two entries that share the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", b"x" * 5000)
        target.writestr("word/document.xml", b"y" * 5000)
    data = bytearray(out.getvalue())
    second = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)
    return bytes(data)


def lying() -> bytes:
    """A part that says it is smaller than it unpacks to, in both of its headers."""
    data = changed({"word/document.xml": b"<a>" + b"x" * 5000 + b"</a>"}, compression=zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(io.BytesIO(data)) as package_:
        size = struct.pack("<I", package_.getinfo("word/document.xml").file_size)
    return data.replace(size, struct.pack("<I", 10))


def with_password() -> bytes:
    """A package whose entries say that they are encrypted."""
    data = bytearray(GOOD)
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + stream.encode("utf-16-le") + bytes(600)


NESTED = "<w:tbl><w:tr><w:tc>" * 5000 + p("深") + "</w:tc></w:tr></w:tbl>" * 5000
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'

CASES: dict[str, tuple[bytes, type[UnprocessableDocument], str]] = {
    "空.docx": (b"", DamagedDocument, "文件为空"),
    "全零.docx": (bytes(5000), DamagedDocument, "空白字节"),
    "半截.docx": (GOOD[: len(GOOD) // 2], DamagedDocument, "不完整"),
    "坏部分.docx": (changed({}, compression=zipfile.ZIP_STORED).replace("正文在此".encode(), "此在文正".encode()), DamagedDocument, "损坏"),
    "宏.docm": (changed({"word/vbaProject.bin": b"x"}), HostileDocument, "文件含宏"),
    "实体.docx": (changed({"word/document.xml": doctype("utf-8")}), HostileDocument, "结构异常"),
    "实体16.docx": (changed({"word/document.xml": doctype("utf-16")}), HostileDocument, "结构异常"),
    "实体在后.docx": (changed({"word/document.xml": doctype("utf-8").replace(b"?>", b"?><!--" + b"x" * 70_000 + b"-->", 1)}), HostileDocument, "结构异常"),
    "实体32.docx": (changed({"word/document.xml": doctype("utf-32")}), HostileDocument, "结构异常"),
    "实体在样式.docx": (changed({"word/styles.xml": doctype("utf-8")}), HostileDocument, "结构异常"),
    "大笑.docx": (changed({"word/document.xml": LAUGHS}), HostileDocument, "结构异常"),
    "炸弹.docx": (changed({"word/document.xml": b"<a>" + b"0" * (40 << 20)}), HostileDocument, "压缩比异常"),
    "巨大.docx": (changed({"word/document.xml": b"0" * (70 << 20)}), DocumentTooLarge, "解压后过大"),
    "五千部分.docx": (changed({f"x{n}": b"" for n in range(5000)}), HostileDocument, "结构异常"),
    "重叠.docx": (overlapping(), HostileDocument, "重叠"),
    "谎报.docx": (lying(), DamagedDocument, "损坏"),
    "加密部分.docx": (with_password(), EncryptedDocument, "密码"),
    "嵌套.docx": (package(NESTED), DamagedDocument, "结构已损坏"),
    "不是XML.docx": (changed({"word/document.xml": b"plainly not xml"}), DamagedDocument, "结构已损坏"),
    "没有文字.docx": (package(p()), NoTextFound, "没有文字"),
    "密码.docx": (ole("EncryptedPackage"), EncryptedDocument, "密码"),
    "表格.xlsx": (changed({"xl/workbook.xml": b"<x/>"}), UnsupportedFormat, "Excel"),
    "压缩包.zip": (b"PK\x05\x06" + bytes(18), UnsupportedFormat, "请"),
    "图片.jpg": (b"\xff\xd8\xff\xe0" + bytes(100) + b"\xff\xd9", DamagedDocument, "打不开"),
    "网页.docx": (b"<!DOCTYPE html><html><body>x</body></html>", UnsupportedFormat, "网页"),
    "程序.docx": (b"MZ" + bytes(200), UnsupportedFormat, "程序"),
    "快捷方式.lnk": (b"L\0\0\0\x01\x14\x02\0" + bytes(100), UnsupportedFormat, "快捷方式"),
    "旧.doc": (b'<?xml version="1.0"?><w:wordDocument/>', UnsupportedFormat, "XML"),
    "炸弹.pdf": (simple_pdf(b" " * (300 << 20), packed=True), UnprocessableDocument, "请"),
    "深.pdf": (deep_pages(5000), DamagedDocument, "损坏"),
    "环.pdf": (looped_pages(), DocumentTooLarge, "超过上限"),
    "万页.pdf": (many_pages(10_000), DocumentTooLarge, "10000 页"),
    "无目录.pdf": (simple_pdf(b"", xref=False), DamagedDocument, "损坏"),
    "无结尾.pdf": (simple_pdf(b"")[:-6], DamagedDocument, "缺少结尾"),
    "乱.bin": (random.Random(3).randbytes(5000), UnsupportedFormat, "不能识别"),
}  # fmt: skip


@pytest.fixture(scope="module")
def reader():
    with Reader(workers=1, memory_mb=1024, wall_s=20) as opened:
        yield opened


@pytest.mark.parametrize("name", CASES)
def test_each_ends_as_its_own_reason(reader, tmp_path, name):
    """ensures that the sender learns what is wrong and what to do, and the next file is read."""
    data, error, words = CASES[name]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "好.docx").write_bytes(GOOD)
    with pytest.raises(error) as caught:
        reader.read_path(tmp_path / name, name)
    assert words in str(caught.value)
    assert re.search("请|已隔离", str(caught.value))
    assert reader.read_path(tmp_path / "好.docx", "好.docx").plain == "正文在此"


def test_a_file_larger_than_any_paper(reader, tmp_path):
    """ensures that two terabytes of nothing are refused by their size."""
    path = tmp_path / "x.docx"
    path.write_bytes(GOOD)
    os.truncate(path, 2 << 40)
    with pytest.raises(DocumentTooLarge, match="大小上限"):
        reader.read_path(path, path.name)


def test_a_script_in_a_pdf_is_not_the_paper(reader, tmp_path):
    """ensures that what a PDF would do when opened is neither done nor a reason to refuse its text."""
    words = b"BT /F 12 Tf 72 700 Td (Report of the year 2026) Tj ET"
    script = b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> "
    (tmp_path / "x.pdf").write_bytes(simple_pdf(words, catalogue=script))
    assert reader.read_path(tmp_path / "x.pdf", "x.pdf").plain == "Report of the year 2026"


def test_a_file_that_hangs_its_reader_costs_only_itself(tmp_path, monkeypatch):
    """ensures that a worker over its time is killed, said so, and replaced."""
    (tmp_path / "好.docx").write_bytes(GOOD)
    os.mkfifo(tmp_path / "管道.docx")
    with Reader(workers=1, wall_s=2) as reader:
        with pytest.raises(UnprocessableDocument, match="读取超过 2 秒"):
            reader.read_path(tmp_path / "管道.docx", "管道.docx")
        assert reader.read_path(tmp_path / "好.docx", "好.docx").plain == "正文在此"


def test_a_file_that_eats_memory_costs_only_itself(tmp_path):
    """ensures that a million paragraphs within a small worker end as a reason and not as the office's memory."""
    (tmp_path / "多.docx").write_bytes(package("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 900_000))
    (tmp_path / "好.docx").write_bytes(GOOD)
    with Reader(workers=1, memory_mb=400, wall_s=60) as reader:
        with pytest.raises(UnprocessableDocument, match="请"):
            reader.read_path(tmp_path / "多.docx", "多.docx")
        assert reader.read_path(tmp_path / "好.docx", "好.docx").plain == "正文在此"


def test_random_damage_never_reaches_the_office(reader, tmp_path):
    """ensures that flipped, cut and doubled bytes end as a text or a reason, whatever they hit."""
    dice, path = random.Random(11), tmp_path / "x.docx"
    printed = simple_pdf(b"BT /F 12 Tf 72 700 Td (Report of the year 2026) Tj ET")
    for n in range(200):
        data = bytearray(printed if n % 4 == 0 else GOOD)
        for _ in range(dice.randint(1, 30)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(bytes(data[: dice.randint(1, len(data))] if dice.random() < 0.3 else data))
        try:
            reader.read_path(path, path.name)
        except UnprocessableDocument as error:
            assert re.search("[一-鿿]", str(error))


def test_an_owner_password_locks_nobody_out(reader, tmp_path):
    """ensures that a PDF that only forbids copying is read."""
    writer = PdfWriter(clone_from=PdfReader(PRINTED))
    writer.encrypt("", owner_password="boss", algorithm="RC4-128")
    writer.write(tmp_path / "x.pdf")
    assert "一、履行总责" in reader.read_path(tmp_path / "x.pdf", "x.pdf").plain


def test_a_flood_of_drawing_costs_only_itself(tmp_path):
    """ensures that a page drawn by millions of operators ends in time, as a text or as a reason."""
    flood = b"BT /F 12 Tf 72 700 Td (Report of the year 2026) Tj ET\n" + b"0 0 m 9 9 l S\n" * 3_000_000
    (tmp_path / "x.pdf").write_bytes(simple_pdf(flood, packed=True))
    (tmp_path / "好.docx").write_bytes(GOOD)
    with Reader(workers=1, memory_mb=1024, wall_s=5) as reader:
        try:
            assert "Report" in reader.read_path(tmp_path / "x.pdf", "x.pdf").plain
        except UnprocessableDocument as error:
            assert re.search("请", str(error))
        assert reader.read_path(tmp_path / "好.docx", "好.docx").plain == "正文在此"


def test_two_formats_in_one_file(reader, tmp_path):
    """ensures that a PDF with a package behind it is read as what it begins with."""
    printed = simple_pdf(b"BT /F 12 Tf 72 700 Td (Report of the year 2026) Tj ET")
    (tmp_path / "x.pdf").write_bytes(printed + GOOD)
    assert reader.read_path(tmp_path / "x.pdf", "x.pdf").plain == "Report of the year 2026"


def test_links_to_the_outside_are_not_followed(reader, tmp_path):
    """ensures that a template or picture elsewhere is said and left where it is."""
    relations = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://x/attachedTemplate" Target="http://127.0.0.1:9/x.dotm" TargetMode="External"/>'
        "</Relationships>"
    )
    (tmp_path / "x.docx").write_bytes(changed({"word/_rels/document.xml.rels": relations.encode()}))
    assert reader.read_path(tmp_path / "x.docx", "x.docx").notices == ("含外部链接内容,未访问",)
