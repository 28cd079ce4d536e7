"""The rooms that hold documents (inbox, archive, ledger) without command line and reader, over one folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.archive import Archive, safe_name
from pipeline.errors import NotReady
from pipeline.inbox import Inbox
from pipeline.ledger import Ledger, open_ledger
from pipeline.ledger.dialect import open_engine
from pipeline.model import Arrival, Entry, Identity, Outcome, Passage, Text, Verdict
from pipeline.rulebook import load_rulebook

TEXT, VERDICT = Text((Passage(0, "正文"),), "docx"), Verdict(Outcome.NOT_APPLICABLE)


@dataclass
class Rooms:
    """Opened rooms; ``walk`` takes one arrival through them in the walk's own order."""

    archive: Archive
    ledger: Ledger
    inbox: Inbox

    def walk(self, arrival: Arrival) -> Iterator[tuple[str, Entry | None]]:
        """Yield after each step its name and the entry once there is one; NotReady ends it."""
        try:
            original = self.archive.keep(arrival)
        except NotReady:
            return
        yield "kept", None
        entry = self.ledger.register(original, arrival, TEXT, Identity("other", arrival.name), VERDICT)
        yield "registered", entry
        self.inbox.answer(arrival, entry)
        yield "answered", entry
        self.ledger.done(entry.number)
        yield "done", entry


@contextmanager
def rooms(root: Path, upgraded: bool = False) -> Iterator[Rooms]:
    """Open the rooms of a folder, sweep what a stopped run left, close them.

    ``upgraded``: the ledger is known to have today's schema, which need not be asked again.
    """
    archive = Archive(root / "archive")
    archive.sweep()
    address = f"sqlite:///{root / 'archive' / 'ledger.sqlite'}"
    if upgraded:
        ledger = Ledger(open_engine(address), load_rulebook(), "测试", "Asia/Shanghai")
    else:
        ledger = open_ledger(address, load_rulebook(), actor="测试")
    inbox = Inbox(root / "inbox", lambda entry: entry.number.encode(), safe_name, root / "archive" / "lock", 0.0)
    try:
        yield Rooms(archive, ledger, inbox)
    finally:
        ledger.close()
        inbox.close()
