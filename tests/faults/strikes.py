"""One fault after another: a flow struck at a call, its state at that moment, the restart, and what then does not hold."""

from __future__ import annotations

import errno
import itertools
import json
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.flows import FLOWS, WATCH, Flow, arguments, prepare
from tests.faults.injection import CHANGES, FAIL, KILL, LOOKS, SHORT, TORN, Ended, Fault, Warm
from tests.faults.invariants import journal_head, lost, search_answers, violations

ERRORS = (errno.EIO, errno.ENOSPC)
MORE_ERRORS = (errno.EACCES, errno.EROFS)


@dataclass
class Stage:
    """A prepared workspace of a flow, copied for each strike."""

    name: str
    folder: Path
    warm: Warm

    def __post_init__(self) -> None:
        self.flow: Flow = FLOWS[self.name]
        self.folder = Path(tempfile.mkdtemp(dir=self.folder))
        self.pattern = self.folder / "pattern"
        prepare(self.flow, self.pattern, self.warm.run)
        self.head = journal_head(self.pattern)

    def calls(self, classes: int) -> tuple[str, ...]:
        """Return the calls that the flow makes when nothing happens."""
        workspace = self._copy()
        ended = self._run(workspace, Fault(classes=classes))
        assert ended.code in {0, 1}, ended
        shutil.rmtree(workspace.parent, ignore_errors=True)
        return ended.calls

    def strike(self, fault: Fault, answers: bool = False) -> list[str] | None:
        """Return what does not hold after the fault and a restart; None when the flow ended before the fault."""
        workspace = self._copy()
        ended = self._run(workspace, fault)
        if len(ended.calls) < fault.at:
            shutil.rmtree(workspace.parent, ignore_errors=True)
            return None
        arrivals = (*self.flow.taken, *self.flow.arrivals)
        found = [*_manners(workspace, fault, ended), *lost(workspace, arrivals)]
        for command in (self.flow.command, *([WATCH] if self.flow.command != WATCH else [])):
            again = self.warm.run(workspace, *arguments(command, workspace))
            if again.code not in {0, 1}:
                found.append(f"restart: {command[0]} ended with {again.code}: {again.err[-300:]}")
        found += violations(workspace, arrivals, self.head)
        found += self.flow.effects(workspace)
        found += search_answers(workspace) if answers else []
        shutil.rmtree(workspace.parent, ignore_errors=True)
        hit = ended.calls[fault.at - 1].replace("\t", " ")
        return [f"{self.name}, {fault} ({hit}): {what}" for what in found]

    def _run(self, workspace: Path, fault: Fault) -> Ended:
        return self.warm.run(workspace, *arguments(self.flow.command, workspace), fault=fault)

    def _copy(self) -> Path:
        """Each strike has a folder of its own: an engine's thread may still write to the last one."""
        workspace = Path(tempfile.mkdtemp(dir=self.folder)) / "w"
        shutil.copytree(self.pattern, workspace)
        return workspace


def _manners(workspace: Path, fault: Fault, ended: Ended) -> Iterator[str]:
    """How the program took it: a killed one is dead, another ends by itself and says in its own words what is wrong."""
    if fault.action in {KILL, TORN}:
        if ended.code != -signal.SIGKILL:
            yield f"not killed but ended with {ended.code}"
    elif ended.code not in {0, 1, 3, 4}:
        yield f"ended with {ended.code}: {ended.err[-300:]}"
    elif _synced(fault, ended) and ended.code != 3 and not _left_behind(workspace, fault, ended):
        yield f"a failed sync ended with {ended.code}"
    elif "程序内部出错" in ended.err:
        yield f"trouble without a word of its own: {ended.err.strip()[-200:]}"


def _synced(fault: Fault, ended: Ended) -> bool:
    """Whether the fault was that something could not be made durable.

    SQLite syncs the folder of a journal it has just made and knowingly goes on when that fails; our own syncs of a
    snapshot's folder are fsync.
    """
    name, _, path = ended.calls[fault.at - 1].partition("\t")
    by_sqlite = path == "/archive" or (name == "fdatasync" and re.fullmatch(r"/备份/snapshots/[^/]+\.part", path))
    return fault.action == FAIL and name in {"fsync", "fdatasync"} and not by_sqlite


def _left_behind(workspace: Path, fault: Fault, ended: Ended) -> bool:
    """Whether what could not be synced counts for nothing: a generation of the index, or its label, given up for a new one."""
    path = ended.calls[fault.at - 1].partition("\t")[2]
    if re.fullmatch(r"/archive/index/\.[0-9a-f]{12}\.json", path):
        return not any(call.startswith("rename") for call in ended.calls[fault.at : fault.at + 1])
    label = workspace / "archive" / "index" / "engine.json"
    found = re.match("/archive/index/([0-9a-f]{12})(/|$)", path)
    return found is not None and label.exists() and json.loads(label.read_text())["generation"] != found[1]


def every_fault(stage: Stage, long: bool = False) -> Iterator[Fault]:
    """Yield each kind of fault at each call of the flow."""
    changing = stage.calls(CHANGES)
    for at, call in enumerate(changing, 1):
        yield Fault(at)
        if call.startswith(("write", "pwrite", "sendfile")):
            yield Fault(at, TORN)
            yield Fault(at, SHORT)
        for error in ERRORS + (MORE_ERRORS if long else ()):
            yield Fault(at, FAIL, error)
            if long:
                yield Fault(at, FAIL, error, lasting=True)
        if long and call.startswith("open"):
            yield Fault(at, FAIL, errno.EMFILE)
    for at in range(1, len(stage.calls(LOOKS)) + 1):
        yield Fault(at, FAIL, errno.EIO, classes=LOOKS)
        if long:
            yield Fault(at, FAIL, errno.EIO, lasting=True, classes=LOOKS)
            yield Fault(at, FAIL, errno.EACCES, classes=LOOKS)


def spread(faults: list[Fault], count: int) -> list[Fault]:
    """Return ``count`` of them, evenly spread."""
    return faults if len(faults) <= count else [faults[i * len(faults) // count] for i in range(count)]


def tally(stage: Stage, faults: list[Fault], answers_each: int = 10) -> tuple[int, list[str]]:
    """Strike with each fault; return how many were met and everything that does not hold."""
    met, found = 0, []
    for n, fault in zip(itertools.count(), faults, strict=False):
        result = stage.strike(fault, answers=n % answers_each == 0)
        if result is not None:
            met += 1
            found += result
    return met, found
