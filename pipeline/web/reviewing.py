"""审阅: a person decides over the machine, says what is wanted, and sends the feedback letter."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pipeline.access import Act
from pipeline.correspondence import Wanted, drafts, issue
from pipeline.errors import UsageError
from pipeline.letters import Draft
from pipeline.model import WITHDRAW, Entry, Outcome, Status
from pipeline.search import Query
from pipeline.web.look import go, page
from pipeline.web.preview import blocks
from pipeline.web.visit import Visit, allowed
from pipeline.words import withdrawal

router = APIRouter()
Review = Annotated[Visit, Depends(allowed(Act.REVIEW))]
FEEDBACK = "review_feedback_letter"
_WAITING = (Outcome.NEEDS_PERSON.value, Outcome.DEFICIENT.value)
SHOWN = 50


@router.get("/review")
def queue(visit: Review, at: int = 1) -> Response:
    at = min(max(at, 1), 200)
    office = visit.office
    found = office.index.search(Query(filters=(("status", _WAITING),), within=visit.within, limit=at * SHOWN))
    numbers = [hit.entry for hit in found.hits[(at - 1) * SHOWN :]]
    entries = [entry for entry, _ in office.ledger.documents(numbers)]
    return page(visit, "queue.html", "审阅", entries=entries, total=found.total, at=at, size=SHOWN,
                kind_label=office.rulebook.kind_label)  # fmt: skip


@router.get("/review/{number}")
def review(visit: Review, number: str) -> Response:
    entry = visit.entry(number)
    return _review_page(visit, entry)


def _review_page(visit: Visit, entry: Entry, preview: Draft | None = None) -> Response:
    office = visit.office
    letter = office.letters.write(preview, "(发出时编号)", office.today()) if preview else None
    return page(
        visit,
        "review.html",
        f"审阅 {entry.number}",
        entry=entry,
        kind_label=office.rulebook.kind_label(entry.identity.kind),
        items=[(item, office.rulebook.item_words(entry.identity.kind, item.item)) for item in entry.verdict.items],
        note=office.ledger.note_of(entry.number) if entry.decision else "",
        letters=office.ledger.letters(entry=entry.number),
        preview=list(blocks(letter)) if letter else None,
        feedback=_draft(visit, entry),
    )


@router.post("/review/{number}")
async def decide(visit: Review, number: str, request: Request) -> Response:
    form = await request.form()
    given = {str(k): str(v) for k, v in form.items()}
    return await run_in_threadpool(_decide, visit, number, given)


def _decide(visit: Visit, number: str, given: dict[str, str]) -> Response:
    entry = visit.entry(number)
    decision, note = given.get("decision", ""), given.get("note", "")[:4000]
    if decision not in {"accept", "return", WITHDRAW}:
        raise UsageError("没有写明结论", "请选择受理或退回补充")
    if decision == WITHDRAW and not note.strip():
        raise UsageError("没有写明撤回的原因", "请在审阅意见中写明")
    known = {item.item: item for item in entry.verdict.items}
    items = {}
    for name, value in given.items():
        item = known.get(name.removeprefix("item-")) if name.startswith("item-") else None
        if item is not None and value in set(Status) and value != item.status:
            items[item.item] = Status(value)
    if decision == WITHDRAW:
        note = withdrawal(visit.viewer.name, note)
    visit.office.decide(number, decision, items, note)
    return go(f"/review/{number}", {"accept": "已受理", "return": "已退回补充"}.get(decision, "已撤回"))


def _draft(visit: Visit, entry: Entry) -> Draft | None:
    """Return the feedback letter that this paper's decision calls for, None where there is none."""
    who = entry.identity
    if entry.decision not in {"accept", "return"} or who.unit is None or who.year is None:
        return None
    wanted = Wanted(who.year, who.unit, who.person, who.period)
    found = (draft for draft in drafts(FEEDBACK, wanted, visit.office) if draft.entry == entry.number)
    return next(found, None)


@router.get("/review/{number}/letter")
def preview(visit: Review, number: str) -> Response:
    entry = visit.entry(number)
    draft = _draft(visit, entry)
    if draft is None:
        raise UsageError("没有要反馈的内容", "请先退回补充,并写明审阅意见")
    return _review_page(visit, entry, draft)


@router.post("/review/{number}/letter")
def send(visit: Review, number: str) -> Response:
    entry = visit.entry(number)
    draft = _draft(visit, entry)
    if draft is None:
        raise UsageError("没有要反馈的内容", "请先退回补充,并写明审阅意见")
    made = issue(draft, visit.office)
    return go(f"/review/{number}", f"反馈文书已编号 {made.number}")
