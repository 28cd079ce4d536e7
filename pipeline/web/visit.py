"""One call of somebody who is known, and the rule each route must have.

A route without ``allowed`` does not exist: the tests walk over all of them.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool

from pipeline.access import Act, Viewer, may
from pipeline.errors import UsageError
from pipeline.model import Entry
from pipeline.office import Office
from pipeline.web.doorkeeper import Doorkeeper, Known
from pipeline.web.wall import SAFE

COOKIE = "pipeline_session"


class NotKnown(Exception):
    """Nobody is known here: a page sends to the door, a program is told."""


@dataclass(frozen=True)
class Visit:
    """Who calls, for what, and the office in which what they do is done in their name."""

    request: Request
    known: Known
    viewer: Viewer
    office: Office
    act: Act

    def may(self, act: Act) -> bool:
        """Whether this visitor may do something to what they see here."""
        return may(self.viewer, act)

    @property
    def within(self) -> frozenset[str] | None:
        """The restriction of searches to the units whose papers may be seen."""
        return self.viewer.units

    def entry(self, number: str) -> Entry:
        """Return an entry that this visitor may see, and note that they did.

        Raises:
            HTTPException: 404, as if it did not exist, also where it is another unit's.
        """
        found = self.office.ledger.entry(number)
        if found is None or not may(self.viewer, self.act, found.identity.unit):
            raise HTTPException(404)
        self.noted("see", number)
        return found

    def of_unit(self, unit: str | None) -> None:
        """Raises: HTTPException: 404 where this unit's things are not for this visitor."""
        if not may(self.viewer, self.act, unit):
            raise HTTPException(404)

    def noted(self, what: str, thing: str) -> None:
        """That something was read stands in the log of readings."""
        note_reading(self.office, self.viewer, what, thing, address_of(self.request))


class Allowed:
    """The rule of a route: only who may do ``act`` comes in, and what changes something carries the form's own mark."""

    def __init__(self, act: Act) -> None:
        self.act = act

    async def __call__(self, request: Request) -> Visit:
        known = await run_in_threadpool(_known, request)
        if known is None:
            raise NotKnown
        if request.method not in SAFE and not known.session.label:
            await _same_form(request, known)
        viewer = known.account.viewer
        if not may(viewer, self.act):
            raise HTTPException(403)
        if known.account.fresh and self.act is not Act.SELF:
            raise UsageError("请先改掉初始口令", "在“我的账号”中修改")
        office: Office = request.app.state.office
        return Visit(request, known, viewer, office.acting(viewer.account), self.act)


def allowed(act: Act) -> Allowed:
    """Return the rule that an act needs."""
    return Allowed(act)


def _known(request: Request) -> Known | None:
    keeper: Doorkeeper = request.app.state.doorkeeper
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme:
        found = keeper.known(key.strip()) if scheme.lower() == "bearer" else None
        return found if found and found.session.label else None
    found = keeper.known(request.cookies.get(COOKIE, ""))
    return found if found and not found.session.label else None


async def _same_form(request: Request, known: Known) -> None:
    given = request.headers.get("x-csrf-token")
    if given is None and "form" in request.headers.get("content-type", ""):
        given = str((await request.form(max_files=20, max_fields=1000)).get("csrf", ""))
    if given != known.csrf:
        raise HTTPException(403, "页面已过期,请刷新后重试")


def address_of(request: Request) -> str:
    """Return where a call comes from."""
    return request.client.host if request.client else ""


def note_reading(office: Office, viewer: Viewer, what: str, thing: str, address: str) -> None:
    """A line in this month's log of readings: who, what, when, from where; no text of papers."""
    now = office.now()
    folder = office.archive.root / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    line = {
        "at": now.isoformat(timespec="seconds"),
        "who": viewer.account,
        "act": what,
        "thing": thing,
        "from": address,
    }
    path = folder / f"reads-{now:%Y-%m}.jsonl"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(
            handle, json.dumps(line).encode() + b"\n"
        )  # one write, all ASCII: a name can neither break nor forge a line
    finally:
        os.close(handle)


def day_of(text: str | None) -> dt.date | None:
    """Return the day that a form field names, None where it is empty.

    Raises:
        UsageError: it is no day.
    """
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"“{text[:20] if text else ''}”不是日期", "请写成 2026-06-20") from error
