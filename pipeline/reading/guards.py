"""What a file really is, and whether it is safe to open: decided on its bytes before any parser sees it."""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from pipeline.errors import (
    DamagedDocument,
    DocumentTooLarge,
    EncryptedDocument,
    HostileDocument,
    UnsupportedFormat,
)

MAX_FILE = 512 << 20
MAX_ENTRIES = 4000
MAX_PART = 64 << 20
MAX_TOTAL = 256 << 20
MAX_RATIO = 200
RATIO_FREE = 1 << 20  # small parts may pack well without being bombs

_OLD_WORD = re.compile(rb"\xec\xa5(?:[\xc0\xc1\xc2\xd9]\0|[\x01\x0c\x12]\x01)")
_ASK_AGAIN = "请另存为 .docx 后重新报送"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"%PDF", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG", "png"),
    (b"II*\0", "tif"),
    (b"MM\0*", "tif"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"{\\rtf", "rtf"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"Rar!", "packed"),
    (b"7z\xbc\xaf", "packed"),
    (b"\x1f\x8b", "packed"),
    (b"L\0\0\0\x01\x14\x02\0", "shortcut"),
    (b"[InternetShortcut]", "shortcut"),
)
_REFUSALS: Mapping[str, tuple[str, str]] = {
    "program": ("这是程序文件,不是文书", "请勿报送程序;如属误放,请重新放入文书"),
    "packed": ("这是压缩包", "请解压后把文件逐一放入"),
    "shortcut": ("这是快捷方式,不是文件本身", "请放入文件本身"),
    "html": ("这是网页文件", _ASK_AGAIN),
    "xml": ("这是 XML 格式的文件", "请用 Word 或 WPS 打开后另存为 .docx 再报送"),
    "unknown": ("不能识别这种文件", "请报送 .docx、PDF 或扫描图片(JPG、PNG、TIFF)"),
}
_ZIP_KINDS: tuple[tuple[str, str, str], ...] = (
    ("xl/workbook.xml", "这是 Excel 表格", "请把内容写入 Word 文件(.docx)后报送"),
    ("ppt/presentation.xml", "这是演示文稿", "请把内容写入 Word 文件(.docx)后报送"),
)
_ZIP_DOCUMENTS = (("[Content_Types].xml", "docx"), ("OFD.xml", "ofd"), ("content.xml", "odt"))


def sniff(path: Path) -> str:
    """Return what the bytes are, when that can be read: docx, pdf, ofd, doc, rtf, odt, txt, jpg, png, tif, gif or bmp.

    Raises:
        UnprocessableDocument: they are something else, damaged, encrypted or dangerous; says which and what to do.
    """
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        head = stream.read(4096)
    if size > MAX_FILE:
        raise DocumentTooLarge(f"文件超过大小上限 {MAX_FILE >> 20} MB", "请压缩图片或拆分后重新报送")
    if not head:
        raise DamagedDocument("文件为空", "请重新放入完整的文件")
    if not head.strip(b"\0"):
        raise DamagedDocument("文件内容全是空白字节,可能没有复制完整", "请重新放入完整的文件")
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if kind == "zip":
        return _zip_kind(path)
    if kind == "ole":
        return _ole_kind(path)
    if kind is None:
        kind = "pdf" if b"%PDF" in head[:1024] else _loose_kind(head)
    if kind in _REFUSALS:
        raise UnsupportedFormat(*_REFUSALS[kind])
    return kind


