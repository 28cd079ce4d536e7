"""The loop over the inbox: look, take what is ready, wait to be woken, look again."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterator

from pipeline.abreast import abreast
from pipeline.errors import LedgerUnavailable, PipelineError, SearchUnavailable
from pipeline.inbox import PATIENCE_S
from pipeline.model import Receipt
from pipeline.office import Office
from pipeline.proving import prove_share
from pipeline.walk import take

log = logging.getLogger(__name__)

# A drain gives a still file whose end is missing this many quiet times to grow, then refuses it as incomplete.
PATIENCE = 5
PROVING_S = 5.0  # the rolling check takes so long between two looks, never more


def drain(office: Office) -> Iterator[Receipt]:
    """Take in everything that lies in the inbox; ends when nothing is left that could become ready soon."""
    office.archive.sweep()
    office.finish_pending()
    quiet_s = office.settings.inbox.quiet_s
    patience_s = max(PATIENCE * quiet_s, 2.0)
    deadline = time.monotonic() + 2 * patience_s
    while time.monotonic() < deadline:
        receipts = list(_look(office, patience_s))
        yield from receipts
        if not office.inbox.settling():
            return
        if receipts:
            deadline = time.monotonic() + 2 * patience_s
        time.sleep(max(quiet_s / 2, 0.05))


def follow(office: Office) -> Iterator[Receipt]:
    """Take in whatever comes, for ever. A ledger that is away for a while is waited for; nothing is lost meanwhile."""
    office.archive.sweep()
    office.finish_pending()
    unfinished = False
    proved: dt.date | None = None
    while True:
        try:
            if unfinished:
                office.finish_pending()
                unfinished = False
            yield from _look(office, PATIENCE_S)
        except (LedgerUnavailable, SearchUnavailable) as error:
            log.warning("%s", error)
            time.sleep(office.settings.inbox.scan_s)
            unfinished = True
        if proved != office.today() and _proved_for_today(office):
            proved = office.today()
        office.inbox.wait(office.settings.inbox.scan_s)


def _proved_for_today(office: Office) -> bool:
    """Go on with the day's share of the rolling check; returns whether it is done. Its trouble stops no intake."""
    try:
        return prove_share(office, seconds=PROVING_S) is None
    except PipelineError as error:
        log.warning("%s", error)
        return False


def _look(office: Office, patience_s: float) -> Iterator[Receipt]:
    """One look at the inbox, under the lock that keeps a second watcher from taking the same file."""
    with office.inbox.claim(), office.index.batch():
        arrivals = [office.stamped(arrival) for arrival in office.inbox.settled(patience_s)]
        receipts = abreast(arrivals, lambda arrival, turn: take(arrival, office, turn), office.settings.reading.workers)
        yield from (receipt for receipt in receipts if receipt is not None)
