"""The command line keeps what scripts outside rely on: names, JSON keys, exit codes, Chinese messages."""

from __future__ import annotations

import hashlib
import re

import pytest

from pipeline.reading import read_file
from tests.documents import drop, leadership_report, plain

FILE_KEYS = {
    "file", "sha256", "outcome", "reason", "entry", "kind", "kind_label", "unit", "person", "year", "period",
    "signed_date", "received", "due", "on_time", "verdict", "items", "pledge_parts", "findings",
}  # fmt: skip
UNIT = "中共汀州市教育局党组"


@pytest.fixture
def report(tmp_path):
    return drop(tmp_path, "上半年报告.docx", leadership_report(UNIT, without=(4,)))


def test_check_tells_all_and_stores_nothing(cli, workspace, report):
    """ensures that ``check`` prints the contract's object and leaves ledger and archive as they were."""
    ran = cli("check", report, "--workspace", workspace, "--json", "--as-of", "2026-06-18")
    assert ran.code == 0
    assert set(ran.one) == FILE_KEYS
    assert ran.one["outcome"] == "checked"
    assert ran.one["file"] == str(report)
    assert ran.one["sha256"] == hashlib.sha256(report.read_bytes()).hexdigest()
    assert (ran.one["kind"], ran.one["unit"], ran.one["period"]) == ("leadership_report", UNIT, "2026-H1")
    assert (ran.one["due"], ran.one["on_time"], ran.one["signed_date"]) == ("2026-06-20", True, "2026-06-15")
    assert ran.one["verdict"] == "deficient"
    statuses = {i["item"]: i["status"] for i in ran.one["items"]}
    assert set(statuses) == {str(n) for n in range(1, 12)}
    assert statuses["4"] != "covered"
    assert cli("verify", "--workspace", workspace, "--json").one["entries"] == 0


def test_ingest_registers_once_and_names_repeats(cli, workspace, report, tmp_path):
    """ensures that the same bytes twice make one entry, said so, and that the original stays where it is."""
    first = cli("ingest", report, "--workspace", workspace, "--json", "--as-of", "2026-06-25").one
    again = drop(tmp_path, "另一个名字.docx", report.read_bytes())
    second = cli("ingest", again, "--workspace", workspace, "--json").one
    assert (first["outcome"], second["outcome"]) == ("registered", "duplicate")
    assert first["entry"] == second["entry"] == "2026-0001"
    assert (first["received"], first["due"], first["on_time"]) == ("2026-06-25", "2026-06-20", False)
    assert report.exists()


def test_same_name_with_new_bytes_is_a_new_version(cli, workspace, report):
    """ensures that a corrected paper gets its own entry, tied to the one it replaces."""
    cli("ingest", report, "--workspace", workspace)
    report.write_bytes(leadership_report(UNIT))
    entry = cli("ingest", report, "--workspace", workspace, "--json").one["entry"]
    shown = cli("show", entry, "--workspace", workspace, "--json").one
    assert (shown["version"], shown["previous"]) == (2, "2026-0001")


def test_watch_once_drains_answers_and_refuses(cli, workspace):
    """ensures that a good file ends with a receipt, a broken one with its reason, and the inbox is empty."""
    inbox = workspace / "inbox"
    drop(inbox, "报告.docx", leadership_report(UNIT))
    drop(inbox, "坏文件.xlsx", b"PK\x03\x04 not a workbook")
    ran = cli("watch", "--once", "--workspace", workspace, "--json")
    assert ran.code == 1
    outcomes = {line["file"].rsplit("/", 1)[-1]: line for line in ran.lines}
    assert outcomes["报告.docx"]["outcome"] == "registered"
    assert outcomes["坏文件.xlsx"]["outcome"] == "set_aside"
    assert re.search("[一-鿿]", outcomes["坏文件.xlsx"]["reason"])
    assert [p.name for p in inbox.iterdir() if p.is_file()] == []
    assert len(list((inbox / "回执").iterdir())) == 1
    assert {p.suffix for p in (inbox / "退回").iterdir()} == {".xlsx", ".txt"}


def test_search_prints_facets_then_hits(cli, workspace, report):
    """ensures that ``search --json`` leads with totals and marks the words found."""
    cli("ingest", report, "--workspace", workspace)
    head, hit = cli("search", "责任书14份", "--workspace", workspace, "--json").lines
    assert head["total"] == 1
    assert set(head["facets"]) >= {"kind", "unit", "year"}
    assert set(hit) >= {"entry", "score", "title", "kind", "unit", "person", "year", "snippet"}
    assert "<mark>责任书14份</mark>" in hit["snippet"]
    assert cli("search", "查无此词", "--workspace", workspace, "--json").one["total"] == 0


def test_a_person_decides_over_the_machine(cli, workspace, report):
    """ensures that ``review`` overrides an item and that a return is kept."""
    cli("ingest", report, "--workspace", workspace)
    ran = cli(
        "review",
        "2026-0001",
        "--accept",
        "--item",
        "4=covered",
        "--note",
        "会议记录已另附",
        "--workspace",
        workspace,
        "--json",
    )
    assert ran.code == 0
    assert {i["item"]: i["status"] for i in ran.one["items"]}["4"] == "covered"
    assert cli("review", "2026-0001", "--workspace", workspace).code == 2
    assert cli("review", "2026-0001", "--accept", "--item", "99=covered", "--workspace", workspace).code == 2


