"""考核: facts in as a workbook, every point with its reason, compared, taken away, frozen by who may."""

from __future__ import annotations

import io
import json
import re

import pytest
from openpyxl import load_workbook

from pipeline.access import Role
from pipeline.assessment import assess
from pipeline.assessment.facts import read_facts
from pipeline.assessment.record import freeze
from tests.assessment.examples import BEST, EXAMPLES, ORDINARY
from tests.web.conftest import OURS, finished, text_of
from tests.web.visitors import login

COUNTY = "中共禾川县委员会"
YEAR = 2026


@pytest.fixture
def clerk(pages):
    return login(pages, Role.CLERK)


def scored(office, tmp_path, year, values, unit=COUNTY):
    """Return a year scored from these facts."""
    path = tmp_path / f"{year}.json"
    path.write_text(
        json.dumps({"year": year, "units": [{"unit": unit, "inputs": values}], "persons": []}), encoding="utf-8"
    )
    return assess(office, year, read_facts(office, year, path))


def blank(clerk, year) -> bytes:
    """Return the workbook to fill in."""
    job = finished(clerk, clerk.fill("/assessment/blank", year=year))
    return clerk.get(f"/jobs/{job.key}/file").content


def given(clerk, year, data: bytes, name: str = "填好的.xlsx"):
    """Return the finished scoring of an uploaded workbook."""
    return finished(clerk, clerk.fill("/assessment/facts", {"file": (name, data)}, year=year))


def filled(data: bytes, **cells: object) -> bytes:
    """Return the workbook with the county's cells under these headings (their end) filled in."""
    book = load_workbook(io.BytesIO(data))
    for sheet in book:
        heads = {str(c.value): c.column for c in sheet[1]}
        for word, value in cells.items():
            for head, column in heads.items():
                if head.endswith(word):
                    for line in range(2, sheet.max_row + 1):
                        if sheet.cell(line, 1).value == COUNTY:
                            sheet.cell(line, column).value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def trial(pages, tmp_path):
    """Return a keeper of trials: a year scored from facts, as if uploaded."""
    from pipeline.web.assessment import Trial

    def keep(values, year=YEAR, key="k"):
        office = pages.state.office
        result = scored(office, tmp_path, year, values)
        pages.state.trials.keep(Trial(key, "某", office.now(), "x.xlsx", result))
        return result

    return keep


def test_from_the_blank_to_the_scores(pages, clerk):
    """ensures that the workbook that is handed out, filled in and handed back is scored; what is open is said to be open."""
    data = blank(clerk, YEAR)
    assert COUNTY in {c.value for sheet in load_workbook(io.BytesIO(data)) for c in sheet["A"]}
    job = given(clerk, YEAR, filled(data, 专项治理次数="5"))
    assert job.result, job.trouble
    page = text_of(clerk.get(job.result.link))
    assert COUNTY in page and "待定(" in page and "补齐后才能定稿" in page
    sheet = clerk.get("/assessment/sheet", params={"year": YEAR, "unit": COUNTY, "of": "trial"})
    assert re.search(r"专项治理次数 = 5 <small>填报", sheet.text)


def test_a_faulty_workbook_is_told_where(clerk):
    """ensures that every wrong cell is named, and a file that is no workbook, or a harmful one, is refused in words."""
    job = given(clerk, YEAR, filled(blank(clerk, YEAR), 专项治理次数="许多"))
    assert job.result is None and "许多" in job.trouble and "第2行" in job.trouble
    assert "打不开" in given(clerk, YEAR, b"no workbook").trouble
    answer = clerk.fill("/assessment/facts", {"file": ("x.exe", b"MZ")}, year=YEAR)
    assert answer.status_code == 400


def test_every_point_has_its_reason(pages, clerk, trial):
    """ensures that the sheet shows for each line its points, arithmetic, words of the plan, facts and readings."""
    result = trial(ORDINARY)
    _, lines, _, total, _ = EXAMPLES["ordinary"]
    page = clerk.get("/assessment/sheet", params={"year": YEAR, "unit": COUNTY, "of": "trial"})
    text = text_of(page)
    for line in result.units[0]["lines"]:
        assert re.search(rf'<td class="fixed">{re.escape(line["id"])}</td><td class="number">{line["max"]}</td>'
                         rf'<td class="number">{re.escape(lines[line["id"]])}</td>', page.text), line["id"]  # fmt: skip
        assert line["why"] in text and line["clause"] in text
        assert all(reading in text for reading in line["readings"])
    assert f"得分 {total}" in text


