"""Unpacks a bag from a ZIP that nobody vouches for: bounded, inside its folder, no links."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from pipeline.errors import DamagedDocument, EncryptedDocument, HostileDocument, UnsupportedFormat

MAX_ENTRIES = 200_000
MAX_TOTAL = 64 << 30
MAX_RATIO = 200
RATIO_FREE = 10 << 20


@contextmanager
def bag_folder(path: Path, work: Path) -> Iterator[Path]:
    """The bag as a folder: ``path`` itself, or what a ZIP holds, unpacked in ``work``.

    Raises:
        UnsupportedFormat: neither a folder nor a ZIP. DamagedDocument, HostileDocument, EncryptedDocument: it cannot be
        unpacked safely.
    """
    if path.is_dir():
        yield path
        return
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise UnsupportedFormat(f"{path} 不是归档包", "归档包是一个文件夹,或一个 .zip 文件")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _guard(entries)
            _room(sum(e.file_size for e in entries), work)
            for entry in entries:
                _extract(archive, entry, work)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise DamagedDocument(f"{path.name} 不完整或已损坏,解不开", "请重新复制一份") from error
    inside = list(work.iterdir())
    yield inside[0] if len(inside) == 1 and inside[0].is_dir() else work


def _guard(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_TOTAL:
        raise HostileDocument("压缩包过大或文件过多", "请与移交方核对")
    if any(e.file_size > RATIO_FREE and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries):
        raise HostileDocument("压缩比异常,疑为恶意文件", "请与移交方核对")
    if any(e.flag_bits & 0x1 for e in entries):
        raise EncryptedDocument("压缩包有密码", "归档包不得加密,请与移交方核对")
    seen: set[str] = set()
    for entry in entries:
        parts = PurePosixPath(entry.filename).parts
        unsafe = entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in parts[:1]
        if unsafe or stat.S_ISLNK(entry.external_attr >> 16):
            raise HostileDocument(f"压缩包内有不安全的路径 {entry.filename}", "请与移交方核对")
        if entry.filename in seen:
            raise HostileDocument(f"压缩包内重复写了 {entry.filename}", "请与移交方核对")
        seen.add(entry.filename)


def _room(needed: int, work: Path) -> None:
    if needed > shutil.disk_usage(work).free:
        raise HostileDocument(f"解开需要 {needed >> 20} MB,磁盘空间不够", "请清理磁盘,或换一个盘")


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, work: Path) -> None:
    """Write one entry; it stops at the size that it states."""
    target = work / entry.filename
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("xb") as out:
        shutil.copyfileobj(source, out)
