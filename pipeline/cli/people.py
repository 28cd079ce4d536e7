"""``account``: who may use the pages. On the console, because the first account has nobody to make it."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from pipeline.access import ROLE_LABELS, Role, compatible
from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, put, say, table
from pipeline.errors import UsageError
from pipeline.ledger import Account
from pipeline.office import Office
from pipeline.web.doorkeeper import Doorkeeper, check_name, random_password

_NAME = click.argument("name", metavar="账号")
_PASSWORD = click.option("--password-stdin", is_flag=True, help="从标准输入读口令(默认生成一个初始口令并显示)")


@click.group(help="网页的账号:谁能登录,是什么角色。")
def account() -> None:
    pass


@account.command(help="建立一个账号。")
@_NAME
@click.option("--name", "full_name", default="", metavar="姓名", help="姓名(默认同账号)")
@click.option("--role", "roles", multiple=True, required=True, help="角色,可写多个:" + "、".join(ROLE_LABELS.values()))
@click.option("--unit", "units", multiple=True, help="只能看这些单位的文件,可写多个(默认全部)")
@_PASSWORD
@with_call
def add(
    call: Call, name: str, full_name: str, roles: tuple[str, ...], units: tuple[str, ...], password_stdin: bool
) -> None:
    chosen = frozenset(_role(word) for word in roles)
    if not compatible(chosen):
        raise UsageError("管理员不能兼任其他角色", "系统管理员、安全管理员、审计员要各由一人担任(三员分立)")
    check_name(name)
    with call.office() as office:
        seen = frozenset(_unit(office, unit) for unit in units) if units else None
        accounts = office.ledger.accounts
        password, shown = _password(password_stdin)
        kept = Doorkeeper(accounts).hash(password, name if password_stdin else "")
        accounts.add(Account(name, full_name or name, kept, chosen, seen, fresh=not password_stdin))
        if call.json:
            emit({"account": name, "roles": sorted(chosen), "password": shown})
        else:
            put(f"已建立账号 {name}({'、'.join(ROLE_LABELS[r] for r in Role if r in chosen)})")
            if shown:
                put(f"初始口令:{shown}  (首次登录须改掉)")


@account.command("list", help="列出全部账号。")
@with_call
def list_accounts(call: Call) -> None:
    with call.office() as office:
        found = office.ledger.accounts.all()
        if call.json:
            for one in found:
                emit({"account": one.name, "name": one.full_name, "roles": sorted(one.roles), "locked": one.locked,
                      "units": None if one.units is None else sorted(one.units)})  # fmt: skip
        else:
            table(("账号", "姓名", "角色", "可看的单位", "状态"),
                  [(a.name, a.full_name, a.viewer.role_words, "全部" if a.units is None else "、".join(sorted(a.units)),
                    "停用" if a.locked else "在用") for a in found])  # fmt: skip


@account.command(help="重设口令(忘记口令时)。")
@_NAME
@_PASSWORD
@with_call
def password(call: Call, name: str, password_stdin: bool) -> None:
    with call.office() as office:
        accounts = office.ledger.accounts
        _check_known(office, name)
        new, shown = _password(password_stdin)
        kept = Doorkeeper(accounts).hash(new, name if password_stdin else "")
        accounts.change(name, "password", lambda a: replace(a, password=kept, fresh=not password_stdin))
        accounts.succeeded([f"账号:{name}"])
        if call.json:
            emit({"account": name, "password": shown})
        else:
            put(f"已重设 {name} 的口令" + (f":{shown}  (下次登录须改掉)" if shown else ""))


@account.command(help="停用一个账号,或用 --unlock 恢复。")
@_NAME
@click.option("--unlock", is_flag=True, help="恢复")
@with_call
def lock(call: Call, name: str, unlock: bool) -> None:
    with call.office() as office:
        _check_known(office, name)
        office.ledger.accounts.change(name, "unlock" if unlock else "lock", lambda a: replace(a, locked=not unlock))
        say(f"{name} 已{'恢复' if unlock else '停用'}")


def _check_known(office: Office, name: str) -> None:
    if office.ledger.accounts.get(name) is None:
        raise UsageError(f"没有账号“{name}”", "可用 pipeline account list 查看")


def _password(given: bool) -> tuple[str, str]:
    """Return the password, and what to show of it."""
    if given:
        return sys.stdin.readline().rstrip("\r\n"), ""
    made = random_password()
    return made, made


def _role(word: str) -> Role:
    found = next((role for role, label in ROLE_LABELS.items() if word in (label, role.value)), None)
    if found is None:
        raise UsageError(f"没有“{word}”这个角色", f"可用的有:{'、'.join(ROLE_LABELS.values())}")
    return found


def _unit(office: Office, unit: str) -> str:
    found = office.unit_named(unit)
    if found is None:
        raise UsageError(f"名册里没有“{unit}”", "请写名册里的名称")
    return found
