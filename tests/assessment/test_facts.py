"""Facts in: from JSON, from the workbook that the program makes, from the ledger; every fault with its place."""

from __future__ import annotations

import json

import pytest
from openpyxl import load_workbook

from tests.assessment.examples import ORDINARY
from tests.documents import drop, plain

COUNTY = "中共禾川县委员会"


@pytest.fixture
def assess(cli, workspace, tmp_path):
    def run(content, *more, json_out=True):
        path = content
        if isinstance(content, dict):
            path = tmp_path / "facts.json"
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        options = ("--json",) if json_out else ()
        return cli(
            "assess",
            "--year",
            2026,
            "--facts",
            path,
            "--workspace",
            workspace,
            "--as-of",
            "2027-01-10",
            *options,
            *more,
        )

    return run


def record(cli, workspace, obligation, on, *more):
    assert cli("event", "record", obligation, "--unit", COUNTY, "--on", on, "--workspace", workspace, *more).code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"units": [{"unit": COUNTY, "inputs": {"special_campaign": 3}}]}, "没有“special_campaign”这项数据,是否为“special_campaigns”"),
        ({"units": [{"unit": COUNTY, "inputs": {"special_campaigns": -1}}]}, "“专项治理次数”写成“-1”不对"),
        ({"units": [{"unit": COUNTY, "inputs": {"special_campaigns": 2.5}}]}, "“专项治理次数”写成“2.5”不对"),
        ({"units": [{"unit": COUNTY, "inputs": {"special_campaigns": True}}]}, "“专项治理次数”写成“True”不对"),
        ({"units": [{"unit": COUNTY, "inputs": {"online_monitoring": 1}}]}, "应填:是 或 否"),
        ({"units": [{"unit": COUNTY, "inputs": {"team_vote_rate": "100.5"}}]}, "0 到 100"),
        ({"units": [{"unit": COUNTY, "inputs": {"team_vote_rate": "9/0"}}]}, "0 到 100"),
        ({"units": [{"unit": COUNTY, "inputs": {"case_work_rank": 0}}]}, "名次,1 或更大的整数"),
        ({"units": [{"unit": COUNTY, "inputs": {"power_catalogue_elements": ["目录"]}}]}, "没有“目录”这一项"),
        ({"units": [{"unit": COUNTY}, {"unit": "禾川县"}]}, f"单位“{COUNTY}”重复"),
        ({"units": [{"inputs": {}}]}, "没有写单位的正式名称"),
        ({"units": [{"unit": COUNTY, "deductions": {"double_report": "1"}}]}, "扣分要由人写明理由"),
        ({"units": [{"unit": COUNTY, "deductions": {"signing": {"points": "-1", "reason": "x"}}}]}, "写扣几分"),
        ({"units": [{"unit": COUNTY, "input": {}}]}, "不认识的键“input”,是否为“inputs”"),
        ({"year": 2025}, "文件写的是 2025 年"),
        ({"units": {}}, "应是列表"),
        ({"persons": [{"person": "甲", "unit": COUNTY, "kind": "书记", "good": 1, "valid": 2}]}, "党政主要负责人或党政其他领导班子成员"),
        ({"persons": [{"person": "甲", "unit": COUNTY, "kind": "principal", "good": 3, "valid": 2}]}, "多于有效 2 票"),
        ({"persons": [{"person": "甲", "unit": COUNTY, "kind": "principal", "good": "三", "valid": 2}]}, "应是 0 或正整数"),
    ],
)  # fmt: skip
def test_faults_in_json_name_their_place(assess, content, said):
    """ensures that nothing is scored from facts that do not fit, and the file's writer is told where and what."""
    ran = assess(content)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize(
    "text",
    [
        '{"units": [',
        "[]",
        '{"units": [], "units": []}',
        '{"units": [{"unit": "甲", "inputs": {"team_vote_rate": NaN}}]}',
    ],
)
def test_what_is_no_facts_file(assess, tmp_path, text):
    """ensures that broken and ambiguous JSON is refused in Chinese."""
    path = tmp_path / "坏.json"
    path.write_text(text, encoding="utf-8")
    ran = assess(path)
    assert ran.code == 2 and "坏.json" in ran.err


def test_numbers_in_json_are_read_as_written(assess):
    """ensures that 94.99999999999 in a file does not become 95 on its way through a float."""
    row = assess({"units": [{"unit": COUNTY, "inputs": {**ORDINARY, "team_vote_rate": 94.99999999}}]}).one
    assert row["lines"][0]["points"] == "18"


