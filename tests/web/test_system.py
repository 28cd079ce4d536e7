"""The system's page: what doctor says, and long work begun there."""

from __future__ import annotations

import re

import pytest

from pipeline.access import Role
from tests.web.doors import app_of, file_reports, login


@pytest.fixture
def app(cli, workspace, tmp_path):
    file_reports(cli, workspace, tmp_path)
    return app_of(workspace)


def test_the_page_says_what_doctor_says(app, cli, workspace):
    """ensures that page and command line look at the same things, and names of papers stay out of the page."""
    system = login(app, Role.SYSTEM)
    page = system.get("/system").text
    told = cli("doctor", "--workspace", workspace, "--json").lines
    for look in told:
        shown = f'<td class="fixed">{look["check"]}</td>' in page
        assert shown == (look["check"] != "收件"), look
    assert ("注意" in page) == any(not look["ok"] for look in told)
    assert "还没有运行过" in page


def test_the_archive_is_proved(app):
    """ensures that a proof passes on a sound archive and names what is damaged."""
    system = login(app, Role.SYSTEM)
    system.act("/system/prove")
    assert "核验通过:登记 2 份" in system.job("/system")
    path = app.state.office.archive.path_of(app.state.office.ledger.entry("2026-0001").sha256)
    path.chmod(0o644)
    path.write_bytes(b"x")
    system.act("/system/prove")
    assert re.search("核验未通过:原件已损坏:[0-9a-f]{64}", system.job("/system"))


def test_a_backup_goes_where_the_administrator_says(app, tmp_path):
    """ensures that a whole path is asked for, the archive is refused as its own backup, and the journal tells who did it."""
    system = login(app, Role.SYSTEM)
    for folder in ("backup", "../backup", "", "\0/x"):
        assert system.act("/system/backup", folder=folder).status_code == 400
    system.act("/system/backup", folder=str(app.state.office.archive.root / "b"))
    assert "备份不能放在档案文件夹里" in system.job("/system")
    system.act("/system/backup", folder=str(tmp_path / "备份"))
    assert "档案 2 件,新复制 2 件" in system.job("/system")
    noted = app.state.office.ledger.journal(1, act="backup")[0]
    assert (noted.actor, noted.facts["sound"]) == (system.account, True)
    assert str(tmp_path / "备份") in system.get("/system").text


def test_the_index_is_rebuilt(app):
    """ensures that the page makes the index anew from the ledger."""
    system = login(app, Role.SYSTEM)
    system.act("/system/index")
    assert "索引已重建:2 份" in system.job("/system")


def test_only_the_system_administrator_operates(app, tmp_path):
    """ensures that no other role sees the page or begins work there."""
    for role in set(Role) - {Role.SYSTEM}:
        other = login(app, role)
        assert other.get("/system").status_code == 403
        assert other.act("/system/backup", folder=str(tmp_path / "x")).status_code == 403
        assert other.act("/system/prove").status_code == other.act("/system/index").status_code == 403
    assert not (tmp_path / "x").exists()
