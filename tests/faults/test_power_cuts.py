"""The power goes while papers are taken in: what was acknowledged is there after the reboot, whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def as_root() -> bool:
    """Whether this machine lets us mount an image."""
    return sys.platform == "linux" and os.geteuid() == 0 and Path("/dev/loop-control").exists() and _mounts()


def _mounts() -> bool:
    return subprocess.run(["losetup", "-f"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not as_root(), reason="需要 root 权限(挂载映像文件)")


@pytest.mark.parametrize(
    ("kind", "cuts"),
    [("ext4", 5), pytest.param("ext4", 200, marks=pytest.mark.slow), pytest.param("xfs", 200, marks=pytest.mark.slow)],
)
def test_what_was_acknowledged_survives(kind, cuts):
    """ensures that no row, no original and no receipt that a person was told of is lost or damaged, and no arrival is nowhere."""
    assert shutil.which(f"mkfs.{kind}") is not None, "make system-deps"
    command = [sys.executable, "-m", "tests.faults.power", kind, str(cuts)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(done.stdout)
    assert found["acknowledged"] >= 5 * cuts
    harm = {what: found[what] for what in found if what.endswith(("_lost", "_damaged"))}
    assert harm == dict.fromkeys(("rows_lost", "files_lost", "files_damaged", "receipts_lost", "arrivals_lost"), 0)
