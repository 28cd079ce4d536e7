"""The loop over the inbox: look, take what is ready, wait to be woken, look again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from pipeline.abreast import abreast
from pipeline.errors import LedgerUnavailable, SearchUnavailable
from pipeline.inbox import PATIENCE_S
from pipeline.model import Receipt
from pipeline.office import Office
from pipeline.walk import take

log = logging.getLogger(__name__)

# A drain gives a still file whose end is missing this many quiet times to grow, then refuses it as incomplete.
PATIENCE = 5


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
        office.inbox.wait(office.settings.inbox.scan_s)


def _look(office: Office, patience_s: float) -> Iterator[Receipt]:
    """One look at the inbox, under the lock that keeps a second watcher from taking the same file."""
    with office.inbox.claim(), office.index.batch():
        arrivals = [office.stamped(arrival) for arrival in office.inbox.settled(patience_s)]
        receipts = abreast(arrivals, lambda arrival, turn: take(arrival, office, turn), office.settings.reading.workers)
        yield from (receipt for receipt in receipts if receipt is not None)
