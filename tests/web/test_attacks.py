"""What people with bad intentions try: forged forms, foreign hosts, names and texts that would become code."""

from __future__ import annotations

import io
import re

import docx
import pytest

from pipeline.access import Role
from pipeline.ledger import Account
from tests.documents import drop, leadership_report, saved
from tests.web.test_routes import NAMES, ROUTES, filled
from tests.web.visitors import HOST, login, served, stranger, taken_in

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}",
    "{% raw %}<b>x</b>",
    "</textarea><script>alert(1)</script>",
    "'-alert(1)-'",
    '<a href="javascript:alert(1)">x</a>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<mark onmouseover=alert(1)>",
    "]]><script>alert(1)</script>",
]
LIVE = re.compile(r"<(script(?! src=\"/static/)|img src=x|svg/onload|mark onm|b>x|a href=\"javascript)", re.IGNORECASE)


@pytest.fixture
def app(workspace):
    with served(workspace) as app:
        yield app


def report_with(payload: str) -> bytes:
    document = docx.Document(io.BytesIO(leadership_report(extra=payload)))
    document.paragraphs[0].text += payload
    document.add_table(1, 1).cell(0, 0).text = payload
    document.core_properties.title = document.core_properties.author = payload
    return saved(document)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_stands_in_a_paper_never_becomes_a_page(app, workspace, payload):
    """ensures that text, title, name, hint, review and account name are shown as what they are."""
    name = payload.replace("/", "∕")[:60]
    drop(workspace / "inbox", f"{name}.docx", report_with(payload))
    taken_in(app)
    visitor = login(app, Role.CLERK, Role.REVIEWER, name=payload[:40])
    visitor.fill("/review/2026-0001", decision="return", note=payload)
    for path in ("/", "/papers", "/papers/2026-0001", "/intake", "/review", "/review/2026-0001", "/review/2026-0001/letter",
                 "/self", "/search?q=" + payload.replace("&", "%26"), f"/?said={payload.replace('&', '%26')}"):  # fmt: skip
        answer = visitor.get(path)
        if answer.status_code == 404:
            continue
        assert answer.status_code == 200, (path, answer.text[:300])
        assert not LIVE.search(answer.text), path
        assert ">49<" not in answer.text


def test_a_name_that_turns_the_writing_is_shown_as_it_is(app, workspace):
    """ensures that nobody takes a program for a paper because its name is written backwards."""
    drop(workspace / "inbox", "函\u202excod.exe", b"MZ" + bytes(201))
    taken_in(app)
    shown = login(app, Role.CLERK).get("/intake?outcome=set_aside").text
    assert "函\\u202excod.exe" in shown and "特殊方向字符" in shown
    assert "\u202e" not in shown


def test_every_answer_tells_the_browser_to_be_careful(app):
    """ensures policy, no sniffing, no framing by others, no copies left in a shared browser."""
    visitor = login(app, Role.CLERK)
    for path in ("/", "/papers", "/login", "/nothing-here", "/static/app.js"):
        headers = visitor.get(path).headers
        assert (
            "script-src 'self'" in headers["content-security-policy"]
            and "unsafe" not in headers["content-security-policy"]
        )
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "SAMEORIGIN"
        assert path.startswith("/static/") or headers["cache-control"] == "no-store"


CHANGING = [(route, method) for route, method in ROUTES if method not in {"GET", "HEAD"} and route.path != "/login"]


@pytest.mark.parametrize(
    ("route", "method"), CHANGING, ids=[n for n in NAMES if not n.startswith(("GET", "POST /login"))]
)
def test_forged_forms_change_nothing(app, route, method):
    """ensures that each changing route wants our page's origin and this session's own mark."""
    visitor = login(app, Role.CLERK, Role.REVIEWER)
    other = login(app, Role.CLERK)
    path = filled(route, "2026-0001")
    head = app.state.office.ledger.journal_head()
    tries = (
        ({"origin": HOST}, {}),
        ({"origin": HOST}, {"csrf": other.csrf}),
        ({"origin": "http://evil.example"}, {"csrf": visitor.csrf}),
        ({"origin": "null"}, {"csrf": visitor.csrf}),
        ({}, {"csrf": visitor.csrf}),
    )
    for headers, fields in tries:
        assert visitor.request(method, path, data=fields, headers=headers).status_code == 403
    assert app.state.office.ledger.journal_head() == head


