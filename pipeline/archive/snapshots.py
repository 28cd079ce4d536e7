"""The dated snapshots of a backup folder: a manifest written last says that one is whole, and what belongs to it.

``snapshots/<time>/`` holds ``ledger.sqlite``, ``objects.sha256`` (as ``sha256sum -c`` reads it from the backup folder),
``files.json`` (path in the workspace → hash) and ``manifest.json``. A name that ends in ``.part`` is half made.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.archive.store import digest
from pipeline.archive.vault import sync_file, writing_to
from pipeline.durable import sync
from pipeline.errors import ArchiveDamaged

LEDGER, OBJECTS, FILES, MANIFEST = "ledger.sqlite", "objects.sha256", "files.json", "manifest.json"
_PARTS = (LEDGER, OBJECTS, FILES)
_SCHEMA = 1
_NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_OBJECT = re.compile(r"([0-9a-f]{64})  \S+")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One whole snapshot and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def backup(self) -> Path:
        return self.folder.parent.parent

    def objects(self) -> list[str]:
        """Return the hash of every object of the archive then."""
        text = (self.folder / OBJECTS).read_text(encoding="ascii")
        return [found[1] for line in text.splitlines() if (found := _OBJECT.fullmatch(line))]

    def files(self) -> dict[str, str]:
        """Return path in the workspace → hash of every other file that was kept."""
        value: dict[str, str] = json.loads((self.folder / FILES).read_text(encoding="ascii"))
        return value

    def prove(self) -> None:
        """Raises: ArchiveDamaged: a part of the snapshot is not what the manifest says."""
        for part in _PARTS:
            try:
                sound = digest(self.folder / part) == self.manifest["parts"][part]
            except OSError:
                sound = False
            if not sound:
                raise ArchiveDamaged(f"备份 {self.name} 的 {part} 已损坏或缺失", "请改用另一次备份,或另一块盘上的备份")


def read_snapshot_folder(folder: Path) -> Snapshot:
    """Return the snapshot in a folder by its manifest alone; ``prove`` reads the rest.

    Raises:
        ArchiveDamaged: there is no manifest, or it is damaged.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="ascii"))
        sound = manifest.pop("digest") == _manifest_digest(manifest) and manifest["schema"] == _SCHEMA
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ArchiveDamaged(f"备份 {folder.name} 没有完好的清单({MANIFEST})", "请改用另一次备份") from error
    if not sound:
        raise ArchiveDamaged(f"备份 {folder.name} 的清单被改动或版本不符", "请改用另一次备份,或升级本程序")
    return Snapshot(folder, manifest)


def snapshot_folders(backup: Path) -> list[Path]:
    """Return the folders of finished snapshots, oldest first, whole or not."""
    place = backup / "snapshots"
    return sorted(p for p in place.iterdir() if _NAME.fullmatch(p.name)) if place.is_dir() else []


def begin(backup: Path, name: str) -> Path:
    """Return an empty half-made snapshot folder; those that stopped runs left are gone."""
    place = backup / "snapshots"
    with writing_to(backup):
        place.mkdir(mode=0o700, exist_ok=True)
        for leftover in place.glob("*.part"):
            shutil.rmtree(leftover)
        part = place / f"{name}.part"
        part.mkdir(mode=0o700)
    return part


def finish(part: Path, objects: Iterable[str], files: Mapping[str, str], facts: Mapping[str, Any]) -> Snapshot:
    """The snapshot is whole: its parts are durable, then its manifest, then its name."""
    lines = [f"{name}  objects/sha256/{name[:2]}/{name[2:4]}/{name}\n" for name in sorted(objects)]
    with writing_to(part):
        (part / OBJECTS).write_text("".join(lines), encoding="ascii")
        (part / FILES).write_text(json.dumps(files, indent=0, sort_keys=True), encoding="ascii")
        for name in _PARTS:
            (part / name).chmod(0o600)
            sync_file(part / name)
        manifest = {"schema": _SCHEMA, **facts, "parts": {name: digest(part / name) for name in _PARTS}}
        text = json.dumps({**manifest, "digest": _manifest_digest(manifest)}, indent=1)
        (part / MANIFEST).touch(mode=0o600)
        (part / MANIFEST).write_text(text + "\n", encoding="ascii")
        sync_file(part / MANIFEST)
        sync(part)
        final = part.with_suffix("")
        part.rename(final)
        sync(final.parent)
    return read_snapshot_folder(final)


def drop(snapshot: Snapshot) -> None:
    """The snapshot is gone; first it stops counting as one, so that a crash leaves no half one under a final name."""
    with writing_to(snapshot.folder):
        doomed = snapshot.folder.with_suffix(".part")
        snapshot.folder.rename(doomed)
        shutil.rmtree(doomed)


def _manifest_digest(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
