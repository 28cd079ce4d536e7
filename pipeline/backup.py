"""Backs a workspace up into a folder on another disk: the ledger at one moment, then every object it names.

The folder grows by what is new; each run adds a dated snapshot, whole only with its manifest. Both sides are hashed in
full each time. When anything on either side is not what it was, nothing old is rotated away: it may be all there is.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline import __version__
from pipeline.archive import digest, digest_or_none, look
from pipeline.archive.snapshots import LEDGER, Snapshot, begin, drop, finish, read_snapshot_folder, snapshot_folders
from pipeline.archive.vault import Vault, writing_to
from pipeline.errors import ArchiveDamaged, PipelineError, UsageError
from pipeline.ledger import Head, KeptHead, SnapshotFacts, keep_head, own_heads, read_snapshot
from pipeline.ledger.heads import OWN_FILE
from pipeline.office import Office
from pipeline.proving import break_words, lost_words
from pipeline.settings import FILE

KEEP = 12
NOTE = "先读我.txt"
_TREES = ("archive/set-aside", "archive/letters", "archive/bundles", "templates")
_NOTE = """\
这是档案的备份,由 pipeline backup 写成,请勿改动或删除其中的文件。
恢复:pipeline restore 本文件夹 --into 空文件夹。演练:pipeline restore 本文件夹 --drill。
没有程序时:snapshots 里最新的文件夹中,ledger.sqlite 是台账(SQLite),objects.sha256 是原件清单,
在本文件夹中运行 sha256sum -c snapshots/…/objects.sha256 可逐件核对;files.json 写明其余文件的原名和校验值。
"""


@dataclass(slots=True)
class BackupReport:
    """What a run did. ``troubles``: everything on either side that is not what it was, in Chinese."""

    name: str = ""
    head: Head = field(default_factory=lambda: Head(0, ""))
    entries: int = 0
    objects: int = 0
    copied: int = 0
    bytes: int = 0
    kept: int = 0
    rotated: int = 0
    seconds: float = 0.0
    troubles: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.troubles


def back_up(
    office: Office, folder: Path, keep: int = KEEP, progress: Callable[[], object] = lambda: None
) -> BackupReport:
    """A new whole snapshot stands in the backup folder; others may go on working meanwhile.

    Raises:
        UsageError: the folder holds something else, or lies inside the archive.
        PipelineError: it cannot be written; the snapshots before are as they were.
    """
    started = time.monotonic()
    _refuse_unfit(office, folder)
    with writing_to(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(folder / "backup.lock", timeout=0)
    try:
        with lock:
            report = _Run(office, folder, keep, progress).whole()
    except Timeout as error:
        raise PipelineError(f"另一个备份正在写 {folder}", "请等它结束后再运行") from error
    report.seconds = time.monotonic() - started
    facts = {"folder": str(folder), "head": [report.head.seq, report.head.hash], "objects": report.objects,
             "copied": report.copied, "rotated": report.rotated, "sound": report.sound,
             "troubles": report.troubles[:20]}  # fmt: skip
    office.ledger.note("backup", report.name, facts)
    keep_head(office.archive.root, office.ledger.journal_head(), dt.datetime.now(dt.UTC), "backup")
    return report


def _refuse_unfit(office: Office, folder: Path) -> None:
    place = folder.resolve()
    if place.is_relative_to(office.archive.root.resolve()) or office.workspace.resolve().is_relative_to(place):
        raise UsageError("备份不能放在档案文件夹里,也不能包住工作区", "请指定另一块磁盘上的文件夹")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} 是文件,备份需要一个文件夹", "请指定另一块磁盘上的文件夹")
    if (
        folder.is_dir()
        and any(folder.iterdir())
        and not ((folder / "backup.lock").exists() or (folder / NOTE).exists())
    ):
        raise UsageError(f"{folder} 里有别的文件,不是备份文件夹", "请指定一个空的或以前的备份文件夹")


class _Run:
    """One run into a locked backup folder."""

    def __init__(self, office: Office, folder: Path, keep: int, progress: Callable[[], object]) -> None:
        self.office = office
        self.folder = folder
        self.keep = keep
        self.progress = progress
        self.vault = Vault(folder)
        self.report = BackupReport()

    def whole(self) -> BackupReport:
        """Ledger first, then objects, then the rest, the manifest last."""
        self.vault.sweep()
        before = list(self._earlier())
        own = _bytes_of(self.office.archive.root / OWN_FILE)  # before the ledger: no head is younger than its snapshot
        part = begin(self.folder, self._new_name())
        self.office.ledger.snapshot(part / LEDGER)
        ledger = read_snapshot(part / LEDGER)
        self._look_at_journal(ledger, before)
        needed = {name for snapshot in before for name in (*snapshot.objects(), *snapshot.files().values())}
        objects = self._objects(ledger, needed)
        files = self._files(own)
        self._look_at_rest(needed - objects - set(files.values()))
        snapshot = finish(part, objects, files, self._facts(ledger, objects, files))
        self.report.name, self.report.head, self.report.objects = snapshot.name, ledger.head, len(objects)
        self.report.entries = ledger.tables["entries"]
        if not (self.folder / NOTE).exists():
            with writing_to(self.folder):
                (self.folder / NOTE).write_text(_NOTE, encoding="utf-8-sig")
        self._rotate([*before, snapshot])
        return self.report

    def _earlier(self) -> Iterator[Snapshot]:
        """The snapshots that are whole; of the others it is said that they are not."""
        for folder in snapshot_folders(self.folder):
            try:
                snapshot = read_snapshot_folder(folder)
                snapshot.prove()
            except ArchiveDamaged as error:
                self.report.troubles.append(f"{error.what}(查明后请把 {folder} 移走)")
                continue
            yield snapshot

    def _new_name(self) -> str:
        stamp = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
        last = max((p.name for p in snapshot_folders(self.folder)), default="")
        if last < stamp:
            return stamp
        # a clock that went back, or a second run within a second, must not make the newest look older
        base, _, n = last.partition("-")
        return f"{base}-{int(n or 0) + 1:03}"

    def _look_at_journal(self, ledger: SnapshotFacts, before: list[Snapshot]) -> None:
        earlier = [
            KeptHead(Head(s.manifest["head"]["seq"], s.manifest["head"]["hash"]), f"备份 {s.name}") for s in before
        ]
        self.report.troubles.extend(f"台账快照:{fault}" for fault in ledger.faults)
        self.report.troubles.extend(map(break_words, ledger.breaks))
        kept_ourselves = own_heads(self.office.archive.root)
        lost = (kept for kept in (*kept_ourselves, *earlier) if not self.office.ledger.holds(kept.head))
        self.report.troubles.extend(map(lost_words, lost))

    def _objects(self, ledger: SnapshotFacts, needed: set[str]) -> set[str]:
        """Every object that the ledger or the archive knows lies in the vault; returns those that do."""
        present, _ = look(self.office.archive)
        held: set[str] = set()
        for name in sorted(ledger.objects | present):
            if self._object(name, name in needed):
                held.add(name)
            self.progress()
        return held

    def _object(self, name: str, needed: bool) -> bool:
        source, state = self.office.archive.path_of(name), self.vault.state(name)
        if state == "good":
            if digest_or_none(self.office.archive, name) != name:
                self.report.troubles.append(f"档案中的原件已损坏或缺失:{name}(备份里有完好的一份)")
            return True
        if state == "damaged" and digest_or_none(self.office.archive, name) == name:
            place = self.vault.set_apart(name)
            if needed:  # otherwise a stopped run left it half written
                self.report.troubles.append(f"备份里的一份已损坏,已用原件重新复制:{name}(损坏的移到 {place})")
        try:
            _, size = self.vault.take(source, name)
        except ArchiveDamaged:
            self.report.troubles.append(f"档案中的原件已损坏或缺失,备份里也没有完好的:{name}")
            return False
        self.report.copied += 1
        self.report.bytes += size
        return True

    def _files(self, own: bytes) -> dict[str, str]:
        """Settings, templates, rules, calendar, letters, bundles … lie in the vault; returns path → hash."""
        settings, workspace = self.office.settings, self.office.workspace
        chosen = [workspace / FILE, workspace / settings.calendar, *(workspace / tree for tree in _TREES)]
        if settings.rulebook:
            chosen.append(workspace / settings.rulebook)
        files: dict[str, str] = {}
        for path in sorted({file for top in chosen for file in _below(top)}):
            if path.resolve().is_relative_to(workspace.resolve()):
                files[path.relative_to(workspace).as_posix()] = self._file(path)
            else:
                self.report.troubles.append(f"在工作区以外,没有备份:{path}")
        with writing_to(self.folder):
            copy = self.vault.spool / OWN_FILE
            copy.write_bytes(own)
            files[f"archive/{OWN_FILE}"] = self._file(copy)
            copy.unlink()
        return files

    def _file(self, path: Path) -> str:
        try:
            sha256 = digest(path)
        except OSError as error:
            raise PipelineError(
                f"无法读取 {path}({error.strerror}),备份没有完成", "请检查磁盘和权限后再运行"
            ) from error
        state = self.vault.state(sha256)
        if state == "damaged":
            self.report.troubles.append(f"备份里的一份已损坏,已重新复制:{path}")
            self.vault.set_apart(sha256)
        if state != "good":
            sha256, size = self.vault.take(path)
            self.report.bytes += size
        return sha256

    def _look_at_rest(self, others: set[str]) -> None:
        """What only earlier snapshots need must be good too."""
        for name in sorted(others):
            if self.vault.state(name) != "good":
                self.report.troubles.append(f"以前的备份所需的文件已损坏或缺失:{name}")

    def _facts(self, ledger: SnapshotFacts, objects: set[str], files: dict[str, str]) -> dict[str, object]:
        held = {*objects, *files.values()}
        self.vault.settle()
        return {
            "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "program": __version__,
            "office": self.office.settings.office.name,
            "database": self.office.ledger.database,
            "head": {"seq": ledger.head.seq, "hash": ledger.head.hash},
            "tables": ledger.tables,
            "objects": len(objects),
            "files": len(files),
            "bytes": sum(self.vault.path_of(name).stat().st_size for name in held),
            "missing": sorted(ledger.objects - objects),
            "troubles": self.report.troubles,
        }

    def _rotate(self, whole: list[Snapshot]) -> None:
        """The last ``keep`` snapshots stay; all of them while anything is wrong. Objects always stay."""
        self.report.kept = len(whole)
        if self.report.sound:
            for snapshot in whole[: -self.keep]:
                drop(snapshot)
                self.report.rotated += 1
                self.report.kept -= 1


def _below(top: Path) -> Iterator[Path]:
    """The regular files at or below a path; links are not followed, what is half made is left out."""
    if top.is_symlink():
        return
    if top.is_file():
        yield top
    elif top.is_dir():
        for path in top.iterdir():
            if not path.name.startswith("."):
                yield from _below(path)


def _bytes_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
