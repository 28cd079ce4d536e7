"""A bag is read back before it gets its name, and carries the journal's head, against which a cut tail shows."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import bagit
import pytest

from pipeline.archive import bundle
from pipeline.errors import ArchiveDamaged
from tests.documents import drop, leadership_report
from tests.faults.invariants import journal_head, violations

UNIT = "中共汀州市教育局党组"


@pytest.fixture
def taken(cli, workspace):
    drop(workspace / "inbox", "报告.docx", leadership_report())
    assert cli("--workspace", workspace, "watch", "--once").code == 0
    return workspace


def bundled(cli, workspace):
    out = workspace / "包"
    ran = cli("--workspace", workspace, "bundle", "--unit", UNIT, "--year", "2026", "--out", out)
    return ran, [path for path in out.iterdir() if not path.name.startswith(".")]


def test_a_byte_that_turns_on_the_way_into_the_bag_makes_no_bag(cli, taken, monkeypatch):
    """ensures that every byte is hashed again: a change that keeps the size is found too."""
    write = bundle.write_tag_manifests
    turned: list[int] = []

    def turning(folder):
        if turned:
            return write(folder)
        turned.append(1)
        path = next(p for p in (folder / "data").rglob("*.docx") if p.parent.name != "data")
        with path.open("r+b") as stream:
            stream.seek(100)
            byte = stream.read(1)
            stream.seek(100)
            stream.write(bytes([byte[0] ^ 1]))
        return write(folder)

    monkeypatch.setattr(bundle, "write_tag_manifests", turning)
    ran, bags = bundled(cli, taken)
    assert (ran.code, bags) == (ArchiveDamaged.exit_code, [])
    assert "自检未通过" in ran.err


def test_a_cut_tail_shows_against_the_head_in_a_bundle(cli, taken):
    """ensures that the bag holds the head of its day, so that a journal whose end was cut off no longer extends it."""
    head = journal_head(taken)
    _, (bag,) = bundled(cli, taken)
    seq, _, hash_ = bagit.Bag(str(bag)).info["Journal-Head"].partition(":")
    kept_outside = (int(seq), hash_)
    assert kept_outside == head
    assert violations(taken, [], kept_outside) == []
    with closing(sqlite3.connect(taken / "archive" / "ledger.sqlite")) as ledger:
        ledger.execute("DROP TRIGGER journal_no_delete")
        ledger.execute("DELETE FROM journal WHERE seq >= ?", (head[0],))
        ledger.commit()
    checked = cli("--workspace", taken, "verify", "--json").one
    assert checked["journal"] == "intact"  # the chain alone cannot tell
    assert (checked["journal_head"]["seq"], checked["journal_head"]["hash"]) != kept_outside
    assert any("does not extend the head" in what for what in violations(taken, [], kept_outside))
