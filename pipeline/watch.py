"""The loop over the inbox: look, take what is ready, wait to be woken, look again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from pipeline.errors import LedgerUnavailable, SearchUnavailable
from pipeline.model import Receipt
from pipeline.office import Office
from pipeline.walk import take

log = logging.getLogger(__name__)

# How many more looks a file that is not ready gets before ``drain`` ends and names it as waiting.
PATIENCE = 5


def drain(office: Office) -> Iterator[Receipt]:
    """Take in everything that lies in the inbox; ends when nothing is left that could become ready soon."""
    office.finish_pending()
    looks = 0
    while looks < PATIENCE:
        receipts = list(_look(office))
        yield from receipts
        looks = 0 if receipts else looks + 1
        if not office.inbox.waiting():
            return
        time.sleep(max(office.settings.inbox.quiet_s / 2, 0.05))


def follow(office: Office) -> Iterator[Receipt]:
    """Take in whatever comes, for ever. A ledger that is away for a while is waited for; nothing is lost meanwhile."""
    office.finish_pending()
    while True:
        try:
            yield from _look(office)
        except (LedgerUnavailable, SearchUnavailable) as error:
            log.warning("%s", error)
            time.sleep(office.settings.inbox.scan_s)
        office.inbox.wait(office.settings.inbox.scan_s)


def _look(office: Office) -> Iterator[Receipt]:
    """One look at the inbox, under the lock that keeps a second watcher from taking the same file."""
    with office.inbox.claim():
        for arrival in office.inbox.settled():
            receipt = take(office.stamped(arrival), office)
            if receipt is not None:
                yield receipt
