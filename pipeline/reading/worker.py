"""The parsing process: reads one file after another under limits, so that a hostile file costs its own job only.

Runs as ``python -m pipeline.reading.worker MEMORY_MB CPU_S``. One JSON line in (path, name), one JSON line out.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from pipeline.errors import DocumentTooLarge, NotAFile, PipelineError, UnprocessableDocument
from pipeline.reading.guards import sniff
from pipeline.reading.source import CONVERTED, READERS, noted
from pipeline.reading.wire import packed

_CLONE_NEWNET, _CLONE_NEWUSER = 0x40000000, 0x10000000
_FILE_BYTES = 256 << 20


def limit(memory_mb: int, cpu_s: int) -> None:
    """Bound this process's memory, file size and processor time for each job, and take its network where permitted."""
    try:
        import resource
    except ImportError:
        return  # Windows: the parent's wall clock is the limit
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def unplug() -> None:
    """Take the network away from this process where the system lets us."""
    import ctypes

    unshare = ctypes.CDLL(None, use_errno=True).unshare
    if unshare(_CLONE_NEWNET) != 0:
        unshare(_CLONE_NEWUSER | _CLONE_NEWNET)  # for those who are not root, where the system allows it


def answer(path: str, name: str, made_of: str | None) -> dict[str, Any]:
    """Return the text as plain data, the error's class and words, or what must first be converted.

    ``made_of``: the old format that ``path`` was converted from.
    """
    try:
        kind = sniff(Path(path))
        if kind in CONVERTED and made_of is None:
            return {"convert": kind}
        text = noted(READERS[kind](Path(path)), made_of or kind, name)
    except MemoryError:
        return _error(DocumentTooLarge("文件过大或结构异常,读取时内存超限", "请简化或拆分后重新报送"))
    except (UnprocessableDocument, PipelineError) as error:
        return _error(error)
    except OSError:
        return _error(NotAFile("没有找到文件,或无权读取", "请检查文件名和权限"))
    except Exception as error:  # noqa: BLE001 - whatever a parser throws costs this file, not its neighbours
        return _error(UnprocessableDocument(f"文件结构异常,无法读取({type(error).__name__})", "请另存一份后重新报送"))
    return {"text": packed(text)}


def _error(error: PipelineError) -> dict[str, Any]:
    return {"error": type(error).__name__, "what": error.what, "do": error.do}


def main() -> None:
    """Serve until the parent closes our input."""
    memory_mb, cpu_s = int(sys.argv[1]), int(sys.argv[2])
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not mix with our replies
    if sys.platform == "linux":
        unplug()
    for line in sys.stdin:
        limit(memory_mb, cpu_s)
        job = json.loads(line)
        replies.write(json.dumps(answer(job["path"], job["name"], job["made_of"])) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
