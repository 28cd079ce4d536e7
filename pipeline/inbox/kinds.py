"""Kinds of folders: how long a file must lie still, and what proves that nobody writes to it any more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from pipeline.mounts import network_of


class Kind(StrEnum):
    """Who fills a folder: programs of this machine, a client over the network, a scanner that pauses between pages."""

    LOCAL = "local"
    SHARE = "share"
    SCANNER = "scanner"


@dataclass(frozen=True, slots=True)
class Habits:
    """How an inbox is looked at: its own kind, its sub-folders that scanners fill, and seconds of quiet by kind.

    A client of a share may reserve the full size and fill it in later; a scanner pauses while somebody turns a page.
    """

    kind: Kind = Kind.LOCAL
    scanners: tuple[str, ...] = ()
    local_s: float = 3.0
    share_s: float = 15.0
    scanner_s: float = 60.0

    def quiet_s(self, relative: PurePath) -> float:
        """Return how long a file must lie unchanged, by the place it lies at."""
        quiet = self.share_s if self.kind is Kind.SHARE else self.local_s
        return max(quiet, self.scanner_s) if self._scanned(relative) else quiet

    def _scanned(self, relative: PurePath) -> bool:
        return any(relative.is_relative_to(folder) for folder in self.scanners)

    @property
    def leased(self) -> bool:
        """Whether the kernel can be asked for writers: not on a share, whose writers sit on other machines."""
        return self.kind is not Kind.SHARE


def kind_of(folder: Path, wanted: str = "auto") -> Kind:
    """Return the kind a person set, else whether the folder lies behind the network."""
    if wanted != "auto":
        return Kind(wanted)
    return Kind.SHARE if network_of(folder) else Kind.LOCAL
