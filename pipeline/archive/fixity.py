"""Recomputes every hash and says what is damaged, missing or stray. Reads only: repair is a person's decision."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.archive.store import Archive, digest

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Fixity:
    """What a look at the objects found; hashes and paths relative to the archive, sorted. ``checked``: hashed just now."""

    objects: int
    damaged: tuple[str, ...]
    missing: tuple[str, ...]
    stray: tuple[str, ...]
    checked: int = 0

    @property
    def sound(self) -> bool:
        return not (self.damaged or self.missing)


def check_fixity(archive: Archive, expected: Iterable[str], progress: Callable[[], object] = lambda: None) -> Fixity:
    """Compare every object with its name and the objects with what the ledger expects."""
    wanted = set(expected)
    found, stray = look(archive)
    damaged: list[str] = []
    for name in sorted(found):
        if digest_or_none(archive, name) != name:
            damaged.append(name)
        elif name not in wanted:
            stray.append(name)
        progress()
    return Fixity(len(found), tuple(damaged), tuple(sorted(wanted - found)), tuple(sorted(stray)), len(found))


def look(archive: Archive) -> tuple[set[str], list[str]]:
    """Return the objects that lie where they belong, unread, and the paths of whatever else lies among them."""
    found: set[str] = set()
    stray: list[str] = []
    top = str(archive.objects)
    for entry in _files(archive.objects):
        name = entry.name
        place = f"{top}{os.sep}{name[:2]}{os.sep}{name[2:4]}{os.sep}{name}"
        if entry.path == place and _DIGEST.fullmatch(name) and entry.is_file(follow_symlinks=False):
            found.add(name)
        else:
            stray.append(str(Path(entry.path).relative_to(archive.root)))
    stray.extend(str(p.relative_to(archive.root)) for p in archive.spool.iterdir())
    return found, stray


def digest_or_none(archive: Archive, sha256: str) -> str | None:
    """Return the hash of an object as it is now, None when it cannot be read."""
    try:
        return digest(archive.path_of(sha256))
    except OSError:
        return None


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Everything below a folder that is no folder itself; links are not followed. What cannot be listed is not there."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            else:
                yield entry