def test_reading_changes_nothing(app, workspace):
    """ensures that no GET writes to the journal: a link in a mail does no harm."""
    drop(workspace / "inbox", "甲.docx", leadership_report())
    taken_in(app)
    visitor = login(app, Role.CLERK, Role.REVIEWER)
    head = app.state.office.ledger.journal_head()
    for route, method in ROUTES:
        if method == "GET":
            visitor.get(filled(route, "2026-0001"))
    assert app.state.office.ledger.journal_head() == head


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil"])
def test_a_foreign_host_is_refused(app, host):
    """ensures that a name somebody pointed at this machine does not reach the pages (DNS rebinding)."""
    assert stranger(app).get("/login", headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\..\\win.ini",
        "/abs.docx",
        "C:\\x.docx",
        "a\0b.docx",
        "con.docx",
        "甲\r\nX: y.docx",
        "." * 3,
    ],
)
def test_the_name_of_an_upload_is_only_a_name(app, workspace, name):
    """ensures that nothing is written where a name points, and the file is registered all the same."""
    visitor = login(app, Role.CLERK)
    before = {p for p in workspace.parent.rglob("*") if "archive" not in p.parts}
    answer = visitor.fill("/intake/upload", files={"file": (name, leadership_report())})
    assert answer.status_code in {200, 400}
    taken_in(app)
    after = {p for p in workspace.parent.rglob("*") if "archive" not in p.parts}
    assert {p.name for p in after - before} <= {"回执", "退回", ".pipeline-share-id"}
    if answer.status_code == 200:
        entry = app.state.office.ledger.entry("2026-0001")
        assert entry is not None and "/" not in entry.name and "\\" not in entry.name
        headers = visitor.get("/papers/2026-0001/original").headers
        assert headers["content-disposition"].startswith("attachment;") and "\n" not in headers["content-disposition"]


def test_too_much_is_refused_before_it_is_read(app):
    """ensures a limit for forms and for uploads."""
    visitor = login(app, Role.CLERK)
    big = "x" * (2 << 20)
    assert visitor.fill("/review/2026-0001", note=big).status_code == 413
    assert visitor.post("/login", data={"name": "a", "password": big}, headers={"origin": HOST}).status_code == 413


def test_a_secret_paper_is_locked_away_from_the_pages_too(app, workspace):
    """ensures that a refused secret can be neither downloaded nor handed in again."""
    drop(workspace / "inbox", "密.docx", leadership_report(extra="机密★5年"))
    document = docx.Document()
    document.add_paragraph("机密★5年")
    document.add_paragraph("关于某事的报告")
    drop(workspace / "inbox", "密件.docx", saved(document))
    taken_in(app)
    arrived, _ = app.state.office.ledger.arrived(10)
    secret = [a for a in arrived if a.code == "secret"]
    assert secret
    visitor = login(app, Role.CLERK)
    for one in secret:
        assert visitor.get(f"/intake/refused/{one.key}").status_code == 403
        assert visitor.fill("/intake/again", key=one.key).status_code == 400


def test_nobody_gives_themselves_what_they_lack(app):
    """ensures that a form field more changes no rights."""
    accounts = app.state.office.ledger.accounts
    visitor = login(app, Role.READER, name="甲")
    visitor.fill("/self/password", old="x", new="y", again="y", roles="system", units="null")
    assert accounts.get("甲") == Account(
        "甲", "甲", accounts.get("甲").password, frozenset({Role.READER}), None, False, False
    )
