"""The pages over a real workspace: the invented city, a complete report of one unit, a deficient one of another."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI

from tests.documents import drop, leadership_report
from tests.web.visitors import new_workspace, served, taken_in

OURS, THEIRS = "中共汀州市教育局党组", "中共汀州市水利局党组"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    workspace = new_workspace(tmp_path_factory.mktemp("pages"))
    drop(workspace / "inbox", "甲.docx", leadership_report(OURS))
    drop(workspace / "inbox", "乙.docx", leadership_report(THEIRS, without=(4, 8), extra="<script>alert(1)</script>"))
    with served(workspace) as app:
        taken_in(app)
        yield app


def number_of(app: FastAPI, unit: str) -> str:
    """Return the number of a unit's paper."""
    return next(e.number for e in app.state.office.ledger.entries() if e.identity.unit == unit)


def finished(visitor, answer):
    """Return the work that a form began, once it is over, as its owner gets it."""
    assert answer.status_code == 303, answer.text
    path = urlsplit(answer.headers["location"])
    key = parse_qs(path.query).get("job", [path.path.rpartition("/")[2]])[0]
    deadline = time.monotonic() + 30
    while not visitor.get(f"/jobs/{key}.json").json()["over"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return next(job for job in visitor.app.state.jobs._jobs.values() if job.key == key)


def text_of(answer) -> str:
    """Return what a person reads on a page."""
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
