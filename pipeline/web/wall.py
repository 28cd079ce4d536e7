"""What stands before every page: which host is asked, from where a form comes, how much is sent, what browsers may do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SMALL = 1 << 20  # bytes of a form
_FILES = (  # paths that take files
    "/intake/upload", "/api/papers", "/archives/check", "/roster/read", "/letters/check", "/assessment/facts",
)  # fmt: skip
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


class Wall:
    """Refuses what does not come from our own pages, and tells browsers to be careful with what we send.

    ``hosts``: names by which this server is called. ``uploads``: bytes of a request to the paths that take files.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], uploads: int, tls: bool) -> None:
        self._app = app
        self._hosts = {host.lower() for host in hosts}
        self._uploads = uploads
        self._tls = tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if refusal := self._refusal(scope, headers):
            await _refuse(send, *refusal)
            return
        await self._app(scope, _counted(receive, self._limit(scope)), self._careful(scope, send))

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        name = (urlsplit(f"//{host}").hostname or "").lower()
        if name not in self._hosts:
            return 400, "这个地址不是本系统的地址"
        if scope["method"] not in SAFE and not headers.get("authorization"):
            origin = headers.get("origin") or headers.get("referer") or ""
            if urlsplit(origin).netloc.lower() != host.lower():
                return 403, "请求不是从本系统的页面发出的"
        length = headers.get("content-length", "0")
        limit = self._limit(scope)
        if not length.isdigit() or int(length) > limit:
            return 413, f"内容超过大小上限 {limit >> 20} MB"
        return None

    def _limit(self, scope: Scope) -> int:
        return self._uploads if scope["path"].startswith(_FILES) else SMALL

    def _careful(self, scope: Scope, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = headers.get("Content-Security-Policy", _POLICY)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "SAMEORIGIN"
                headers["Referrer-Policy"] = "same-origin"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                if not scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
                if self._tls:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        return sending


class TooMuch(Exception):
    """More bytes came than were announced or allowed."""


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooMuch
        return message

    return receiving


async def _refuse(send: Send, status: int, why: str) -> None:
    body = json.dumps({"error": why}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode()),
               (b"x-content-type-options", b"nosniff"), (b"connection", b"close")]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
