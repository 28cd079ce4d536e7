"""Originals by content: ``objects/sha256/ab/cd/<digest>``, read-only, durable before anything else happens.

The order is spool → fsync → rename → fsync of the folders: measured to survive power cuts, where leaving out either
fsync loses files (docs/adr/0004). Nothing here ever deletes an object.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.archive.names import safe_name
from pipeline.durable import sync
from pipeline.errors import (
    ArchiveDamaged,
    ArchiveUnavailable,
    DocumentTooLarge,
    NotAFile,
    NotReady,
    UnprocessableDocument,
)
from pipeline.leftovers import abandoned, half_made, remove
from pipeline.model import Arrival, Original

CHUNK = 1 << 20
CLAIM = ".claim"
_FLOOR = 1 << 30
_WAIT = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY, errno.ENOENT, errno.ESTALE, errno.EHOSTDOWN}
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Spooled:
    """Bytes that lie durably in the spool and have no final name yet."""

    path: Path
    sha256: str
    size_bytes: int
    name: str


class Archive:
    """The archive folder: objects, set-aside files, letters, bundles, and a spool of its own for half-made things.

    ``floor_bytes``: with less room on its disk, nothing more is taken in; letters are still written. None: a gigabyte, or a
    twentieth of a small disk.
    """

    def __init__(self, root: Path, max_bytes: int = 200 << 20, floor_bytes: int | None = 0) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self._floor_bytes = floor_bytes
        self.objects = root / "objects" / "sha256"
        self.refused = root / "set-aside"
        self.spool = root / "tmp"
        self._durable: set[Path] = set()  # folders whose own names this process has made durable
        try:
            fresh = not self.objects.exists()
            for folder in (root, self.objects, self.refused, self.spool):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.objects.parent, root, root.parent) if fresh else ():
                sync(folder)
            if os.name != "nt" and stat.S_IMODE(root.stat().st_mode) != 0o700:
                root.chmod(0o700)
        except OSError as error:
            raise _archive_trouble(error) from error

    def path_of(self, sha256: str) -> Path:
        return self.objects / sha256[:2] / sha256[2:4] / sha256

    def keep(self, arrival: Arrival) -> Original:
        """The bytes of an arrival are in the archive, read-only and durable; the source is untouched.

        Raises:
            NotAFile: a link, device, pipe or folder. DocumentTooLarge: over the limit.
            NotReady: it changed, vanished or was locked while being read.
            ArchiveUnavailable: the archive cannot be written (disk full, no right).
            ArchiveDamaged: its bytes are in the archive already and are not sound there.
        """
        (original,), damaged = self.settle([self.spooled(arrival)])
        if damaged:
            raise ArchiveDamaged(
                f"档案中的文件 {original.sha256} 已损坏", "请立即停止使用,用备份恢复,并运行 pipeline verify"
            )
        return original

    def spooled(self, arrival: Arrival) -> Spooled:
        """The bytes of an arrival lie durably in the spool, proved to be those of one moment. Raises: as ``keep``."""
        self._refuse_below_floor()
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
                remove(spooled)
                raise NotReady("文件在读取时被移走", "稍后会自动再试") from error
            if any(_identity(s) != _identity(seen) for s in now) or size != seen.st_size:
                remove(spooled)
                raise NotReady("文件在读取时有改动", "稍后会自动再试")
        return Spooled(spooled, sha256, size, arrival.name)

    def keep_bytes(self, data: bytes, name: str) -> Original:
        """The bytes of something the office made are in the archive as an object."""
        spooled = Spooled(self._spool(data), hashlib.sha256(data).hexdigest(), len(data), name)
        (original,), damaged = self.settle([spooled])
        if damaged:
            raise ArchiveDamaged(f"档案中的文件 {original.sha256} 已损坏", "请用备份恢复,并运行 pipeline verify")
        return original

    def settle(self, papers: Sequence[Spooled]) -> tuple[list[Original], set[str]]:
        """All these bytes are objects; returns them, and the hashes of those that lay there already and are not sound.

        Raises:
            ArchiveUnavailable: the archive cannot be written.
        """
        fresh: dict[Path, None] = {}
        damaged = set()
        try:
            for paper in papers:
                final = self.path_of(paper.sha256)
                # also where it lies already: the run that put it there may have died before this
                fresh.update(dict.fromkeys((final.parent, final.parent.parent, self.objects)))
                if final.exists():
                    paper.path.unlink()
                    if digest(final) != paper.sha256:
                        damaged.add(paper.sha256)
                    continue
                final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                paper.path.chmod(0o444)
                paper.path.replace(final)
            self._make_durable(fresh, {self.path_of(paper.sha256).parent for paper in papers})
        except OSError as error:
            for paper in papers:
                remove(paper.path)
            raise _archive_trouble(error) from error
        return [Original(p.sha256, p.size_bytes, str(self.path_of(p.sha256)), p.name) for p in papers], damaged

    def set_aside(self, arrival: Arrival, error: UnprocessableDocument) -> Original | None:
        """A refused file is kept byte for byte in ``set-aside/`` with its reason; None when there are no bytes to keep."""
        try:
            original = arrival.kept or self.keep(arrival)
        except (NotAFile, DocumentTooLarge):
            return None
        folder = self.refused / original.sha256[:16]
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            name = safe_name(arrival.name)
            if not (folder / name).exists():
                self._link_or_copy(self.path_of(original.sha256), folder / name)
            if not (folder / "原因.txt").exists():
                reason = f"{arrival.name}\r\n{error}\r\n".encode("utf-8-sig", "replace")
                self._spool(reason).replace(folder / "原因.txt")
            sync(folder)
            sync(self.refused)
        except OSError as trouble:
            raise _archive_trouble(trouble) from trouble
        return original

    def sweep(self) -> int:
        """Nothing half-made by a process that is gone is left in the spool; returns how many leftovers there were."""
        leftovers = [p for p in self.spool.iterdir() if p.suffix != CLAIM and abandoned(p)]
        for path in leftovers:
            remove(path)
        return len(leftovers)

    def sound(self, sha256: str) -> bool:
        """Whether an object is there and hashes to its name."""
        try:
            return digest(self.path_of(sha256)) == sha256
        except OSError:
            return False

    @contextmanager
    def claiming(self, papers: Sequence[tuple[Arrival, Spooled]]) -> Iterator[None]:
        """While the block settles these papers and tells the ledger, a note in the spool names them.

        It is gone when the block ends well. A crash in between leaves it, and ``unclaimed`` finds what it names.
        """
        facts = [
            {"arrival": arrival.plain(), "sha256": paper.sha256, "size_bytes": paper.size_bytes}
            for arrival, paper in papers
        ]
        note = self._spool(json.dumps(facts).encode())
        final = note.rename(note.with_suffix(CLAIM))
        sync(self.spool)
        yield
        final.unlink()

    def unclaimed(self) -> Iterator[list[tuple[Arrival, Original]]]:
        """Yield the papers that a run that is gone had settled and perhaps not told the ledger; then forget them."""
        for note in sorted(p for p in self.spool.iterdir() if p.suffix == CLAIM and abandoned(p)):
            with suppress(ValueError):  # torn by a power cut: what it names was never settled
                yield list(self._settled(json.loads(note.read_bytes())))
            note.unlink(missing_ok=True)

    def _settled(self, facts: list[dict[str, Any]]) -> Iterator[tuple[Arrival, Original]]:
        for fact in facts:
            path = self.path_of(fact["sha256"])
            if path.exists():
                arrival = Arrival.from_plain(fact["arrival"])
                yield arrival, Original(fact["sha256"], fact["size_bytes"], str(path), arrival.name)

    def _make_durable(self, folders: Iterable[Path], filled: Set[Path]) -> None:
        """The names in ``folders`` are durable; those not ``filled`` now are synced once by a process."""
        for folder in folders:
            children = {f for f in folders if f.parent == folder}
            if folder in filled or not children <= self._durable:
                sync(folder)
                self._durable |= children

    def room(self) -> tuple[int, int]:
        """Return the bytes free on the archive's disk, and how many must be before anything is taken in."""
        usage = shutil.disk_usage(self.root)
        floor = min(_FLOOR, usage.total // 20) if self._floor_bytes is None else self._floor_bytes
        return usage.free, floor

    def _refuse_below_floor(self) -> None:
        try:
            free, floor = self.room()
        except OSError as error:
            raise _archive_trouble(error) from error
        if free < floor:
            raise ArchiveUnavailable(
                f"档案所在磁盘只剩 {free >> 20} MB(下限 {floor >> 20} MB),暂停收件",
                "请清理磁盘;收件箱里的文件不会丢失,腾出空间后自动继续",
            )

    def _spool_file(self) -> Path:
        return self.spool / half_made()

    def _spool(self, data: bytes) -> Path:
        """Return a spool file that durably holds these bytes."""
        target = self._spool_file()
        try:
            with target.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            remove(target)
            raise _archive_trouble(error) from error
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
            remove(target)
            raise
        except OSError as error:
            remove(target)
            raise _archive_trouble(error) from error
        return target, digest.hexdigest(), size


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
        raise _archive_trouble(error) from error
    with stream:
        try:
            seen = os.fstat(stream.fileno())
        except OSError as error:
            raise NotReady(f"文件暂时不能读取({error.strerror})", "稍后会自动再试") from error
        yield stream, seen


def _identity(seen: os.stat_result) -> tuple[int, int, int, int]:
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def _read(stream: BinaryIO) -> bytes:
    """Return the next piece of a source; a share that goes away in the middle is no fault of the archive."""
    try:
        return stream.read(CHUNK)
    except OSError as error:
        raise NotReady(f"文件暂时不能读取({error.strerror})", "稍后会自动再试") from error


def _archive_trouble(error: OSError) -> ArchiveUnavailable:
    if error.errno == errno.ENOSPC:
        return ArchiveUnavailable("磁盘已满,暂停收件", "请清理磁盘;已放入收件箱的文件不会丢失")
    return ArchiveUnavailable(f"档案文件夹无法读写({error.strerror})", "请检查磁盘和权限;文件仍在原处")
