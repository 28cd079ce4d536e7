"""A process that has everything imported and forks a child for each job: a command line, perhaps with a fault in it.

Runs as ``python -m tests.faults.warm SHIM.so`` with the shim preloaded; a JSON job a line in, a JSON answer a line out.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import importlib
import io
import json
import os
import signal
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from pipeline.cli import main as command_line
from pipeline.letters import letters
from pipeline.reading import reader
from pipeline.reading.worker import answer
from pipeline.rulebook import load_rulebook
from tests.faults.flows import FLOWS, SETTINGS, arguments, prepare

PATIENCE_S = 120


class InHouse:
    """Stands for the parsing process, whose start would cost more than all else; it writes nothing to a workspace."""

    worn_out = False

    def __init__(self, memory_mb: int, wall_s: int, temp: Path | None) -> None:
        pass

    def ask(self, path: Path, name: str, made_of: str | None) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(answer(os.fspath(path), name, made_of, lambda: None)))
        return found

    def stop(self) -> None:
        pass


def work(job: dict[str, Any], shim: ctypes.CDLL) -> None:
    """Do one job and end with its exit code."""
    signal.alarm(PATIENCE_S)
    os.chdir(job["cwd"])
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    fault = job["fault"]
    if fault is not None:
        log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        shim.fault_arm(os.fsencode(job["root"]), log, *fault)
    try:
        command_line(job["argv"])
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(ended.code or 0))
    os._exit(70)


def rehearse() -> None:
    """Do once what children will do, so that what is compiled and parsed on first use is there; no engine with threads."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "w"

        def run(_: Path, *words: object) -> None:
            with suppress(SystemExit):
                command_line([str(word) for word in words])
            settings = workspace / "pipeline.toml"
            settings.write_text('search = "whoosh"\n' + SETTINGS, encoding="utf-8")

        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            prepare(FLOWS["letter"], workspace, run)
            run(workspace, *arguments(FLOWS["letter"].command, workspace))


def main() -> None:
    shim = ctypes.CDLL(sys.argv[1])
    reader._Worker = InHouse  # type: ignore[misc, assignment]
    load_rulebook()
    for late in ("docx", "docxtpl", "openpyxl", "bagit", "alembic.command", "pipeline.search.tantivy_engine"):
        importlib.import_module(late)
    letters.Template = functools.cache(letters.Template)  # type: ignore[assignment, misc]
    rehearse()
    gc.collect()
    gc.freeze()  # children then share what they do not change
    print("ready", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                work(job, shim)
            finally:
                os._exit(71)
        _, status = os.waitpid(child, 0)
        print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)


if __name__ == "__main__":
    main()