def test_a_decision_stands_beside_the_machines(cli, workspace, tmp_path):
    """ensures that a person's word replaces the finding it answers, is shown as a person's, and reaches the letter."""
    path = drop(tmp_path, "缺项.docx", leadership_report(without=(4, 9)))
    entry = cli("ingest", path, "--workspace", workspace, "--json").one["entry"]
    reviewed = (
        "review",
        entry,
        "--return",
        "--item",
        "4=covered",
        "--item",
        "9=mentioned",
        "--note",
        "请补充考核结果运用",
        "--workspace",
        workspace,
    )
    cli(*reviewed)
    shown = cli("show", entry, "--workspace", workspace, "--json").one
    items = {i["item"]: i for i in shown["items"]}
    assert (items["4"]["status"], items["4"]["machine"], items["9"]["machine"]) == ("covered", "absent", "absent")
    assert (items["5"]["machine"], shown["decision"], shown["note"]) == (None, "return", "请补充考核结果运用")
    assert not any("第4项" in f["message"] for f in shown["findings"])
    words = cli("show", entry, "--workspace", workspace).out
    assert "人工认定;机器判断:未见" in words and "人工审阅:退回补充,请补充考核结果运用" in words
    out = tmp_path / "letters"
    assert (
        cli("letter", "review_feedback_letter", "--year", "2026", "--all", "--out", out, "--workspace", workspace).code
        == 0
    )
    (letter,) = out.glob("*.docx")
    text = read_file(letter, letter.name).plain
    assert text.count("第9项") == 1 and "人工审阅认定" in text
    assert "第4项" not in text and "请补充考核结果运用" in text


def test_what_was_searched_is_said(cli, workspace, tmp_path):
    """ensures that an absent item names how much was searched and what came closest."""
    path = drop(tmp_path, "缺项.docx", leadership_report(without=(4,)))
    entry = cli("ingest", path, "--workspace", workspace, "--json").one["entry"]
    (absent,) = [i for i in cli("show", entry, "--workspace", workspace, "--json").one["items"] if i["item"] == "4"]
    assert absent["status"] == "absent" and absent["nearest"]["text"]
    words = cli("show", entry, "--workspace", workspace).out
    assert re.search(r"第 4 项 未见\(机器判断.*\n.*已查找全文 \d+ 段,最接近的是“", words)


def test_ledger_names_what_is_owed(cli, workspace, report):
    """ensures that a received report stands against its obligation and a missing one is overdue."""
    cli("ingest", report, "--workspace", workspace, "--as-of", "2026-06-18")
    rows = cli(
        "ledger",
        "--year",
        2026,
        "--institution",
        "double_report",
        "--as-of",
        "2026-07-01",
        "--workspace",
        workspace,
        "--json",
    ).lines
    keys = {"obligation", "institution", "unit", "person", "year", "period", "due", "status", "entry", "clause"}
    assert all(set(row) == keys for row in rows)
    first_half = {
        r["unit"]: r["status"] for r in rows if r["due"] == "2026-06-20" and r["person"] is None and r["unit"]
    }
    assert first_half[UNIT] in {"received", "satisfied"}
    assert first_half["中共汀州市水利局党组"] == "overdue"
    overdue = cli(
        "ledger", "--year", 2026, "--overdue", "--as-of", "2026-07-01", "--workspace", workspace, "--json"
    ).lines
    assert overdue
    assert {row["status"] for row in overdue} == {"overdue"}


def test_verify_passes_then_names_the_damage(cli, workspace, report):
    """ensures that a flipped bit ends in exit code 4 with the object's hash."""
    sha256 = cli("ingest", report, "--workspace", workspace, "--json").one["sha256"]
    good = cli("verify", "--workspace", workspace, "--json")
    assert (good.code, good.one["journal"], good.one["damaged"]) == (0, "intact", [])
    assert set(good.one) >= {"entries", "objects", "damaged", "missing", "stray", "journal", "journal_head"}
    kept = workspace / "archive" / "objects" / "sha256" / sha256[:2] / sha256[2:4] / sha256
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    bad = cli("verify", "--workspace", workspace, "--json")
    assert (bad.code, bad.one["damaged"]) == (4, [sha256])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nonsense"], 2),
        (["search"], 2),
        (["search", "x", "--limit", "0"], 2),
        (["search", "x", "--since", "昨天"], 2),
        (["show", "2026-9999"], 2),
        (["check", "没有.docx"], 1),
        (["check", "x.docx", "--kind", "nonsense"], 2),
        (["letter", "nonsense", "--all"], 2),
        (["bundle", "--year", "2026"], 2),
        (["ledger", "--institution", "nonsense"], 2),
        (["rulebook", "check", "没有.yaml"], 1),
        (["roster", "import", "没有.xlsx"], 2),
    ],
)
def test_bad_arguments_end_in_chinese(cli, workspace, arguments, code):
    """ensures that a wrong call ends with the right code and a Chinese sentence, never a traceback."""
    ran = cli("--workspace", workspace, *arguments)
    assert ran.code == code
    assert re.search("[一-鿿]", ran.err + ran.out)
    assert "Traceback" not in ran.err


def test_no_workspace_is_trouble_with_the_workspace(cli, tmp_path):
    """ensures that a command outside any workspace says how to make one."""
    ran = cli("--workspace", tmp_path / "leer", "verify")
    assert ran.code == 3
    assert "pipeline init" in ran.err


def test_unreadable_files_do_not_stop_their_neighbours(cli, workspace, report, tmp_path):
    """ensures that every file named gets its line, in order."""
    broken = drop(tmp_path, "空.docx", b"")
    other = drop(tmp_path, "其他.docx", plain("通知", "各单位:请按时参加会议。"))
    ran = cli("ingest", broken, report, other, "--workspace", workspace, "--json")
    assert [line["outcome"] for line in ran.lines] == ["set_aside", "registered", "registered"]
    assert ran.code == 1
