"""The log of readings (``archive/logs/reads-YYYY-MM.jsonl``), read from its end, however long it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FILE = re.compile(r"reads-(\d{4}-\d{2})\.jsonl")
_CHUNK = 256 << 10
_MOST = 4 << 20  # bytes looked through for one page


@dataclass(frozen=True, slots=True)
class Reading:
    """One line: who read which thing, when (ISO 8601) and from where. ``act``: see, download, search …"""

    at: str
    who: str
    act: str
    thing: str
    address: str


@dataclass(frozen=True, slots=True)
class Readings:
    """A page of lines, newest first. ``before``: where the next page ends, None where there is nothing older."""

    lines: tuple[Reading, ...]
    before: int | None


def months(folder: Path) -> list[str]:
    """Return the months of which there is a log, newest first."""
    found = (_FILE.fullmatch(path.name) for path in folder.glob("reads-*.jsonl"))
    return sorted((match[1] for match in found if match), reverse=True)


def last_readings(folder: Path, month: str, limit: int, before: int | None = None, word: str = "") -> Readings:
    """Return the last lines of a month's log that end by the byte ``before``, those that hold ``word`` in who or thing."""
    path = folder / f"reads-{month}.jsonl"
    if not path.is_file():
        return Readings((), None)
    size = path.stat().st_size
    end = size if before is None else min(max(before, 0), size)
    found: list[Reading] = []
    at, needle = end, json.dumps(word)[1:-1].encode()
    for at, line in _backwards(path, end):
        reading = _read(line) if needle in line else None
        if reading is not None and (word in reading.who or word in reading.thing):
            found.append(reading)
        if len(found) == limit or end - at > _MOST:
            break
    return Readings(tuple(found), at if at > 0 else None)


def _backwards(path: Path, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield each line that ends by ``end`` with the place where it begins, the last one first."""
    with path.open("rb") as stream:
        rest = b""
        while end > 0:
            start = max(end - _CHUNK, 0)
            stream.seek(start)
            first, *lines = (stream.read(end - start) + rest).split(b"\n")
            place = start + len(first) + 1 + sum(len(line) + 1 for line in lines)
            for line in reversed(lines):
                place -= len(line) + 1
                if line:
                    yield place, line
            # the first part may have its beginning in the chunk before
            rest, end = first + b"\n", start
        if rest.strip():
            yield 0, rest.strip(b"\n")


def _read(line: bytes) -> Reading | None:
    """Return a line's facts; None where it is torn."""
    try:
        facts = json.loads(line)
        return Reading(*(str(facts[key]) for key in ("at", "who", "act", "thing", "from")))
    except (ValueError, KeyError, TypeError):
        return None
