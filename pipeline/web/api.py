"""The programs' door: the acts of the pages for other systems, with a key of somebody's, in the shapes of the contract."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.encoders import jsonable_encoder
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, JSONResponse, Response

from pipeline import __version__
from pipeline.access import Act
from pipeline.errors import UsageError
from pipeline.model import WITHDRAW, Status
from pipeline.search import Sort, parse_query
from pipeline.searching import search as find
from pipeline.searching import vocabulary
from pipeline.shapes import entry_shape, hit_shape, obligation_shape, results_shape
from pipeline.web import api_shapes as shapes
from pipeline.web.intake import fate_shape, take_in
from pipeline.web.papers import original as original_file
from pipeline.web.visit import Visit, allowed
from pipeline.words import withdrawal

_TROUBLE: dict[int | str, dict[str, Any]] = {
    code: {"model": shapes.Trouble, "description": words}
    for code, words in (
        (400, "请求不对"),
        (401, "没有密钥或密钥已失效"),
        (403, "没有权限"),
        (404, "没有,或不能查看"),
        (422, "内容不能处理"),
    )
}
router = APIRouter(prefix="/api", responses=_TROUBLE)
Self = Annotated[Visit, Depends(allowed(Act.SELF))]
See = Annotated[Visit, Depends(allowed(Act.SEE))]
HandIn = Annotated[Visit, Depends(allowed(Act.HAND_IN))]
Review = Annotated[Visit, Depends(allowed(Act.REVIEW))]
Some = Annotated[int, Query(ge=1, le=1000, description="最多几条")]
Skip = Annotated[int, Query(ge=0, le=1_000_000, description="跳过前几条")]
_REACH = 15  # years before this one whose duties are reckoned


def _plain(facts: Any) -> Response:
    """Return the shape as it is: the models describe it, and nothing is read a second time."""
    return JSONResponse(jsonable_encoder(facts))


@router.post("/papers", response_model=shapes.Taken, summary="报送一份文件")
def hand_in(
    visit: HandIn,
    file: Annotated[UploadFile, File(description="文件,文件名照原样")],
    hint: Annotated[str, Form(max_length=200, description="报送单位,可不写")] = "",
) -> Response:
    """文件收妥后即返回 key;读取、登记由程序随后进行,结果用 key 查询。"""
    return _plain({"key": take_in(visit, file, hint)})


@router.get("/papers/fate/{key}", response_model=shapes.Fate, summary="查询报送结果")
def fate(visit: See, key: str) -> Response:
    return _plain(fate_shape(visit, key))


@router.get("/papers/{number}", response_model=shapes.Paper, summary="一份已登记文件的全部情况")
def paper(visit: See, number: str) -> Response:
    entry = visit.entry(number)
    # whose text another paper's is may not be this visitor's to know
    return _plain(entry_shape(entry, visit.office, alone=visit.within is not None))


@router.get("/papers/{number}/original", response_class=FileResponse, summary="下载原件")
def original(visit: See, number: str) -> Response:
    return original_file(visit, number)


@router.post("/papers/{number}/review", response_model=shapes.Paper, summary="审阅:受理、退回补充或撤回")
def review(visit: Review, number: str, given: shapes.Decision) -> Response:
    entry = visit.entry(number)
    known = {item.item for item in entry.verdict.items}
    if unknown := sorted(set(given.items) - known):
        what = f"{number} 没有第 {'、'.join(unknown)[:100]} 项"
        raise UsageError(what, f"它的各项是:{'、'.join(sorted(known)) or '无'}")
    note = given.note
    if given.decision == WITHDRAW:
        if not note.strip():
            raise UsageError("没有写明撤回的原因", "请写在 note 里")
        note = withdrawal(visit.viewer.name, note)
    items = {name: Status(status) for name, status in given.items.items()}
    after = visit.office.decide(number, given.decision, items, note)
    return _plain(entry_shape(after, visit.office, alone=visit.within is not None))


@router.get("/search", response_model=shapes.Found, summary="全文检索")
def search(
    visit: See,
    q: Annotated[str, Query(max_length=400, description="检索词,写法与网页相同")],
    kind: str | None = None,
    unit: str | None = None,
    person: str | None = None,
    year: int | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    sort: Sort = Sort.DATE,
    limit: Some = 20,
) -> Response:
    office = visit.office
    asked = parse_query(
        q,
        kind=kind,
        unit=unit and (office.unit_named(unit) or unit),
        person=person,
        year=year,
        since=since,
        until=until,
        within=visit.within,
        sort=sort,
        limit=limit,
        known=vocabulary(office, visit.within),
        today=office.today(),
    )
    results = find(office, asked)
    visit.noted("search", q)
    return _plain({**results_shape(results), "hints": asked.hints, "hits": [hit_shape(hit) for hit in results.hits]})


@router.get("/duties", response_model=shapes.Duties, summary="台账:应做的事项和各项的状态")
def duties(
    visit: See,
    year: int | None = None,
    unit: str | None = None,
    institution: str | None = None,
    status: Literal["upcoming", "due", "received", "late", "overdue", "satisfied", "returned", "closed"] | None = None,
    limit: Some = 200,
    skip: Skip = 0,
) -> Response:
    office = visit.office
    this_year = office.today().year
    chosen = this_year if year is None else year
    if not this_year - _REACH <= chosen <= this_year + 1:
        raise UsageError(f"没有 {chosen} 年的台账", f"年度应在 {this_year - _REACH} 到 {this_year + 1} 之间")
    name = unit and (office.unit_named(unit) or unit)
    board = visit.request.app.state.boards.get(chosen)
    rows = [
        row
        for row in board.rows
        if (visit.within is None or row.unit in visit.within)
        and name in (None, row.unit)
        and institution in (None, row.institution)
        and status in (None, row.status)
    ]
    return _plain(
        {
            "at": board.at,
            "year": chosen,
            "total": len(rows),
            "duties": [obligation_shape(row) for row in rows[skip : skip + limit]],
        }
    )


@router.get("/letters", response_model=shapes.Letters, summary="发文登记,新的在前")
def letters(
    visit: See,
    year: int | None = None,
    unit: str | None = None,
    kind: str | None = None,
    limit: Some = 200,
    skip: Skip = 0,
) -> Response:
    office = visit.office
    name = unit and (office.unit_named(unit) or unit)
    chosen = office.today().year if year is None else year
    found, total = office.ledger.newest_letters(limit, skip, visit.within, year=chosen, unit=name, kind=kind)
    keys = ("number", "kind", "title", "unit", "person", "entry", "made_on", "sha256")
    return _plain({"total": total, "letters": [{k: getattr(x, k) for k in keys} for x in found]})


@router.get("/openapi.json", include_in_schema=False)
def described(visit: Self) -> Response:
    """The description of this door, for whoever has an account."""
    return JSONResponse(_description())


@cache
def _description() -> dict[str, Any]:
    found = get_openapi(
        title="文书生成与归档接口",
        version=__version__,
        description="以“我的账号”里生成的密钥调用:Authorization: Bearer 密钥。能做什么、能看哪些单位,与该账号在网页上相同。",
        routes=router.routes,
    )
    found.setdefault("components", {})["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    found["security"] = [{"key": []}]
    return found
