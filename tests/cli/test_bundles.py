"""Filing, bundles and their judgement from the command line."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import bagit
import docx
import pytest
from lxml import etree
from openpyxl import load_workbook

from pipeline.archive.metadata import NAMESPACE, schema
from pipeline.archive.properties.papers import pdfa_part
from tests.documents import drop, leadership_report

UNIT = "中共汀州市教育局党组"
WITH_OFFICE = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice 未安装")


@pytest.fixture
def office(cli, workspace, tmp_path):
    """A workspace with two reports and a letter, whose 全宗号 is set, called as ``office(…)``."""
    settings = workspace / "pipeline.toml"
    settings.write_text(settings.read_text("utf-8") + 'fonds = "Z109"\ndepartment = "BGS"\n', "utf-8")

    def call(*arguments):
        return cli(*arguments, "--workspace", workspace, "--as-of", "2026-07-01")

    for name, unit in (("教育.docx", UNIT), ("水利.docx", "中共汀州市水利局党组")):
        cli("ingest", drop(tmp_path, name, leadership_report(unit, without=(4,))), "--workspace", workspace,
            "--as-of", "2026-06-18")  # fmt: skip
    call("letter", "supplement_notice", "--unit", "市教育局", "--year", 2026)
    return call


@pytest.fixture
def quick(monkeypatch):
    """A machine without LibreOffice."""
    monkeypatch.setenv("PATH", "/nowhere")


def test_filing_gives_codes_once_and_prints_stamps(office, tmp_path):
    """ensures that the office sets the retention, codes follow in its order, and a second call changes nothing."""
    done = office("file", "2026-0002", "2026-0001", "--retention", "D30", "--json").lines
    assert [(i["subject"], i["code"]) for i in done] == [
        ("2026-0002", "Z109-WS·2026·D30-BGS-0001"),
        ("2026-0001", "Z109-WS·2026·D30-BGS-0002"),
    ]
    rest = office("file", "--year", 2026, "--retention", "D10", "--problem", "jw", "--json").lines
    assert [(i["subject"], i["code"]) for i in rest] == [("主体办〔2026〕1号", "Z109-WS·2026·D10-JW-0001")]
    assert [i["fresh"] for i in office("file", "2026-0001", "--retention", "D30", "--json").lines] == [False]
    refused = office("file", "2026-0001", "--retention", "Y")
    assert (refused.code, "不再改动" in refused.err) == (2, True)
    found = office("items", "--code", "z109-ws・2026・d30-bgs-0002", "--stamps", tmp_path / "章.docx", "--json").one
    assert found["stamp"] == {
        "全宗号": "Z109",
        "年度": "2026",
        "件号": "2",
        "机构(问题)": "BGS",
        "保管期限": "30年",
        "页数": "",
    }
    cells = [cell.text for row in docx.Document(tmp_path / "章.docx").tables[0].rows for cell in row.cells]
    assert [c for c in cells if c][:4] == ["Z109", "2026", "2", "BGS"]
    assert office("items").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["file", "--retention", "Y"], 2, "没有写明归哪些件"),
        (["file", "2026-0001", "--year", "2026", "--retention", "Y"], 2, "没有写明归哪些件"),
        (["file", "2026-0001", "--retention", "30年"], 2, "Y、D30、D10"),
        (["file", "2026-0009", "--retention", "Y"], 2, "没有登记号"),
        (["file", "2026-0001"], 2, "--retention"),
        (["items", "--code", "Z109"], 2, "没有档号"),
        (["bundle", "--institution", "无此制度", "--year", "2026"], 2, "double_report"),
        (["bundle", "--unit", "市教育局"], 2, "没有写明年度"),
        (["bundle", "check", "没有"], 1, "不是归档包"),
    ],
)
def test_wrong_calls_end_in_a_sentence(office, arguments, code, words):
    """ensures that each says what to write instead."""
    ran = office(*arguments)
    assert (ran.code, words in ran.err) == (code, True), ran.err


def test_no_codes_without_a_fonds(cli, workspace, tmp_path):
    """ensures that the office hears where to write its 全宗号."""
    cli("ingest", drop(tmp_path, "a.docx", leadership_report()), "--workspace", workspace)
    ran = cli("file", "2026-0001", "--retention", "Y", "--workspace", workspace)
    assert (ran.code, "[archive]" in ran.err) == (3, True)


@pytest.mark.usefixtures("quick")
def test_a_bundle_carries_everything_and_its_hash_is_in_the_journal(office, tmp_path):
    """ensures that codes, XML, report and journal agree, and ``check`` says so with and without the workspace."""
    office("file", "2026-0001", "--retention", "D30")
    made = office("bundle", "--unit", "市教育局", "--year", 2026, "--out", tmp_path / "包", "--proof", tmp_path / "凭据.txt",
                  "--json").one  # fmt: skip
    folder = Path(made["bundle"])
    assert bagit.Bag(str(folder)).validate()
    known = json.loads((folder / "data" / "元数据.json").read_text("utf-8"))
    assert [i["archival_code"] for i in known["items"]] == ["Z109-WS·2026·D30-BGS-0001", ""]
    assert [i["rendition_note"] for i in known["items"]] == ["本机没有 LibreOffice"] * 2
    for item in known["items"]:
        root = etree.parse(folder / item["xml"])
        schema().assertValid(root)
        assert root.findtext(f".//{{{NAMESPACE}}}校验值") == item["sha256"]
    acts = root.getroot().findall(f"{{{NAMESPACE}}}业务实体/{{{NAMESPACE}}}业务行为")
    assert [a.text for a in acts] == ["发文"]
    rows = list(load_workbook(folder / "data" / "归档文件目录.xlsx").active.iter_rows(min_row=3, values_only=True))
    assert [row[1] for row in rows] == ["Z109-WS·2026·D30-BGS-0001", None]
    judged = office("bundle", "check", folder, "--json")
    results = {c["id"]: c["result"] for c in judged.one["checks"]}
    assert (judged.code, judged.one["sound"], judged.one["sha256"]) == (0, True, made["sha256"])
    assert (results["A03"], results["A04"], results["I04"]) == ("passed", "passed", "manual")
    assert made["sha256"] in (tmp_path / "凭据.txt").read_text("utf-8-sig")


@pytest.mark.usefixtures("quick")
def test_a_bundle_can_be_judged_where_there_is_no_workspace(cli, office, tmp_path):
    """ensures that the receiver needs the program only, gets the report, and exit code 1 for a changed paper."""
    made = office("bundle", "--unit", "市教育局", "--year", 2026, "--out", tmp_path / "包", "--json").one
    judged = cli("bundle", "check", made["bundle"], "--report", tmp_path / "报告", "--json")
    assert judged.code == 0
    assert {c["id"]: c["result"] for c in judged.one["checks"]}["A03"] == "unchecked"
    assert sorted(p.suffix for p in (tmp_path / "报告").iterdir()) == [".docx", ".json", ".xlsx"]
    paper = next(Path(made["bundle"]).glob("data/*/001-*"))
    paper.chmod(0o644)
    paper.write_bytes(leadership_report(UNIT))
    again = cli("bundle", "check", made["bundle"])
    assert again.code == 1
    assert "不要接收" in again.out


@pytest.mark.usefixtures("quick")
def test_an_institutions_year_as_a_zip(office, tmp_path):
    """ensures that all units' papers of one institution lie in one bundle, a section for each kind."""
    made = office(
        "bundle", "--institution", "double_report", "--year", 2026, "--zip", "--out", tmp_path / "包", "--json"
    ).one
    assert made["items"] == 3
    with zipfile.ZipFile(made["bundle"]) as archive:
        sections = {name.split("/")[2] for name in archive.namelist() if name.count("/") == 3 and "元数据" not in name}
    assert sections == {"01-领导班子落实党风廉政建设主体责任情况报告", "90-发文"}
    assert office("bundle", "check", made["bundle"]).code == 0


@WITH_OFFICE
def test_a_copy_in_a_lasting_format_is_made_once(office, tmp_path, monkeypatch):
    """ensures that PDF/A lies beside the original, stays an object of the archive, and serves the next bundle."""
    first = office("bundle", "--unit", "市教育局", "--year", 2026, "--out", tmp_path / "包", "--json").one
    copies = sorted(Path(first["bundle"]).glob("data/*/*.版式件.pdf"))
    assert [pdfa_part(path) for path in copies] == [2, 2]
    assert office("verify").code == 0
    monkeypatch.setenv("PATH", "/nowhere")
    second = office("bundle", "--unit", "市教育局", "--year", 2026, "--out", tmp_path / "包", "--json").one
    again = sorted(Path(second["bundle"]).glob("data/*/*.版式件.pdf"))
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in copies]
    results = {c["id"]: c["result"] for c in office("bundle", "check", second["bundle"], "--json").one["checks"]}
    assert results["U05"] == "passed"
