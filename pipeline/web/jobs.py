"""Long work: it goes on when the page is closed, says how far it is, and keeps its result for a day."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.errors import PipelineError, UsageError

_KEPT = dt.timedelta(days=1)
_AT_ONCE = 2
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: words, a page to look at, or a file to save. ``facts``: what that page shows."""

    words: str
    link: str = ""
    file: bytes | None = None
    name: str = ""
    facts: object = None


@dataclass
class Job:
    """One piece of work. ``done`` of ``total`` (0: not known); ``result`` or ``trouble`` once it is over."""

    title: str
    owner: str
    key: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    begun: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    total: int = 0
    done: int = 0
    result: Result | None = None
    trouble: str = ""

    @property
    def over(self) -> bool:
        return self.result is not None or bool(self.trouble)

    def step(self) -> None:
        """One more part is done."""
        self.done += 1


class Jobs:
    """The work that is going on, and what was done today. It ends with the program: all of it can be asked for again."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._gate = threading.Lock()
        self._turns = threading.Semaphore(_AT_ONCE)

    def start(self, job: Job, work: Callable[[Job], Result]) -> Job:
        """The work is under way.

        Raises:
            UsageError: the same work of the same person is not over.
        """
        with self._gate:
            old = dt.datetime.now(dt.UTC) - _KEPT
            self._jobs = {k: j for k, j in self._jobs.items() if not j.over or j.begun > old}
            if any(j.title == job.title and j.owner == job.owner and not j.over for j in self._jobs.values()):
                raise UsageError(f"“{job.title}”正在进行", "请等它完成")
            self._jobs[job.key] = job
        threading.Thread(target=self._run, args=(job, work), daemon=True).start()
        return job

    def _run(self, job: Job, work: Callable[[Job], Result]) -> None:
        with self._turns:
            try:
                job.result = work(job)
            except PipelineError as error:
                job.trouble = str(error)
            except Exception as error:
                log.exception("fault in %s", job.title)
                job.trouble = f"程序内部出错({type(error).__name__}),请告知维护人员"

    def forget(self, owner: str) -> None:
        """What came of somebody's work is not shown to them any more: their rights have changed."""
        with self._gate:
            self._jobs = {key: job for key, job in self._jobs.items() if job.owner != owner}

    def of(self, owner: str) -> list[Job]:
        """Return somebody's work, newest first."""
        with self._gate:
            return sorted((j for j in self._jobs.values() if j.owner == owner), key=lambda j: j.begun, reverse=True)

    def get(self, key: str, owner: str) -> Job | None:
        """Return one piece of somebody's own work."""
        found = self._jobs.get(key)
        return found if found and found.owner == owner else None
