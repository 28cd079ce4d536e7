"""Originals by content: ``objects/sha256/ab/cd/<digest>``, read-only, durable before anything else happens.

The order is spool → fsync → rename → fsync of the folders: measured to survive power cuts, where leaving out either
fsync loses files (docs/adr/0004). Nothing here ever deletes an object.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.archive.names import safe_name
from pipeline.errors import ArchiveDamaged, DocumentTooLarge, NotAFile, NotReady, PipelineError, UnprocessableDocument
from pipeline.model import Arrival, Original

CHUNK = 1 << 20
_WAIT = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY, errno.ENOENT, errno.ESTALE, errno.EHOSTDOWN}
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Archive:
    """The archive folder: objects, set-aside files, letters, bundles, and a spool of its own for half-made things."""

    def __init__(self, root: Path, max_bytes: int = 200 << 20) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self.objects = root / "objects" / "sha256"
        self.refused = root / "set-aside"
        self.spool = root / "tmp"
        try:
            for folder in (root, self.objects, self.refused, self.spool):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _workspace_trouble(error) from error

    def path_of(self, sha256: str) -> Path:
        return self.objects / sha256[:2] / sha256[2:4] / sha256

    def keep(self, arrival: Arrival) -> Original:
        """The bytes of an arrival are in the archive, read-only and durable; the source is untouched.

        Raises:
            NotAFile: a link, device, pipe or folder. DocumentTooLarge: over the limit.
            NotReady: it changed, vanished or was locked while being read.
            PipelineError: the archive cannot be written (disk full, no right).
        """
        with _source(Path(arrival.path)) as (stream, seen):
            if seen.st_size > self.max_bytes:
                raise DocumentTooLarge(
                    f"文件有 {seen.st_size / 2**20:.0f} MB,超过上限 {self.max_bytes / 2**20:.0f} MB",
                    "请压缩图片或分成几份后重新报送",
                )
            spooled, sha256, size = self._copy(stream)
            try:
                now = os.fstat(stream.fileno()), Path(arrival.path).lstat()
            except OSError as error:
                spooled.unlink()
                raise NotReady("文件在读取时被移走", "稍后会自动再试") from error
            if any(_identity(s) != _identity(seen) for s in now) or size != seen.st_size:
                spooled.unlink()
                raise NotReady("文件在读取时有改动", "稍后会自动再试")
        return self._settle(spooled, sha256, size, arrival.name)

    def keep_bytes(self, data: bytes, name: str) -> Original:
        """The bytes of something the office made are in the archive as an object."""
        target = self._spool(data)
        return self._settle(target, hashlib.sha256(data).hexdigest(), len(data), name)

    def set_aside(self, arrival: Arrival, error: UnprocessableDocument) -> Original | None:
        """A refused file is kept byte for byte in ``set-aside/`` with its reason; None when there are no bytes to keep."""
        if isinstance(error, NotAFile | DocumentTooLarge):
            return None
        original = self.keep(arrival)
        folder = self.refused / original.sha256[:16]
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            name = safe_name(arrival.name)
            if not (folder / name).exists():
                self._link_or_copy(self.path_of(original.sha256), folder / name)
            if not (folder / "原因.txt").exists():
                reason = f"{arrival.name}\r\n{error}\r\n".encode("utf-8-sig", "replace")
                self._spool(reason).replace(folder / "原因.txt")
            _sync_folder(folder)
        except OSError as trouble:
            raise _workspace_trouble(trouble) from trouble
        return original

    def sweep(self) -> int:
        """Nothing half-made by a process that is gone is left in the spool; returns how many leftovers there were."""
        leftovers = [p for p in self.spool.iterdir() if _abandoned(p)]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def _spool_file(self) -> Path:
        return self.spool / f"{os.getpid()}-{uuid.uuid4().hex}"

    def _spool(self, data: bytes) -> Path:
        """Return a spool file that durably holds these bytes."""
        target = self._spool_file()
        try:
            with target.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            target.unlink(missing_ok=True)
            raise _workspace_trouble(error) from error
        return target

    def _link_or_copy(self, source: Path, target: Path) -> None:
        try:
            target.hardlink_to(source)
        except OSError:
            self._spool(source.read_bytes()).replace(target)

    def _copy(self, stream: BinaryIO) -> tuple[Path, str, int]:
        target, digest, size = self._spool_file(), hashlib.sha256(), 0
        try:
            with target.open("xb") as spool:
                while chunk := _read(stream):
                    digest.update(chunk)
                    spool.write(chunk)
                    size += len(chunk)
                spool.flush()
                os.fsync(spool.fileno())
        except NotReady:
            target.unlink(missing_ok=True)
            raise
        except OSError as error:
            target.unlink(missing_ok=True)
            raise _workspace_trouble(error) from error
        return target, digest.hexdigest(), size

    def _settle(self, spooled: Path, sha256: str, size: int, name: str) -> Original:
        """Move a durable spool file to its final name; bytes that are there already are proved, not rewritten."""
        final = self.path_of(sha256)
        try:
            if final.exists():
                spooled.unlink()
                if digest(final) != sha256:
                    raise ArchiveDamaged(
                        f"档案中的文件 {sha256} 已损坏", "请立即停止使用,用备份恢复,并运行 pipeline verify"
                    )
            else:
                made = [p for p in (final.parent, final.parent.parent) if not p.exists()]
                final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                spooled.chmod(0o444)
                spooled.replace(final)
                for folder in (final.parent, *(p.parent for p in made)):
                    _sync_folder(folder)
        except OSError as error:
            spooled.unlink(missing_ok=True)
            raise _workspace_trouble(error) from error
        return Original(sha256, size, str(final), name)


def digest(path: Path) -> str:
    """Return the SHA-256 (hex) of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _source(path: Path) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    """Open what somebody put down, never following a link and never hanging on a pipe."""
    try:
        before = path.lstat()
        if not stat.S_ISREG(before.st_mode):
            raise NotAFile("这不是普通文件(快捷方式、链接、文件夹或设备)", "请放入文件本身")
        stream = os.fdopen(os.open(path, _OPEN_FLAGS), "rb")
    except ValueError as error:
        raise NotAFile("文件名不合规", "请改名后重新放入") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotAFile("这是一个链接", "请放入文件本身") from error
        if error.errno in _WAIT:
            raise NotReady("文件正被占用、无权读取或已移走", "稍后会自动再试") from error
        raise _workspace_trouble(error) from error
    with stream:
        yield stream, os.fstat(stream.fileno())


def _abandoned(spooled: Path) -> bool:
    """Whether the process that made a spool file is gone; where that cannot be known, whether it is an hour old."""
    if Path("/proc/self").exists():
        return not Path("/proc", spooled.name.partition("-")[0]).exists()
    return time.time() - spooled.stat().st_mtime > 3600


def _identity(seen: os.stat_result) -> tuple[int, int, int, int]:
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def _read(stream: BinaryIO) -> bytes:
    """Return the next piece of a source; a share that goes away in the middle is no fault of the archive."""
    try:
        return stream.read(CHUNK)
    except OSError as error:
        raise NotReady(f"文件暂时不能读取({error.strerror})", "稍后会自动再试") from error


def _sync_folder(folder: Path) -> None:
    """Make a rename durable. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _workspace_trouble(error: OSError) -> PipelineError:
    if error.errno == errno.ENOSPC:
        return PipelineError("磁盘已满,暂停收件", "请清理磁盘;已放入收件箱的文件不会丢失")
    return PipelineError(f"档案文件夹无法读写({error.strerror})", "请检查磁盘和权限;文件仍在原处")
