"""Recomputes every hash and says what is damaged, missing or stray. Reads only: repair is a person's decision."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pipeline.archive.store import Archive, digest

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Fixity:
    """What a full look at the objects found; hashes and paths relative to the archive, sorted."""

    objects: int
    damaged: tuple[str, ...]
    missing: tuple[str, ...]
    stray: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not (self.damaged or self.missing)


def check_fixity(archive: Archive, expected: Iterable[str], progress: Callable[[], object] = lambda: None) -> Fixity:
    """Compare every object with its name and the objects with what the ledger expects."""
    wanted = set(expected)
    found: set[str] = set()
    damaged: list[str] = []
    stray: list[str] = []
    for path in sorted(p for p in archive.objects.rglob("*") if not p.is_dir()):
        name = path.name
        if not _DIGEST.fullmatch(name) or path != archive.path_of(name) or path.is_symlink():
            stray.append(str(path.relative_to(archive.root)))
            continue
        found.add(name)
        if digest_or_none(archive, name) != name:
            damaged.append(name)
        elif name not in wanted:
            stray.append(name)
        progress()
    stray.extend(str(p.relative_to(archive.root)) for p in sorted(archive.spool.iterdir()))
    return Fixity(len(found), tuple(damaged), tuple(sorted(wanted - found)), tuple(stray))


def digest_or_none(archive: Archive, sha256: str) -> str | None:
    """Return the hash of an object as it is now, None when it cannot be read."""
    try:
        return digest(archive.path_of(sha256))
    except OSError:
        return None
