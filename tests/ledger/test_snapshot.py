"""A ledger as one file that stands still: the same rows from SQLite and PostgreSQL, and into either."""

from __future__ import annotations

import shutil
import threading
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.errors import LedgerUnavailable
from pipeline.ledger import load_snapshot, open_ledger, read_snapshot
from pipeline.model import Status
from pipeline.rulebook import load_rulebook
from tests.ledger.test_contract import arrival, register

RULEBOOK = load_rulebook()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path) -> str:
    """The address of a second, empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'second.sqlite'}"
    server = sa.make_url(request.getfixturevalue("server"))
    name = f"second_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


def test_a_ledger_moves_through_a_snapshot(ledger, empty, tmp_path):
    """ensures that every row and the chain survive from either database to either, and numbering goes on."""
    for n in range(5):
        register(ledger, f"正文{n}", arrival(f"{n}.docx"), unit=f"单位{n}")
    register(ledger, "第二版", arrival("0.docx"), unit="单位0")
    ledger.decide("2026-0002", "accept", {"4": Status.COVERED}, "同意")
    ledger.snapshot(tmp_path / "s.sqlite")
    facts = read_snapshot(tmp_path / "s.sqlite")
    assert (facts.faults, facts.breaks, facts.head) == ((), (), ledger.journal_head())
    assert (facts.tables["entries"], facts.tables["decisions"], facts.objects) == (6, 1, frozenset(ledger.objects()))
    load_snapshot(tmp_path / "s.sqlite", empty)
    moved = open_ledger(empty, RULEBOOK, actor="测试")
    assert list(moved.entries()) == list(ledger.entries())
    assert (moved.journal_head(), moved.journal_breaks()) == (ledger.journal_head(), ())
    assert moved.text("2026-0001") == ledger.text("2026-0001")
    assert register(moved, "新的", arrival("新.docx"), unit="单位9").number == "2026-0007"
    moved.decide("2026-0003", "return", {}, "退回")
    assert moved.journal_breaks() == ()
    moved.close()
    with pytest.raises(LedgerUnavailable, match="已有台账"):
        load_snapshot(tmp_path / "s.sqlite", empty)


def test_a_snapshot_sees_one_moment(ledger, reopen, tmp_path):
    """ensures that what is registered meanwhile is in a snapshot whole or not at all."""
    stop, started, other = threading.Event(), threading.Event(), reopen()

    def write() -> None:
        for n in range(10_000):
            register(other, f"正文{n}", arrival(f"{n}.docx"), unit=f"单位{n}")
            started.set()
            if stop.is_set():
                return

    thread = threading.Thread(target=write)
    thread.start()
    started.wait(30)
    try:
        for n in range(5):
            ledger.snapshot(tmp_path / f"{n}.sqlite")
    finally:
        stop.set()
        thread.join()
    counts = []
    for n in range(5):
        facts = read_snapshot(tmp_path / f"{n}.sqlite")
        assert (facts.faults, facts.breaks) == ((), ())
        rows = facts.tables
        assert rows["entries"] == rows["arrivals"] == rows["texts"] == rows["journal"] == facts.head.seq
        counts.append(rows["entries"])
    assert counts == sorted(counts)


def test_reading_a_snapshot_changes_nothing(ledger, tmp_path):
    """ensures that a snapshot on a read-only disk can be looked into, and its hash stays."""
    register(ledger, "正文")
    ledger.snapshot(tmp_path / "s.sqlite")
    (tmp_path / "disk").mkdir()
    copy = Path(shutil.copy(tmp_path / "s.sqlite", tmp_path / "disk"))
    before = copy.read_bytes()
    read_snapshot(copy)
    assert [(p.name, p.read_bytes()) for p in (tmp_path / "disk").iterdir()] == [("s.sqlite", before)]
    copy.write_bytes(b"no database" * 100)
    with pytest.raises(LedgerUnavailable):
        read_snapshot(copy)
