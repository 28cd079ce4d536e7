"""A paper with a secrecy mark does not belong here: it is locked away with an alarm, its neighbours go on."""

from __future__ import annotations

from tests.documents import drop, leadership_report, plain

SECRET = plain("机密★1年", "市教育局党组2026年上半年主体责任报告", "市委:", "此段文字绝不可外传。")


def test_a_secret_paper_is_locked_away(cli, workspace):
    """ensures that it leaves the shared folder, reaches neither ledger nor index nor receipts, and is kept whole."""
    drop(workspace / "inbox", "密件.docx", SECRET)
    drop(workspace / "inbox", "报告.docx", leadership_report())
    ran = cli("--workspace", workspace, "watch", "--once", "--json")
    fates = {line["file"].rpartition("/")[2]: line for line in ran.lines}
    assert (ran.code, fates["报告.docx"]["outcome"]) == (1, "registered")
    assert fates["密件.docx"]["outcome"] == "set_aside"
    assert "密级“机密”" in fates["密件.docx"]["reason"] and "保密人员" in fates["密件.docx"]["reason"]
    assert [p.name for p in (workspace / "inbox").rglob("*密件*")] == ["密件.docx.说明.txt"]
    (kept,) = (workspace / "archive" / "set-aside").rglob("密件.docx")
    assert kept.read_bytes() == SECRET
    assert cli("--workspace", workspace, "search", "绝不可外传", "--json").lines[0]["total"] == 0
    checked = cli("--workspace", workspace, "verify", "--json")
    assert (checked.code, checked.one["entries"], checked.one["stray"]) == (0, 1, [])


def test_the_alarm_sounds_in_every_door(cli, workspace, tmp_path):
    """ensures that ``check`` and ``ingest`` refuse it too and leave the file where it lies."""
    path = drop(tmp_path, "密件.docx", SECRET)
    for command in ("check", "ingest"):
        ran = cli("--workspace", workspace, command, path, "--json")
        assert (ran.code, ran.one["outcome"], ran.one["kind"]) == (1, "set_aside", None)
        assert "涉密文件不得在本系统内流转" in ran.one["reason"]
    assert path.read_bytes() == SECRET
