"""The index dies in mid-commit, is written by two at once, meets a full disk: it answers or makes itself anew."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.errors import SearchUnavailable
from pipeline.search import open_index, parse_query
from tests.search.test_contract import Held, entry, text

# adds documents for ever, ten at a time, or rebuilds for ever; says so once it is under way
WRITER = """
import itertools, sys
from pathlib import Path
from pipeline.search import open_index
from tests.search.test_contract import Held, entry, text
folder, engine, what = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
held = Held([(entry(n), text(f"第{n}份公车私用", "正文" * 50)) for n in range(1, 41)])
index = open_index(folder, engine)
print("begun", flush=True)
for start in itertools.count(0, 10):
    if what == "rebuild":
        index.rebuild(held)
    else:
        index.add_many(held.documents([f"2026-{(start + n) % 40 + 1:04}" for n in range(10)]))
    print(start, flush=True)
"""
ROOT = Path(__file__).parents[2]
HELD = Held([(entry(n), text(f"第{n}份公车私用", "正文" * 50)) for n in range(1, 41)])


def begun(folder: Path, engine: str, what: str) -> subprocess.Popen:
    arguments = [sys.executable, "-c", WRITER, str(folder), engine, what]
    started = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, text=True)
    assert started.stdout.readline() == "begun\n"
    return started


@pytest.mark.parametrize("what", ["add", "rebuild"])
@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_kill_in_mid_commit(tmp_path, engine, kills, what):
    """ensures that after every death the index opens and, after the next start, nothing is missing."""
    dice = random.Random(kills)
    for _ in range(kills):
        writer = begun(tmp_path / "index", engine, what)
        time.sleep(dice.uniform(0.01, 0.4))
        writer.send_signal(signal.SIGKILL)
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
        index = open_index(tmp_path / "index", engine)
        index.search(parse_query("公车私用"))  # answers at once, with what is there
        index.follow(HELD)
        results = index.search(parse_query("公车私用", limit=100))
        assert ({hit.entry for hit in results.hits}, results.total) == (set(HELD.marks()), 40)
        index.remove(["2026-0001", "2026-0007"])
        index.close()


@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_two_writers_and_a_rebuild_at_once(tmp_path, engine):
    """ensures that writers of several processes wait for each other and nothing of either is lost."""
    writers = [begun(tmp_path / "index", engine, what) for what in ("add", "add", "rebuild")]
    index = open_index(tmp_path / "index", engine)
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        index.search(parse_query("公车私用"))
        index.add(entry(41), text("第41份公车私用"))
    for writer in writers:
        assert writer.poll() is None
        writer.kill()
        writer.communicate()
    index.follow(HELD)
    assert index.numbers() == set(HELD.marks())
    assert index.search(parse_query("公车私用")).total == 40
    index.close()


# adds one document that is larger than any file may grow here: the same error as a full disk gives
CRAMPED = """
import resource, signal, sys
from pathlib import Path
from pipeline.errors import SearchUnavailable
from pipeline.search import open_index
from tests.search.test_contract import entry, text
index = open_index(Path(sys.argv[1]), sys.argv[2])
index.count()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
import random
letters = [chr(c) for c in range(0x4E00, 0x9000)]
dice = random.Random(1)
try:
    index.add(entry(1), text("".join(dice.choices(letters, k=200_000))))
except SearchUnavailable as error:
    print(error)
"""


@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_files_that_cannot_grow(tmp_path, engine):
    """ensures that a failed write says what to do, and that the index is whole once there is room again."""
    index = open_index(tmp_path / "index", engine)
    index.follow(HELD)
    failed = subprocess.run(
        [sys.executable, "-c", CRAMPED, str(tmp_path / "index"), engine], cwd=ROOT, capture_output=True, text=True
    )
    assert "请检查磁盘空间" in failed.stdout, failed.stderr
    assert index.search(parse_query("公车私用")).total == 40
    index.follow(HELD)
    assert index.search(parse_query("公车私用")).total == 40
    index.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves half files open
@pytest.mark.skipif(os.geteuid() != 0, reason="需要管理员权限来挂载小磁盘")
@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_a_full_disk(tmp_path, engine):
    """ensures that a full disk leaves the index readable and a later start fills it up."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("不能挂载小磁盘")
    try:
        index = open_index(folder, engine)
        index.follow(HELD)
        (folder / "film.mp4").write_bytes(bytes(os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize))
        more = Held([(entry(n), text(f"第{n}份公车私用", "正文" * 50)) for n in range(1, 61)])
        with pytest.raises(SearchUnavailable, match="请检查磁盘空间"):
            index.follow(more)
        assert index.search(parse_query("公车私用")).total == 40
        (folder / "film.mp4").unlink()
        index.follow(more)
        assert index.search(parse_query("公车私用")).total == 60
        index.close()
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
