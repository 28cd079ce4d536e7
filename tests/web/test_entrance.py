"""Coming in and going out: passwords, sessions, patience with those who guess."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from pipeline.access import Role
from pipeline.errors import UsageError
from pipeline.ledger import Account
from pipeline.web.doorkeeper import Doorkeeper, LoginRefused
from pipeline.web.visit import COOKIE
from tests.web.visitors import CHEAP, HOST, PASSWORD, enter, login, served, stranger

START = dt.datetime(2026, 11, 2, 8, 0, tzinfo=dt.UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@pytest.fixture
def app(workspace):
    with served(workspace) as app:
        yield app


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keeper(app, clock):
    """A doorkeeper with a clock of ours and one account, 甲."""
    accounts = app.state.office.ledger.accounts
    keeper = Doorkeeper(accounts, clock, CHEAP)
    accounts.add(Account("甲", "甲", keeper.hash(PASSWORD), frozenset({Role.CLERK}), fresh=False))
    return keeper


def guess(keeper, name="甲", password="bu-dui-de-kouling", address="10.0.0.9"):
    """Return whether a guess was looked at: a refusal for haste is not."""
    with pytest.raises(LoginRefused) as refused:
        keeper.enter(name, password, address)
    return "过多" not in refused.value.what


def test_who_has_an_account_comes_in_and_goes_out(app):
    """ensures the plain way by the pages' own forms, and that the session is dead afterwards."""
    accounts = app.state.office.ledger.accounts
    accounts.add(Account("林", "林", app.state.doorkeeper.hash(PASSWORD), frozenset({Role.READER}), fresh=False))
    visitor = stranger(app)
    assert visitor.get("/papers").headers["location"] == "/login"
    wrong = visitor.post("/login", data={"name": "林", "password": "x" * 12}, headers={"origin": HOST})
    assert wrong.status_code == 401 and "账号或口令不对" in wrong.text and COOKIE not in wrong.cookies
    right = visitor.post("/login", data={"name": "林", "password": PASSWORD}, headers={"origin": HOST})
    assert right.status_code == 303
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert visitor.get("/papers").status_code == 200
    secret = visitor.cookies[COOKIE]
    csrf = app.state.doorkeeper.known(secret).csrf
    assert visitor.post("/logout", data={"csrf": csrf}, headers={"origin": HOST}).status_code == 303
    visitor.cookies.set(COOKIE, secret)
    assert visitor.get("/papers").headers["location"] == "/login"


def test_unknown_wrong_and_locked_are_told_the_same(keeper, app):
    """ensures that nobody learns which accounts exist."""
    accounts = app.state.office.ledger.accounts
    accounts.add(Account("停", "停", keeper.hash(PASSWORD), frozenset({Role.CLERK}), locked=True, fresh=False))
    said = set()
    for name, password in (("甲", "wrong-wrong-1"), ("无此人", "wrong-wrong-1"), ("停", PASSWORD)):
        with pytest.raises(LoginRefused) as refused:
            keeper.enter(name, password, f"10.0.0.{len(name)}{name == '甲'}")
        said.add(str(refused.value))
    assert len(said) == 1


def test_a_thousand_guesses_in_a_quarter_of_an_hour_get_few_looks(keeper, clock):
    """ensures that guessing does not pay, from one address or from many, and that the owner comes in afterwards."""
    looked = 0
    for n in range(1000):
        looked += guess(keeper, address=f"10.0.{n % 50}.9")
        clock.pass_by(seconds=0.9)
    assert looked <= 30
    clock.pass_by(minutes=16)
    assert keeper.enter("甲", PASSWORD, "10.1.1.1")


def test_one_address_does_not_guess_at_many_accounts(keeper, clock):
    """ensures that changing the name does not help."""
    looked = 0
    for n in range(300):
        looked += guess(keeper, name=f"账号{n}")
        clock.pass_by(seconds=1)
    assert looked <= 20


def test_a_session_ends_when_it_is_idle_and_after_a_day_of_work(keeper, clock):
    """ensures 30 minutes of idleness and 8 hours in all."""
    idle = keeper.enter("甲", PASSWORD, "a")
    clock.pass_by(minutes=31)
    assert keeper.known(idle) is None
    used = keeper.enter("甲", PASSWORD, "a")
    for _ in range(23):
        clock.pass_by(minutes=20)
        assert keeper.known(used)
    clock.pass_by(minutes=21)
    assert keeper.known(used) is None


