"""Results out: the contract's JSON, what-if, the workbook, frozen years, letters."""

from __future__ import annotations

import json

import pytest
from openpyxl import load_workbook

from pipeline.reading import read_file
from tests.assessment.examples import BEST, EXAMPLES, ORDINARY, WORST
from tests.documents import drop, leadership_report

COUNTY, OTHER, CITY_UNIT = "中共禾川县委员会", "中共外县委员会", "中共汀州市教育局党组"


@pytest.fixture
def facts(tmp_path):
    def write(*units, persons=(), name="facts.json", year=2026):
        path = tmp_path / name
        rows = [{"unit": unit, "inputs": values} for unit, values in units]
        path.write_text(
            json.dumps({"year": year, "units": rows, "persons": list(persons)}, ensure_ascii=False), encoding="utf-8"
        )
        return path

    return write


@pytest.fixture
def assess(cli, workspace):
    def run(*arguments, year=2026, as_of="2027-01-10"):
        return cli("assess", "--year", year, *arguments, "--workspace", workspace, "--as-of", as_of)

    return run


PERSON = {"person": "顾远山", "unit": COUNTY, "kind": "党政主要负责人", "good": 214, "valid": 238}


def test_the_contract(assess, facts):
    """ensures that every subject is one line with its score and lines, all numbers as decimal strings."""
    values, lines, _, total, ten = EXAMPLES["ordinary"]
    unit, person = assess("--facts", facts((COUNTY, values), persons=[PERSON]), "--json").lines
    assert (unit["unit"], unit["score"], unit["score_ten"]) == (COUNTY, total, ten)
    assert {line["id"]: line["points"] for line in unit["lines"]} == lines
    for line in unit["lines"]:
        assert (
            {"id", "max", "points", "why", "clause"} <= set(line)
            and line["why"]
            and line["clause"].startswith("附十·三")
        )
        assert isinstance(line["max"], str) and isinstance(line["points"], str)
    assert "unit" not in person
    assert (person["person"], person["score"], person["own"], person["team"]) == ("顾远山", "8.59", "9.5", "7.68")


def test_who_is_not_scored_and_who_is_unknown(assess, facts):
    """ensures that a city unit gets no score but its record, and a unit outside the roster is scored and said so."""
    ran = assess("--facts", facts((CITY_UNIT, {}), (OTHER, ORDINARY)), "--json")
    city, other = ran.lines
    assert (city["scored"], city["score"], city["lines"]) == (False, None, [])
    assert [a["id"] for a in city["adjustments"]] == ["double_report", "signing"]
    assert "只留执行情况记录" in city["notices"][0]
    assert other["score"] == "76.8" and "名册里没有这个单位" in ran.err


def test_a_missing_fact_in_the_output(assess, facts):
    """ensures that 待定 is null with its range, never "0", and the ranks that depend on it are left open."""
    open_ = {k: v for k, v in ORDINARY.items() if k != "case_work_rank"}
    first, second = assess("--facts", facts((COUNTY, open_), (OTHER, ORDINARY)), "--json").lines
    line = next(x for x in first["lines"] if x["id"] == "3(1)")
    assert (line["points"], line["low"], line["high"], line["status"]) == (None, "0", "20", "待定")
    assert (first["score"], first["low"], first["high"], first["rank"]) == (None, "62.8", "82.8", None)
    assert (second["rank"], second["rank_low"], second["rank_high"]) == (None, "1", "2")


def test_what_if(assess, facts):
    """ensures that another value shows what would change, for one unit or for all, and is never frozen."""
    path = facts((COUNTY, ORDINARY), (OTHER, ORDINARY))
    first, second = assess("--facts", path, "--set", "special_campaigns=3", "--set", "case_work_rank=1", "--json").lines
    assert (first["score"], second["score"], first["what_if"]["score"]) == ("83.8", "83.8", "76.8")
    assert first["what_if"]["lines"] == [
        {"id": "2(3)", "before": "2", "after": "3"},
        {"id": "3(1)", "before": "14", "after": "20"},
    ]
    one = assess("--facts", path, "--set", "专项治理次数=3", "--unit", "禾川县", "--json").one
    assert (one["score"], one["rank"]) == ("77.8", "1")
    assert assess("--facts", path, "--set", "special_campaigns=三").code == 2
    assert assess("--facts", path, "--set", "special=3").code == 2
    assert assess("--facts", path, "--set", "special_campaigns=3", "--freeze").code == 2


