"""Death at each step of keep → register → answer, without command line and reader: what holds before the restart too."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from pathlib import Path

import pytest

from pipeline.archive import Archive, check_fixity, safe_name
from pipeline.inbox import Inbox
from pipeline.ledger import open_ledger
from pipeline.model import Identity, Outcome, Passage, Text, Verdict
from pipeline.rulebook import load_rulebook
from tests.documents import drop, plain
from tests.faults.dying import dies_at

RULEBOOK = load_rulebook()
PAPERS = {f"报告{n}.docx": plain(f"正文{n}") for n in range(3)}
CALLS = {"os.rename", "os.remove", "os.mkdir", "os.chmod", "os.link"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="没有 fork")


def take_in(root: Path) -> None:
    """Walk everything in the inbox through the rooms that hold documents."""
    archive = Archive(root / "archive")
    archive.sweep()
    ledger = open_ledger(f"sqlite:///{root / 'archive' / 'ledger.sqlite'}", RULEBOOK, actor="测试")
    inbox = Inbox(root / "inbox", lambda entry: entry.number.encode(), safe_name, root / "lock", 0.0)
    inbox.settled()
    for arrival in inbox.settled():
        original = archive.keep(arrival)
        identity, verdict = Identity("other", arrival.name), Verdict(Outcome.NOT_APPLICABLE)
        entry = ledger.register(original, arrival, Text((Passage(0, "正文"),), "docx"), identity, verdict)
        inbox.answer(arrival, entry)
        ledger.done(entry.number)
    ledger.close()


def nothing_is_lost(root: Path) -> None:
    """Every paper lies in the inbox or is registered with its bytes; every receipt is whole and has its row."""
    archive = Archive(root / "archive")
    ledger = open_ledger(f"sqlite:///{root / 'archive' / 'ledger.sqlite'}", RULEBOOK, actor="测试")
    entries = {entry.sha256: entry for entry in ledger.entries()}
    waiting = {p.name for p in (root / "inbox").iterdir() if p.is_file()}
    for name, data in PAPERS.items():
        assert name in waiting or hashlib.sha256(data).hexdigest() in entries
    fixity = check_fixity(archive, ledger.objects())
    assert (fixity.damaged, fixity.missing) == ((), ())
    receipts = root / "inbox" / "回执"
    seen = {p.read_text() for p in receipts.glob("2026-*")} if receipts.exists() else set()
    assert seen <= {entry.number for entry in entries.values()}
    assert ledger.journal_break() is None
    ledger.close()


@pytest.mark.parametrize("first", range(1, 5))
def test_death_at_any_step_is_healed_by_the_next_walk(tmp_path, first):
    """ensures that at every step nothing is lost, and the restart ends the same as no crash: one row, one receipt."""
    deaths = 0
    for step in range(first, 200, 4):
        root = tmp_path / str(step)
        (root / "inbox").mkdir(parents=True)
        for name, data in PAPERS.items():
            drop(root / "inbox", name, data)
        if not dies_at(step, CALLS, lambda root=root: take_in(root)):
            break
        deaths += 1
        nothing_is_lost(root)
        take_in(root)
        nothing_is_lost(root)
        ledger = open_ledger(f"sqlite:///{root / 'archive' / 'ledger.sqlite'}", RULEBOOK, actor="测试")
        year = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).year
        assert [entry.number for entry in ledger.entries()] == [f"{year}-{n:04}" for n in range(1, 4)]
        assert ledger.pending() == []
        assert ledger.journal_head().seq == len(PAPERS)
        ledger.close()
        assert [p.name for p in (root / "inbox").iterdir()] == ["回执"]
        assert len([p for p in (root / "inbox" / "回执").iterdir() if not p.name.startswith(".")]) == len(PAPERS)
        assert list((root / "archive" / "tmp").iterdir()) == []
    assert deaths >= 5
