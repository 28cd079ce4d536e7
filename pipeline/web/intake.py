"""收件: hand in files, see what became of them, try refused ones again."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, UploadFile
from fastapi.responses import JSONResponse, Response

from pipeline.access import Act
from pipeline.archive import safe_name
from pipeline.daybook import intake
from pipeline.errors import SecretDocument, UsageError
from pipeline.ledger import Arrived
from pipeline.leftovers import half_made
from pipeline.model import Arrival, Original
from pipeline.office import Office
from pipeline.walk import claim
from pipeline.web.look import attachment, go, page
from pipeline.web.visit import Visit, allowed
from pipeline.words import OUTCOME_LABELS

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.SEE))]
HandIn = Annotated[Visit, Depends(allowed(Act.HAND_IN))]
SHOWN = 50


@router.get("/intake")
def intake_page(visit: See, outcome: str = "", at: int = 1) -> Response:
    ledger = visit.office.ledger
    found, total = ledger.arrived(SHOWN, (max(at, 1) - 1) * SHOWN, outcome if outcome in OUTCOME_LABELS else None)
    units = sorted(u.name for u in visit.office.roster.units if visit.within is None or u.name in visit.within)
    coming = intake(visit.office) if visit.within is None else None
    shown = [a for a in found if may_see(visit, a)]
    return page(visit, "intake.html", "收件", arrivals=shown, total=total, at=max(at, 1), size=SHOWN, outcome=outcome,
                units=units, coming=coming)  # fmt: skip


def may_see(visit: Visit, arrived: Arrived) -> bool:
    """Whether this visitor may know of an arrival: their unit's, or their own."""
    own = arrived.key.startswith(f"web:{visit.viewer.account}:")
    return visit.within is None or own or (arrived.unit is not None and arrived.unit in visit.within)


@router.post("/intake/upload")
def upload(visit: HandIn, file: UploadFile, hint: Annotated[str, Form(max_length=200)] = "") -> Response:
    key = take_in(visit, file, hint)
    return JSONResponse({"key": key})


def take_in(visit: Visit, file: UploadFile, hint: str) -> str:
    """The file is safe and claimed; the watcher reads it in its turn. Returns the arrival's key.

    Raises:
        UsageError: the unit it is handed in for is not this visitor's.
    """
    office = visit.office
    if hint and visit.within is not None and hint not in visit.within:
        raise UsageError("不能替别的单位报送", "请选择本单位")
    key = f"web:{visit.viewer.account}:{uuid.uuid4().hex}"
    spooled = office.archive.spool / half_made()
    try:
        with spooled.open("xb") as stream:
            shutil.copyfileobj(file.file, stream, 1 << 20)
        arrival = Arrival(
            path=str(spooled),
            name=Path((file.filename or "").replace("\\", "/")).name or "未命名",
            key=key,
            arrived_at=office.now().astimezone(dt.UTC),
            hint=hint,
            from_inbox=False,
        )
        for _ in claim([arrival], office):
            pass  # refused at once: its fate says why
    finally:
        spooled.unlink(missing_ok=True)
    if office.ledger.fate(key) is None:
        raise UsageError(f"“{arrival.name}”没有收妥", "请再试一次")
    return key


@router.get("/intake/fate/{key}")
def fate(visit: See, key: str) -> Response:
    return JSONResponse(fate_shape(visit, key))


def fate_shape(visit: Visit, key: str) -> dict[str, object]:
    """Return what became of an arrival, for the page that follows it.

    Raises:
        HTTPException: 404 where it is not this visitor's to know.
    """
    found = visit.office.ledger.fate(key)
    if found is None or not may_see(visit, found):
        raise HTTPException(404)
    if found.outcome == "waiting":
        words = f"等待:{found.reason}" if found.reason else "已收妥,正在读取…"
        return {"state": "waiting", "words": words}
    entry = visit.office.ledger.entry(found.entry) if found.entry else None
    return {
        "state": found.outcome,
        "words": OUTCOME_LABELS[found.outcome],
        "entry": found.entry,
        "title": entry.identity.title if entry else "",
        "reason": found.reason,
    }


@router.post("/intake/again")
def again(visit: HandIn, key: Annotated[str, Form(max_length=200)]) -> Response:
    found = visit.office.ledger.fate(key)
    if found is None or found.outcome != "set_aside" or not may_see(visit, found):
        raise HTTPException(404)
    _claim_again(visit.office, found, f"web:{visit.viewer.account}:{uuid.uuid4().hex}")
    return go("/intake", f"“{found.name}”已重新排队")


def _claim_again(office: Office, found: Arrived, key: str) -> None:
    """The refused bytes stand in the queue once more, as an arrival of their own.

    Raises:
        UsageError: they were not kept (too large, no file).
    """
    if found.code == SecretDocument.code:
        raise UsageError("涉密文件不得在本系统内处理", "请按保密规定处理")
    if found.sha256 is None or not office.archive.sound(found.sha256):
        raise UsageError("原件没有保存下来,不能再次处理", "请重新报送文件")
    path = office.archive.path_of(found.sha256)
    original = Original(found.sha256, path.stat().st_size, str(path), found.name)
    now = office.now().astimezone(dt.UTC)
    office.ledger.claims.add([(Arrival(str(path), found.name, key, now, found.hint, from_inbox=False), original)])


@router.get("/intake/refused/{key}")
def refused(visit: See, key: str) -> Response:
    found = visit.office.ledger.fate(key)
    if found is None or found.outcome != "set_aside" or found.sha256 is None or not may_see(visit, found):
        raise HTTPException(404)
    if found.code == SecretDocument.code:
        raise HTTPException(403, "涉密文件已封存,不能下载")
    visit.noted("download", found.sha256)
    return attachment(visit.office.archive.path_of(found.sha256).read_bytes(), safe_name(found.name))
