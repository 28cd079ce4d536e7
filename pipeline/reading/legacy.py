"""Old Word, WPS, RTF and ODF through LibreOffice: converted to .docx in a place of its own, then read as one.

LibreOffice's exit code says nothing about success, so the result is looked for. Each job has its own profile with
macros off and no links followed; a hung process dies with its children.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from pipeline.errors import DamagedDocument, UnprocessableDocument

SECONDS = 120
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


@lru_cache(maxsize=1)
def program() -> str | None:
    """Return LibreOffice's path, None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(path: Path, ending: str, folder: Path) -> Path:
    """Return a .docx in ``folder`` made from an old file; ``ending`` tells LibreOffice what it is.

    Raises:
        UnprocessableDocument: it took too long. DamagedDocument: LibreOffice made nothing of it.
    """
    executable = program()
    if executable is None:
        raise UnprocessableDocument("本机没有安装 LibreOffice,不能读取旧格式", "请另存为 .docx 后重新报送")
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    source = folder / f"source.{ending}"
    shutil.copyfile(path, source)
    made = folder / "made" / "source.docx"
    command = [executable, f"-env:UserInstallation={profile.parent.as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(made.parent), str(source)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired as error:
        raise UnprocessableDocument(f"转换超过 {SECONDS} 秒,文件可能结构异常", "请另存为 .docx 后重新报送") from error
    finally:
        _end(process)
    if not made.is_file():
        raise DamagedDocument("旧格式文件已损坏,无法转换", "请用 Word 或 WPS 打开后另存为 .docx 再报送")
    return made


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process and its children are gone."""
    if os.name == "nt":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
