"""Accounts of the pages, who has come in, and failed logins. Every change of an account stands in the journal.

A session is written without a journal row when it is merely used; coming in and going out are noted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.access import Role, Viewer
from pipeline.errors import UsageError
from pipeline.ledger import journal
from pipeline.ledger.dialect import reading, writing
from pipeline.ledger.schema import accounts, attempts, sessions
from pipeline.ledger.values import storable


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may come in. ``units``: as in ``Viewer``. ``fresh``: must choose a password of their own first."""

    name: str
    full_name: str
    password: str
    roles: frozenset[Role] = frozenset()
    units: frozenset[str] | None = None
    locked: bool = False
    fresh: bool = True

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.name, self.full_name, self.roles, self.units)


@dataclass(frozen=True, slots=True)
class Session:
    """One coming in, or a program's key (``label``). ``secret``: the SHA-256 of what is shown, and never that itself."""

    secret: str
    account: str
    label: str
    made_at: dt.datetime
    seen_at: dt.datetime
    address: str


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often somebody failed in a row, and when last."""

    failures: int = 0
    last_at: dt.datetime | None = None


def hashed(secret: str) -> str:
    """Return what is kept of a secret that is long and random."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Accounts:
    """The accounts of an open ledger."""

    def __init__(self, engine: sa.Engine, actor: str) -> None:
        self._engine = engine
        self._actor = actor

    # --- accounts

    def all(self) -> list[Account]:
        """Return every account, by name."""
        with reading(self._engine) as connection:
            return [
                _account(row) for row in connection.execute(sa.select(accounts).order_by(accounts.c.name)).mappings()
            ]

    def get(self, name: str) -> Account | None:
        """Return the account of this name."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(accounts).where(accounts.c.name == storable(name))).mappings().first()
        return None if row is None else _account(row)

    def add(self, account: Account) -> None:
        """The account exists.

        Raises:
            UsageError: there is one of this name.
        """
        with writing(self._engine) as connection:
            if connection.scalar(sa.select(accounts.c.name).where(accounts.c.name == account.name)):
                raise UsageError(f"已有账号“{account.name}”", "请换一个账号名")
            at = dt.datetime.now(dt.UTC).isoformat()
            connection.execute(accounts.insert().values(**_row(account), made_at=at))
            journal.note(connection, self._actor, "account", account.name, {"made": _facts(account)})

    def change(self, name: str, what: str, become: Callable[[Account], Account]) -> None:
        """The account, as it stands now, has become another, and all its sessions end.

        ``what``: password | grant | lock | unlock.
        """
        with writing(self._engine) as connection:
            chosen = accounts.c.name == name
            account = become(_account(connection.execute(sa.select(accounts).where(chosen)).mappings().one()))
            connection.execute(accounts.update().where(chosen).values(**_row(account)))
            ended = sessions.delete().where(sessions.c.account == account.name)
            connection.execute(ended if account.locked else ended.where(sessions.c.label == ""))
            journal.note(connection, self._actor, "account", account.name, {what: _facts(account)})

    # --- sessions

    def begin(self, secret: str, account: str, address: str, at: dt.datetime, label: str = "") -> None:
        """Whoever shows this secret is this account, from ``at`` on."""
        row = {"secret": hashed(secret), "account": account, "label": storable(label), "address": address}
        moment = at.isoformat()
        with writing(self._engine) as connection:
            connection.execute(sessions.insert().values(**row, made_at=moment, seen_at=moment))
            journal.note(connection, account, "key" if label else "login", account, {"from": address, "label": label})

    def session(self, secret: str) -> tuple[Session, Account] | None:
        """Return the session of a secret with its account."""
        query = sa.select(sessions, accounts).join(accounts, accounts.c.name == sessions.c.account)
        with reading(self._engine) as connection:
            row = connection.execute(query.where(sessions.c.secret == hashed(secret))).mappings().first()
        return None if row is None else (_session(row), _account(row))

    def seen(self, session: Session, at: dt.datetime) -> None:
        """The session was used."""
        with writing(self._engine) as connection:
            used = sessions.update().where(sessions.c.secret == session.secret)
            connection.execute(used.values(seen_at=at.isoformat()))

    def end(self, session: Session) -> None:
        """The session is over; its secret opens nothing any more."""
        with writing(self._engine) as connection:
            connection.execute(sessions.delete().where(sessions.c.secret == session.secret))
            act = "key_ended" if session.label else "logout"
            journal.note(connection, self._actor, act, session.account, {"label": session.label})

    def sessions(self, account: str) -> list[Session]:
        """Return an account's sessions and keys, newest first."""
        query = sa.select(sessions).where(sessions.c.account == account).order_by(sessions.c.made_at.desc())
        with reading(self._engine) as connection:
            return [_session(row) for row in connection.execute(query).mappings()]

    def forget_before(self, made: dt.datetime, seen: dt.datetime) -> None:
        """People's sessions older or longer unused than this are gone."""
        old = (sessions.c.made_at < made.isoformat()) | (sessions.c.seen_at < seen.isoformat())
        with writing(self._engine) as connection:
            connection.execute(sessions.delete().where(sessions.c.label == "", old))

    # --- failed logins

    def attempts(self, who: str) -> Attempts:
        """Return how often this account or address has failed."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(attempts).where(attempts.c.who == storable(who))).first()
        return Attempts(row.failures, dt.datetime.fromisoformat(row.last_at)) if row else Attempts()

    def failed(self, who: Iterable[str], at: dt.datetime) -> None:
        """These have failed once more."""
        with writing(self._engine) as connection:
            for one in map(storable, who):
                before = connection.scalar(sa.select(attempts.c.failures).where(attempts.c.who == one))
                row = {"failures": (before or 0) + 1, "last_at": at.isoformat()}
                if before is None:
                    connection.execute(attempts.insert().values(who=one, **row))
                else:
                    connection.execute(attempts.update().where(attempts.c.who == one).values(**row))

    def succeeded(self, who: Iterable[str]) -> None:
        """These have no failures any more."""
        with writing(self._engine) as connection:
            connection.execute(attempts.delete().where(attempts.c.who.in_([storable(one) for one in who])))


def _row(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "full_name": storable(account.full_name),
        "password": account.password,
        "roles": json.dumps(sorted(account.roles)),
        "units": json.dumps(None if account.units is None else sorted(account.units), ensure_ascii=False),
        "locked": account.locked,
        "fresh": account.fresh,
    }


def _facts(account: Account) -> dict[str, object]:
    facts = _row(account)
    del facts["password"]
    return facts


def _account(row: sa.RowMapping) -> Account:
    units = json.loads(row["units"])
    return Account(
        row["name"],
        row["full_name"],
        row["password"],
        frozenset(Role(role) for role in json.loads(row["roles"])),
        None if units is None else frozenset(units),
        row["locked"],
        row["fresh"],
    )


def _session(row: sa.RowMapping) -> Session:
    made, seen = (dt.datetime.fromisoformat(row[name]) for name in ("made_at", "seen_at"))
    return Session(row["secret"], row["account"], row["label"], made, seen, row["address"])
