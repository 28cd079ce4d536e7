"""文件: what stands in a paper beside what it should hold, its original, versions, history and letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import FileResponse, JSONResponse, Response

from pipeline.access import Act
from pipeline.archive import safe_name
from pipeline.errors import PipelineError, SearchUnavailable
from pipeline.model import Entry, Passage, Text
from pipeline.office import Office
from pipeline.reading.pageview import SHOWN, page_png
from pipeline.rulebook.model import OTHER, OTHER_LABEL
from pipeline.searching import same_text
from pipeline.web.look import disposition, page
from pipeline.web.visit import Visit, allowed

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.SEE))]
PAGE = 50
_MOST_PASSAGES = 4000  # of a paper on one page


@router.get("/papers")
def papers(visit: See, unit: str = "", kind: str = "", year: str = "", at: int = 1) -> Response:
    where = {"unit": unit or None, "kind": kind or None, "duty_year": int(year) if year.isdecimal() else None}
    found, total = visit.office.ledger.newest(PAGE, (max(at, 1) - 1) * PAGE, visit.within, **where)
    rules = visit.office.rulebook
    units = sorted(u.name for u in visit.office.roster.units if visit.within is None or u.name in visit.within)
    this_year = visit.office.today().year
    return page(visit, "papers.html", "文件", entries=found, total=total, at=max(at, 1), size=PAGE, unit=unit, kind=kind,
                year=year, units=units, kinds=[*((k.id, k.title) for k in rules.kinds.values()), (OTHER, OTHER_LABEL)],
                years=range(this_year, this_year - 6, -1), kind_label=rules.kind_label)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a passage; ``items``: what it is evidence for."""

    text: str
    items: tuple[str, ...] = ()


@router.get("/papers/{number}")
def paper(visit: See, number: str) -> Response:
    entry = visit.entry(number)
    office = visit.office
    text = office.ledger.text(number)
    return page(
        visit,
        "paper.html",
        f"{number} {entry.identity.title or entry.name}",
        entry=entry,
        kind_label=office.rulebook.kind_label(entry.identity.kind),
        note=office.ledger.note_of(number) if entry.decision else "",
        passages=list(marked(text, entry)),
        text=text,
        most=_MOST_PASSAGES,
        items=[(item, office.rulebook.item_words(entry.identity.kind, item.item)) for item in entry.verdict.items],
        findings=entry.verdict.findings,
        letters=office.ledger.letters(entry=number),
        versions=list(_versions(office, entry)),
        history=office.ledger.journal(50, thing=number),
        view=_viewed(office, entry, text),
    )


def marked(text: Text, entry: Entry) -> Iterator[tuple[Passage, tuple[Piece, ...]]]:
    """Yield each passage cut where words are evidence for an item."""
    quotes: dict[int, list[tuple[str, str]]] = {}
    for item in entry.verdict.items:
        for evidence in item.evidence:
            quotes.setdefault(evidence.passage, []).append((evidence.text, item.item))
    for passage in text.passages[:_MOST_PASSAGES]:
        yield passage, _cut(passage.text, quotes.get(passage.n, []))


def _cut(text: str, quotes: list[tuple[str, str]]) -> tuple[Piece, ...]:
    owners: dict[int, set[str]] = {}
    for quote, item in quotes:
        start = text.find(quote) if quote else -1
        for place in range(start, start + len(quote)) if start >= 0 else ():
            owners.setdefault(place, set()).add(item)
    pieces: list[Piece] = []
    for place, letter in enumerate(text):
        items = tuple(sorted(owners.get(place, ()), key=_order))
        if pieces and pieces[-1].items == items:
            pieces[-1] = Piece(pieces[-1].text + letter, items)
        else:
            pieces.append(Piece(letter, items))
    return tuple(pieces)


def _order(item: str) -> tuple[str, int]:
    head, _, n = item.rpartition(".")
    return head, int(n) if n.isdecimal() else 0


@router.get("/papers/{number}/same")
def same(visit: See, number: str) -> Response:
    """What takes a while to find is asked for by the page when it stands: whether the text is another paper's."""
    entry = visit.entry(number)
    if visit.within is not None:
        return JSONResponse([])  # whose text it is may not be this visitor's to know
    try:
        return JSONResponse([finding.message for finding in same_text(visit.office, entry)])
    except SearchUnavailable:
        return JSONResponse([])


def _versions(office: Office, entry: Entry) -> Iterator[Entry]:
    """Yield the other versions of a paper, newest first."""
    who = entry.identity
    alike = list(office.ledger.entries(unit=who.unit, kind=who.kind, period=who.period)) if who.unit else []
    by_number = {e.number: e for e in alike}
    after = {e.previous: e for e in alike if e.previous}
    later, at = [], entry
    while (at := after.get(at.number)) is not None:  # type: ignore[assignment]
        later.append(at)
    yield from reversed(later)
    before = by_number.get(entry.previous or "")
    while before is not None:
        yield before
        before = by_number.get(before.previous or "")


def _viewed(office: Office, entry: Entry, text: Text) -> int:
    """Return how many pages can be looked at as pictures: the original's, or those of its lasting copy."""
    if text.format in SHOWN:
        return text.pages or 1
    made = office.ledger.renditions().get(entry.sha256)
    return made.pages if made else 0


@router.get("/papers/{number}/original")
def original(visit: See, number: str) -> Response:
    entry = visit.entry(number)
    visit.noted("download", number)
    path = visit.office.archive.path_of(entry.sha256)
    if not path.exists():
        raise HTTPException(404, "原件不在档案中,请立即告知系统管理员")
    headers = {"Content-Disposition": disposition(f"{number}-{safe_name(entry.name)}")}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


@router.get("/papers/{number}/pages/{n}")
def page_picture(visit: See, number: str, n: int) -> Response:
    entry = visit.entry(number)
    office = visit.office
    kind, sha256 = office.ledger.text(number).format, entry.sha256
    if kind not in SHOWN:
        made = office.ledger.renditions().get(sha256)
        if made is None:
            raise HTTPException(404)
        kind, sha256 = "pdf", made.sha256
    if not 1 <= n <= 5000:
        raise HTTPException(404)
    try:
        data = page_png(office.archive.path_of(sha256), kind, n, office.settings.reading.memory_mb)
    except PipelineError as error:
        raise HTTPException(404, str(error)) from error
    return Response(data, media_type="image/png")


@router.get("/papers/{number}/view")
def view(visit: See, number: str, at: int = 1) -> Response:
    entry = visit.entry(number)
    pages = _viewed(visit.office, entry, visit.office.ledger.text(number))
    if not pages:
        raise HTTPException(404, "这份文件没有版式页面")
    return page(visit, "view.html", f"{number} 第 {at} 页", entry=entry, at=min(max(at, 1), pages), pages=pages)