def test_the_workbook_tells_all(assess, facts, tmp_path):
    """ensures that ranking, chart, sheets, deductions and hand-over stand in one workbook that no text turns into a formula."""
    out = tmp_path / "得分.xlsx"
    path = facts((COUNTY, ORDINARY), ("=1+1县委", BEST), persons=[PERSON])
    assert assess("--facts", path, "--xlsx", out).code == 0
    book = load_workbook(out)
    ranking = list(book["排名"].iter_rows(min_row=2, max_row=3, max_col=4, values_only=True))
    assert ranking == [("1", "=1+1县委", "100", "10"), ("2", COUNTY, "76.8", "7.68")]
    assert len(book["排名"]._charts) == 1
    lost = {row[1]: row[4] for row in book["扣分明细"].iter_rows(min_row=2, values_only=True) if row[0] == COUNTY}
    assert (lost["1"], lost["2(5)"], lost["4(7)"], "2(1)" in lost) == ("2", "1", "0.5", False)
    handed = [row[:3] for row in book["移送清单"].iter_rows(min_row=2, values_only=True)]
    assert handed == [(COUNTY, "76.8", "7.68"), ("=1+1县委", "100", "10"), (f"顾远山({COUNTY})", "8.59", "8.59")]
    sheet = next(s for s in book if s.title.endswith(COUNTY))
    assert [c.value for c in sheet["A"]][-2:] == ["总分", "十分制"]
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)


def test_a_frozen_year_stays(assess, facts, cli, workspace):
    """ensures that a frozen year is kept in the ledger, a correction needs a reason and is a further version."""
    assert assess("--facts", facts((COUNTY, {})), "--freeze").code == 2  # 待定
    first = assess("--facts", facts((COUNTY, ORDINARY)), "--freeze", "--json")
    assert first.code == 0 and "第 1 版" in first.err
    again = assess("--facts", facts((COUNTY, ORDINARY)), "--freeze")
    assert again.code == 0 and "相同" in again.err
    other = facts((COUNTY, BEST))
    refused = assess("--facts", other, "--freeze")
    assert refused.code == 2 and "--reason" in refused.err
    tried = assess("--facts", other)
    assert "只是试算" in tried.err
    assert assess("--json").one == first.one
    assert assess("--facts", other, "--freeze", "--reason", "复查更正").code == 0
    shown = assess("--json")
    assert shown.one["score"] == "100" and "更正理由:复查更正" in shown.err
    assert cli("verify", "--workspace", workspace, "--json").one["journal"] == "intact"
    assert assess(year=2020).code == 2


def test_the_year_before_beside_this_one(assess, facts, tmp_path):
    """ensures that what changed since the last frozen year is shown line by line."""
    assess("--facts", facts((COUNTY, WORST), year=2025), "--freeze", year=2025, as_of="2026-01-10")
    out = tmp_path / "比较.xlsx"
    row = assess("--facts", facts((COUNTY, ORDINARY)), "--xlsx", out, "--json").one
    assert row["last_year"] == {"score": "1", "rank": "1"}
    rows = {r[1]: r[2:] for r in load_workbook(out)["与上年比较"].iter_rows(min_row=2, values_only=True)}
    assert rows["总分"] == ("1", "76.8", "+75.8") and rows["5(9)"] == ("-18", "0", "+18") and "5(7)" not in rows


def test_a_late_report_is_proposed_and_the_points_are_a_person_s(assess, facts, cli, workspace, tmp_path):
    """ensures that facts and clause of a late double report stand beside the score, without points until somebody gives them."""
    report = drop(tmp_path, "报告.docx", leadership_report(COUNTY, without=(4,)))
    cli("ingest", report, "--workspace", workspace, "--as-of", "2026-06-25")
    row = assess("--facts", facts((COUNTY, ORDINARY)), "--json").one
    proposed = row["adjustments"][0]
    assert (proposed["id"], proposed["points"], row["score"]) == ("double_report", None, "76.8")
    assert any("逾期" in fact for fact in proposed["facts"]) and "附五·四·2" in proposed["clause"]


def test_letters_of_a_frozen_year(assess, facts, cli, workspace, tmp_path):
    """ensures that feedback, score sheet and hand-over list are filled in from the frozen year, and again for a new version."""
    assess("--facts", facts((COUNTY, ORDINARY), persons=[PERSON]), "--freeze")

    def letter(kind, *more):
        made = cli("letter", kind, "--year", 2026, "--all", "--out", tmp_path, "--workspace", workspace, "--as-of", "2027-01-15",
                   "--json", *more).lines  # fmt: skip
        return [read_file(tmp_path / m["file"], "x.docx").plain for m in made]

    (feedback,) = letter("result_feedback_letter")
    assert "考核得分76.8分（换算为十分制7.68分）" in feedback and "2(5) 少得1分" in feedback.replace("（", "(").replace(
        "）", ")"
    )
    (sheet,) = letter("score_sheet_form")
    assert "顾远山" in sheet and "8.59" in sheet
    (handed,) = letter("result_transfer")
    assert "76.8" in handed and "方案未定比例" in handed
    assert len(letter("signing_execution_sheet")) == 3
    assess("--facts", facts((COUNTY, BEST)), "--freeze", "--reason", "更正")
    assert "考核得分100分" in letter("result_feedback_letter")[0]
