"""The archives' pages: lists, 档号, bundles and their reports."""

from __future__ import annotations

import io
import re
import zipfile
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from pipeline.access import Role
from pipeline.archive.properties import CHECKS
from tests.web.doors import EDUCATION, WATER, app_of, enter, file_reports, login

OTHER_UNIT = {"by": "unit", "name": WATER, "year": "2026"}
OWN_UNIT = {"by": "unit", "name": EDUCATION, "year": "2026"}


@pytest.fixture
def app(cli, workspace, tmp_path, monkeypatch):
    """A workspace with two units' reports and a letter, on a machine without LibreOffice."""
    monkeypatch.setenv("PATH", "/nowhere")
    settings = workspace / "pipeline.toml"
    settings.write_text(settings.read_text("utf-8") + 'fonds = "Z109"\ndepartment = "BGS"\n', "utf-8")
    file_reports(cli, workspace, tmp_path)
    cli("letter", "supplement_notice", "--unit", "市教育局", "--year", 2026, "--workspace", workspace,
        "--as-of", "2026-07-01")  # fmt: skip
    return app_of(workspace)


def file_of(client, owner):
    return client.get("/archives/file?" + urlencode(owner))


def codes(app):
    return {item.subject: item.code for item in app.state.office.ledger.items()}


def test_papers_get_their_codes_from_the_page(app):
    """ensures that what is ticked is filed, the rest of the file in one go, each once, and the lists say so."""
    clerk = login(app, Role.CLERK)
    assert re.search(
        rf"{EDUCATION}</a></td><td[^>]*>1</td><td[^>]*>1</td><td[^>]*>0</td>", clerk.get("/archives?year=2026").text
    )
    assert clerk.act("/archives/filed", **OWN_UNIT, retention="D30", number=["2026-0001"]).status_code == 303
    assert codes(app) == {"2026-0001": "Z109-WS·2026·D30-BGS-0001"}
    assert clerk.act("/archives/filed", **OWN_UNIT, retention="D99", number=["2026-0001"]).status_code == 400
    assert clerk.act("/archives/filed", **OWN_UNIT, retention="D30").status_code == 400
    assert clerk.act("/archives/filed", **OWN_UNIT, retention="D10", all_of="1").status_code == 303
    page = clerk.job("/archives/file?" + urlencode(OWN_UNIT))
    assert "新编档号 1 个" in page and "Z109-WS·2026·D10-BGS-0001" in page and 'type="checkbox"' not in page
    assert re.search(
        rf"{EDUCATION}</a></td><td[^>]*>1</td><td[^>]*>1</td><td[^>]*>2</td>", clerk.get("/archives?year=2026").text
    )
    assert "2026-0002" not in codes(app)
    assert (
        login(app, Role.LEADER).act("/archives/filed", **OTHER_UNIT, retention="Y", number="2026-0002").status_code
        == 403
    )


def test_a_bundle_is_made_reported_and_taken_along(app):
    """ensures that the file's originals come down as one ZIP, whose report is a page, and that it passes the check."""
    clerk = login(app, Role.CLERK)
    clerk.act("/archives/bundle", **OWN_UNIT)
    page = clerk.job("/archives/file?" + urlencode(OWN_UNIT))
    path = re.search(r'href="(/archives/reports/[^"]+)"', page)[1]
    report = clerk.get(path).text
    assert all(f">{id_}</td>" in report for id_, *_ in CHECKS)
    assert "待人工核验" in report and "没有 PDF/A 版式件" in report
    sent = clerk.get(path + "/bundle")
    assert "attachment" in sent.headers["content-disposition"]
    names = zipfile.ZipFile(io.BytesIO(sent.content)).namelist()
    assert any(name.endswith("001-教育.docx") for name in names) and not any("水利" in name for name in names)
    noted = app.state.office.ledger.journal(1, act="bundle")[0]
    assert (noted.actor, noted.facts["items"]) == (clerk.account, 2)
    assert 'href="/archives/bundles/' in clerk.get("/archives").text
    # the same ZIP, handed in for a check; then one byte of it otherwise
    clerk.act("/archives/check", files={"file": ("移交.zip", sent.content)})
    assert "没有发现不通过的项目" in clerk.job("/archives")
    clerk.act("/archives/check", files={"file": ("改过.zip", tampered(sent.content))})
    page = clerk.job("/archives")
    assert "检验不通过" in page
    bad = next(p for p in re.findall(r'href="(/archives/reports/[^"]+)"', page) if "tag failed" in clerk.get(p).text)
    sheet = load_workbook(io.BytesIO(clerk.get(bad.replace("/archives/reports", "/jobs") + "/file").content))
    assert any(row[3].value == "不通过" for row in sheet.active.iter_rows())
    assert login(app, Role.CLERK).get(path).status_code == 404


