"""Another city with another plan: its rulebook is a file, the program is the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipeline.reading import read_file
from tests.documents import drop, plain

RULEBOOK = Path(__file__).parents[1] / "rulebook" / "yunxi-2026.yaml"
STATEMENT = (
    "青石镇2026年上半年安全情况呈报",
    "市安委会:",
    "现将本镇上半年安全情况呈报如下。",
    "一、隐患排查整治",
    "上半年组织隐患排查6次,检查企业43家,发现隐患87处,已整改81处。",
    "二、应急准备",
    "5月12日举行防汛应急演练1场,320人参加。",
    "三、下步打算",
    "下半年将加强事故调查力量。",
    "青石镇人民政府",
    "2026年7月3日",
)


@pytest.fixture
def other_city(cli, workspace, tmp_path):
    """A workspace that works by the second rulebook."""
    shutil.copy(RULEBOOK, workspace / "规则.yaml")
    settings = workspace / "pipeline.toml"
    settings.write_text('rulebook = "规则.yaml"\n' + settings.read_text(encoding="utf-8"), encoding="utf-8")
    units = [
        {"name": "青石镇人民政府", "aliases": ["青石镇"], "class": "town_gov"},
        {"name": "云溪水泥厂", "class": "works"},
    ]
    people = [{"name": "岑山", "unit": "青石镇", "post": "镇长", "role": "chief"}]
    roster = drop(tmp_path, "名册.json", json.dumps({"units": units, "people": people}, ensure_ascii=False).encode())
    assert cli("roster", "import", roster, "--workspace", workspace).code == 0
    return workspace


def test_its_papers_are_known_and_judged_by_its_lists(cli, other_city, tmp_path):
    """ensures that kinds, items, owners and labels come from the rulebook in use."""
    ran = cli("ingest", drop(tmp_path, "呈报.docx", plain(*STATEMENT)), "--workspace", other_city, "--json").one
    assert (ran["kind"], ran["kind_label"], ran["unit"], ran["period"]) == (
        "site_statement",
        "安全情况呈报",
        "青石镇人民政府",
        "2026-H1",
    )
    assert [item["item"] for item in ran["items"]] == ["1", "2", "3", "4"]
    statuses = {item["item"]: item["status"] for item in ran["items"]}
    assert statuses["1"] == "covered"
    assert statuses["3"] != "covered"


def test_its_duties_and_letters_are_its_own(cli, other_city, tmp_path):
    """ensures that obligations and pledges follow its parties and say its words."""
    rows = cli("ledger", "--year", 2026, "--workspace", other_city, "--json").lines
    assert {row["institution"] for row in rows} <= {"quarterly", "vows"}
    assert {row["unit"] for row in rows} >= {"青石镇人民政府", "云溪水泥厂"}
    made = cli(
        "letter", "safety_vow", "--all", "--year", 2026, "--out", tmp_path / "文书", "--workspace", other_city, "--json"
    ).one
    text = read_file(Path(made["file"]), "x.docx").plain
    for words in ("安全生产责任状", "云溪市安全生产责任落实办法", "市长", "岑山", "1．每月到现场检查一次。"):
        assert words in text
    assert "廊坊" not in text


def test_a_spoiled_rulebook_stops_before_anything_runs(cli, other_city):
    """ensures that faults are named with file, line and key, and exit code 3."""
    path = other_city / "规则.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("content: [{list: site_points}]", "content: [{list: nowhere}]"),
        encoding="utf-8",
    )
    ran = cli("ledger", "--workspace", other_city)
    assert ran.code == 3
    assert "nowhere" in ran.err
    assert cli("rulebook", "check", path, "--workspace", other_city).code == 1
