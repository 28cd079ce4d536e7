"""Commands run with a fault at their n-th file-system call: the client of ``warm.py`` and ``shim.c``."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SOURCE = Path(__file__).with_name("shim.c")
CHANGES, LOOKS = 1, 2
KILL, TORN, FAIL, SHORT = range(4)
_NAMES = {KILL: "kill", TORN: "torn", FAIL: "", SHORT: "short"}


@dataclass(frozen=True)
class Fault:
    """What happens at the ``at``-th call of a class; ``at`` 0: nothing, the calls are only counted."""

    at: int = 0
    action: int = KILL
    error: int = 0
    lasting: bool = False
    classes: int = CHANGES

    def __str__(self) -> str:
        what = errno.errorcode.get(self.error, "") if self.action == FAIL else _NAMES[self.action]
        where = "looking" if self.classes == LOOKS else "changing"
        return f"{what}{' from' if self.lasting else ' at'} {where} call {self.at}"


@dataclass(frozen=True)
class Ended:
    """A finished command: exit code (negative: the signal it died of), what it printed, the calls it made."""

    code: int
    out: str
    err: str
    calls: tuple[str, ...]


class Warm:
    """Runs commands in children of a process that has everything imported."""

    def __init__(self, folder: Path, package: Path | None = None) -> None:
        """``package``: the folder that holds the ``pipeline`` to run, this one when None."""
        self._folder = folder
        shim = folder / "shim.so"
        compiled = ["gcc", "-shared", "-fPIC", "-O2", "-o", str(shim), str(SOURCE), "-ldl"]
        subprocess.run(compiled, check=True)
        root = Path(__file__).parents[2]
        path = os.pathsep.join(map(str, filter(None, (package, root))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.warm", str(shim)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root if package is None else package,
            env={**os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": path, "PYTHONUTF8": "1"},
        )
        assert self._pipe(self._process.stdout).readline() == "ready\n"

    def run(self, root: Path, *argv: object, fault: Fault | None = None) -> Ended:
        """Run ``pipeline --workspace … argv``; ``fault`` counts the calls under ``root``."""
        log, out, err = (self._folder / name for name in ("log", "out", "err"))
        code = None if fault is None else [fault.classes, fault.at, fault.action, fault.error, int(fault.lasting)]
        job = {"argv": [str(a) for a in argv], "root": str(root), "cwd": str(self._folder), "fault": code,
               "log": str(log), "out": str(out), "err": str(err)}  # fmt: skip
        self._pipe(self._process.stdin).write(json.dumps(job) + "\n")
        self._pipe(self._process.stdin).flush()
        status = json.loads(self._pipe(self._process.stdout).readline())
        calls = log.read_text(errors="surrogateescape").splitlines() if fault is not None else []
        return Ended(status, out.read_text(errors="replace"), err.read_text(errors="replace"), tuple(calls))

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            self._pipe(pipe).close()
        self._process.wait(timeout=10)

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@contextmanager
def warm(folder: Path, package: Path | None = None) -> Iterator[Warm]:
    """A warm process for as long as the block runs."""
    process = Warm(folder, package)
    try:
        yield process
    finally:
        process.close()


def possible() -> bool:
    """Whether this machine can preload a shim."""
    return sys.platform == "linux" and shutil.which("gcc") is not None
