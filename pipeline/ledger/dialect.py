"""Everything in which SQLite and PostgreSQL differ, and the settings under which an acknowledged row survives.

SQLite runs with TRUNCATE + synchronous=FULL, measured to lose nothing in power cuts, or with WAL + FULL where the
library is free of the WAL-reset defect (3.7.0–3.51.2 except the back-ports), in which two processes that write and
checkpoint at once may silently lose committed rows.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from pipeline.errors import LedgerUnavailable
from pipeline.mounts import network_of

BUSY_S = 30
_WRITE_LOCK = 0x7069_7065  # one advisory lock for all writers of a PostgreSQL ledger
_FULL = 2  # PRAGMA synchronous, where FULL is a number


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite is free of the WAL-reset defect. Source: sqlite.org/wal.html#walresetbug."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def open_engine(address: str) -> sa.Engine:
    """Return an engine with safe settings; nothing has been connected yet.

    Raises:
        LedgerUnavailable: the address cannot be understood.
    """
    try:
        url = sa.make_url(address)
        engine = sa.create_engine(url, **({"connect_args": {"timeout": BUSY_S}} if _is_sqlite(url) else {}))
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise LedgerUnavailable(
            f"数据库地址不能识别:{address.split('@')[-1]}", "请检查 pipeline.toml 里的 database"
        ) from error
    if _is_sqlite(url):
        if url.database and url.database != ":memory:":
            _refuse_network(Path(url.database))
            _create_private(Path(url.database))
        sa.event.listen(engine, "connect", _safe_settings)
        sa.event.listen(engine, "begin", _begin)
    return engine


def _is_sqlite(url: sa.URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _refuse_network(path: Path) -> None:
    """SQLite's locks do not hold over a network: two machines would overwrite each other's pages."""
    if network := network_of(path.parent):
        raise LedgerUnavailable(
            f"台账文件 {path} 在网络共享({network})上,锁不可靠,会损坏",
            "请把工作区的 archive 放在本机磁盘,或在 pipeline.toml 里改用 PostgreSQL",
        )


def _create_private(path: Path) -> None:
    """The database file exists and only its owner may read it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise LedgerUnavailable(f"台账文件 {path} 无法打开({error.strerror})", "请检查文件夹权限和磁盘") from error


def _safe_settings(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    mode = "WAL" if wal_is_safe() else "TRUNCATE"
    for pragma in (f"journal_mode={mode}", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_S * 1000}"):
        connection.execute(f"PRAGMA {pragma}")
    took = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    if took != [mode.lower(), _FULL] and took[0] != "memory":
        raise LedgerUnavailable(
            f"台账的安全设置没有生效(journal_mode={took[0]},synchronous={took[1]}),断电会丢登记",
            "请联系维护人员,不要继续使用",
        )


def _begin(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A consistent view for queries."""
    with translated(), engine.connect().execution_options(reading=True) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that no other writer runs beside, so that numbers have no gaps; committed when the block ends."""
    with translated(), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITE_LOCK)))
        yield connection


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's errors into one that says what to do."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        if "locked" in cause:
            raise LedgerUnavailable("台账正被另一程序占用", "稍后会自动再试") from error
        if "readonly" in cause or "read-only" in cause:
            raise LedgerUnavailable("台账文件是只读的", "请检查文件权限和磁盘") from error
        if "full" in cause:
            raise LedgerUnavailable("磁盘已满,台账无法写入", "请清理磁盘;已放入收件箱的文件不会丢失") from error
        if "malformed" in cause or "not a database" in cause:
            raise LedgerUnavailable("台账文件已损坏", "请停止使用,用备份恢复后再启动") from error
        raise LedgerUnavailable(f"台账暂时不能使用({cause})", "请检查数据库是否在运行、地址是否正确") from error


def append_only_statements(dialect: str) -> list[str]:
    """Return the statements that make the journal refuse changes; whoever owns the file could still drop them."""
    refuse = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the table is append-only'; END $$"
    )
    return [*([] if dialect == "sqlite" else [refuse]), *append_only_triggers(dialect, "journal")]


def append_only_triggers(dialect: str, table: str) -> list[str]:
    """Return the statements that make one more table refuse changes, once the journal does."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the {table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ]