def test_ballots_per_body_and_a_unit_without_letters(assess):
    """ensures that counts make an exact rate with the invalid ones apart, and no rate where there was nothing to answer is 100."""
    values = {k: v for k, v in ORDINARY.items() if k not in {"team_vote_rate", "required_reply_rank"}}
    ballots = [{"body": "党委", "grades": {"好": 100, "较好": 76, "一般": 10, "差": 0}, "invalid": 4},
               {"body": "政府", "grades": {"好": 100, "较好": 72, "一般": 4, "差": 10}}]  # fmt: skip
    first, second = assess({"units": [{"unit": COUNTY, "inputs": {**values, "required_reply_rate": "无"}, "ballots": ballots},
                                      {"unit": "中共外县委员会", "inputs": {**ORDINARY, "required_reply_rank": None,
                                                                         "required_reply_rate": "99.5"}}]}).lines  # fmt: skip
    vote = first["lines"][0]
    assert (vote["points"], vote["inputs"][0]["value"]) == ("18", "2900/31")
    assert "合并 348/372" in vote["inputs"][0]["source"] and "无效4票" in vote["inputs"][0]["source"]
    ranks = [next(x["points"] for x in row["lines"] if x["id"] == "3(6)") for row in (first, second)]
    assert ranks == ["2", "1.8"]


# --- what the ledger knows


def test_the_ledger_fills_in_with_its_evidence(assess, cli, workspace, tmp_path):
    """ensures that noted events and filed papers count as facts, each with its day or entry, and unknown ones stay open."""
    for day in ("2026-03-02", "2026-05-08"):
        record(cli, workspace, "K-08", day, "--note", "整治文山会海")
    record(cli, workspace, "R-06", "2026-02-10")
    record(cli, workspace, "K-11", "2026-02-10")  # the same meeting noted twice
    record(cli, workspace, "K-11", "2026-07-01")
    paper = drop(tmp_path, "报告.docx", plain("中共禾川县委员会2026年度党风政风监督检查专题报告", "市纪委:",
                 "现将2026年度监督检查情况报告如下。", "中共禾川县委员会", "2026年12月10日"))  # fmt: skip
    entry = cli("ingest", paper, "--workspace", workspace, "--as-of", "2026-12-10", "--json").one
    assert (entry["kind"], entry["unit"]) == ("inspection_year_report", COUNTY)
    row = assess({"units": [{"unit": COUNTY, "inputs": {}}]}).one
    told = {i["input"]: i for line in row["lines"] for i in line["inputs"] if i["source"]}
    assert (told["special_campaigns"]["value"], told["special_campaigns"]["source"]) == ("2", "台账")
    assert told["special_campaigns"]["evidence"] == ["2026-03-02 整治文山会海", "2026-05-08 整治文山会海"]
    assert told["standing_committee_studies"]["value"] == "2"
    assert told["check_year_report_sent"]["evidence"][0].startswith(entry["entry"])
    assert set(told) == {"special_campaigns", "standing_committee_studies", "check_year_report_sent"}
    assert row["score"] is None and "专项治理次数" not in row["missing"]


def test_a_person_overrules_the_ledger_and_says_why(assess, cli, workspace):
    """ensures that a person's word goes first, with the ledger's beside it, and a lacking reason is pointed out."""
    record(cli, workspace, "K-08", "2026-03-02")
    unit = {"unit": COUNTY, "inputs": {"special_campaigns": 3}}
    ran = assess({"units": [unit]})
    assert "与台账不一致" in ran.err and ran.one["notices"]
    row = assess({"units": [unit | {"reasons": {"special_campaigns": "两次未登记"}}]}).one
    (told,) = (i for line in row["lines"] for i in line["inputs"] if i["input"] == "special_campaigns")
    assert (told["value"], told["reason"], len(told["evidence"])) == ("3", "两次未登记", 1)
    assert row["notices"] == []


# --- the workbook


def sheet_cell(book, sheet, heading, unit=COUNTY):
    page = book[sheet]
    column = next(c.column for c in page[1] if c.value and heading in str(c.value))
    row = next(r[0].row for r in page.iter_rows(min_row=2) if r[0].value == unit)
    return page.cell(row=row, column=column)


