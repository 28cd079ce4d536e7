"""What only an embedded ledger can suffer: its file."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib

import pytest
import sqlalchemy as sa

from pipeline.errors import LedgerUnavailable
from pipeline.ledger import dialect, open_ledger
from pipeline.rulebook import load_rulebook
from tests.ledger.test_contract import arrival, register


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


def test_a_full_disk_says_so_and_registers_nothing(tmp_path):
    """ensures that an entry is written whole or not at all, and its number is used by the next."""
    ledger = opened(tmp_path / "ledger.sqlite")
    pages = f"PRAGMA max_page_count = {sqlite_pages(tmp_path / 'ledger.sqlite')}"
    sa.event.listen(ledger._engine, "begin", lambda connection: connection.exec_driver_sql(pages))
    written = 0
    with pytest.raises(LedgerUnavailable, match="磁盘已满"):
        for written in range(100):
            register(ledger, f"正文{written}" * 200, arrival(f"{written}.docx"), unit=f"单位{written}")
    ledger.close()
    ledger = opened(tmp_path / "ledger.sqlite")
    assert (ledger.count(), ledger.journal_head().seq, ledger.journal_break()) == (written, written, None)
    assert register(ledger, "之后").number == f"2026-{written + 1:04}"
    ledger.close()


def sqlite_pages(path):
    holder = sqlite3.connect(path)
    (pages,) = holder.execute("PRAGMA page_count").fetchone()
    holder.close()
    return pages


def test_a_read_only_ledger_says_so(tmp_path):
    """ensures that a ledger that may not be written to is named as that, and can still be read."""
    ledger = opened(tmp_path / "ledger.sqlite")
    sa.event.listen(ledger._engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA query_only = ON"))
    with pytest.raises(LedgerUnavailable, match="只读"):
        register(ledger, "正文")
    assert ledger.count() == 0
    ledger.close()


def test_a_folder_in_its_place(tmp_path):
    """ensures that a path that cannot be a file is named."""
    with pytest.raises(LedgerUnavailable, match="无法打开"):
        opened(tmp_path)


def test_it_can_be_read_without_this_program(tmp_path):
    """ensures that what docs/formats.md says about chain and texts is enough to check and read them."""
    ledger = opened(tmp_path / "ledger.sqlite")
    for n in range(3):
        register(ledger, f"正文“{n}”", arrival(f"{n}.docx"), unit=f"单位{n}")
    ledger.close()
    plain = sqlite3.connect(tmp_path / "ledger.sqlite")
    plain.row_factory = sqlite3.Row
    before = "0" * 64
    for n, row in enumerate(map(dict, plain.execute("SELECT * FROM journal ORDER BY seq")), 1):
        told = row.pop("hash")
        text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(", ", ": "))
        assert (row["seq"], row["previous"], told) == (n, before, hashlib.sha256(text.encode()).hexdigest())
        before = told
    assert n == 3
    query = "SELECT passages FROM texts JOIN entries USING (sha256) WHERE number = '2026-0003'"
    (packed,) = plain.execute(query).fetchone()
    assert json.loads(zlib.decompress(packed))["passages"][0]["text"] == "正文“2”"
    plain.close()


def test_a_server_that_is_away_is_named_without_its_password():
    """ensures that no message shows the password of the address."""
    with pytest.raises(LedgerUnavailable, match="数据库是否在运行") as caught:
        open_ledger("postgresql+psycopg://office:s3cret@127.0.0.1:1/x", load_rulebook(), actor="测试")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("address", ["nonsense", "mysterydb://x/y", ""])
def test_an_address_nobody_knows(address):
    """ensures that a wrong address names the setting to look at."""
    with pytest.raises(LedgerUnavailable, match=r"pipeline\.toml"):
        open_ledger(address, load_rulebook(), actor="测试")
