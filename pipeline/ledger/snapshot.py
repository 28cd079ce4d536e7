"""A ledger as one SQLite file that stands still: taken while others write, readable by other programs, loaded anywhere.

SQLite is copied by its online backup in one step, under the lock of a reader; PostgreSQL is read in one transaction
that sees a single moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from pipeline.errors import LedgerUnavailable
from pipeline.ledger import journal
from pipeline.ledger.dialect import open_engine, reading, translated, writing
from pipeline.ledger.journal import Break, Head
from pipeline.ledger.schema import entries, metadata
from pipeline.ledger.upgrade import upgrade
from pipeline.ledger.values import objects_of

_AT_ONCE = 1000
_ORDER: Mapping[str, tuple[sa.Column[int], ...]] = {
    "entries": (entries.c.year, entries.c.seq)
}  # versions in their order


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """What is in a snapshot. ``faults``: what SQLite finds wrong with the file; ``tables``: rows of each."""

    faults: tuple[str, ...]
    tables: Mapping[str, int]
    head: Head
    breaks: tuple[Break, ...]
    objects: frozenset[str]


def write_snapshot(engine: sa.Engine, target: Path) -> None:
    """The ledger as it is at one moment is the SQLite file ``target``, which must not exist yet.

    Raises:
        LedgerUnavailable: the ledger cannot be read, or the file not be written.
    """
    with translated(), _writable():
        if engine.dialect.name == "sqlite":
            with reading(engine) as connection, closing(sqlite3.connect(target)) as copy:
                journal.head(connection)  # takes the reader's lock, waiting for a writer as long as any reader does
                source = connection.connection.driver_connection
                assert isinstance(source, sqlite3.Connection)
                source.backup(copy)
        else:
            _dump(engine, target)
        with closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")


def read_snapshot(path: Path) -> SnapshotFacts:
    """Return what is in a snapshot, without changing it.

    Raises:
        LedgerUnavailable: it is no database.
    """
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=sa.NullPool)
    with translated(), engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        names = sa.inspect(connection).get_table_names()
        tables = {
            name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in names
        }
        faults = (*(str(line) for line in found if line != "ok"), *(f"{row[0]} {row[1]}" for row in orphans))
        return SnapshotFacts(
            faults, tables, journal.head(connection), journal.breaks(connection), frozenset(objects_of(connection))
        )


def load_snapshot(path: Path, address: str) -> None:
    """An empty database holds what a snapshot holds; the snapshot is brought to this program's schema first.

    Raises:
        LedgerUnavailable: the database cannot be reached or already holds a ledger.
    """
    source, target = open_engine(f"sqlite:///{path}"), open_engine(address)
    try:
        upgrade(source)
        upgrade(target)
        with reading(source) as old, writing(target) as new:
            if any(new.scalar(sa.select(sa.func.count()).select_from(table)) for table in metadata.sorted_tables):
                raise LedgerUnavailable("目标数据库里已有台账,没有恢复", "请指定一个空的数据库")
            _copy_rows(old, new)
            if target.dialect.name == "postgresql":
                _count_on(new)
    finally:
        source.dispose()
        target.dispose()


def _dump(engine: sa.Engine, target: Path) -> None:
    copy = open_engine(f"sqlite:///{target}")
    try:
        upgrade(copy)
        moment = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with engine.connect().execution_options(**moment) as connection, connection.begin(), writing(copy) as new:
            _copy_rows(connection, new)
    finally:
        copy.dispose()


def _copy_rows(old: sa.Connection, new: sa.Connection) -> None:
    for table in metadata.sorted_tables:
        order = _ORDER.get(table.name, tuple(table.primary_key))
        query = sa.select(table).order_by(*order).execution_options(yield_per=_AT_ONCE)
        with old.execute(query) as result:
            for rows in result.mappings().partitions():
                new.execute(table.insert(), [dict(row) for row in rows])


def _count_on(connection: sa.Connection) -> None:
    """The next numbers that PostgreSQL gives follow those that were loaded."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and (last := connection.scalar(sa.select(sa.func.max(column)))):
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(sa.select(sa.func.setval(sequence, last)))


@contextmanager
def _writable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        full = "full" in str(error) or "disk I/O" in str(error)
        what = "磁盘已满,台账的快照没有写成" if full else f"台账的快照没有写成({error})"
        raise LedgerUnavailable(what, "请检查备份盘的空间和权限") from error