@pytest.fixture
def template(cli, workspace, tmp_path):
    path = tmp_path / "数据.xlsx"
    assert (
        cli("assess", "--year", 2026, "--template", path, "--workspace", workspace, "--as-of", "2027-01-10").code == 0
    )
    return path


def filled(path, asked, values):
    book = load_workbook(path)
    for name, value in values.items():
        if name == "team_vote_rate":
            continue
        found = asked[name]
        sheet = "排名" if found.kind in {"rank", "value"} else found.line.source
        said = (
            ("是" if value else "否")
            if isinstance(value, bool)
            else "、".join(value)
            if isinstance(value, list)
            else value
        )
        sheet_cell(book, sheet, f"{found.line.id} {found.label}").value = said or (
            "无" if isinstance(value, list) else said
        )
    for row in book["民主测评"].iter_rows(min_row=2):
        votes = {"党委": (100, 76, 10, 0, 4), "政府": (100, 72, 4, 10, 0)}.get(row[1].value, (200, 14, 20, 4, 2))
        for cell, count in zip(row[3:8], votes, strict=True):
            cell.value = count
    book.save(path)


@pytest.fixture
def asked():
    from pipeline.judging.inputs import inputs
    from pipeline.rulebook import load_rulebook

    return inputs(load_rulebook().assessment)


def test_the_workbook_comes_back_as_it_was_filled_in(assess, template, asked):
    """ensures that a filled-in workbook scores as the same facts in JSON, ballots tallied, people read by their post."""
    filled(template, asked, ORDINARY)
    unit, person = assess(template).lines
    assert (unit["score"], unit["score_ten"]) == ("76.8", "7.68")
    assert (person["person"], person["kind"], person["score"]) == ("顾远山", "党政主要负责人", "8.59")


def test_the_workbook_guides_the_hand(template):
    """ensures that cells offer choices and ranges, each heading cites its clause, and only scored units stand there."""
    book = load_workbook(template)
    assert {"民主测评", "查阅资料", "日常评定", "排名"} <= set(book.sheetnames)
    assert [row[0].value for row in book["查阅资料"].iter_rows(min_row=2)] == [COUNTY]
    kinds = {v.type for v in book["查阅资料"].data_validations.dataValidation}
    assert kinds == {"list", "whole"}
    for sheet in ("查阅资料", "日常评定", "排名"):
        assert all("附十·三" in cell.comment.text for cell in book[sheet][1][1:])


def test_every_fault_of_the_workbook_by_row_and_column(assess, template, asked, cli, workspace):
    """ensures that wrong cells are named all at once, and what the ledger knows is not changed without a reason."""
    filled(template, asked, ORDINARY)
    record(cli, workspace, "K-08", "2026-03-02")
    book = load_workbook(template)
    sheet_cell(book, "查阅资料", "集中监督检查次数").value = "四次"
    sheet_cell(book, "日常评定", "重大案件安全事故").value = "或许"
    book["民主测评"]["D2"].value = None
    book["民主测评"]["E3"].value = "=1+1"
    book.save(template)
    ran = assess(template)
    assert ran.code == 2
    for said in ("查阅资料 第2行 “2(4) 集中监督检查次数”列", "日常评定 第2行 “3(3) 出现重大案件安全事故”列", "民主测评 第2行 “好”列:没有填票数",
                 "民主测评 第3行 E列:是公式", "“2(3) 专项治理次数”台账为“1”,改动要在“改动理由”里写理由"):  # fmt: skip
        assert said in ran.err


def test_a_reason_in_the_workbook_overrules(assess, template, asked, cli, workspace):
    """ensures that a reason beside the changed cell lets it count and stands on the sheet."""
    filled(template, asked, ORDINARY)
    record(cli, workspace, "K-08", "2026-03-02")
    book = load_workbook(template)
    book["改动理由"].append([COUNTY, "2(3) 专项治理次数", "一次漏登"])
    book["扣分"]["D2"].value, book["扣分"]["E2"].value = 1.5, "上半年报告逾期"
    book.save(template)
    unit, _ = assess(template).lines
    (told,) = (i for line in unit["lines"] for i in line["inputs"] if i["input"] == "special_campaigns")
    assert (told["value"], told["reason"]) == ("2", "一次漏登")
    assert (unit["score"], unit["adjustments"][0]["points"], unit["adjustments"][0]["reason"]) == (
        "75.3",
        "1.5",
        "上半年报告逾期",
    )
