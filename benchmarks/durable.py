"""Durable intake alone against its floor: ``python benchmarks/durable.py [--count 1000]``.

The floor is a bare loop over the same files: hash, copy with fsync, rename, fsync of the folder, one committed row with the
ledger's own settings. Ours is ``walk.claim``: the same and more (the source proved unchanged, folders by hash, a note that a
crash finds, the journal). Rounds take turns; the best of each counts.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from pipeline.office import open_office
from pipeline.walk import claim
from pipeline.workspace import make_workspace

SIZE, ROUNDS = 36_000, 3


def bare(inbox: Path, root: Path) -> float:
    """Return the seconds of the floor."""
    (root / "objects").mkdir(parents=True)
    database = sqlite3.connect(root / "x.sqlite", isolation_level=None)
    database.executescript("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL; CREATE TABLE t(name, sha)")
    started = time.perf_counter()
    for path in inbox.iterdir():
        data = path.read_bytes()
        sha = hashlib.sha256(data).hexdigest()
        half = root / "half"
        with half.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        half.rename(root / "objects" / sha)
        folder = os.open(root / "objects", os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        database.execute("INSERT INTO t VALUES(?, ?)", (path.name, sha))
    took = time.perf_counter() - started
    database.close()
    return took


def ours(workspace: Path) -> float:
    """Return the seconds of claiming what lies settled in the inbox."""
    office = open_office(workspace)
    office.inbox.settled()
    time.sleep(0.05)
    arrivals = office.inbox.settled()
    office.ledger.count()
    started = time.perf_counter()
    refused = list(claim(arrivals, office))
    took = time.perf_counter() - started
    assert not refused and office.ledger.claims.backlog()[0] == len(arrivals)
    office.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    count = parser.parse_args().count
    best = {"bare": float("inf"), "claim": float("inf")}
    for _ in range(ROUNDS):
        folder = Path(tempfile.mkdtemp(prefix="pipeline-bench-"))
        make_workspace(folder / "w")
        settings = folder / "w" / "pipeline.toml"
        settings.write_text(settings.read_text(encoding="utf-8").replace("quiet_s = 3 ", "quiet_s = 0.01 "), "utf-8")
        for n in range(count):
            (folder / "w" / "inbox" / f"{n}.docx").write_bytes(b"%d " % n + b"x" * SIZE)
        best["bare"] = min(best["bare"], bare(folder / "w" / "inbox", folder / "bare"))
        best["claim"] = min(best["claim"], ours(folder / "w"))
        shutil.rmtree(folder)
    for name, took in best.items():
        print(f"{name}: {count} files of {SIZE // 1000} kB in {took:.2f} s, {count / took:.0f} files/s")
    print(f"durable intake at {best['bare'] / best['claim']:.2f} of the bare loop's rate (bar 0.5)")


if __name__ == "__main__":
    main()
