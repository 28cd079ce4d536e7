"""Doors of the pages for tests: the pages of a workspace, and somebody who has come in."""

from __future__ import annotations

import re
import time
import uuid
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.access import Role
from pipeline.ledger import Account
from pipeline.office import open_office
from pipeline.web.app import make_app
from tests.documents import drop, leadership_report

BASE = "http://127.0.0.1"
PASSWORD = "xuanniao-feihua-qing"
EDUCATION, WATER = "中共汀州市教育局党组", "中共汀州市水利局党组"


def app_of(workspace: Path) -> FastAPI:
    """Return the pages of a workspace."""
    return make_app(open_office(workspace))


class Client(TestClient):
    """Somebody who has come in; ``act`` sends a form of our own pages, ``csrf`` its mark."""

    account: str
    csrf: str

    def act(self, path: str, files: object = None, **fields: object):
        """Return the answer to a form, without following where it leads."""
        given = {"csrf": self.csrf, **fields}
        return self.post(path, data=given, files=files, follow_redirects=False)

    def job(self, path: str) -> str:
        """Return the page once none of its work goes on."""
        for _ in range(600):
            page = self.get(path).text
            if "data-job" not in page:
                return page
            time.sleep(0.05)
        raise AssertionError("the work does not end")


def login(app: FastAPI, *roles: Role, units: set[str] | None = None, name: str = "") -> Client:
    """Return somebody new who has come in with these roles."""
    name = name or f"某{uuid.uuid4().hex[:8]}"
    accounts = app.state.office.ledger.accounts
    kept = app.state.doorkeeper.hash(PASSWORD)
    within = None if units is None else frozenset(units)
    accounts.add(Account(name, name, kept, frozenset(roles), within, fresh=False))
    return enter(app, name)


def enter(app: FastAPI, name: str, password: str = PASSWORD) -> Client:
    """Return somebody who has come in with an account that there is."""
    client = Client(app, base_url=BASE, headers={"origin": BASE}, client=(f"10.1.{len(name)}.1", 50000))
    answer = client.post("/login", data={"name": name, "password": password}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    client.account = name
    client.csrf = re.search('name="csrf" value="([0-9a-f]+)"', client.get("/self").text)[1]
    return client


def key_of(client: Client) -> dict[str, str]:
    """Return the header with which a program acts as this account."""
    page = client.act("/self/keys", label="OA").text
    return {"authorization": f"Bearer {re.search('<code>(pl_[^<]+)</code>', page)[1]}"}


def file_reports(cli, workspace: Path, tmp_path: Path) -> None:
    """Two units' reports of the first half of 2026 are registered, each lacking its item 4."""
    for name, unit in (("教育.docx", EDUCATION), ("水利.docx", WATER)):
        report = drop(tmp_path, name, leadership_report(unit, without=(4,)))
        assert cli("ingest", report, "--workspace", workspace, "--as-of", "2026-06-18").code == 0
