"""What is owed and how it stands, for pages that show all of it: reckoned apart from the calls, a few seconds old.

Reckoning a year over tens of thousands of papers takes longer than a page may, and would slow every other page of the same
process; so a process of its own does it, and what a page shows says of which moment it is.
"""

from __future__ import annotations

import datetime as dt
import logging
import multiprocessing
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.casework import Casebook, with_flows
from pipeline.daybook import Today
from pipeline.daybook import today as digest
from pipeline.errors import PipelineError
from pipeline.judging.obligations import Owed
from pipeline.office import Office, open_office
from pipeline.web.duty_index import DutyIndex, duty_index

_QUICK_S = 1.0  # who asks after a change waits for a reckoning that takes less than this
_SHARE = 3  # a slow one is made anew after so many times its own length at the earliest
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything owed in a year and the day's digest, of one moment. ``views``: what pages made of it, by whom it is for."""

    at: dt.datetime
    rows: tuple[Owed, ...]
    day: Today | None
    index: DutyIndex
    views: dict[Any, Any] = field(default_factory=dict, compare=False)


def reckon(office: Office, year: int) -> Board:
    """Return a year's board as everything stands now."""
    rows = tuple(with_flows(office.obligations(year), Casebook(office, year)))
    return Board(office.now(), rows, digest(office) if year == office.today().year else None, duty_index(rows))


@dataclass(frozen=True, slots=True)
class _Kept:
    """A board, when it was made, how long that took, and what the ledger's end was before."""

    made: float
    took_s: float
    mark: tuple[object, ...]
    board: Board


class Boards:
    """The boards of an office, by year. ``apart``: reckoned in a process of their own."""

    def __init__(self, office: Office, apart: bool = False) -> None:
        self._office = office
        self._apart = apart
        self._pool: ProcessPoolExecutor | None = None
        self._closed = False
        self._kept: dict[int, _Kept] = {}
        self._gate = threading.Lock()
        self._busy: dict[int, threading.Lock] = {}

    def get(self, year: int) -> Board:
        """Return a year's board: as of now where reckoning is quick, else of a few seconds ago while a new one is made.

        Raises:
            PipelineError: the ledger cannot be read.
        """
        kept = self._kept.get(year)
        if kept is None:
            return self._renewed(year)
        if kept.mark == self._mark():
            return kept.board
        if not self._apart or kept.took_s < _QUICK_S:
            return self._renewed(year)
        if time.monotonic() - kept.made > _SHARE * kept.took_s:
            self.prepare(year)
        return kept.board

    def prepare(self, year: int) -> None:
        """The year's board is made beside, so that the first who asks need not wait."""
        threading.Thread(target=self._quietly, args=(year,), daemon=True).start()

    def _quietly(self, year: int) -> None:
        try:
            self._renewed(year)
        except (PipelineError, OSError) as error:
            log.warning("%s", error)
        except BrokenProcessPool:
            if not self._closed:
                raise

    def _mark(self) -> tuple[object, ...]:
        return self._office.ledger.journal_head().seq, self._office.today()

    def _renewed(self, year: int) -> Board:
        with self._gate:
            busy = self._busy.setdefault(year, threading.Lock())
        asked = time.monotonic()
        with busy:  # one at a time; who waited takes what the other made
            kept, mark = self._kept.get(year), self._mark()
            if kept is not None and (kept.mark == mark or kept.made > asked):
                return kept.board
            took_s, board = self._reckoned(year)
            self._kept[year] = _Kept(time.monotonic(), took_s, mark, board)
            return board

    def _reckoned(self, year: int) -> tuple[float, Board]:
        """Return the seconds of processor it took, without the start of its process, and the board."""
        if not self._apart:
            return _timed(self._office, year)
        for last in (False, True):
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                given = (self._office.workspace, self._office.as_of)
                self._pool = ProcessPoolExecutor(1, context, _open, given)
            try:
                return self._pool.submit(_reckon_here, year).result()
            except BrokenProcessPool:
                self._pool = None
                if last or self._closed:
                    raise
        raise AssertionError

    def close(self) -> None:
        """The process is gone, and what it shared with this one."""
        self._closed = True
        pool, self._pool = self._pool, None  # whoever waits for the reckoning lets go of it too
        if pool is not None:
            for child in multiprocessing.active_children():
                child.kill()  # a reckoning may take long, and nobody waits for it any more
            pool.shutdown(cancel_futures=True)


_office: Office | None = None


def _open(workspace: Path, as_of: dt.date | None) -> None:
    global _office
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _office = open_office(workspace, as_of)
    # what is read once is not a part of what each reckoning takes
    for part in ("rulebook", "working_days", "roster"):
        getattr(_office, part)


def _end_with_parent() -> None:
    """A server that is killed tells nobody; its reckoning process must not stay behind."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(0)


def _reckon_here(year: int) -> tuple[float, Board]:
    assert _office is not None
    return _timed(_office, year)


def _timed(office: Office, year: int) -> tuple[float, Board]:
    started = time.process_time()
    board = reckon(office, year)
    return time.process_time() - started, board
