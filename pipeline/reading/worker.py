"""The parsing process: reads one file after another under limits, so that a hostile file costs its own job only.

Runs as ``python -m pipeline.reading.worker MEMORY_MB CPU_S``. One JSON line in (path, name); out, one line for each
page that had to be recognised, then one line with the text or the error. Time is limited for each page anew.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.errors import DocumentTooLarge, NotAFile, NotReady, PartMissing, PipelineError, UnprocessableDocument
from pipeline.reading.guards import sniff
from pipeline.reading.limits import limit, unplug
from pipeline.reading.source import CONVERTED, noted, read_kind
from pipeline.reading.wire import packed


def answer(path: str, name: str, made_of: str | None, page_done: Callable[[], None]) -> dict[str, Any]:
    """Return the text as plain data, the error's class and words, or what must first be converted.

    ``made_of``: the old format that ``path`` was converted from.
    """
    try:
        kind = sniff(Path(path))
        if kind in CONVERTED and made_of is None:
            return {"convert": kind}
        text = noted(read_kind(Path(path), kind, page_done), made_of or kind, name)
    except MemoryError:
        return _error(DocumentTooLarge("文件过大或结构异常,读取时内存超限", "请简化或拆分后重新报送"))
    except PartMissing as error:
        return {**_error(error), "part": error.part}
    except PipelineError as error:
        return _error(error)
    except FileNotFoundError:
        return _error(NotAFile("没有找到文件", "请检查文件名"))
    except OSError as error:
        return _error(NotReady(f"文件暂时不能读取({error.strerror})", "稍后会自动再试"))
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
    unplug()

    def reply(words: dict[str, Any]) -> None:
        limit(memory_mb, cpu_s)
        replies.write(json.dumps(words) + "\n")
        replies.flush()

    for line in sys.stdin:
        limit(memory_mb, cpu_s)
        job = json.loads(line)
        reply(answer(job["path"], job["name"], job["made_of"], lambda: reply({"page": True})))


if __name__ == "__main__":
    main()
