"""Who somebody is: passwords, sessions, programs' keys, and patience with those who guess.

Every answer to a failed login takes as long and says the same, whether the account exists or not.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

import argon2

from pipeline.errors import UsageError
from pipeline.ledger import Account, Accounts, Session

IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=8)
_TOUCH = dt.timedelta(minutes=1)  # a session's last use is written so often, never at each click
_FREE = 5  # failures before the first pause
_FIRST, _MOST = dt.timedelta(seconds=10), dt.timedelta(minutes=15)
RESERVED = frozenset({"pipeline"})  # names of ours in the journal
LEAST = 10  # characters of a password
_EASY = ("1234", "abcd", "qwer", "password", "admin", "8888", "6666", "0000", "1111")


class LoginRefused(UsageError):
    """Name and password do not go together, or it is too early to try again; which of both is not said."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is known in this call. ``csrf``: what their forms must carry."""

    account: Account
    session: Session
    csrf: str


class Doorkeeper:
    """Keeps the door of one ledger. ``clock``: the present moment, UTC; ``hasher``: how dear a guess is."""

    def __init__(
        self,
        accounts: Accounts,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        hasher: argon2.PasswordHasher | None = None,
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._hasher = hasher or argon2.PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex())

    def hash(self, password: str, name: str = "") -> str:
        """Return what is kept of a password.

        Raises:
            UsageError: it is too short or too easy.
        """
        low = password.lower()
        if len(password) < LEAST or len(set(password)) < 5:
            raise UsageError(f"口令太短或太简单,至少 {LEAST} 个字符", "可以用几个不相干的词连成一句")
        if any(easy in low for easy in _EASY) or (name and name.lower() in low):
            raise UsageError("口令太容易猜中(含连续数字、常见词或账号名)", "请换一个")
        return self._hasher.hash(password)

    def enter(self, name: str, password: str, address: str) -> str:
        """Return the secret of a new session.

        Raises:
            LoginRefused: not this name, not this password, locked, or too soon after failures.
        """
        now = self._clock()
        who = (f"账号:{name}", f"地址:{address}")
        if any(now < self._until(one) for one in who):
            raise LoginRefused("失败次数过多,暂缓登录", "请过几分钟再试;忘记口令请找系统管理员")
        account = self._accounts.get(name)
        right = self._verified(account.password if account else self._nobody, password)
        if account is None or not right or account.locked:
            self._accounts.failed(who, now)
            raise LoginRefused("账号或口令不对", "请重新输入;忘记口令请找系统管理员")
        self._accounts.succeeded(who)
        self._accounts.forget_before(now - LONGEST, now - IDLE)
        secret = secrets.token_urlsafe(32)
        self._accounts.begin(secret, name, address, now)
        return secret

    def known(self, secret: str) -> Known | None:
        """Return who shows this secret, None when it is nobody's (any more)."""
        found = self._accounts.session(secret) if 20 < len(secret) < 100 else None
        if found is None:
            return None
        session, account = found
        now = self._clock()
        if account.locked:
            return None
        if not session.label and (now - session.made_at > LONGEST or now - session.seen_at > IDLE):
            return None
        if now - session.seen_at > _TOUCH:
            self._accounts.seen(session, now)
        return Known(account, session, hmac.new(secret.encode(), b"csrf", sha256).hexdigest())

    def leave(self, known: Known) -> None:
        """The session is over."""
        self._accounts.end(known.session)

    def choose_password(self, account: Account, old: str, new: str) -> None:
        """The account has a password of its owner's own choice.

        Raises:
            UsageError: the old one is wrong, the new one too easy or the same.
        """
        if not self._verified(account.password, old):
            raise UsageError("原口令不对", "请重新输入")
        if old == new:
            raise UsageError("新口令和原口令相同", "请换一个")
        kept = self.hash(new, account.name)
        self._accounts.change(account.name, "password", lambda a: replace(a, password=kept, fresh=False))

    def new_key(self, account: Account, label: str, address: str) -> str:
        """Return a lasting key with which a program acts as this account; it is shown this once."""
        if not label.strip():
            raise UsageError("没有写明密钥的用途", "请写明给哪个系统使用")
        key = "pl_" + secrets.token_urlsafe(32)
        self._accounts.begin(key, account.name, address, self._clock(), label.strip())
        return key

    def _until(self, who: str) -> dt.datetime:
        """Return until when this account or address must wait: longer after each failure, never for good."""
        found = self._accounts.attempts(who)
        if found.failures < _FREE or found.last_at is None:
            return dt.datetime.min.replace(tzinfo=dt.UTC)
        pause: dt.timedelta = min(_FIRST * 2 ** min(found.failures - _FREE, 20), _MOST)
        return found.last_at + pause

    def _verified(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except argon2.exceptions.VerificationError:
            return False


def check_name(name: str) -> None:
    """Raises: UsageError: an account cannot go by this name."""
    # a colon divides the keys of what was handed in; "pipeline" is what the journal calls the program itself
    if not 1 <= len(name) <= 40 or not name.isprintable() or name.strip() != name or ":" in name:
        raise UsageError(f"账号“{name[:60]}”不能用", "请用 1 到 40 个字,不含冒号,不以空格开头结尾")
    if name.casefold() in RESERVED:
        raise UsageError(f"账号“{name}”是程序自己用的", "请换一个账号名")


def random_password() -> str:
    """Return a first password that somebody can type."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
