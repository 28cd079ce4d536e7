"""Verify, backup and restore against their floors: ``python benchmarks/backup.py [--objects 2000 --kb 36]``.

Floors, measured in the same run on the same bytes: hashing (verify, an unchanged backup), and hash + copy + one fsync a
file (a first backup, a restoration).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from pipeline.backup import back_up
from pipeline.office import Office
from pipeline.proving import prove
from pipeline.restoring import restore
from tests.proving.stock import office_in, register


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def hash_all(paths: list[Path]) -> None:
    for path in paths:
        with path.open("rb") as stream:
            hashlib.file_digest(stream, "sha256").hexdigest()


def copy_all(paths: list[Path], into: Path) -> None:
    """The least that a durable copy can do, one file after the other."""
    into.mkdir()
    for path in paths:
        data = path.read_bytes()
        hashlib.sha256(data).hexdigest()
        with (into / path.name).open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())


def line(what: str, took: float, floor: float, objects: int, size: int) -> None:
    print(
        f"{what:<28}{took:7.2f} s {objects / took:8.0f} objects/s {size / took / 2**20:7.0f} MB/s  {took / floor:5.2f} × floor"
    )


def stocked(folder: Path, objects: int, kb: int) -> Office:
    office = office_in(folder)
    for n in range(objects):
        register(office, f"报告{n}.docx", os.urandom(kb << 10))
    return office


def main() -> None:
    """Print each rate and its ratio to the floor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=2000)
    parser.add_argument("--kb", type=int, default=36)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pipeline-bench-", dir="."))
    try:
        office = stocked(folder / "w", chosen.objects, chosen.kb)
        paths = sorted(p for p in office.archive.objects.rglob("*") if p.is_file())
        size = sum(p.stat().st_size for p in paths)
        hashing = min(seconds(lambda: hash_all(paths)) for _ in range(3))
        copying = min(seconds(lambda n=n: copy_all(paths, folder / f"floor{n}")) for n in range(2))
        print(
            f"{len(paths)} objects of {chosen.kb} KB; floors: hash {hashing:.2f} s, hash + copy + fsync {copying:.2f} s"
        )
        line("verify", min(seconds(lambda: prove(office)) for _ in range(3)), hashing, len(paths), size)
        line("first backup", seconds(lambda: back_up(office, folder / "b")), copying, len(paths), size)
        # an unchanged backup hashes both sides
        line("backup of nothing new", seconds(lambda: back_up(office, folder / "b")), 2 * hashing, len(paths), size)
        office.close()
        line(
            "restore, proved, indexed", seconds(lambda: restore(folder / "b", folder / "r")), copying, len(paths), size
        )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
