"""What only an embedded ledger can suffer: its file."""

from __future__ import annotations

import sqlite3

import pytest

from pipeline.errors import LedgerUnavailable
from pipeline.ledger import dialect, open_ledger
from pipeline.rulebook import load_rulebook


def opened(path):
    return open_ledger(f"sqlite:///{path}", load_rulebook(), actor="测试")


def test_only_settings_that_keep_acknowledged_rows(tmp_path):
    """ensures that the journal mode is one measured to lose nothing, with every commit synced."""
    ledger = opened(tmp_path / "ledger.sqlite")
    with dialect.reading(ledger._engine) as connection:
        mode, level, keys = (
            connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("journal_mode", "synchronous", "foreign_keys")
        )
    assert mode == ("wal" if dialect.wal_is_safe() else "truncate")
    assert (level, keys) == (2, 1)
    ledger.close()


@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 40, 1), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 2), False),
     ((3, 51, 3), True), ((3, 60, 0), True)],
)  # fmt: skip
def test_write_ahead_only_without_its_defect(version, safe):
    """ensures that versions with the WAL-reset defect are told from the mended ones."""
    assert dialect.wal_is_safe(version) is safe


def test_nobody_else_may_read_it(tmp_path):
    """ensures that the database file is the owner's alone."""
    opened(tmp_path / "ledger.sqlite").close()
    assert (tmp_path / "ledger.sqlite").stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_database(tmp_path):
    """ensures that garbage ends in a Chinese sentence, untouched."""
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database " * 100)
    with pytest.raises(LedgerUnavailable, match="已损坏"):
        opened(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_locked_ledger_says_so(tmp_path, monkeypatch):
    """ensures that another program's lock is waited for and then named."""
    monkeypatch.setattr(dialect, "BUSY_S", 0.1)
    ledger = opened(tmp_path / "ledger.sqlite")
    holder = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LedgerUnavailable, match="占用"):
        ledger.note("probe", "x", {})
    holder.close()
    ledger.note("probe", "x", {})
    ledger.close()


@pytest.mark.parametrize("address", ["nonsense", "mysterydb://x/y", ""])
def test_an_address_nobody_knows(address):
    """ensures that a wrong address names the setting to look at."""
    with pytest.raises(LedgerUnavailable, match=r"pipeline\.toml"):
        open_ledger(address, load_rulebook(), actor="测试")
