"""The program's diary: JSON lines in ``archive/logs``, one event a line, without a word of any document."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE = "logs/pipeline.jsonl"
_SIZE, _KEPT = 5 << 20, 10
# what could break a line, drive a terminal or turn its direction
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class JsonLine(logging.Formatter):
    """One JSON object a line: ``at``, ``level``, ``from``, ``says``, and ``fault`` with the places of a traceback only."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "process": record.process,
            "says": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            # never the message: it may quote the document
            places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(record.exc_info[2])]
            line["fault"] = [record.exc_info[0].__name__, *places]
        return _UNSAFE.sub(lambda c: f"\\u{ord(c[0]):04x}", json.dumps(line, ensure_ascii=False))


def keep_diary(archive: Path) -> None:
    """What the program logs from now on stands in the archive's diary, readable by its owner only."""
    path = archive / FILE
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        handler = RotatingFileHandler(
            path, maxBytes=_SIZE, backupCount=_KEPT, encoding="utf-8", errors="backslashreplace"
        )
    except OSError:
        return  # a disk too full for a diary must not keep the office from looking at why
    handler.setFormatter(JsonLine())
    logging.raiseExceptions = False
    logger = logging.getLogger("pipeline")
    for old in [h for h in logger.handlers if isinstance(h, RotatingFileHandler)]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
