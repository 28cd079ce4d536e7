"""Who gives whom which rights."""

from __future__ import annotations

import re

import pytest

from pipeline.access import Role
from tests.web.doors import EDUCATION, app_of, enter, login


@pytest.fixture
def app(workspace):
    return app_of(workspace)


def account(app, name):
    return app.state.office.ledger.accounts.get(name)


def test_an_account_is_made_without_rights_and_given_them_by_another(app):
    """ensures that one administrator makes accounts, another gives roles and units, and neither does both."""
    system, security = login(app, Role.SYSTEM), login(app, Role.SECURITY)
    made = system.act("/accounts", name="林晓", full_name="林 晓").text
    password = re.search("<code>([a-z-]{19})</code>", made)[1]
    assert account(app, "林晓").roles == frozenset() and account(app, "林晓").fresh
    assert password not in system.get("/accounts").text
    assert system.act("/accounts/rights", name="林晓", role="clerk").status_code == 403
    assert security.act("/accounts", name="别人").status_code == 403
    assert (
        security.act("/accounts/rights", name="林晓", role="clerk", scope="some", units="市教育局\n").status_code == 303
    )
    assert (account(app, "林晓").roles, account(app, "林晓").units) == ({Role.CLERK}, {EDUCATION})
    assert enter(app, "林晓", password).get("/self").status_code == 200
    acts = [r for r in app.state.office.ledger.journal(50, act="account") if r.thing == "林晓"]
    assert [(r.actor, next(iter(r.facts))) for r in acts] == [(security.account, "grant"), (system.account, "made")]


def test_nobody_changes_their_own_rights_and_no_administrator_has_a_second_role(app):
    """ensures that the three administrators stay apart."""
    security = login(app, Role.SECURITY)
    login(app, Role.CLERK, name="经办")
    for refused in (
        security.act("/accounts/rights", name=security.account, role="clerk"),
        security.act("/accounts/rights", name="经办", role=["system", "security"]),
        security.act("/accounts/rights", name="经办", role=["clerk", "auditor"]),
        security.act("/accounts/rights", name="经办", role="auditor", scope="some", units=EDUCATION),
        security.act("/accounts/rights", name="经办", role="reader", scope="some", units="没有的单位"),
        security.act("/accounts/rights", name="经办", role="reader", scope="some", units=" \n"),
        security.act("/accounts/rights", name="经办", role="emperor"),
    ):
        assert refused.status_code == 400
    assert account(app, security.account).roles == {Role.SECURITY}
    assert (account(app, "经办").roles, account(app, "经办").units) == ({Role.CLERK}, None)
    assert security.act("/accounts/rights", name="没有", role="clerk").status_code == 404


def test_rights_that_change_end_sessions_and_what_work_had_found(app):
    """ensures that nobody goes on with rights they had."""
    security, clerk = login(app, Role.SECURITY), login(app, Role.CLERK)
    assert clerk.get("/archives").status_code == 200
    security.act("/accounts/rights", name=clerk.account, role="reader", scope="some", units=EDUCATION)
    assert clerk.get("/archives", follow_redirects=False).headers["location"] == "/login"
    assert account(app, clerk.account).units == {EDUCATION}


def test_locking_and_new_passwords(app):
    """ensures that a lock shuts out at once, a new password is shown once, and no administrator becomes another."""
    system, auditor, clerk = login(app, Role.SYSTEM), login(app, Role.AUDITOR), login(app, Role.CLERK)
    assert system.act("/accounts/lock", name=clerk.account).status_code == 303
    assert clerk.get("/archives", follow_redirects=False).status_code == 303
    assert account(app, clerk.account).locked
    system.act("/accounts/unlock", name=clerk.account)
    assert enter(app, clerk.account)
    new = re.search("<code>([a-z-]{19})</code>", system.act("/accounts/password", name=clerk.account).text)[1]
    assert enter(app, clerk.account, new) and account(app, clerk.account).fresh
    assert system.act("/accounts/password", name=auditor.account).status_code == 400
    assert system.act("/accounts/lock", name=system.account).status_code == 400
    assert auditor.get("/accounts").status_code == 200
    assert auditor.act("/accounts/unlock", name=clerk.account).status_code == 403


@pytest.mark.parametrize("name", ["", " 林", "a:b", "pipeline", "Pipeline", "林" * 41, "a\u202eb"])
def test_names_that_would_deceive_are_refused(app, cli, workspace, name):
    """ensures that no account passes for the program, for another's arrivals, or for another name."""
    assert login(app, Role.SYSTEM).act("/accounts", name=name).status_code == 400
    assert cli("account", "add", name, "--role", "查询", "--workspace", workspace).code == 2
    assert account(app, name) is None
