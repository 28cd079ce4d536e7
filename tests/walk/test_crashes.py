"""Death at every file-system call of the walk: after a restart every arrival is registered once and answered."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import drop, leadership_report

# runs `watch --once` and dies by SIGKILL at the n-th call that changes the file system
CHILD = """
import os, signal, sys
from pipeline.cli import main
at, seen = int(sys.argv[1]), 0
CALLS = {"os.rename", "os.remove", "os.mkdir", "os.chmod", "os.truncate", "os.link"}
def hook(event, arguments):
    global seen
    changes = event in CALLS or (event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR))
    if changes and "pipeline.cli" in sys.modules:
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
main(["--workspace", sys.argv[2], "watch", "--once", "--json"])
"""


def watch(workspace, die_at: int) -> int:
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(die_at), str(workspace)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    ).returncode


@pytest.mark.parametrize("start", range(1, 5))
def test_death_at_any_call_loses_nothing(cli, workspace, start):
    """ensures that the order of the walk holds at each of its steps."""
    inbox = workspace / "inbox"
    good = drop(inbox, "报告.docx", leadership_report()).read_bytes()
    bad = drop(inbox, "坏.docx", b"PK\x03\x04 half PK\x05\x06 of it" + bytes(30) + b"end").read_bytes()
    deaths = 0
    for step in range(start, 60, 4):
        if watch(workspace, step) != -signal.SIGKILL:
            break
        deaths += 1
    assert deaths >= 2
    watch(workspace, 10**9)
    assert [p.name for p in inbox.iterdir() if p.is_file()] == []
    assert len([p for p in (inbox / "回执").iterdir() if not p.name.startswith(".")]) == 1
    assert [p.read_bytes() for p in (inbox / "退回").glob("坏*.docx")] == [bad]
    checked = cli("--workspace", workspace, "verify", "--json")
    assert (checked.code, checked.one["entries"], checked.one["damaged"], checked.one["missing"]) == (0, 1, [], [])
    shown = cli("--workspace", workspace, "show", "2026-0001", "--json").one
    assert shown["sha256"] == hashlib.sha256(good).hexdigest()
    assert cli("--workspace", workspace, "search", "责任书", "--json").lines[0]["total"] == 1


def test_two_watchers_and_the_command_line_share_one_inbox(cli, workspace):
    """ensures that every file is registered once when three processes look at once."""
    for n in range(12):
        drop(
            workspace / "inbox",
            f"报告{n}.docx",
            leadership_report(year=2020 + n % 6, half=1 + n % 2, extra=f"第{n}份。"),
        )
    command = [sys.executable, "-m", "pipeline", "--workspace", str(workspace), "watch", "--once", "--json"]
    watchers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    lines = [json.loads(line) for watcher in watchers for line in watcher.communicate()[0].splitlines()]
    assert sorted(Path(line["file"]).name for line in lines) == sorted(f"报告{n}.docx" for n in range(12))
    assert {line["outcome"] for line in lines} == {"registered"}
    assert cli("--workspace", workspace, "verify", "--json").one["entries"] == 12
