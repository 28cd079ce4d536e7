"""The checker is right: a sound workspace breaks nothing, and each planted fault is named by its invariant."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress

import pytest

from pipeline.cli import main
from tests.faults.flows import GOOD, HALF, WATCH, Flow, arguments, prepare, put
from tests.faults.invariants import Dropped, journal_head, lost, search_answers, violations

ARRIVALS = (
    Dropped("报告.docx", GOOD, "registered"),
    Dropped("坏.docx", HALF, "set_aside"),
    Dropped("市教育局/副本.docx", GOOD, "duplicate"),
)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    """A workspace in which one good, one bad and one twin were taken in, the twin later."""
    workspace = tmp_path_factory.mktemp("pattern") / "工作区"

    def run(_, *words):
        with suppress(SystemExit):
            main([str(word) for word in words])

    prepare(Flow(WATCH, ARRIVALS[:2]), workspace, run)
    for some in ((), ARRIVALS[2:]):
        put(some, workspace)
        run(workspace, *arguments(WATCH, workspace))
    return workspace


@pytest.fixture
def taken(pattern, tmp_path):
    """A copy of it, to be spoiled."""
    return shutil.copytree(pattern, tmp_path / "工作区")


def edit(workspace, *statements):
    """Change the ledger behind the program's back."""
    with closing(sqlite3.connect(workspace / "archive" / "ledger.sqlite")) as ledger:
        for (trigger,) in ledger.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            ledger.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            ledger.execute(statement)
        ledger.commit()


def the_object(workspace, drop=ARRIVALS[0]):
    sha = drop.sha256
    return workspace / "archive" / "objects" / "sha256" / sha[:2] / sha[2:4] / sha


def rewrite(path, data):
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


PLANTED = {
    "row gone": ("I1 坏.docx: arrived 1 times, 0 rows", lambda w: edit(w, "DELETE FROM arrivals WHERE name='坏.docx'")),
    "row doubled": (
        "I1 报告.docx: arrived 1 times, 2 rows",
        lambda w: edit(w, "INSERT INTO arrivals SELECT 'inbox:x', name, hint, arrived_at, sha256, outcome, entry, code, reason "
                          "FROM arrivals WHERE name='报告.docx'"),
    ),
    "twin not noted": ("I1 副本.docx: arrived 1 times, 0 rows", lambda w: edit(w, "DELETE FROM arrivals WHERE outcome='duplicate'")),
    "still there": ("I1 报告.docx: still in the inbox", lambda w: put(ARRIVALS[:1], w)),
    "bytes changed": ("bytes do not hash to the name", lambda w: rewrite(the_object(w), b"x" + GOOD[1:])),
    "writable": ("mode is 644", lambda w: the_object(w).chmod(0o644)),
    "set aside altered": ("I2 坏.docx: no identical copy", lambda w: rewrite(set_aside(w), b"x")),
    "object gone": ("I4 entries: no object", lambda w: the_object(w).unlink()),
    "act noted twice": ("I5 set_aside: 1 arrivals, 0 journal rows", lambda w: edit(w, "UPDATE journal SET act='x' WHERE act='set_aside'")),
    "pending": ("still pending", lambda w: edit(w, "INSERT INTO pending SELECT number FROM entries")),
    "gap": ("I6 entries 2026: numbers [2]", lambda w: edit(w, "UPDATE entries SET seq=2, year=2026")),
    "journal edited": ("I7 journal row 2 does not follow", lambda w: edit(w, "UPDATE journal SET actor='x' WHERE seq=2")),
    "tail cut": ("I7 the journal does not extend", lambda w: edit(w, "DELETE FROM journal WHERE seq=(SELECT max(seq) FROM journal)")),
    "other fate": ("I9 坏.docx: wanted set_aside", lambda w: edit(w, "UPDATE arrivals SET outcome='duplicate' WHERE name='坏.docx'")),
    "no reason": ("refused without a reason", lambda w: edit(w, "UPDATE arrivals SET reason='oops' WHERE reason IS NOT NULL")),
    "not given back": ("refused and not given back", lambda w: next((w / "inbox" / "退回").glob("坏*.docx")).unlink()),
    "two entries": ("2 entries of the same bytes", lambda w: two_entries(w)),
    "other bytes": ("registered as other bytes", lambda w: edit(w, "UPDATE entries SET sha256=(SELECT sha256 FROM arrivals WHERE outcome='set_aside')")),
    "half receipt": ("half-made receipt", lambda w: rewrite(next((w / "inbox" / "回执").iterdir()), b"PK")),
    "no receipt": ("2 names of 2026-0001, 1 receipts", lambda w: next((w / "inbox" / "回执").iterdir()).unlink()),
    "half note": ("half-made note", lambda w: next((w / "inbox" / "退回").glob("*.txt")).write_bytes(b"x")),
    "half reason": ("half-made reason", lambda w: next((w / "archive" / "set-aside").glob("*/原因.txt")).write_bytes(b"x")),
    "spool": ("left in the spool", lambda w: (w / "archive" / "tmp" / "1-x").write_bytes(b"x")),
}  # fmt: skip


