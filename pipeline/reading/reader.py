"""Hands files to limited worker processes and takes their texts back."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline import errors
from pipeline.errors import PartMissing, ReadingStopped, UnprocessableDocument
from pipeline.model import Original, Text
from pipeline.reading import ocr
from pipeline.reading.legacy import LIBREOFFICE, Converter, program
from pipeline.reading.wire import unpacked

PARTS: dict[str, Callable[[], object]] = {ocr.OCR: ocr.available, LIBREOFFICE: program}
JOBS_PER_WORKER = 200  # a fresh process now and then bounds what leaking parsers can hold


class Reader:
    """A pool of parsing processes, started when first needed. Threads may share it.

    ``temp``: where half-made files go; its owner sweeps what a process that died left there under its number.
    """

    def __init__(self, workers: int = 1, memory_mb: int = 2048, wall_s: int = 60, temp: Path | None = None) -> None:
        self._limits = (memory_mb, wall_s)
        self._temp = temp
        self._converter = Converter(temp)
        self._idle: queue.Queue[_Worker | None] = queue.Queue()
        for _ in range(workers):
            self._idle.put(None)

    def read(self, original: Original) -> Text:
        """Return what a kept original says.

        Raises:
            UnprocessableDocument: it cannot be read; says why and what to do.
        """
        return self.read_path(Path(original.path), original.name)

    def read_path(self, path: Path, name: str) -> Text:
        """Return what any file says; ``name`` is the name its sender gave it."""
        reply = self._ask(path, name)
        if "convert" in reply:
            # outside the worker, whose limits LibreOffice does not fit into; the result is read inside again
            with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=self._temp) as folder:
                made = self._converter.convert(path, reply["convert"], Path(folder))
                reply = self._ask(made, name, reply["convert"])
        if "part" in reply:
            raise PartMissing(reply["part"], reply["what"], reply["do"])
        if "error" in reply:
            raise getattr(errors, reply["error"], UnprocessableDocument)(reply["what"], reply["do"])
        return unpacked(reply["text"])

    def _ask(self, path: Path, name: str, made_of: str | None = None) -> dict[str, Any]:
        worker = self._idle.get()
        try:
            if worker is None or worker.worn_out:
                if worker is not None:
                    worker.stop()
                worker = _Worker(*self._limits, self._temp)
            return worker.ask(path, name, made_of)
        except BaseException:
            if worker is not None:
                worker.stop()
            worker = None
            raise
        finally:
            self._idle.put(worker)

    @staticmethod
    def has(part: str) -> bool:
        """Whether a part of this machine that some files need (``ocr``, ``libreoffice``) is there now."""
        return bool(PARTS[part]())

    def close(self) -> None:
        """Stop the processes that are idle."""
        self._converter.close()
        for _ in range(self._idle.qsize()):
            worker = self._idle.get()
            if worker is not None:
                worker.stop()
            self._idle.put(None)

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Worker:
    """One parsing process and how many jobs it has done."""

    def __init__(self, memory_mb: int, wall_s: int, temp: Path | None) -> None:
        self._wall_s = wall_s
        self._jobs = 0
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pipeline.reading.worker", str(memory_mb), str(wall_s)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, "PYTHONUTF8": "1", **({"TMPDIR": os.fspath(temp)} if temp else {})},
            )
        except OSError as error:
            raise ReadingStopped(f"读取进程不能启动({error.strerror})", "稍后会自动再试") from error

    @property
    def worn_out(self) -> bool:
        return self._jobs >= JOBS_PER_WORKER or self._process.poll() is not None

    def ask(self, path: Path, name: str, made_of: str | None) -> dict[str, Any]:
        """Send one job and wait for its answer; a process that hangs or dies is a finding about the file."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._jobs += 1
        job = {"path": os.fspath(path), "name": name, "made_of": made_of}
        try:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ReadingStopped("读取进程意外停止", "稍后会自动再试") from error
        while "page" in (reply := self._reply()):
            pass  # a page is done: the time begins anew
        return reply

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        timer = threading.Timer(self._wall_s, self._kill)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timed_out = not timer.is_alive()
            timer.cancel()
        if not line:
            what = f"读取超过 {self._wall_s} 秒" if timed_out else "读取时资源超限,读取进程已停止"
            raise UnprocessableDocument(f"{what},文件可能结构异常", "请另存一份或拆分后重新报送")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def stop(self) -> None:
        """The process is gone and its pipes are closed."""
        self._kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _kill(self) -> None:
        if os.name == "nt":
            self._process.kill()
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
