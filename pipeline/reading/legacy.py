"""Old Word, WPS, RTF and ODF through LibreOffice: converted to .docx in a place of its own, then read as one.

LibreOffice's exit code says nothing about success, so the result is looked for. It has a profile of its own with macros
off and no links followed, and runs within limits; one that hangs dies with its children. Where its Python is installed
one LibreOffice stays open for many files; elsewhere each file starts its own, which takes some seconds.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors import DamagedDocument, PartMissing, UnprocessableDocument

LIBREOFFICE = "libreoffice"
SECONDS = 120
MEMORY_MB = 4096
_END_S = 8
JOBS = 100  # a fresh LibreOffice now and then bounds what it can hold and what one file can leave to the next
_LISTENER = Path(__file__).with_name("uno_listener.py")
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse">
<value>true</value></prop></item>
</oor:items>
"""


def program() -> str | None:
    """Return LibreOffice's path, None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


class Converter:
    """Makes .docx of older formats. Threads may share it; they take turns."""

    def __init__(self, temp: Path | None = None) -> None:
        self._temp = temp
        self._turn = threading.Lock()
        self._listener: _Listener | None = None

    def convert(self, path: Path, ending: str, folder: Path) -> Path:
        """Return a .docx in ``folder`` made from an old file; ``ending`` tells LibreOffice what it is.

        Raises:
            PartMissing: LibreOffice is not installed.
            UnprocessableDocument: it took too long. DamagedDocument: LibreOffice made nothing of it.
        """
        executable = program()
        if executable is None:
            raise PartMissing(LIBREOFFICE, "本机没有安装 LibreOffice,不能读取旧格式",
                              "安装后会自动读取登记;急件请另存为 .docx 后重新报送")  # fmt: skip
        source, made = folder / f"source.{ending}", folder / "made" / "source.docx"
        shutil.copyfile(path, source)
        made.parent.mkdir()
        with self._turn:
            speaker = uno_python(executable)
            if speaker is None:
                _convert_once(executable, source, made, folder)
            else:
                self._convert_in_turn(executable, speaker, source, made)
        if not made.is_file():
            raise DamagedDocument("旧格式文件已损坏,无法转换", "请用 Word 或 WPS 打开后另存为 .docx 再报送")
        return made

    def _convert_in_turn(self, executable: str, speaker: str, source: Path, made: Path) -> None:
        if self._listener is None or self._listener.jobs >= JOBS:
            self.close()
            self._listener = _Listener(executable, speaker, self._temp)
        done = False
        try:
            done = self._listener.ask(source, made)
        finally:
            if not done:  # it may have died of this file: the next one gets a fresh one
                self.close()

    def close(self) -> None:
        """No LibreOffice is left running."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None


class _Listener:
    """One LibreOffice that stays open, and the process that talks to it."""

    def __init__(self, executable: str, speaker: str, temp: Path | None) -> None:
        self.jobs = 0
        self._folder = tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-office-", dir=temp)
        command = [speaker, str(_LISTENER), *office_command(executable, Path(self._folder.name))]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
        environment["TMPDIR"] = self._folder.name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True, env=environment,
        )  # fmt: skip

    def ask(self, source: Path, made: Path) -> bool:
        """Whether the file was converted. Raises: UnprocessableDocument: it took too long."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self.jobs += 1
        timer = threading.Timer(SECONDS, end, [self._process])
        timer.start()
        try:
            job = {"source": str(source.absolute()), "target": str(made.absolute())}
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = b""
        finally:
            timed_out = not timer.is_alive()
            timer.cancel()
        if timed_out:
            raise _too_long()
        reply: dict[str, Any] = json.loads(line) if line else {"done": False}
        return bool(reply["done"])

    def stop(self) -> None:
        """The processes are gone, and what they left; one that does not end by itself is ended."""
        assert self._process.stdin is not None
        with suppress(OSError, subprocess.TimeoutExpired):
            self._process.stdin.close()
            self._process.wait(_END_S)
        end(self._process)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        with suppress(OSError):
            self._folder.cleanup()


@lru_cache(maxsize=4)
def uno_python(executable: str) -> str | None:
    """Return a Python that can talk to this LibreOffice: its own, else the system's; None where neither can."""
    beside = Path(executable).resolve().parent
    for candidate in (beside / "python", beside / "python.exe", Path("/usr/bin/python3")):
        if candidate.is_file():
            asked = subprocess.run([str(candidate), "-c", "import uno"], capture_output=True, check=False, cwd="/")
            if asked.returncode == 0:
                return str(candidate)
    return None


def _convert_once(executable: str, source: Path, made: Path, folder: Path) -> None:
    command = office_command(executable, folder / "profile")
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(made.parent), str(source)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired as error:
        raise _too_long() from error
    finally:
        end(process)


def office_command(executable: str, profile: Path) -> list[str]:
    """Return the words that start LibreOffice within limits, with a fresh profile."""
    settings = profile / "user"
    settings.mkdir(parents=True)
    (settings / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    limited = (
        [] if os.name == "nt" else [sys.executable, "-m", "pipeline.reading.limits", str(MEMORY_MB), str(JOBS * 60)]
    )
    return [*limited, executable, f"-env:UserInstallation={profile.absolute().as_uri()}",
            "--headless", "--norestore", "--nologo", "--nodefault"]  # fmt: skip


def _too_long() -> UnprocessableDocument:
    return UnprocessableDocument(f"转换超过 {SECONDS} 秒,文件可能结构异常", "请另存为 .docx 后重新报送")


def end(process: subprocess.Popen[bytes]) -> None:
    """The process and its children are gone."""
    if os.name == "nt":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
