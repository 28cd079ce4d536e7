"""规则: the rulebook to read, with its clauses: what each institution asks, how each list is judged, when things are due."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import Response

from pipeline.access import Act
from pipeline.rulebook.model import Rulebook
from pipeline.rulebook.parts import ContentList, DocumentKind, Item
from pipeline.rulebook.show import (
    MODALITIES,
    PUBLISH,
    STANDINGS,
    WAYS,
    due_text,
    loose_lists,
    often_text,
    parties_text,
    show_rulebook,
)
from pipeline.web.look import page
from pipeline.web.visit import Visit, allowed

router = APIRouter()
Rules = Annotated[Visit, Depends(allowed(Act.RULES))]


@dataclass(frozen=True, slots=True)
class Judged:
    """One item of a list and how it is judged: by trained weights, by the rulebook's words for it, or by its own words."""

    item: Item
    by: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A content list as its page shows it. ``only_for``: the role whose papers alone it judges, '' for all."""

    id: str
    content: ContentList
    items: tuple[Judged, ...]
    only_for: str = ""
    why: str = ""

    @property
    def title(self) -> str:
        return self.content.title or self.id


@router.get("/rules")
def rules(visit: Rules, q: str = "") -> Response:
    book, q = visit.office.rulebook, q.strip()[:100]
    counts = {
        name: (
            sum(k.institution == name for k in book.kinds.values()),
            sum(o.institution == name for o in book.obligations.values()),
            sum(f.institution == name for f in book.workflows.values()),
            sum(x.institution == name for x in book.letters.values()),
        )
        for name in book.institutions
    }
    return page(visit, "rules.html", "规则", book=book, counts=counts, q=q, found=show_rulebook(book, q) if q else "",
                loose=[_listed(book, name) for name in loose_lists(book)])  # fmt: skip


@router.get("/rules/{name}")
def institution(visit: Rules, name: str) -> Response:
    book = visit.office.rulebook
    found = book.institutions.get(name)
    if found is None:
        raise HTTPException(404)
    kinds = [kind for kind in book.kinds.values() if kind.institution == name]
    own = {o.id: o for o in book.obligations.values() if o.institution == name}
    doubts = [d for d in book.ambiguities.values() if any(d.id in o.amb for o in own.values())]
    return page(
        visit,
        "rule.html",
        found.title,
        book=book,
        institution=found,
        kinds=[(kind, _lists(book, kind)) for kind in kinds],
        obligations=own.values(),
        flows=[flow for flow in book.workflows.values() if flow.institution == name],
        letters=[letter for letter in book.letters.values() if letter.institution == name],
        doubts=doubts,
        parties=partial(parties_text, book),
        due=partial(due_text, book),
        often=often_text,
        ways=WAYS,
        standings=STANDINGS,
        publish=PUBLISH,
        modalities=MODALITIES,
    )


def _lists(book: Rulebook, kind: DocumentKind) -> list[Listed]:
    return [
        _listed(
            book, content.list, parties_text(book, (content.only_for,)) if content.only_for else "", content.why or ""
        )
        for content in kind.content
    ]


def _listed(book: Rulebook, name: str, only_for: str = "", why: str = "") -> Listed:
    content = book.lists[name]
    return Listed(name, content, tuple(Judged(i, _judged_by(book, name, i)) for i in content.items), only_for, why)


def _judged_by(book: Rulebook, name: str, item: Item) -> str:
    if item.optional:
        return "可不写,不算缺项"
    if book.weights is not None and book.weights.serves(name, item.n, item.text):
        return "按训练过的权重判断"
    if item.strong or item.weak:
        return f"按提示词判断:{'、'.join((*item.strong, *item.weak)[:8])}"
    return "按本项的字句判断"