def tampered(data: bytes) -> bytes:
    """Return the ZIP with another text in its first paper."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"other" if name.endswith("001-教育.docx") else old.read(name))
    return stream.getvalue()


def test_what_is_no_bundle_is_said_so(app):
    """ensures that a wrong upload ends in words, not in a fault, and leaves nothing behind."""
    clerk = login(app, Role.CLERK)
    clerk.act("/archives/check", files={"file": ("../照片.zip", b"not a zip")})
    assert "不是归档包" in clerk.job("/archives")
    assert list(app.state.office.archive.spool.iterdir()) == []


def test_other_units_files_do_not_exist(app):
    """ensures that who sees one unit lists, files and bundles only it, and no institution."""
    clerk = login(app, Role.CLERK, units={EDUCATION})
    assert EDUCATION in clerk.get("/archives?year=2026").text
    for by in ("unit", "person", "institution"):
        assert WATER not in clerk.get(f"/archives?year=2026&by={by}").text
    assert file_of(clerk, OWN_UNIT).status_code == 200
    person = {"by": "person", "name": "麦思源", "year": "2026"}
    assert file_of(clerk, OTHER_UNIT).status_code == file_of(clerk, person).status_code == 404
    assert clerk.act("/archives/bundle", **OTHER_UNIT).status_code == 404
    assert clerk.act("/archives/filed", **OWN_UNIT, retention="Y", number="2026-0002").status_code == 404
    assert codes(app) == {}
    institution = {"by": "institution", "name": "double_report", "year": "2026"}
    name = app.state.office.rulebook.kinds["leadership_report"].institution
    institution["name"] = name
    seen = file_of(clerk, institution).text
    assert "2026-0001" in seen and "2026-0002" not in seen
    assert clerk.act("/archives/bundle", **institution).status_code == 400
    clerk.act("/archives/filed", **institution, retention="D10", all_of="1")
    clerk.job("/archives")
    assert "2026-0001" in codes(app) and "2026-0002" not in codes(app)
    whole = login(app, Role.CLERK)
    assert "2026-0002" in file_of(whole, institution).text
    whole.act("/archives/bundle", **OTHER_UNIT)
    page = whole.job("/archives")
    made = re.search(r'href="(/archives/bundles/[^"]+)"', page)[1]
    assert whole.get(made).status_code == 200
    assert clerk.get(made).status_code == 404
    for name in ("..%2F..%2Fpipeline.toml", ".zip", "..%5Cx.zip", "nothing.zip"):
        assert whole.get(f"/archives/bundles/{name}").status_code == 404
    assert file_of(whole, {"by": "unit", "name": "没有的单位"}).status_code == 404


def test_who_may_see_less_loses_what_was_made_before(app):
    """ensures that a bundle made with wider rights is not taken along after they are narrowed."""
    clerk, security = login(app, Role.CLERK), login(app, Role.SECURITY)
    clerk.act("/archives/bundle", **OTHER_UNIT)
    path = re.search(r'href="(/archives/reports/[^"]+)"', clerk.job("/archives"))[1]
    assert clerk.get(path).status_code == 200
    security.act("/accounts/rights", name=clerk.account, role="clerk", scope="some", units=EDUCATION)
    again = enter(app, clerk.account)
    assert again.get(path).status_code == again.get(path + "/bundle").status_code == 404
