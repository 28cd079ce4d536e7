"""Coming in, going out, one's own account, programs' keys, and how far one's long work is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from pipeline.access import Act, may
from pipeline.errors import UsageError
from pipeline.web.doorkeeper import Doorkeeper, LoginRefused
from pipeline.web.look import PLACES, attachment, bare, go, page
from pipeline.web.visit import COOKIE, Visit, address_of, allowed

router = APIRouter()
Self = Annotated[Visit, Depends(allowed(Act.SELF))]
Word = Annotated[str, Form(max_length=200)]


def _keeper(request: Request) -> Doorkeeper:
    keeper: Doorkeeper = request.app.state.doorkeeper
    return keeper


@router.get("/login")
def login(request: Request) -> Response:
    return _login_page(request)


def _login_page(request: Request, name: str = "", trouble: str = "", status: int = 200) -> Response:
    there = bool(request.app.state.office.ledger.accounts.all())
    return bare("login.html", "登录", status, name=name, trouble=trouble, accounts=there)


@router.post("/login")
def enter(request: Request, name: Word, password: Word) -> Response:
    try:
        secret = _keeper(request).enter(name.strip(), password, address_of(request))
    except LoginRefused as error:
        return _login_page(request, name[:40], str(error), 401)
    answer = go("/")
    tls = request.app.state.door.tls
    answer.set_cookie(COOKIE, secret, httponly=True, samesite="strict", secure=tls, path="/")
    return answer


@router.post("/logout")
def leave(visit: Self) -> Response:
    _keeper(visit.request).leave(visit.known)
    answer = go("/login")
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/self")
def self_page(visit: Self) -> Response:
    return _self_page(visit)


def _self_page(visit: Visit, key: str = "") -> Response:
    sessions = visit.office.ledger.accounts.sessions(visit.viewer.account)
    return page(visit, "self.html", "我的账号", sessions=sessions, key=key)


@router.post("/self/password")
def change_password(visit: Self, old: Word, new: Word, again: Word) -> Response:
    if new != again:
        raise UsageError("两次输入的新口令不一样", "请重新输入")
    _keeper(visit.request).choose_password(visit.known.account, old, new)
    return go("/login")


@router.post("/self/keys")
def new_key(visit: Self, label: Word) -> Response:
    if visit.known.account.fresh:
        raise UsageError("请先改掉初始口令", "然后再生成密钥")
    return _self_page(visit, _keeper(visit.request).new_key(visit.known.account, label, address_of(visit.request)))


@router.post("/self/end")
def end_session(visit: Self, secret: Word) -> Response:
    accounts = visit.office.ledger.accounts
    found = next((s for s in accounts.sessions(visit.viewer.account) if s.secret == secret), None)
    if found is None:
        raise HTTPException(404)
    accounts.end(found)
    return go("/self", "已停用")


@router.get("/jobs/{key}.json")
def job(visit: Self, key: str) -> Response:
    found = visit.request.app.state.jobs.get(key, visit.viewer.account)
    if found is None:
        raise HTTPException(404)
    return JSONResponse({"title": found.title, "done": found.done, "total": found.total, "over": found.over})


@router.get("/jobs/{key}/file")
def job_file(visit: Self, key: str) -> Response:
    found = visit.request.app.state.jobs.get(key, visit.viewer.account)
    if found is None or found.result is None or found.result.file is None:
        raise HTTPException(404)
    visit.noted("download", found.result.name)
    return attachment(found.result.file, found.result.name)


def first_place(visit: Visit) -> str:
    """Return where somebody begins who does not see the day's papers."""
    return next((p.path for p in PLACES if p.path != "/" and may(visit.viewer, p.act)), "/self")