def test_freezing(pages, clerk, trial):
    """ensures that only who reviews freezes, only what was looked at, only whole, and a correction only with a reason."""
    office, year = pages.state.office, 2023
    reviewer = login(pages, Role.LEADER)
    trial({}, year, "open")
    assert reviewer.fill("/assessment/freeze", year=year, trial="open").status_code == 400
    trial(ORDINARY, year, "first")
    assert clerk.fill("/assessment/freeze", year=year, trial="first").status_code == 403
    assert reviewer.fill("/assessment/freeze", year=year, trial="open").status_code == 400
    assert office.ledger.frozen(year) is None
    assert reviewer.fill("/assessment/freeze", year=year, trial="first").status_code == 303
    trial(BEST, year, "second")
    assert reviewer.fill("/assessment/freeze", year=year, trial="second", reason=" ").status_code == 400
    assert reviewer.fill("/assessment/freeze", year=year, trial="second", reason="票数复核").status_code == 303
    assert [(v.version, v.reason) for v in office.ledger.frozen_versions(year)] == [(1, ""), (2, "票数复核")]
    page = text_of(reviewer.get("/assessment", params={"year": year}))
    assert "第 2 版" in page and "票数复核" in page and EXAMPLES["best"][3] in page
    assert (
        office.ledger.journal(1, act="freeze")[0].actor
        == reviewer.get("/self").text.split("账号</dt><dd>")[1].split("<")[0]
    )


def test_a_trial_is_not_for_everybody(pages, trial):
    """ensures that a year that is not decided is seen by who works on it, not by readers nor by one unit."""
    trial(ORDINARY, 2022)
    path = {"year": 2022, "unit": COUNTY, "of": "trial"}
    for visitor, status in ((login(pages, Role.CLERK), 200), (login(pages, Role.LEADER), 200), (login(pages, Role.READER), 404),
                            (login(pages, Role.CLERK, units=[COUNTY]), 404)):  # fmt: skip
        assert visitor.get("/assessment/sheet", params=path).status_code == status
        assert (COUNTY in visitor.get("/assessment?year=2022").text) == (status == 200)


def test_one_unit_sees_its_own_scores(pages, tmp_path):
    """ensures that a restricted visitor finds their unit's frozen score and workbook, no other's, and scores nothing."""
    office = pages.state.office
    freeze(office, scored(office, tmp_path, 2021, ORDINARY), "")
    inside, outside = login(pages, Role.CLERK, units=[COUNTY]), login(pages, Role.CLERK, units=[OURS])
    assert (
        COUNTY in inside.get("/assessment?year=2021").text and COUNTY not in outside.get("/assessment?year=2021").text
    )
    for visitor, status in ((inside, 200), (outside, 404)):
        assert visitor.get("/assessment/sheet", params={"year": 2021, "unit": COUNTY}).status_code == status
    job = finished(outside, outside.fill("/assessment/workbook", year=2021))
    cells = {
        c
        for sheet in load_workbook(io.BytesIO(job.result.file))
        for row in sheet.iter_rows(values_only=True)
        for c in row
    }
    assert COUNTY not in cells
    job = finished(inside, inside.fill("/assessment/workbook", year=2021))
    assert load_workbook(io.BytesIO(job.result.file))["排名"]["C2"].value == EXAMPLES["ordinary"][3]
    for path in ("/assessment/blank", "/assessment/facts"):
        assert inside.fill(path, {"file": ("x.xlsx", b"x")} if "facts" in path else None, year=2021).status_code == 403
    reviewer = login(pages, Role.REVIEWER, units=[COUNTY])
    assert reviewer.fill("/assessment/freeze", year=2021, trial="k").status_code == 403


def test_the_year_before_stands_beside(pages, clerk, trial, tmp_path):
    """ensures that ranking and sheet show last year's score and what moved, line by line."""
    office = pages.state.office
    freeze(office, scored(office, tmp_path, 2024, ORDINARY), "")
    trial(BEST, 2025)
    ranking = text_of(clerk.get("/assessment?year=2025"))
    assert f"{EXAMPLES['best'][3]} {EXAMPLES['best'][4]} {EXAMPLES['ordinary'][3]} 1" in ranking
    sheet = text_of(clerk.get("/assessment/sheet", params={"year": 2025, "unit": COUNTY, "of": "trial"}))
    assert "总分 76.8 100 +23.2" in sheet and "2(3) 2 3 +1" in sheet
