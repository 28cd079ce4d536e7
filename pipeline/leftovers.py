"""Names of half-made files: they carry the process that makes them, so that what a dead one left can be told and swept."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path

_HOUR_S = 3600


def half_made() -> str:
    """Return a fresh name that tells who makes what will lie under it."""
    return f"{os.getpid()}-{uuid.uuid4().hex}"


def abandoned(path: Path) -> bool:
    """Whether the process that made a half-made file is gone; where that cannot be known, whether it is an hour old."""
    if Path("/proc/self").exists():
        return not Path("/proc", path.name.lstrip(".").partition("-")[0]).exists()
    try:
        return time.time() - path.stat().st_mtime > _HOUR_S
    except OSError:
        return False


def remove(path: Path) -> None:
    """A half-made file or folder is gone, or left for the next sweep where it cannot be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