def test_a_new_session_has_a_new_secret_and_a_planted_one_is_worthless(app):
    """ensures that a secret somebody planted before the login opens nothing afterwards."""
    visitor = login(app, Role.READER, name="甲")
    planted = "x" * 43
    fresh = stranger(app)
    fresh.cookies.set(COOKIE, planted)
    fresh.post("/login", data={"name": "甲", "password": PASSWORD}, headers={"origin": HOST})
    assert app.state.doorkeeper.known(planted) is None
    assert visitor.cookies[COOKIE] != enter(app, "甲").cookies[COOKIE]


def test_a_change_of_password_or_rights_ends_every_session(app):
    """ensures that who came in before is out."""
    visitor = login(app, Role.CLERK, name="甲")
    other = enter(app, "甲")
    done = visitor.fill("/self/password", old=PASSWORD, new="songfeng-mingyue-9", again="songfeng-mingyue-9")
    assert done.status_code == 303
    assert other.get("/papers").headers["location"] == "/login"


def test_a_password_chosen_late_takes_back_no_right_given_meanwhile(keeper, app):
    """ensures that two changes of one account from two desks both stand."""
    accounts = app.state.office.ledger.accounts
    before = accounts.get("甲")
    accounts.change("甲", "grant", lambda account: replace(account, roles=frozenset({Role.AUDITOR}), units=None))
    keeper.choose_password(before, PASSWORD, "songfeng-mingyue-9")
    assert accounts.get("甲").roles == {Role.AUDITOR}
    assert keeper.enter("甲", "songfeng-mingyue-9", "10.0.0.9")


def test_the_first_password_is_changed_before_anything_else(app):
    """ensures that what somebody else chose opens nothing but the change."""
    accounts = app.state.office.ledger.accounts
    accounts.add(Account("新", "新", app.state.doorkeeper.hash(PASSWORD), frozenset({Role.CLERK}), fresh=True))
    visitor = enter(app, "新")
    assert visitor.get("/papers").status_code == 400
    assert visitor.get("/").headers["location"] == "/self"
    assert visitor.fill("/self/keys", label="x").status_code == 400
    assert visitor.get("/self").status_code == 200


@pytest.mark.parametrize("easy", ["short", "aaaaaaaaaaaa", "password-password", "jia12345678", "abcdefghijkl"])
def test_easy_passwords_are_refused(keeper, easy):
    """ensures a least strength, said with what to do."""
    with pytest.raises(UsageError, match="口令"):
        keeper.hash(easy)


def test_a_programs_key_acts_as_its_owner_until_it_is_ended(app):
    """ensures that a key works without cookie and form mark, and that a session's secret is no key."""
    visitor = login(app, Role.READER, name="甲")
    shown = visitor.fill("/self/keys", label="OA").text
    key = shown.partition("<code>")[2].partition("</code>")[0]
    program = stranger(app)
    assert program.get("/papers", headers={"authorization": f"Bearer {key}"}).status_code == 200
    assert key not in visitor.get("/self").text
    session = visitor.cookies[COOKIE]
    assert program.get("/papers", headers={"authorization": f"Bearer {session}"}).headers["location"] == "/login"
    program.cookies.set(COOKIE, key)
    assert program.get("/papers").headers["location"] == "/login"
    kept = next(s for s in app.state.office.ledger.accounts.sessions("甲") if s.label)
    assert visitor.fill("/self/end", secret=kept.secret).status_code == 303
    program.cookies.clear()
    assert program.get("/papers", headers={"authorization": f"Bearer {key}"}).headers["location"] == "/login"


def test_nothing_secret_is_kept_as_it_is(app):
    """ensures that the ledger's file holds neither passwords nor what opens a session."""
    visitor = login(app, Role.READER, name="甲")
    kept = (app.state.office.workspace / "archive" / "ledger.sqlite").read_bytes()
    assert PASSWORD.encode() not in kept
    assert visitor.cookies[COOKIE].encode() not in kept
