"""The loop over the inbox: look, claim what is ready, walk some of it, look again; wait when nothing is left to do."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator

from pipeline.abreast import abreast
from pipeline.errors import ArchiveDamaged, PipelineError
from pipeline.inbox import PATIENCE_S
from pipeline.ledger import INTACT
from pipeline.model import Receipt
from pipeline.office import Office
from pipeline.proving import prove_share
from pipeline.vigil import Vigil
from pipeline.walk import claim, take

log = logging.getLogger(__name__)

# A drain gives a still file whose end is missing this many quiet times to grow, then refuses it as incomplete.
PATIENCE = 5
# papers walked between two looks: few enough that what comes meanwhile is soon safe
_STRETCH = 32
PROVING_S = 5.0  # the rolling check takes so long between two looks, never more


def drain(office: Office) -> Iterator[Receipt]:
    """Take in everything that lies in the inbox; ends when nothing is left that could become ready soon.

    Raises:
        ArchiveDamaged: a paper came whose bytes the archive holds, and no longer holds sound; all others are done.
    """
    office.recover()
    quiet_s = office.settings.inbox.quiet_s
    patience_s = max(PATIENCE * quiet_s, 2.0)
    deadline = float("inf")
    while time.monotonic() < deadline:
        receipts = list(_look(office, patience_s))
        yield from receipts
        if receipts or deadline == float("inf"):  # the first look opens everything, and a busy machine is slow at it
            deadline = time.monotonic() + 2 * patience_s
            continue
        if not (office.inbox.settling() or office.claimed(1)):
            break
        time.sleep(max(quiet_s / 2, 0.05))
    if harmed := [w for w in office.ledger.claims.waiting() if w.needs.startswith(INTACT)]:
        raise ArchiveDamaged(f"{harmed[0].name}:{harmed[0].why}")


def follow(office: Office, say: Callable[[str], None]) -> Iterator[Receipt]:
    """Take in whatever comes, for ever. Trouble with the workspace is said and waited out; nothing is lost meanwhile."""
    vigil = Vigil(office.archive.root)
    recovered = False
    proved: dt.date | None = None
    while True:
        try:
            if not recovered:
                office.recover()
                recovered = True
            moved = False
            for receipt in _look(office, PATIENCE_S):
                moved = True
                yield receipt
            vigil.saw(office.inbox.waiting())
            if moved and office.claimed(1):
                continue
            if proved != office.today() and _proved_for_today(office):
                proved = office.today()
            office.inbox.wait(office.settings.inbox.scan_s)
        except (PipelineError, OSError) as error:
            words = (
                str(error) if isinstance(error, PipelineError) else f"读写文件时出错({error.strerror}),稍后会自动再试"
            )
            if vigil.trouble(words):
                log.warning("%s", words)
                say(words)
            recovered = False
            time.sleep(office.settings.inbox.scan_s)


def _proved_for_today(office: Office) -> bool:
    """Go on with the day's share of the rolling check; returns whether it is done. Its trouble stops no intake."""
    try:
        return prove_share(office, seconds=PROVING_S) is None
    except PipelineError as error:
        log.warning("%s", error)
        return False


def _look(office: Office, patience_s: float) -> Iterator[Receipt]:
    """One look at the inbox and one stretch of work, under the lock that keeps two watchers from the same paper."""
    with office.inbox.claim(), office.index.batch():
        arrivals = office.inbox.settled(patience_s, office.ledger.claims.keys())
        yield from claim([office.stamped(arrival) for arrival in arrivals], office)
        receipts = abreast(
            office.claimed(_STRETCH), lambda arrival, turn: take(arrival, office, turn), office.settings.reading.workers
        )
        yield from (receipt for receipt in receipts if receipt is not None)
