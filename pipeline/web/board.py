"""What is owed and how it stands, for pages that show all of it: reckoned apart from the calls, a few seconds old.

Reckoning a year over tens of thousands of papers takes longer than a page may; what a page shows says of which moment.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass

from pipeline.casework import Casebook, with_flows
from pipeline.daybook import Today
from pipeline.daybook import today as digest
from pipeline.errors import PipelineError
from pipeline.judging.obligations import Owed
from pipeline.office import Office
from pipeline.web.duty_index import DutyIndex, duty_index

FRESH_S = 15.0  # a board this young is shown as it is
_STALE_S = 300.0  # one this old is not shown: the call waits for a new one
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything owed in a year and the day's digest, of one moment."""

    at: dt.datetime
    rows: tuple[Owed, ...]
    day: Today | None
    index: DutyIndex


class Boards:
    """The boards of an office, by year. What changed makes the next look reckon anew."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._boards: dict[int, tuple[float, tuple[object, ...], Board]] = {}
        self._gate = threading.Lock()
        self._busy: dict[int, threading.Lock] = {}

    def get(self, year: int, now: bool = False) -> Board:
        """Return a year's board; ``now``: with everything that stands in the ledger at this moment."""
        made, mark, board = self._boards.get(year, (0.0, (), None))
        age = time.monotonic() - made
        if board is None or age > _STALE_S or now:
            return self._reckon(year, again=now)
        if age > FRESH_S and mark != self._mark():
            threading.Thread(target=self._quietly, args=(year,), daemon=True).start()
        return board

    def _quietly(self, year: int) -> None:
        try:
            self._reckon(year, again=False)
        except (PipelineError, OSError) as error:
            log.warning("%s", error)

    def _mark(self) -> tuple[object, ...]:
        return self._office.ledger.journal_head().seq, self._office.today()

    def _reckon(self, year: int, again: bool) -> Board:
        with self._gate:
            busy = self._busy.setdefault(year, threading.Lock())
        asked = time.monotonic()
        with busy:  # one at a time; who waited takes what the other made
            made, _, board = self._boards.get(year, (0.0, (), None))
            if board is not None and (made > asked or (not again and time.monotonic() - made < FRESH_S)):
                return board
            mark, office = self._mark(), self._office
            rows = tuple(with_flows(office.obligations(year), Casebook(office, year)))
            day = digest(office) if year == office.today().year else None
            board = Board(office.now(), rows, day, duty_index(rows))
            self._boards[year] = asked, mark, board
            return board
