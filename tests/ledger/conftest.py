"""One ledger on SQLite and one on a real PostgreSQL server: the same tests for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.ledger import Ledger, open_ledger
from pipeline.rulebook import load_rulebook
from tests.conftest import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'archive' / 'ledger.sqlite'}"
    return new_database(request.getfixturevalue("server"))


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