def _loose_kind(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")) or (start.startswith(b"<?xml") and b"<html" in start):
        return "html"
    if start.startswith(b"<?xml"):
        return "xml"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # the editor's "Unicode"
        return "txt"
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head[:4090].decode(encoding, "strict" if len(head) < 4096 else "ignore")
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return "txt"
    return "unknown"


def _ole_kind(path: Path) -> str:
    """Tell a password-protected .docx (its stream names stand in UTF-16) from the old formats."""
    data = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data or _locked_word(data):
        raise EncryptedDocument("文件有密码", "请去除密码后重新报送")
    if "WordDocument".encode("utf-16-le") in data:
        return "doc"
    raise UnsupportedFormat("这是旧版 Office 表格或演示文稿", "请把内容写入 Word 文件(.docx)后报送")


def _locked_word(data: bytes) -> bool:
    """Whether an old Word file says of itself that it is encrypted, at the start of its main stream.

    Source: MS-DOC 2.5.2, FibBase: wIdent, nFib (Word 97 to 2007), fEncrypted.
    """
    # streams begin at a sector of 512 or, when small, of 64 bytes
    starts = (found.start() for found in _OLD_WORD.finditer(data) if found.start() % 64 == 0)
    start = next(starts, len(data))
    return bool(int.from_bytes(data[start + 11 : start + 12]) & 1)


def _zip_kind(path: Path) -> str:
    with open_package(path) as package:
        names = set(package.namelist())
        for mark, what, do in _ZIP_KINDS:
            if mark in names:
                raise UnsupportedFormat(what, do)
        if any(n.lower().endswith("vbaproject.bin") for n in names):
            raise HostileDocument("文件含宏", "请另存为不含宏的 .docx 后重新报送")
        kind = next((kind for mark, kind in _ZIP_DOCUMENTS if mark in names), None)
    if kind is None:
        raise UnsupportedFormat("这是压缩包", "请解压后把文件逐一放入")
    return kind


def open_package(path: Path) -> zipfile.ZipFile:
    """Open a ZIP package after checking what it would unpack to.

    Raises:
        DamagedDocument: truncated or inconsistent. HostileDocument: a bomb. EncryptedDocument: entries with passwords.
    """
    data = path.read_bytes()  # read by us: zipfile calls a disk that does not answer a damaged paper
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise DamagedDocument("文件不完整或已损坏(打不开)", "请重新复制或重新导出后报送") from error
    try:
        _guard(package, len(data))
    except BaseException:
        package.close()
        raise
    return package


def _guard(package: zipfile.ZipFile, packed_size: int) -> None:
    entries = package.infolist()
    if len(entries) > MAX_ENTRIES:
        raise HostileDocument(f"文件内部有 {len(entries)} 个部分,结构异常", "已隔离;请重新制作文件后报送")
    if any(e.flag_bits & 0x1 for e in entries):
        raise EncryptedDocument("文件有密码", "请去除密码后重新报送")
    if any(e.file_size > MAX_PART for e in entries) or sum(e.file_size for e in entries) > MAX_TOTAL:
        raise DocumentTooLarge("文件解压后过大", "请压缩图片或拆分后重新报送")
    if any(e.file_size > RATIO_FREE and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries):
        raise HostileDocument("文件压缩比异常,疑为恶意文件", "已隔离;请重新制作文件后报送")
    # entries that share bytes unpack to far more than the file holds (CPython before 3.11.8 takes them)
    spans = sorted((e.header_offset, e.header_offset + 30 + e.compress_size) for e in entries)
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        raise HostileDocument("文件内部结构重叠,疑为恶意文件", "已隔离;请重新制作文件后报送")
    if sum(e.compress_size for e in entries) > packed_size:
        raise HostileDocument("文件内部大小不实,疑为恶意文件", "已隔离;请重新制作文件后报送")


def read_part(package: zipfile.ZipFile, name: str) -> bytes:
    """Return an XML part, counted while unpacking, without DOCTYPE.

    Raises:
        DamagedDocument, HostileDocument: its bytes do not unpack, lie about their size or carry a DOCTYPE.
    """
    try:
        with package.open(name) as stream:
            data = stream.read(MAX_PART + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise DamagedDocument("文件已损坏(内容校验不符)", "请重新复制或重新导出后报送") from error
    if len(data) > MAX_PART:
        raise DocumentTooLarge("文件解压后过大", "请压缩图片或拆分后重新报送")
    head = data[:65536]
    if b"<!DOCTYPE" in head or "<!DOCTYPE".encode("utf-16-le") in head or "<!DOCTYPE".encode("utf-16-be") in head:
        raise HostileDocument("文件结构异常(含外部实体声明)", "已隔离;请重新制作文件后报送")
    return data
