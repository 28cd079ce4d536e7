"""The shared folder: what may be taken, the receipt beside it, the refused file with its reason. Sources leave last."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock
from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from pipeline.errors import InboxUnavailable, SecretDocument, UnprocessableDocument
from pipeline.inbox.kinds import Habits, Kind
from pipeline.inbox.scan import PATIENCE_S, RECEIPTS, RETURNED, Scan, stamp_of
from pipeline.inbox.share import Share
from pipeline.leftovers import abandoned, half_made, remove
from pipeline.model import Arrival, Entry, Receipt

READ_ME = "说明.txt"
# not opening and closing: a look at what still waits would wake the next look at once, for ever
_WAKING: list[type[FileSystemEvent]] = [
    DirCreatedEvent, DirMovedEvent,
    FileClosedEvent, FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent,
]  # fmt: skip


class Inbox:
    """One shared folder. ``write_receipt`` makes the receipt's .docx; ``safe_name`` makes names Windows opens.

    ``lock``: a file beside the ledger that one watcher at a time holds. ``quiet``: seconds a file must lie unchanged in
    a local folder, or the habits of another kind of folder.
    """

    def __init__(
        self,
        folder: Path,
        write_receipt: Callable[[Entry], bytes],
        safe_name: Callable[[str], str],
        lock: Path,
        quiet: float | Habits = 3.0,
    ) -> None:
        self.folder = folder
        self.habits = quiet if isinstance(quiet, Habits) else Habits(local_s=quiet)
        self._lock = FileLock(lock)
        self._write_receipt = write_receipt
        self._safe_name = safe_name
        self._scan = Scan(folder, self.habits)
        self._share = Share(folder, lock.with_name("inbox.share")) if self.habits.kind is Kind.SHARE else None
        self._woken = threading.Event()
        self._observer: object | None = None

    def settled(self, patience_s: float = PATIENCE_S, claimed: Set[str] = frozenset()) -> list[Arrival]:
        """Look once; return the files that may be taken now, oldest first.

        ``patience_s``: how long a still file whose end is missing may go on being a copy under way. ``claimed``: keys of
        arrivals that are safe already and lie here until they are answered.

        Raises:
            InboxUnavailable: the share is away.
        """
        if self._share is not None and (away := self._share.away()) is not None:
            raise InboxUnavailable(away)
        return self._scan.look(patience_s, claimed)

    def waiting(self) -> list[tuple[str, str]]:
        """Return what the last look left lying, each with the reason in Chinese."""
        return sorted(self._scan.waiting.items())

    def settling(self) -> bool:
        """Whether anything that the last look left lying may become ready by itself soon."""
        return self._scan.settling

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Hold the lock that keeps a second watcher from taking the same files; waits for it."""
        try:
            self._lock.acquire()
        except OSError as error:
            raise InboxUnavailable(
                f"收件箱的锁文件不能使用({error.strerror})", "请检查档案文件夹的磁盘和权限"
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def answer(self, arrival: Arrival, entry: Entry) -> Receipt:
        """The receipt lies in 回执/, then the source is gone; a source that has changed meanwhile stays. Repeatable."""
        if arrival.from_inbox:
            stem = self._safe_name(f"{entry.number}-{Path(arrival.name).stem}-回执")
            self._put(self.folder / RECEIPTS / f"{stem}.docx", self._write_receipt(entry))
            self._remove(arrival)
        return Receipt(arrival.path, entry.outcome, sha256=entry.sha256, entry=entry)

    def refuse(self, arrival: Arrival, error: UnprocessableDocument) -> Receipt:
        """The refused file lies in 退回/ beside a text that says why; a link or device stays where it is.

        A secret paper leaves the shared folder, where everybody could read it: only the text lies there.
        """
        source = Path(arrival.path)
        if arrival.from_inbox and self._unchanged(arrival) and source.is_file() and not source.is_symlink():
            words = f"文件:{arrival.name}\r\n结果:未受理,已退回\r\n原因:{error}\r\n原件内容未作任何改动。\r\n"
            note = words.encode("utf-8-sig", "replace")
            target = self._free_place(self._safe_name(arrival.name), note)
            self._put(_read_me(target), note)
            with self._writing():
                if isinstance(error, SecretDocument):
                    source.unlink()
                else:
                    source.rename(target)
        return Receipt(arrival.path, "set_aside", reason=str(error))

    def wait(self, timeout_s: float) -> bool:
        """Sleep until something happens in the folder (True) or the time is over. Events only wake; looks decide."""
        self._watch()
        woken = self._woken.wait(timeout_s)
        self._woken.clear()
        return woken

    def sweep(self) -> None:
        """No half-made receipt or note of a run that is gone lies in the shared folder."""
        with suppress(OSError):
            for place in (self.folder / RECEIPTS, self.folder / RETURNED):
                for half in place.glob(".*-*.tmp"):
                    if abandoned(half):
                        remove(half)

    def close(self) -> None:
        """Stop listening for events."""
        if self._observer is not None:
            self._observer.stop()  # type: ignore[attr-defined]
            self._observer = None

    def _watch(self) -> None:
        """Listen for events, anew when the listener has died (a share that was away kills it silently)."""
        observer = self._observer
        if observer is not None and all(e.is_alive() for e in observer.emitters):  # type: ignore[attr-defined]
            return
        self.close()
        listener = Observer()
        try:
            listener.schedule(_Wake(self._woken), str(self.folder), recursive=True, event_filter=_WAKING)
            listener.start()
        except OSError:
            return  # no events here (share away, no inotify left): the periodic look still comes
        self._observer = listener

    def _free_place(self, name: str, note: bytes) -> Path:
        """Return a path in 退回/ that nothing lies at yet, nor beside it but this note, which a stopped run left."""
        place, n = self.folder / RETURNED / name, 1
        with self._writing():
            while place.exists() or (_read_me(place).exists() and _read_me(place).read_bytes() != note):
                n += 1
                place = place.with_name(f"{Path(name).stem}({n}){Path(name).suffix}")
        return place

    def _put(self, path: Path, data: bytes) -> None:
        """Write a file that is never seen half-made: temporary name, fsync, rename."""
        half = path.with_name(f".{half_made()}.tmp")
        with self._writing():
            path.parent.mkdir(exist_ok=True)
            try:
                with half.open("wb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                half.replace(path)
            finally:
                half.unlink(missing_ok=True)

    def _remove(self, arrival: Arrival) -> None:
        """Remove the source if it is still the very file that was read; a changed one is a new arrival."""
        if self._unchanged(arrival):
            with self._writing():
                Path(arrival.path).unlink(missing_ok=True)

    def _unchanged(self, arrival: Arrival) -> bool:
        try:
            return arrival.stamp is not None and stamp_of(Path(arrival.path).lstat()) == arrival.stamp
        except OSError:
            return False

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InboxUnavailable(
                f"收件箱文件夹无法写入({error.strerror})", "请检查共享文件夹的空间和权限;文件不会丢失"
            ) from error


def _read_me(returned: Path) -> Path:
    return returned.with_name(f"{returned.name}.{READ_ME}")


class _Wake(FileSystemEventHandler):
    def __init__(self, woken: threading.Event) -> None:
        self._woken = woken

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._woken.set()
