"""A paper that was sent by mistake: it counts nowhere, and stays where it is with who, why and when."""

from __future__ import annotations

from tests.documents import drop, leadership_report


def owed(cli, workspace):
    rows = cli("--workspace", workspace, "--as-of", "2099-12-31", "ledger", "--year", 2026, "--json").lines
    return {(r["unit"], r["period"]): r["status"] for r in rows if r["entry"]}


def test_a_withdrawn_paper_counts_nowhere_and_is_not_deleted(cli, workspace):
    """ensures that its obligation is open again, its bytes and its story remain, and the next one is a first version."""
    drop(workspace / "inbox", "报告.docx", leadership_report(year=2026, half=1))
    entry = cli("--workspace", workspace, "watch", "--once", "--json").one["entry"]
    assert owed(cli, workspace)
    ran = cli("--workspace", workspace, "withdraw", entry, "--reason", "误报", "--by", "张三", "--json").one
    assert (ran["decision"], ran["note"]) == ("withdraw", "张三决定撤回:误报")
    assert owed(cli, workspace) == {}
    assert "已撤回,张三决定撤回:误报" in cli("--workspace", workspace, "show", entry).out
    proof = cli("--workspace", workspace, "verify", "--json").one
    assert (proof["objects"], proof["stray"], proof["journal"]) == (1, [], "intact")
    drop(workspace / "inbox", "报告.docx", leadership_report(year=2026, half=1, extra="改正。"))
    second = cli("--workspace", workspace, "watch", "--once", "--json").one["entry"]
    assert cli("--workspace", workspace, "show", second, "--json").one["previous"] is None
    again = cli("--workspace", workspace, "withdraw", entry, "--reason", "误报", "--by", "张三")
    assert (again.code, "已经撤回" in again.err) == (2, True)
    cli("--workspace", workspace, "review", entry, "--accept")
    assert cli("--workspace", workspace, "show", entry, "--json").one["decision"] == "accept"
