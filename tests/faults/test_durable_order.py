"""The order of system calls that makes an original survive a power cut, seen from outside the process."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import datetime as dt, sys
from pathlib import Path
from pipeline.archive import Archive
from pipeline.model import Arrival
archive = Archive(Path(sys.argv[1]) / "archive")
archive.keep(Arrival(sys.argv[1] + "/paper.docx", "paper.docx", "k", dt.datetime.now(dt.UTC)))
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="没有 strace")
def test_bytes_are_synced_before_the_name_and_folders_after(tmp_path):
    """ensures that a spool file is synced, then read-only, then renamed, then every new folder's entry is synced."""
    (tmp_path / "paper.docx").write_bytes(b"bytes of a paper")
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2,chmod,fchmod,fchmodat"
    command = ["strace", "-f", "-y", "-e", calls, "-o", str(trace), sys.executable, "-c", CHILD, str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    if "ptrace" in done.stderr.lower():
        pytest.skip("不能使用 ptrace")
    assert done.returncode == 0, done.stderr
    seen = [step for line in trace.read_text().splitlines() for step in steps(line, tmp_path / "archive")]
    final = next((tmp_path / "archive" / "objects").glob("sha256/*/*/*"))
    folder = final.parent.relative_to(tmp_path / "archive")
    assert seen == [
        ("fsync", "objects"),  # the new archive's own folders
        ("fsync", "tmp"),
        ("chmod", "tmp"),
        ("rename", "tmp"),
        ("fsync", str(folder)),
        ("fsync", str(folder.parent)),
        ("fsync", str(folder.parent.parent)),
    ]


def steps(line: str, archive: Path) -> list[tuple[str, str]]:
    """Return the call of a trace line and what of the archive it touches first; spool files stand as ``tmp``."""
    found = re.search(rf"(fsync|rename|chmod)\w*\(.*?{re.escape(str(archive))}/([^\">]*)", line)
    return [(found[1], "tmp" if found[2].startswith("tmp/") else found[2])] if found else []
