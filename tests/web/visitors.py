"""Visitors of the pages in tests: a page's server in this process, and people who have come in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import argon2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.access import Role
from pipeline.cli import main
from pipeline.ledger import Account
from pipeline.office import open_office
from pipeline.watch import drain
from pipeline.web.app import make_app
from pipeline.web.doorkeeper import Doorkeeper
from pipeline.web.visit import COOKIE
from tests.documents import roster_json

HOST = "http://127.0.0.1"
PASSWORD = "qingchuan-haiyan-7"
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # what is tested is not the cost of a guess


class Visitor(TestClient):
    """A browser of somebody who has come in (or not: ``csrf`` '')."""

    csrf = ""

    def fill(self, path: str, files: object = None, **fields: object) -> object:
        """Send a form as our own page does."""
        return self.post(path, data={"csrf": self.csrf, **fields}, files=files, headers={"origin": HOST})


@contextmanager
def served(workspace: Path) -> Iterator[FastAPI]:
    """The pages of a workspace, and the office behind them."""
    office = open_office(workspace)
    try:
        app = make_app(office)
        app.state.doorkeeper = Doorkeeper(office.ledger.accounts, hasher=CHEAP)
        yield app
    finally:
        office.close()


def stranger(app: FastAPI) -> Visitor:
    return Visitor(app, base_url=HOST, follow_redirects=False, raise_server_exceptions=False)


def login(app: FastAPI, *roles: Role, units: Iterable[str] | None = None, name: str = "") -> Visitor:
    """Somebody with these roles, who sees these units' papers, has come in."""
    keeper, accounts = app.state.doorkeeper, app.state.office.ledger.accounts
    name = name or f"某{secrets.token_hex(4)}"
    seen = None if units is None else frozenset(units)
    accounts.add(Account(name, name, keeper.hash(PASSWORD), frozenset(roles), seen, fresh=False))
    return enter(app, name)


def enter(app: FastAPI, name: str) -> Visitor:
    """Somebody who has an account has come in."""
    keeper = app.state.doorkeeper
    visitor = stranger(app)
    secret = keeper.enter(name, PASSWORD, "testclient")
    visitor.cookies.set(COOKIE, secret)
    visitor.csrf = keeper.known(secret).csrf
    return visitor


def taken_in(app: FastAPI) -> list:
    """What lies in the inbox or was handed in has been read."""
    return list(drain(app.state.office))


def new_workspace(folder: Path) -> Path:
    """The invented city's workspace in a folder, for the tests of a whole file; files are taken as soon as they lie still."""
    (folder / "roster.json").write_text(roster_json(), encoding="utf-8")
    workspace = folder / "w"
    for words in (["init", workspace], ["--workspace", workspace, "roster", "import", folder / "roster.json"]):
        with pytest.raises(SystemExit):
            main([str(word) for word in words])
    settings = workspace / "pipeline.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("quiet_s = 3 ", "quiet_s = 0.1 "), encoding="utf-8"
    )
    return workspace
