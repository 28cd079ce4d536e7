"""Accounts made on the console: the first one has nobody else to make it."""

from __future__ import annotations

import io

import pytest

from pipeline.access import Role
from pipeline.office import open_office
from pipeline.web.doorkeeper import Doorkeeper, LoginRefused


def test_an_account_is_made_listed_locked_and_given_a_new_password(cli, workspace):
    """ensures the whole life of an account, and that every step stands in the journal without a password."""
    made = cli(
        "--workspace",
        workspace,
        "account",
        "add",
        "林晓",
        "--role",
        "经办人",
        "--role",
        "reviewer",
        "--unit",
        "市教育局",
        "--json",
    )
    assert made.code == 0
    assert made.one["roles"] == ["clerk", "reviewer"]
    assert cli("--workspace", workspace, "account", "list", "--json").one == {
        "account": "林晓", "name": "林晓", "roles": ["clerk", "reviewer"], "locked": False, "units": ["中共汀州市教育局党组"],
    }  # fmt: skip
    office = open_office(workspace)
    try:
        keeper = Doorkeeper(office.ledger.accounts)
        secret = keeper.enter("林晓", made.one["password"], "x")
        assert keeper.known(secret).account.fresh
        again = cli("--workspace", workspace, "account", "password", "林晓", "--json").one["password"]
        assert keeper.known(secret) is None
        assert keeper.enter("林晓", again, "x")
        assert cli("--workspace", workspace, "account", "lock", "林晓").code == 0
        with pytest.raises(LoginRefused):
            keeper.enter("林晓", again, "y")
        assert cli("--workspace", workspace, "account", "lock", "林晓", "--unlock").code == 0
        assert keeper.enter("林晓", again, "y")
        noted = str([row.facts for row in office.ledger.journal(100)])
        assert again not in noted and "argon2" not in noted
        assert len(office.ledger.journal(100, act="account")) == 4
    finally:
        office.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "甲", "--role", "皇帝"), "没有“皇帝”这个角色"),
        (("add", "甲", "--role", "系统管理员", "--role", "经办人"), "三员分立"),
        (("add", "甲", "--role", "查询", "--unit", "无此单位"), "名册里没有"),
        (("add", " 甲", "--role", "查询"), "不能用"),
        (("lock", "无此人"), "没有账号"),
    ],
)
def test_what_does_not_fit_is_said(cli, workspace, words, said):
    """ensures exit code 2 and words that say what to do."""
    ran = cli("--workspace", workspace, "account", *words)
    assert ran.code == 2 and said in ran.err


def test_a_password_of_ones_own_is_read_and_judged(cli, workspace, monkeypatch):
    """ensures that a chosen password is taken from standard input, and an easy one refused."""
    monkeypatch.setattr("sys.stdin", io.StringIO("12345678\n"))
    assert cli("--workspace", workspace, "account", "add", "甲", "--role", "查询", "--password-stdin").code == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("songbai-changqing-8\n"))
    assert cli("--workspace", workspace, "account", "add", "甲", "--role", "查询", "--password-stdin").code == 0
    office = open_office(workspace)
    account = office.ledger.accounts.get("甲")
    office.close()
    assert account.roles == {Role.READER} and not account.fresh
