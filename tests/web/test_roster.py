"""The roster's page."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import load_workbook

from pipeline.access import Role
from tests.documents import roster_json
from tests.web.doors import EDUCATION, WATER, app_of, login


@pytest.fixture
def app(workspace):
    return app_of(workspace)


def changed_roster() -> bytes:
    facts = json.loads(roster_json())
    facts["units"] = [u for u in facts["units"] if u["name"] != WATER]
    facts["people"] = [p for p in facts["people"] if p["unit"] != WATER]
    facts["people"][0]["post"] = "县委书记、人武部第一政委"
    facts["units"].append({"name": "中共汀州市林业局党组", "aliases": ["市林业局"], "class": "city_unit"})
    return json.dumps(facts).encode()


def test_what_changes_is_seen_before_it_counts(app):
    """ensures that an upload changes nothing until its sender has seen who comes, goes and is otherwise."""
    clerk = login(app, Role.CLERK)
    assert (
        clerk.act("/roster/read", files={"file": ("新名册.json", changed_roster())}).headers["location"]
        == "/roster/offer"
    )
    seen = clerk.get("/roster/offer").text
    assert "中共汀州市林业局党组" in seen and WATER in seen and "县委书记 → 县委书记、人武部第一政委" in seen
    assert app.state.office.roster.unit(WATER) is not None
    assert clerk.act("/roster/import").status_code == 303
    assert app.state.office.roster.unit(WATER) is None
    assert clerk.act("/roster/import").status_code == 400
    assert app.state.office.ledger.journal(1, act="roster")[0].actor == clerk.account


def test_a_roster_changed_meanwhile_is_compared_again(app):
    """ensures that nobody overwrites what they have not seen."""
    one, two = login(app, Role.CLERK), login(app, Role.CLERK)
    for clerk in (one, two):
        clerk.act("/roster/read", files={"file": ("a.json", changed_roster())})
    assert one.act("/roster/import").status_code == 303
    assert two.act("/roster/import").status_code == 400


def test_the_workbook_goes_out_and_comes_back(app):
    """ensures that what is downloaded can be uploaded, and that every fault is named with its row."""
    clerk = login(app, Role.CLERK)
    data = clerk.get("/roster/current.xlsx").content
    clerk.act("/roster/read", files={"file": ("名册.xlsx", data)})
    assert clerk.get("/roster/offer").text.count("没有变化") == 2
    book = load_workbook(io.BytesIO(data))
    book["单位"]["C2"] = "公司"
    book["人员"]["B3"] = "没有的单位"
    stream = io.BytesIO()
    book.save(stream)
    refused = clerk.act("/roster/read", files={"file": ("改.xlsx", stream.getvalue())})
    assert refused.status_code == 422
    assert "单位 第2行“类别”" in refused.text and "人员 第3行“单位”" in refused.text
    assert clerk.act("/roster/read", files={"file": ("坏.xlsx", b"PK\x03\x04nothing")}).status_code == 422
    assert clerk.act("/roster/read", files={"file": ("../../坏.exe", b"MZ")}).status_code == 422
    template = load_workbook(io.BytesIO(clerk.get("/roster/template.xlsx").content))
    assert template["单位"].max_row == 1


def test_units_are_searched_and_kept_apart(app):
    """ensures that a visitor of one unit sees, finds and downloads only it, and changes nothing for all."""
    clerk = login(app, Role.CLERK, units={EDUCATION})
    page = clerk.get("/roster").text
    assert EDUCATION in page and WATER not in page
    people = clerk.get("/roster?of=people").text
    assert "闻人杰" in people and "麦思源" not in people
    book = load_workbook(io.BytesIO(clerk.get("/roster/current.xlsx").content))
    assert [row[0].value for row in book["单位"].iter_rows(min_row=2)] == [EDUCATION]
    assert clerk.act("/roster/read", files={"file": ("a.json", changed_roster())}).status_code == 403
    whole = login(app, Role.READER)
    found = whole.get("/roster?q=水利").text
    assert WATER in found and EDUCATION not in found
    assert whole.act("/roster/read", files={"file": ("a.json", changed_roster())}).status_code == 403
