"""Objects copied from one place to another: hashed while copying, durable in batches, never over a good copy.

A backup folder and an archive have the same ``objects/sha256/ab/cd/<digest>``, so both ways are the same work. Files of
a batch are written, then all synced, then renamed, then their folders synced: as safe as one by one, and faster.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from pipeline.archive.store import CHUNK, digest
from pipeline.durable import sync
from pipeline.errors import ArchiveDamaged, PipelineError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BATCH = 200
_BATCH_BYTES = 64 << 20


class Vault:
    """Objects by content below ``root``. What was taken is durable after ``settle``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.objects = root / "objects" / "sha256"
        self.spool = root / "tmp"
        self._waiting: dict[str, Path] = {}
        self._waiting_bytes = 0
        with writing_to(root):
            for folder in (self.objects, self.spool):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path_of(self, sha256: str) -> Path:
        return self.objects.joinpath(sha256[:2], sha256[2:4], sha256)

    def state(self, sha256: str) -> str:
        """Return ``good``, ``damaged`` or ``absent``, having read every byte."""
        try:
            return "good" if digest(self.path_of(sha256)) == sha256 else "damaged"
        except FileNotFoundError:
            return "good" if sha256 in self._waiting else "absent"
        except OSError:
            return "damaged"

    def take(self, source: Path, expected: str | None = None) -> tuple[str, int]:
        """The bytes of ``source`` will be an object at the next ``settle``; returns their hash and number.

        Raises:
            ArchiveDamaged: they cannot be read, or their hash is not the one expected; nothing was taken.
            PipelineError: the place cannot be written to.
        """
        target, hashed, size = self.spool / f"{os.getpid()}-{uuid.uuid4().hex}", hashlib.sha256(), 0
        try:
            with writing_to(self.root), target.open("xb") as copy:
                for piece in _pieces(source):
                    hashed.update(piece)
                    copy.write(piece)
                    size += len(piece)
            sha256 = hashed.hexdigest()
            if expected is not None and sha256 != expected:
                raise ArchiveDamaged(f"文件 {expected} 与校验值不符", "请用完好的一份代替")
        except BaseException:
            # on a full disk the half-written file must not stay to fill it further
            with contextlib.suppress(OSError):
                target.unlink(missing_ok=True)
            raise
        if sha256 in self._waiting:
            target.unlink()
        else:
            self._waiting[sha256] = target
            self._waiting_bytes += size
        if len(self._waiting) >= _BATCH or self._waiting_bytes >= _BATCH_BYTES:
            self.settle()
        return sha256, size

    def settle(self) -> None:
        """Everything taken lies durably under its hash, read-only."""
        with writing_to(self.root):
            for path in self._waiting.values():
                sync_file(path)
            folders: set[Path] = set()
            for sha256, path in self._waiting.items():
                final = self.path_of(sha256)
                folders |= {p.parent for p in (final.parent, final.parent.parent) if not p.exists()} | {final.parent}
                final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.chmod(0o444)
                path.replace(final)
            for folder in sorted(folders):
                sync(folder)
        self._waiting.clear()
        self._waiting_bytes = 0

    def set_apart(self, sha256: str) -> Path:
        """A damaged object lies beside the others, out of the way of a good copy; returns where."""
        place = self.root / "damaged" / f"{sha256}-{uuid.uuid4().hex[:8]}"
        with writing_to(self.root):
            place.parent.mkdir(mode=0o700, exist_ok=True)
            self.path_of(sha256).replace(place)
        return place

    def sweep(self) -> None:
        """Nothing half-made is left. Only for one who holds the place alone."""
        with writing_to(self.root):
            for path in self.spool.iterdir():
                path.unlink()


def sync_file(path: Path) -> None:
    """The bytes of a file are on the disk."""
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


@contextlib.contextmanager
def writing_to(place: Path) -> Iterator[None]:
    """Say in Chinese why a folder cannot be written to."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise PipelineError(
                f"磁盘已满,没有完成:{place}", "请清理磁盘或换一块盘后再运行;以前完成的备份仍然有效"
            ) from error
        raise PipelineError(f"文件夹无法读写({error.strerror}):{place}", "请检查磁盘和权限后再运行") from error


def _pieces(source: Path) -> Iterator[bytes]:
    try:
        with source.open("rb") as stream:
            while piece := stream.read(CHUNK):
                yield piece
    except OSError as error:
        raise ArchiveDamaged(f"文件无法读取({error.strerror}):{source}", "请检查磁盘") from error
