"""kill -9 at random moments of ``watch --once``: after restarts every file is in the ledger exactly once."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.documents import UNITS, leadership_report

FILES = 30


def command(workspace, *arguments):
    return [sys.executable, "-m", "pipeline", "--workspace", str(workspace), *arguments]


@pytest.mark.parametrize("kills", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_every_file_is_registered_exactly_once(cli, workspace, kills):
    """ensures that no moment of dying loses a file, doubles one, or leaves a wrong hash."""
    dice = random.Random(kills)
    inbox, wanted, moments = workspace / "inbox", {}, 0
    while moments < kills:
        wanted |= fill(inbox, len(wanted))
        while moments < kills and any(p.is_file() for p in inbox.iterdir()):
            watching = subprocess.Popen(
                command(workspace, "watch", "--once"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(dice.uniform(0.6, 1.6))
            watching.send_signal(signal.SIGKILL)
            moments += watching.wait() == -signal.SIGKILL
    done = subprocess.run(command(workspace, "watch", "--once"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    assert [p.name for p in inbox.iterdir() if p.is_file()] == []
    assert len(list((inbox / "回执").iterdir())) == len(wanted)
    checked = json.loads(subprocess.run(command(workspace, "verify", "--json"), capture_output=True, text=True).stdout)
    damage = [checked[key] for key in ("damaged", "missing", "stray", "journal")]
    assert (checked["entries"], damage) == (len(wanted), [[], [], [], "intact"])
    found = cli("--workspace", workspace, "search", "责任", "--limit", 10_000, "--json").lines[1:]
    shown = [cli("--workspace", workspace, "show", hit["entry"], "--json").one for hit in found]
    assert {s["sha256"]: s["file"] for s in shown} == wanted
    assert sorted(s["entry"][-4:] for s in shown) == [f"{n:04}" for n in range(1, len(wanted) + 1)]


def fill(inbox, first):
    """Drop thirty more different reports; returns hash → name."""
    dropped = {}
    for n in range(first, first + FILES):
        unit = list(UNITS)[n % len(UNITS)]
        data = leadership_report(unit, year=2020 + n % 7, half=1 + n % 2, extra=f"第{n}份。")
        (inbox / f"报告{n}.docx").write_bytes(data)
        dropped[hashlib.sha256(data).hexdigest()] = f"报告{n}.docx"
    return dropped
