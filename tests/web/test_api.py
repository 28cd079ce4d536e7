"""The programs' door."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from pipeline.access import Role
from pipeline.web import api_shapes
from tests.documents import leadership_report
from tests.web.doors import BASE, EDUCATION, WATER, app_of, file_reports, key_of, login


@pytest.fixture
def app(cli, workspace, tmp_path):
    file_reports(cli, workspace, tmp_path)
    return app_of(workspace)


def program(app, *roles, units=None):
    """Another system with a key of somebody's, and neither their cookie nor a page's origin."""
    return TestClient(app, base_url=BASE, headers=key_of(login(app, *roles, units=units)))


def test_a_paper_is_what_the_command_line_shows(app, cli, workspace):
    """ensures that both faces give one shape, that the description fits it, and the original comes down unchanged."""
    oa = program(app, Role.READER)
    got = oa.get("/api/papers/2026-0001").json()
    assert got == cli("show", "2026-0001", "--json", "--workspace", workspace).one
    assert set(got) == set(api_shapes.Paper.model_fields)
    assert TypeAdapter(api_shapes.Paper).validate_python(got)
    assert [f["rule"] for f in got["findings"]].count("same_text") == 1
    original = oa.get("/api/papers/2026-0001/original")
    assert original.content == app.state.office.archive.path_of(got["sha256"]).read_bytes()
    assert oa.get("/api/papers/2026-9999").json() == {"error": "没有这一页,或您不能查看", "do": ""}


def test_a_document_is_handed_in_and_followed(app, cli, workspace):
    """ensures that another system hands in a document, learns its fate, and a person's key decides on it."""
    oa = program(app, Role.CLERK)
    report = leadership_report("中共禾川县委员会")
    taken = oa.post("/api/papers", files={"file": ("禾川.docx", report)}, data={"hint": "中共禾川县委员会"})
    key = taken.json()["key"]
    assert oa.get(f"/api/papers/fate/{key}").json()["state"] == "waiting"
    cli("watch", "--once", "--workspace", workspace)
    fate = oa.get(f"/api/papers/fate/{key}").json()
    assert (fate["state"], fate["entry"]) == ("registered", "2026-0003")
    assert oa.post("/api/papers/2026-0003/review", json={"decision": "accept"}).status_code == 403
    judge = program(app, Role.REVIEWER)
    for wrong in ({"decision": "burn"}, {"decision": "return", "items": {"99": "absent"}}, {"decision": "withdraw"},
                  {"decision": "accept", "items": {"1": "good"}}, {"decision": "accept", "by": "me"}):  # fmt: skip
        assert judge.post("/api/papers/2026-0003/review", json=wrong).status_code == 400
    after = judge.post(
        "/api/papers/2026-0003/review", json={"decision": "return", "items": {"1": "absent"}, "note": "补"}
    )
    assert (after.json()["decision"], after.json()["note"]) == ("return", "补")
    assert after.json()["items"][0]["machine"] == "covered"


def test_search_and_duties_and_letters(app, cli, workspace):
    """ensures that the shapes are the command line's and the description's."""
    cli("letter", "supplement_notice", "--unit", "市教育局", "--year", 2026, "--workspace", workspace,
        "--as-of", "2026-07-01")  # fmt: skip
    oa = program(app, Role.READER)
    found = oa.get("/api/search", params={"q": "责任书"}).json()
    head, *hits = cli("search", "责任书", "--json", "--workspace", workspace).lines
    assert found["hits"] == hits and len(hits) == 2
    assert {**head, "elapsed_ms": 0} == {k: 0 if k == "elapsed_ms" else found[k] for k in head}
    assert TypeAdapter(api_shapes.Found).validate_python(found)
    duties = oa.get("/api/duties", params={"year": 2026, "unit": "市教育局", "limit": 1000}).json()
    rows = cli("ledger", "--year", 2026, "--unit", "市教育局", "--json", "--workspace", workspace).lines
    assert duties["duties"] == rows and duties["total"] == len(rows) > 3
    assert TypeAdapter(api_shapes.Duties).validate_python(duties)
    some = oa.get("/api/duties", params={"year": 2026, "unit": "市教育局", "limit": 2, "skip": 1}).json()["duties"]
    assert some == rows[1:3]
    assert oa.get("/api/duties", params={"year": 1800}).status_code == 400
    letters = oa.get("/api/letters", params={"year": 2026}).json()
    assert [x["unit"] for x in letters["letters"]] == [EDUCATION]
    assert TypeAdapter(api_shapes.Letters).validate_python(letters)


def test_another_units_things_do_not_exist(app, cli, workspace):
    """ensures that a key sees what its owner sees: nothing of other units in papers, hits, counts, duties or likeness."""
    cli("letter", "supplement_notice", "--unit", "市水利局", "--year", 2026, "--workspace", workspace,
        "--as-of", "2026-07-01")  # fmt: skip
    assert WATER in program(app, Role.READER).get("/api/letters", params={"year": 2026}).text
    oa = program(app, Role.CLERK, Role.REVIEWER, units={EDUCATION})
    assert oa.get("/api/papers/2026-0001").status_code == 200
    assert oa.get("/api/papers/2026-0002").status_code == oa.get("/api/papers/2026-0002/original").status_code == 404
    assert oa.post("/api/papers/2026-0002/review", json={"decision": "accept"}).status_code == 404
    everything = [
        oa.get("/api/papers/2026-0001").text,
        oa.get("/api/search", params={"q": "责任书"}).text,
        oa.get("/api/duties", params={"year": 2026, "limit": 1000}).text,
        oa.get("/api/letters", params={"year": 2026}).text,
    ]
    assert not any(WATER in text or "2026-0002" in text for text in everything)
    assert json.loads(everything[1])["total"] == 1
    refused = oa.post("/api/papers", files={"file": ("a.docx", b"x")}, data={"hint": WATER})
    assert refused.status_code == 400


def test_no_key_no_answer(app):
    """ensures that without a key, with a dead one, or with a session's cookie alone, nothing is said or done."""
    clerk = login(app, Role.CLERK)
    key = key_of(clerk)
    bare = TestClient(app, base_url=BASE)
    assert bare.get("/api/letters").status_code == 401
    assert bare.get("/api/letters", headers={"authorization": "Bearer pl_" + "x" * 40}).status_code == 401
    assert bare.get("/api/letters", headers=key).status_code == 200
    assert clerk.post("/api/papers", files={"file": ("a.docx", b"x")}).status_code == 403
    clerk.act("/self/end", secret=clerk.get("/self").text.split('name="secret" value="')[1].split('"')[0])
    assert bare.get("/api/letters", headers=key).status_code == 401
    assert program(app, Role.SYSTEM).get("/api/papers/2026-0001").status_code == 403


def test_the_description_covers_the_door_and_nothing_else(app):
    """ensures that another system's makers read every call with its answer, and no page is in it."""
    described = program(app, Role.AUDITOR).get("/api/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/papers", "/api/papers/fate/{key}", "/api/papers/{number}", "/api/papers/{number}/original",
        "/api/papers/{number}/review", "/api/search", "/api/duties", "/api/letters",
    }  # fmt: skip
    assert described["security"] == [{"key": []}]
    answer = described["paths"]["/api/papers/{number}"]["get"]["responses"]
    assert answer["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Paper")
    assert answer["404"]["content"]["application/json"]["schema"]["$ref"].endswith("/Trouble")
    assert {"/docs", "/openapi.json", "/redoc"}.isdisjoint(
        {route.path for route in app.routes if hasattr(route, "path")}
    )
    assert TestClient(app, base_url=BASE).get("/api/openapi.json").status_code == 401