def set_aside(workspace):
    """The copy alone: it may share its bytes with the object."""
    path = next(p for p in (workspace / "archive" / "set-aside").glob("*/*") if p.name != "原因.txt")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    return path


def two_entries(workspace):
    """The bytes registered twice, as a ledger that keys by name would."""
    with closing(sqlite3.connect(workspace / "archive" / "ledger.sqlite")) as ledger:
        columns = [row[1] for row in ledger.execute("PRAGMA table_info(entries)")]
        values = ledger.execute("SELECT * FROM entries").fetchone()
        made = ledger.execute("SELECT sql FROM sqlite_master WHERE name='entries'").fetchone()[0]
        assert "UNIQUE" in made
        other = dict(zip(columns, values, strict=True)) | {"number": "2026-0002", "seq": 2}
        ledger.execute("PRAGMA foreign_keys=OFF")
        ledger.execute("ALTER TABLE entries RENAME TO old")
        ledger.execute(f"CREATE TABLE entries ({','.join(columns)})")
        for row in (values, tuple(other.values())):
            ledger.execute(f"INSERT INTO entries VALUES ({','.join('?' * len(columns))})", row)
        ledger.commit()


def test_a_sound_workspace_breaks_nothing(taken):
    """ensures that the checker raises no false alarm."""
    assert violations(taken, ARRIVALS, journal_head(taken)) == []
    assert lost(taken, ARRIVALS) == []
    assert search_answers(taken) == []


@pytest.mark.parametrize("name", PLANTED)
def test_each_planted_fault_is_named(taken, name):
    """ensures that no invariant is silent when it is broken."""
    words, plant = PLANTED[name]
    head = journal_head(taken)
    plant(taken)
    found = violations(taken, ARRIVALS, head)
    assert any(words in what for what in found), found


def test_a_source_that_left_too_early_is_named(taken):
    """ensures that I3 asks at the moment of the fault: without row or object the file must still lie in the inbox."""
    late = Dropped("新.docx", GOOD + b"\0")
    assert lost(taken, [late]) == ["I3 新.docx: gone from the inbox without a committed row and an object"]
    put((late,), taken)
    assert lost(taken, [late]) == []
    the_object(taken).unlink()
    found = lost(taken, ARRIVALS)
    assert {what.partition(":")[0] for what in found} == {"I3 报告.docx", "I3 副本.docx", "I4 entries", "I4 arrivals"}


def test_an_index_that_answers_otherwise_is_named(taken):
    """ensures that I8 sees an index that knows other entries than the ledger."""
    from pipeline.office import open_office

    office = open_office(taken)
    office.index.remove([entry.number for entry in office.ledger.entries()])
    office.close()
    found = search_answers(taken)
    assert any("the index holds" in what for what in found) and "I8 a rebuilt index gives other answers" in found
