"""Tries to open papers without reading them: what does not open, and why. In a limited process of its own.

Runs as ``python -m pipeline.reading.opening MEMORY_MB CPU_S``: one JSON path a line in, one answer a line out.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pipeline.errors import DamagedDocument, EncryptedDocument, PipelineError, UnprocessableDocument
from pipeline.reading.guards import open_package, read_part, sniff
from pipeline.reading.limits import limit, unplug

_MAIN = {"docx": "word/document.xml", "odt": "content.xml", "ofd": "OFD.xml"}
_EACH_S = 60


def first_troubles(
    papers: Mapping[str, Path], memory_mb: int = 2048, wall_s: int = _EACH_S
) -> Iterator[tuple[str, str, str]]:
    """Yield (key, code, reason) of each paper that does not open. One that hangs or kills its process is such a paper."""
    waiting = list(papers.items())
    while waiting:
        done = 0
        for (key, _), reply in zip(waiting, _answers([path for _, path in waiting], memory_mb, wall_s), strict=False):
            done += 1
            if reply:
                yield key, reply[0], reply[1]
        if done < len(waiting):
            yield waiting[done][0], "unprocessable", "打开时资源超限或超时"
        waiting = waiting[done + 1 :]


def _answers(paths: list[Path], memory_mb: int, wall_s: int) -> Iterator[list[str]]:
    """Yield one answer for each path, fewer when the process dies; none is left running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline.reading.opening", str(memory_mb), str(wall_s)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        for path in paths:
            process.stdin.write(json.dumps(os.fspath(path)).encode() + b"\n")
            process.stdin.flush()
            timer = threading.Timer(wall_s, _kill, [process])
            timer.start()
            line = process.stdout.readline()
            timer.cancel()
            if not line:
                return
            yield json.loads(line)
    except BrokenPipeError:
        return
    finally:
        _kill(process)
        process.wait()
        with suppress(OSError):
            process.stdin.close()
        process.stdout.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def open_paper(path: Path) -> None:
    """The paper opens: its package is whole, its main part is XML, its pages can be counted.

    Raises:
        UnprocessableDocument: it does not.
    """
    kind = sniff(path)
    if kind in _MAIN:
        _open_package(path, _MAIN[kind])
    elif kind == "pdf":
        _open_pdf(path)


def _open_package(path: Path, main: str) -> None:
    from lxml import etree

    with open_package(path) as package:
        names = package.namelist()
        if main not in names:
            raise DamagedDocument("文件不完整(缺少正文)")
        for name in names:
            data = read_part(package, name) if name.endswith((".xml", ".rels")) else package.read(name)
            if name == main:
                try:
                    etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
                except etree.XMLSyntaxError as error:
                    raise DamagedDocument("文件已损坏(正文不是完整的 XML)") from error


def _open_pdf(path: Path) -> None:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        pages = len(document)
        document.close()
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise EncryptedDocument("文件有密码") from error
        raise DamagedDocument("PDF 不完整或已损坏") from error
    if not pages:
        raise DamagedDocument("PDF 没有页")


def _answer(path: Path) -> list[str]:
    try:
        open_paper(path)
    except UnprocessableDocument as error:
        return ["macro" if "含宏" in error.what else error.code, error.what]
    except PipelineError as error:
        return ["unprocessable", error.what]
    except Exception as error:  # noqa: BLE001 - whatever a parser throws is a finding about this file
        return ["unprocessable", f"文件结构异常({type(error).__name__})"]
    return []


def main() -> None:
    """Answer until the parent closes our input."""
    memory_mb, cpu_s = int(sys.argv[1]), int(sys.argv[2])
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not mix with our replies
    unplug()
    for line in sys.stdin:
        limit(memory_mb, cpu_s)
        replies.write(json.dumps(_answer(Path(json.loads(line)))) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
