"""检索: what is typed, found within what the visitor may see; facets as links, kept searches, papers with the same text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi import Query as Typed
from fastapi.responses import JSONResponse, Response
from markupsafe import Markup

from pipeline.access import Act
from pipeline.search import Hit, Query, Results, Sort, parse_query
from pipeline.search.query import MAX_CHARACTERS
from pipeline.search.workbook import hits_workbook
from pipeline.searching import FACETS, advice, alike, complete, facet_labels, keep, narrowed, search, vocabulary
from pipeline.web.jobs import Job, Result
from pipeline.web.look import go, page
from pipeline.web.visit import Visit, allowed

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.SEE))]
Asked = Annotated[str, Typed(max_length=1000)]
Words = Annotated[str, Form(max_length=1000)]
SIZE = 20  # hits on a page
PAGES = 10  # that can be turned; who looks further wants a narrower search or the workbook
MOST = 10_000  # lines of the workbook
FACET = 12  # values of a facet that are shown
SHARED = 20  # shared passages shown side by side


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as the page shows it. ``snippet``: escaped where it was cut (``search/snippets.py``), nothing in it but marks."""

    hit: Hit
    snippet: Markup
    kind: str
    status: str


@router.get("/search")
def finding(visit: See, q: Asked = "", sort: str = "", at: int = 1, job: str = "") -> Response:
    office, within = visit.office, visit.within
    at = min(max(at, 1), PAGES)
    asked = _query(visit, q, sort, at * SIZE)
    results = search(office, asked) if not asked.empty else None
    if results is not None:
        visit.noted("search", q)
    label = vocabulary(office, within).label
    hits = results.hits[(at - 1) * SIZE :] if results else ()
    return page(
        visit,
        "search.html",
        "检索",
        q=q,
        sort=asked.sort,
        at=at,
        size=SIZE,
        results=results,
        shown=min(results.total, PAGES * SIZE) if results else 0,
        found=[Found(h, Markup(h.snippet), label("kind", h.kind), label("status", h.status)) for h in hits],  # noqa: S704
        facets=list(_facets(visit, q, asked.sort, results)) if results else [],
        hints=asked.hints if q.strip() else (),
        advice=advice(office, asked) if results and not results.total else (),
        path=_path(q, asked.sort),
        saved=[(one, _path(one.query, one.sort)) for one in office.ledger.searches()],
        job=visit.request.app.state.jobs.get(job, visit.viewer.account),
        filters=("单位", "人员", "年度", "文种", "制度", "状态", "登记号", "日期"),
    )


def _query(visit: Visit, q: str, sort: str, limit: int) -> Query:
    office, within = visit.office, visit.within
    order = Sort(sort) if sort in set(Sort) else Sort.DATE
    known = vocabulary(office, within)
    return parse_query(q, within=within, sort=order, limit=limit, known=known, today=office.today())


def _path(q: str, sort: str) -> str:
    return "/search?" + urlencode({"q": q, "sort": sort})


def _facets(visit: Visit, q: str, sort: str, results: Results) -> Iterator[tuple[str, list[tuple[str, int, str]]]]:
    """Yield each facet with the values that would narrow the search further: label, papers, address."""
    labelled = facet_labels(visit.office, results.facets)
    for field, title in FACETS.items():
        values = [(label, n, _path(narrowed(q, title, label), sort)) for label, n in labelled.get(field, ()) if label]
        if len(values) > 1:
            yield title, values[:FACET]


@router.get("/search/complete")
def completion(visit: See, q: Asked = "") -> Response:
    found = complete(visit.office, q[:MAX_CHARACTERS], visit.within)
    return JSONResponse([{"text": one.text, "label": one.label, "count": one.count} for one in found])


@router.post("/search/keep")
def keep_search(visit: See, q: Words, name: Words, sort: Words = "") -> Response:
    asked = _query(visit, q, sort, 0)
    named = keep(visit.office, name, q.strip()[:MAX_CHARACTERS], asked)
    return go(_path(q, asked.sort), f"已存为“{named}”")


@router.post("/search/forget")
def forget_search(visit: See, name: Words) -> Response:
    if not visit.office.ledger.forget_search(name):
        raise HTTPException(404)
    return go("/search", f"已删去“{name}”")


@router.post("/search/workbook")
def workbook(visit: See, q: Words, sort: Words = "") -> Response:
    office, asked = visit.office, _query(visit, q, sort, MOST)

    def work(_: Job) -> Result:
        hits = search(office, asked).hits
        data = hits_workbook(hits, vocabulary(office, asked.within).label)
        return Result(f"{len(hits)} 份", file=data, name="检索结果.xlsx")

    job = visit.request.app.state.jobs.start(Job("检索结果 Excel", visit.viewer.account), work)
    visit.noted("export", f"检索 {q}")
    return go(f"{_path(q, asked.sort)}&job={job.key}")


@router.get("/papers/{number}/similar")
def similar(visit: See, number: str) -> Response:
    """The papers with much of the same text, of those that may be seen, the shared passages side by side."""
    entry = visit.entry(number)
    found = alike(visit.office, entry, visit.within)
    labels: Mapping[str, str] = {
        a.entry.identity.kind: visit.office.rulebook.kind_label(a.entry.identity.kind) for a in found
    }
    return page(
        visit, "similar.html", f"与 {number} 文字相同的文件", entry=entry, found=found, labels=labels, most=SHARED
    )
