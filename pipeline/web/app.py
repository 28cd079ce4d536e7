"""Puts the pages together: the wall before them, the routes, what is answered when something goes wrong."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from pipeline.errors import PipelineError, Unavailable, UsageError
from pipeline.office import Office
from pipeline.web import (
    accounts,
    api,
    archives,
    assessment,
    duties,
    entrance,
    finding,
    intake,
    journal,
    letters,
    papers,
    reviewing,
    roster,
    rules,
    system,
    today,
)  # fmt: skip
from pipeline.web.board import Boards
from pipeline.web.doorkeeper import Doorkeeper
from pipeline.web.jobs import Jobs
from pipeline.web.look import bare, go
from pipeline.web.visit import NotKnown
from pipeline.web.wall import TooMuch, Wall

log = logging.getLogger(__name__)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ROOMS = (
    entrance, today, intake, papers, reviewing, duties, finding, letters, archives, assessment, roster, rules, journal,
    system, accounts, api,
)  # fmt: skip
_WORDS = {403: "没有权限做这件事", 404: "没有这一页,或您不能查看", 405: "不能这样打开这一页", 413: "内容过大"}


@dataclass(frozen=True, slots=True)
class Door:
    """How the pages are reached: ``hosts`` are the names in their address; ``tls``: behind https."""

    hosts: tuple[str, ...] = LOOPBACK
    tls: bool = False


def make_app(office: Office, door: Door = Door(), apart: bool = False) -> FastAPI:
    """Return the pages of an open office; ``apart``: what takes long is reckoned in a process of its own."""
    app = FastAPI(title="pipeline", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    app.state.office = office
    app.state.door = door
    app.state.doorkeeper = Doorkeeper(office.ledger.accounts)
    app.state.jobs = Jobs()
    app.state.boards = Boards(office, apart)
    app.state.offers = roster.Offers()
    app.state.trials = assessment.Trials()
    for room in ROOMS:
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    app.add_exception_handler(NotKnown, _to_the_door)
    app.add_exception_handler(PipelineError, _trouble)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(TooMuch, _refused)
    app.add_exception_handler(Exception, _fault)
    app.add_middleware(Wall, hosts=door.hosts, uploads=(office.settings.inbox.max_mb + 1) << 20, tls=door.tls)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.boards.close()


def _answer(request: Request, status: int, words: str, do: str = "") -> Response:
    if _wants_data(request):
        return JSONResponse({"error": words, "do": do}, status)
    return bare("trouble.html", "出了问题" if status >= 500 else "不能这样做", status, words=words, do=do)


def _wants_data(request: Request) -> bool:
    return request.url.path.startswith("/api/") or "application/json" in request.headers.get("accept", "")


def _to_the_door(request: Request, _: Exception) -> Response:
    if _wants_data(request) or request.method != "GET":
        return _answer(request, 401, "尚未登录或登录已过期", "请重新登录")
    return go("/login")


def _trouble(request: Request, error: Exception) -> Response:
    assert isinstance(error, PipelineError)
    status = 400 if isinstance(error, UsageError) else 503 if isinstance(error, Unavailable) else 422
    extra = getattr(error, "problems", ())
    return _answer(request, status, error.what, "\n".join(filter(None, (error.do, *extra))))


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 413
    given = error.detail if isinstance(error, HTTPException) else ""
    ours = given if isinstance(given, str) and not given.isascii() else _WORDS.get(status, "不能这样打开")
    return _answer(request, status, ours)


def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = "、".join(dict.fromkeys(str(e["loc"][-1]) for e in error.errors()))
    return _answer(request, 400, f"填写的内容不对:{names}", "请检查后再试")


def _fault(request: Request, error: Exception) -> Response:
    log.exception("fault at %s", request.url.path, exc_info=error)
    return _answer(request, 500, f"程序内部出错({type(error).__name__})", "已保存的内容不受影响;请告知维护人员")
