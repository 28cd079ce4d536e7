"""Makes a workspace again from a backup, into an empty folder, and proves that it is the one that was backed up."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pipeline.archive.snapshots import LEDGER, Snapshot, read_snapshot_folder, snapshot_folders
from pipeline.archive.vault import Vault, sync_file, writing_to
from pipeline.durable import sync
from pipeline.errors import ArchiveDamaged, PipelineError, UsageError
from pipeline.ledger import Head, KeptHead, keep_head, load_snapshot, read_snapshot
from pipeline.office import Office
from pipeline.proving import prove, troubles
from pipeline.settings import FILE, load_settings

_DATABASE = re.compile(r"(?m)^[ \t]*database[ \t]*=.*$")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the protocol."""

    what: str
    well: bool
    note: str


@dataclass(slots=True)
class Protocol:
    """What a restoration did and proved."""

    snapshot: str
    place: str
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        return all(step.well for step in self.steps)

    def add(self, what: str, well: bool, note: str) -> None:
        self.steps.append(Step(what, well, note))


def restore(
    source: Path,
    into: Path,
    database: str = "",
    despite_damage: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> Protocol:
    """The workspace of a backup's newest snapshot, or of the snapshot named, stands in ``into``, proved.

    ``database``: an empty database to hold the ledger; '' puts it into the workspace as a file. ``despite_damage``: leave
    out what is damaged instead of refusing.

    Raises:
        UsageError: ``into`` is not empty, or ``source`` is no backup.
        ArchiveDamaged: the backup is damaged; nothing is left in ``into``.
        PipelineError: there is no room, or the place cannot be written.
    """
    started = time.monotonic()
    snapshot = find_snapshot(source)
    _refuse_full(into, snapshot)
    protocol = Protocol(snapshot.name, str(into))
    made = not into.exists()
    try:
        _fill(snapshot, into, despite_damage, protocol, progress)
        _put_ledger(snapshot, into, database, protocol)
        _put_settings(snapshot, into, database, protocol)
    except BaseException:
        _empty(into, made)
        raise
    _prove(snapshot, into, database, protocol)
    protocol.seconds = time.monotonic() - started
    return protocol


def drill(source: Path, below: Path | None = None, progress: Callable[[], object] = lambda: None) -> Protocol:
    """Restore into a temporary folder, prove, and leave nothing; returns the protocol.

    Raises:
        as ``restore``; damage is written into the protocol.
    """
    with (
        writing_to(below or Path(tempfile.gettempdir())),
        tempfile.TemporaryDirectory(prefix="pipeline-drill-", dir=below) as folder,
    ):
        return restore(source, Path(folder) / "w", despite_damage=True, progress=progress)


def find_snapshot(source: Path) -> Snapshot:
    """Return the newest snapshot of a backup folder, or the one whose folder is given, its parts proved.

    Raises:
        UsageError: there is no backup here.
        ArchiveDamaged: it is damaged; the message names an older one that is whole.
    """
    if source.parent.name == "snapshots":
        snapshot = read_snapshot_folder(source)
        snapshot.prove()
        return snapshot
    folders = snapshot_folders(source)
    if not folders:
        raise UsageError(f"{source} 里没有备份", "请指明 pipeline backup 写成的文件夹")
    try:
        return find_snapshot(folders[-1])
    except ArchiveDamaged as error:
        older = "、".join(str(folder) for folder in reversed(folders[:-1])) or "没有更早的"
        raise ArchiveDamaged(error.what, f"可以改用更早的一次(之后的登记不在其中):{older}") from error


def _refuse_full(into: Path, snapshot: Snapshot) -> None:
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise UsageError(f"{into} 不是空文件夹,没有恢复", "请指定一个空文件夹;原有的工作区先改名保留")
    there = next(p for p in (into.absolute(), *into.absolute().parents) if p.exists())
    wanted = int(snapshot.manifest["bytes"]) + 2 * (snapshot.folder / LEDGER).stat().st_size
    free = shutil.disk_usage(there).free
    if free < wanted * 1.1:
        raise PipelineError(f"空间不足:需要 {wanted / 2**20:.0f} MB,剩余 {free / 2**20:.0f} MB", "请换一块盘或清理磁盘")


def _fill(
    snapshot: Snapshot, into: Path, despite_damage: bool, protocol: Protocol, progress: Callable[[], object]
) -> None:
    """Objects and files lie where they lay, each hashed on its way."""
    vault, objects = Vault(snapshot.backup), snapshot.objects()
    with writing_to(into):
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("inbox", "archive", "templates"):
            (into / name).mkdir(mode=0o700)
    target, damaged = Vault(into / "archive"), list(map(str, snapshot.manifest["missing"]))
    for name in objects:
        try:
            target.take(vault.path_of(name), name)
        except ArchiveDamaged:
            damaged.append(name)
        progress()
    target.settle()
    lost = [path for path, sha256 in snapshot.files().items() if not _put_file(vault, into, path, sha256)]
    if (damaged or lost) and not despite_damage:
        names = "、".join((*damaged, *lost)[:5])
        raise ArchiveDamaged(
            f"备份已损坏,没有恢复:{len(damaged)} 件原件、{len(lost)} 个文件不符或缺失({names})",
            "请改用另一块盘上的备份;只有这一份时,加 --despite-damage 恢复其余的",
        )
    protocol.add("原件", not damaged, f"{len(objects)} 件,校验不符或缺失 {len(damaged)} 件" + _named(damaged))
    protocol.add("其他文件", not lost, f"{len(snapshot.files())} 个,不符 {len(lost)} 个" + _named(lost))


def _put_file(vault: Vault, into: Path, path: str, sha256: str) -> bool:
    """Put one file where it lay, the settings apart; returns whether its bytes are right."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or vault.state(sha256) != "good":
        return False
    if path != FILE:
        target = into / parts
        with writing_to(into):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(vault.path_of(sha256), target)
            target.chmod(0o600)
            sync_file(target)
            sync(target.parent)
    return True


def _put_ledger(snapshot: Snapshot, into: Path, database: str, protocol: Protocol) -> None:
    """The ledger is what the snapshot holds, in the workspace or in the database given."""
    target = into / "archive" / LEDGER
    with writing_to(into):
        shutil.copyfile(snapshot.folder / LEDGER, target)
        target.chmod(0o600)
        sync_file(target)
        sync(target.parent)
    facts, wanted = read_snapshot(target), snapshot.manifest
    protocol.add("数据库自检", not facts.faults, "完好" if not facts.faults else ";".join(facts.faults[:5]))
    rows = sum(facts.tables.values())
    same = dict(facts.tables) == wanted["tables"]
    protocol.add("行数", same, f"{len(facts.tables)} 张表 {rows} 行,与备份清单{'一致' if same else '不一致'}")
    if database:
        load_snapshot(target, database)
        target.unlink()
        protocol.add("数据库", True, "台账已放入指定的数据库")


def _put_settings(snapshot: Snapshot, into: Path, database: str, protocol: Protocol) -> None:
    """The settings are those of then, but for where the ledger is. Written last: without them this is no workspace."""
    vault = Vault(snapshot.backup)
    text = vault.path_of(snapshot.files()[FILE]).read_text(encoding="utf-8-sig")
    before = tomllib.loads(text).get("database", "")
    if before != database:
        text = _DATABASE.sub(lambda found: f"# 恢复前:{found[0].strip().split('@')[-1]}", text)
        if database:
            text = f'database = "{database}"\n{text}'
    if tomllib.loads(text).get("database", "") != database:
        raise PipelineError("设置文件里的 database 不能自动改写", "请把备份里的 pipeline.toml 交维护人员处理")
    with writing_to(into):
        (into / FILE).write_text(text, encoding="utf-8")
        (into / FILE).chmod(0o600)
        sync_file(into / FILE)
        sync(into)
    if before and before != database:
        protocol.add("设置", True, "台账原在数据库服务器上,现恢复为本机文件;要放回数据库,请用 --database 重新恢复")


def _prove(snapshot: Snapshot, into: Path, database: str, protocol: Protocol) -> None:
    office = Office(into, load_settings(into).model_copy(update={"database": database}))
    try:
        wanted = snapshot.manifest
        head = Head(wanted["head"]["seq"], wanted["head"]["hash"])
        proof = prove(office, [KeptHead(head, f"备份 {snapshot.name}")])
        found = troubles(proof)
        protocol.add("操作日志", proof.intact and proof.head == head,
                     f"第 1 至 {proof.head.seq} 条前后相连,末条与备份清单{'一致' if proof.head == head else '不一致'}")  # fmt: skip
        protocol.add("全部校验值", proof.sound, f"{proof.fixity.checked} 件重新计算" + _named(found))
        count = office.rebuild_index()
        protocol.add("索引", count == office.index.count() == proof.entries, f"重建 {count} 份,台账 {proof.entries} 份")
        sample = _sample(office)
        protocol.add("抽查检索", sample[0] == sample[1], f"抽 {sample[1]} 份,能找到 {sample[0]} 份")
        facts: Mapping[str, object] = {
            "snapshot": snapshot.name,
            "head": [head.seq, head.hash],
            "sound": protocol.sound,
        }
        office.ledger.note("restore", snapshot.name, facts)
        keep_head(office.archive.root, office.ledger.journal_head(), office.now(), "restore")
    finally:
        office.close()


def _sample(office: Office) -> tuple[int, int]:
    """Return how many of up to twenty entries the index knows, and how many were looked for."""
    numbers = [entry.number for entry in office.ledger.entries()]
    chosen = numbers[:: max(len(numbers) // 20, 1)][:20]
    return len(office.index.numbers() & set(chosen)), len(chosen)


def _empty(into: Path, made: bool) -> None:
    """What we put into a folder that was empty is gone again."""
    for path in list(into.iterdir()) if into.is_dir() else []:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if made and into.is_dir():
        into.rmdir()


def _named(things: list[str]) -> str:
    return f":{'、'.join(things[:5])}" if things else ""
