"""用户: who may come in, made by one administrator without rights, given rights by another, never by themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.responses import Response

from pipeline.access import ADMINISTRATORS, ROLE_LABELS, Act, Role, compatible
from pipeline.errors import UsageError
from pipeline.ledger import Account
from pipeline.web.doorkeeper import Doorkeeper, check_name, random_password
from pipeline.web.look import go, page
from pipeline.web.visit import Visit, allowed

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.ACCOUNTS))]
Enrol = Annotated[Visit, Depends(allowed(Act.ENROL))]
Grant = Annotated[Visit, Depends(allowed(Act.GRANT))]
Word = Annotated[str, Form(max_length=200)]


@router.get("/accounts")
def accounts(visit: See) -> Response:
    return _page(visit)


def _page(visit: Visit, made: str = "", password: str = "") -> Response:
    """``password``: the first one of the account ``made``; it is shown this once."""
    return page(
        visit, "accounts.html", "用户", accounts=visit.office.ledger.accounts.all(), made=made, password=password
    )


@router.post("/accounts")
def add(visit: Enrol, name: Word, full_name: Word = "") -> Response:
    check_name(name)
    password = random_password()
    kept = _keeper(visit).hash(password)
    visit.office.ledger.accounts.add(Account(name, full_name.strip() or name, kept))
    return _page(visit, name, password)


@router.post("/accounts/password")
def reset_password(visit: Enrol, name: Word) -> Response:
    account = _other(visit, name)
    if account.roles & {Role.SECURITY, Role.AUDITOR}:
        # else the system's administrator could come in as who watches over them
        raise UsageError("不能在网页上重设安全管理员、审计员的口令", "请在服务器上运行 pipeline account password")
    password = random_password()
    kept = _keeper(visit).hash(password)
    ledger = visit.office.ledger
    ledger.accounts.change(name, "password", lambda a: replace(a, password=kept, fresh=True))
    ledger.accounts.succeeded([f"账号:{name}"])
    return _page(visit, name, password)


@router.post("/accounts/lock")
def lock(visit: Enrol, name: Word) -> Response:
    _other(visit, name)
    visit.office.ledger.accounts.change(name, "lock", lambda a: replace(a, locked=True))
    visit.request.app.state.jobs.forget(name)
    return go("/accounts", f"{name} 已停用")


@router.post("/accounts/unlock")
def unlock(visit: Enrol, name: Word) -> Response:
    _other(visit, name)
    visit.office.ledger.accounts.change(name, "unlock", lambda a: replace(a, locked=False))
    return go("/accounts", f"{name} 已恢复")


@router.get("/accounts/rights")
def rights_page(visit: Grant, name: str) -> Response:
    account = _other(visit, name)
    units = sorted(unit.name for unit in visit.office.roster.units)
    return page(visit, "rights.html", f"授权 {account.name}", account=account, roles=ROLE_LABELS, units=units,
                administrators=ADMINISTRATORS)  # fmt: skip


@router.post("/accounts/rights")
def grant(
    visit: Grant,
    name: Word,
    role: Annotated[list[Role] | None, Form()] = None,
    scope: Annotated[str, Form(pattern="^(all|some)$")] = "all",
    units: Annotated[str, Form(max_length=100_000)] = "",
) -> Response:
    _other(visit, name)
    roles = frozenset(role or ())
    if not compatible(roles):
        raise UsageError("管理员不能兼任其他角色", "系统管理员、安全管理员、审计员要各由一人担任(三员分立)")
    if scope == "some" and roles & ADMINISTRATORS:
        raise UsageError("管理员不按单位划分", "请选“全部单位”")
    seen = _units(visit, units) if scope == "some" else None
    visit.office.ledger.accounts.change(name, "grant", lambda a: replace(a, roles=roles, units=seen))
    visit.request.app.state.jobs.forget(name)
    return go("/accounts", f"{name} 的权限已改,下次登录时生效")


def _units(visit: Visit, text: str) -> frozenset[str]:
    """Return the roster's names of the units written one on a line.

    Raises:
        UsageError: none, or one that the roster does not know.
    """
    given = [line.strip() for line in text.splitlines() if line.strip()]
    if not given:
        raise UsageError("没有写明可看哪些单位", "请每行写一个单位,或选“全部单位”")
    found = {name: visit.office.unit_named(name) for name in given}
    if unknown := [name for name, known in found.items() if known is None]:
        raise UsageError(f"名册里没有“{'”、“'.join(unknown[:5])}”", "请写名册里的正式名称或简称,每行一个")
    return frozenset(known for known in found.values() if known)


def _other(visit: Visit, name: str) -> Account:
    """Return somebody else's account.

    Raises:
        UsageError: it is the visitor's own. HTTPException: there is none.
    """
    if name == visit.viewer.account:
        raise UsageError("不能改动自己的账号", "请由另一位管理员办理;口令在“我的账号”里改")
    found = visit.office.ledger.accounts.get(name)
    if found is None:
        raise HTTPException(404)
    return found


def _keeper(visit: Visit) -> Doorkeeper:
    keeper: Doorkeeper = visit.request.app.state.doorkeeper
    return keeper
