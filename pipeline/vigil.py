"""What the watcher says of itself to other processes: when it last looked, what lies waiting and why, what troubles it."""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FILE = "watch.json"
_EVERY_S = 20.0


@dataclass(frozen=True, slots=True)
class Wait:
    """A file that lies in the inbox and is not taken yet."""

    name: str
    why: str
    since: str


@dataclass(frozen=True, slots=True)
class Watched:
    """The watcher's last word. Times are ISO 8601, UTC; ``trouble`` is '' when nothing keeps it from its work."""

    at: str
    process: int
    waiting: tuple[Wait, ...] = ()
    trouble: str = ""
    trouble_since: str = ""

    @property
    def age_s(self) -> float:
        """Seconds since the watcher was last seen at work."""
        return (dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(self.at)).total_seconds()


class Vigil:
    """Written by one watcher. A disk too full to write it costs nothing else."""

    def __init__(self, root: Path) -> None:
        self._path = root / FILE
        self._last = watched(root) or Watched(_now(), os.getpid())

    def saw(self, waiting: Iterable[tuple[str, str]]) -> None:
        """A look is over: this lies waiting, and nothing troubles."""
        since = {(w.name, w.why): w.since for w in self._last.waiting}
        now = _now()
        waits = tuple(Wait(name, why, since.get((name, why), now)) for name, why in waiting)
        self._write(Watched(now, os.getpid(), waits))

    def trouble(self, why: str) -> bool:
        """The watcher cannot work; returns whether that is news."""
        now, news = _now(), why != self._last.trouble
        since = now if news else self._last.trouble_since
        self._write(Watched(now, os.getpid(), self._last.waiting, why, since))
        return news

    def _write(self, word: Watched) -> None:
        last, self._last = self._last, word
        same = (last.process, last.waiting, last.trouble) == (word.process, word.waiting, word.trouble)
        if same and self._path.exists() and last.age_s < _EVERY_S:
            self._last = last
            return
        half = self._path.parent / "tmp" / f"{os.getpid()}-{uuid.uuid4().hex}"
        try:
            half.write_text(json.dumps(asdict(word), ensure_ascii=False), encoding="utf-8", errors="backslashreplace")
            half.chmod(0o600)
            half.replace(self._path)
        except OSError:
            return


def watched(root: Path) -> Watched | None:
    """Return the watcher's last word, None when none ever watched here or it cannot be read."""
    try:
        facts: dict[str, Any] = json.loads((root / FILE).read_text(encoding="utf-8"))
        return Watched(**{**facts, "waiting": tuple(Wait(**wait) for wait in facts["waiting"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
