"""Our own full look at the shared folder: the authority on what lies there. Events only wake it."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.inbox.completeness import has_writer, ignored, opened_elsewhere, why_incomplete, why_torn
from pipeline.inbox.kinds import Habits, Kind
from pipeline.model import Arrival

RECEIPTS, RETURNED = "回执", "退回"
OURS = {RECEIPTS, RETURNED}
# a file whose end is missing is given this long to grow before it is taken and refused as incomplete
PATIENCE_S = 1800.0

Stamp = tuple[int, int, int, int, int]


@dataclass(slots=True)
class _Sighting:
    """A file as last seen, its arrival's key, and since when it has not changed (monotonic seconds)."""

    stamp: Stamp
    key: str
    since: float
    looks: int = 1


@dataclass(slots=True)
class Scan:
    """Remembers the looks at one folder. ``waiting``: name → why not yet; ``settling``: whether some of it may come soon."""

    folder: Path
    habits: Habits = field(default_factory=Habits)
    clock: Callable[[], float] = time.monotonic
    waiting: dict[str, str] = field(default_factory=dict)
    settling: bool = False
    _seen: dict[str, _Sighting] = field(default_factory=dict)

    def look(self, patience_s: float = PATIENCE_S, claimed: Set[str] = frozenset()) -> list[Arrival]:
        """Look once; return what has lain whole and still for long enough, oldest first, but not what is ``claimed``.

        A link or device is returned once, to be refused, and then left lying in silence.
        """
        now, found = self.clock(), {}
        self.waiting, self.settling = {}, False
        arrivals: list[tuple[int, Arrival]] = []
        for path, status in self._files():
            relative = path.relative_to(self.folder)
            sighting = found[str(path)] = self._sighted(path, relative, stamp_of(status), now)
            if sighting.key in claimed or (not stat.S_ISREG(status.st_mode) and sighting.looks > 1):
                continue
            why = self._why_wait(path, relative, status, sighting, now, patience_s)
            self.settling = self.settling or why is not None
            if why is None:
                arrivals.append((status.st_mtime_ns, _arrival(path, relative, sighting)))
            else:
                self.waiting[str(relative)] = why
        self._seen = found
        return [arrival for _, arrival in sorted(arrivals, key=lambda pair: (pair[0], pair[1].path))]

    def _sighted(self, path: Path, relative: Path, stamp: Stamp, now: float) -> _Sighting:
        before = self._seen.get(str(path))
        if before is None or before.stamp != stamp:
            return _Sighting(stamp, self._key(relative, stamp), now)
        before.looks += 1
        return before

    def _key(self, relative: Path, stamp: Stamp) -> str:
        """Return the arrival's key: a share gives its files new inodes whenever it comes back."""
        _, _, size, modified, _ = stamp
        identity = f"{(size, modified) if self.habits.kind is Kind.SHARE else stamp}{relative}"
        return f"inbox:{hashlib.sha256(identity.encode('utf-8', 'surrogateescape')).hexdigest()}"

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Every entry that is not a folder, not ours and not a temporary; links and devices too, to be refused."""
        pending = [self.folder]
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(folder))
            except FileNotFoundError:
                if folder == self.folder:
                    self.waiting[folder.name], self.settling = "收件箱文件夹不在(共享可能断开),等待恢复", True
                continue
            except OSError as error:
                self.waiting[folder.name], self.settling = f"文件夹暂时不能读({error.strerror}),等待恢复", True
                continue
            for entry in entries:
                if ignored(entry.name) or (folder == self.folder and entry.name in OURS):
                    continue
                try:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(Path(entry.path))
                        continue
                    yield Path(entry.path), entry.stat(follow_symlinks=False)
                except OSError:
                    continue

    def _why_wait(
        self, path: Path, relative: Path, status: os.stat_result, sighting: _Sighting, now: float, patience_s: float
    ) -> str | None:
        if not stat.S_ISREG(status.st_mode):
            return None
        quiet = now - sighting.since
        if sighting.looks < 2 or quiet < self.habits.quiet_s(relative):
            return "刚放入或刚改动,等待放稳"
        try:
            if opened_elsewhere(path) and quiet < 8 * 3600:
                return "正在被编辑(Word 或 WPS 打开着)"
            if self.habits.leased and has_writer(path):
                return "正在写入"
            incomplete = why_incomplete(path, status.st_size)
            if incomplete is None and not self.habits.leased:
                incomplete = why_torn(path)
        except OSError as error:
            return f"暂时不能读取({error.strerror})"
        return incomplete if quiet < patience_s else None


def _arrival(path: Path, relative: Path, sighting: _Sighting) -> Arrival:
    return Arrival(
        path=str(path),
        name=shown_name(path.name),
        key=sighting.key,
        arrived_at=dt.datetime.now(dt.UTC),
        hint="/".join(map(shown_name, relative.parts[:-1])),
        stamp=sighting.stamp,
    )


def stamp_of(status: os.stat_result) -> Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def shown_name(name: str) -> str:
    """Return a name that can be stored and printed: bytes that are not UTF-8 are read as GBK, else marked."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")
