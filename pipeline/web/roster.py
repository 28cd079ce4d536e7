"""名册: units and people, and another roster in its place once somebody has seen what would change."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, UploadFile
from fastapi.responses import Response

from pipeline.access import Act
from pipeline.errors import DamagedDocument, PipelineError, RosterError, UnprocessableDocument, UsageError
from pipeline.model import Person, Roster, Unit
from pipeline.office import Office
from pipeline.reading.guards import open_package
from pipeline.roster import read_roster, write_roster, write_template
from pipeline.roster.labels import class_labels, role_labels
from pipeline.web.look import XLSX, attachment, go, page
from pipeline.web.visit import Visit, allowed

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.SEE))]
Replace = Annotated[Visit, Depends(allowed(Act.ROSTER))]
PAGE = 100
SHOWN = 200  # lines of each kind of change
LARGEST = 8 << 20  # bytes of a roster file
_UNIT_WORDS = {"unit_class": "类别", "aliases": "简称", "upper": "上级单位"}
_PERSON_WORDS = {"post": "职务", "role": "角色", "scope": "分管范围", "since": "任职起", "until": "任职止"}


@router.get("/roster")
def roster_page(visit: See, of: Literal["units", "people"] = "units", q: str = "", at: int = 1) -> Response:
    return _page(visit, of, q, at)


def _page(visit: Visit, of: str = "units", q: str = "", at: int = 1, trouble: PipelineError | None = None) -> Response:
    office, q = visit.office, q.strip()
    seen = _seen(visit)
    rows = [row for row in (seen.units if of == "units" else seen.people) if _has(row, q)]
    at = min(max(at, 1), max((len(rows) + PAGE - 1) // PAGE, 1))
    counts = Counter(person.unit for person in seen.people)
    return page(
        visit,
        "roster.html",
        "名册",
        status=422 if trouble else 200,
        of=of,
        q=q,
        at=at,
        size=PAGE,
        total=len(rows),
        rows=rows[(at - 1) * PAGE : at * PAGE],
        units=len(seen.units),
        people=len(seen.people),
        counts=counts,
        classes=class_labels(office.rulebook),
        roles=role_labels(office.rulebook),
        may_change=visit.may(Act.ROSTER) and visit.within is None,
        trouble=trouble,
        problems=getattr(trouble, "problems", ()),
    )


def _seen(visit: Visit) -> Roster:
    """Return the part of the roster that this visitor may see."""
    whole, within = visit.office.roster, visit.within
    if within is None:
        return whole
    return Roster(tuple(u for u in whole.units if u.name in within), tuple(p for p in whole.people if p.unit in within))


def _has(row: Unit | Person, q: str) -> bool:
    words = (row.name, *row.aliases) if isinstance(row, Unit) else (row.name, row.unit, row.post)
    return not q or any(q in word for word in words)


@router.get("/roster/current.xlsx")
def current(visit: See) -> Response:
    visit.noted("download", "名册")
    return attachment(_workbook(visit.office, _seen(visit)), f"名册{visit.office.today()}.xlsx", XLSX)


@router.get("/roster/template.xlsx")
def template(visit: See) -> Response:
    return attachment(_workbook(visit.office, None), "名册模板.xlsx", XLSX)


def _workbook(office: Office, roster: Roster | None) -> bytes:
    with tempfile.TemporaryDirectory(prefix="pipeline-roster-") as folder:
        path = Path(folder) / "名册.xlsx"
        if roster is None:
            write_template(path, office.rulebook)
        else:
            write_roster(roster, path, office.rulebook)
        return path.read_bytes()


# --- another roster


@dataclass(frozen=True, slots=True)
class Changed:
    """One line that is otherwise than before. ``name``: of the unit or person; ``how``: what is different."""

    name: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What another roster would change of units or of people."""

    added: tuple[Changed, ...]
    removed: tuple[Changed, ...]
    changed: tuple[Changed, ...]

    @property
    def none(self) -> bool:
        return not (self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Offer:
    """A roster that somebody has read in and not yet put in force. ``over``: the roster it was compared with."""

    roster: Roster
    over: int
    name: str


class Offers:
    """The last offer of each account, until it counts or the program ends."""

    def __init__(self) -> None:
        self._offers: dict[str, Offer] = {}
        self._gate = threading.Lock()

    def put(self, account: str, offer: Offer) -> None:
        """This is what the account offers now."""
        with self._gate:
            self._offers[account] = offer

    def get(self, account: str) -> Offer | None:
        """Return what an account offers."""
        return self._offers.get(account)

    def take(self, account: str) -> Offer | None:
        """Return what an account offers, and it does so no more."""
        with self._gate:
            return self._offers.pop(account, None)


def _offers(visit: Visit) -> Offers:
    offers: Offers = visit.request.app.state.offers
    return offers


@router.post("/roster/read")
def read(visit: Replace, file: UploadFile) -> Response:
    _everybody(visit)
    name = Path((file.filename or "").replace("\\", "/")).name
    try:
        offered = _read(visit.office, file, name)
    except (RosterError, UnprocessableDocument) as error:
        return _page(visit, trouble=error)
    _offers(visit).put(visit.viewer.account, Offer(offered, visit.office.ledger.roster_id(), name))
    return go("/roster/offer")


def _everybody(visit: Visit) -> None:
    """Raises: HTTPException: this visitor sees only some units, and a roster is everybody's."""
    if visit.within is not None:
        raise HTTPException(403, "只能看部分单位的账号不能更换名册")


def _read(office: Office, file: UploadFile, name: str) -> Roster:
    if file.size is None or file.size > LARGEST:
        raise RosterError(f"名册文件超过 {LARGEST >> 20} MB", "请去掉图片和多余的工作表")
    with tempfile.TemporaryDirectory(prefix="pipeline-roster-") as folder:
        path = Path(folder) / f"名册{Path(name).suffix.lower()[:8]}"
        with path.open("xb") as stream:
            shutil.copyfileobj(file.file, stream, 1 << 20)
        try:
            if path.suffix == ".xlsx":
                with suppress(DamagedDocument):  # the roster's reader says more of what is no workbook
                    open_package(path).close()
            return read_roster(path, office.rulebook)
        except RosterError as error:
            raise RosterError(error.what.replace(path.name, name), error.do, error.problems) from error


@router.get("/roster/offer")
def offer_page(visit: Replace) -> Response:
    _everybody(visit)
    offer = _offers(visit).get(visit.viewer.account)
    if offer is None:
        return go("/roster")
    now = visit.office.roster
    classes, roles = class_labels(visit.office.rulebook), role_labels(visit.office.rulebook)
    return page(visit, "roster_offer.html", "核对新名册", offer=offer, shown=SHOWN,
                units=unit_changes(now, offer.roster, classes), people=people_changes(now, offer.roster, roles))  # fmt: skip


@router.post("/roster/import")
def import_offer(visit: Replace) -> Response:
    _everybody(visit)
    offer = _offers(visit).take(visit.viewer.account)
    if offer is None:
        raise UsageError("没有等待导入的名册", "请重新选择文件")
    if offer.over != visit.office.ledger.roster_id():
        raise UsageError("核对期间名册已被更换", "请重新选择文件,再核对一次")
    visit.office.ledger.save_roster(offer.roster)
    return go("/roster", f"名册已导入:{len(offer.roster.units)} 个单位,{len(offer.roster.people)} 人")


def unit_changes(now: Roster, then: Roster, classes: dict[str, str]) -> Changes:
    """Return what becomes of the units, by their full names."""
    before, after = ({unit.name: unit for unit in roster.units} for roster in (now, then))
    changed = (Changed(name, _how(before[name], after[name], _UNIT_WORDS, classes)) for name in after if name in before)
    return Changes(
        tuple(Changed(name) for name in after if name not in before),
        tuple(Changed(name) for name in before if name not in after),
        tuple(one for one in changed if one.how),
    )


def people_changes(now: Roster, then: Roster, roles: dict[str, str]) -> Changes:
    """Return what becomes of the people. One who holds one post before and after has changed; else posts come and go."""
    before, after = (_by_owner(roster.people) for roster in (now, then))
    added: list[Changed] = []
    removed: list[Changed] = []
    changed: list[Changed] = []
    for owner in dict.fromkeys((*after, *before)):
        old = [p for p in before.get(owner, ()) if p not in after.get(owner, ())]
        new = [p for p in after.get(owner, ()) if p not in before.get(owner, ())]
        label = "　".join(owner)
        if len(old) == len(new) == 1:
            changed.append(Changed(label, _how(old[0], new[0], _PERSON_WORDS, roles)))
        else:
            added.extend(Changed(label, p.post) for p in new)
            removed.extend(Changed(label, p.post) for p in old)
    return Changes(tuple(added), tuple(removed), tuple(changed))


def _by_owner(people: Iterable[Person]) -> dict[tuple[str, str], list[Person]]:
    found: dict[tuple[str, str], list[Person]] = {}
    for person in people:
        found.setdefault((person.unit, person.name), []).append(person)
    return found


def _how(old: Unit | Person, new: Unit | Person, words: dict[str, str], labels: dict[str, str]) -> str:
    """Say in Chinese what is different."""

    def told(value: object) -> str:
        said = "、".join(value) if isinstance(value, tuple) else str(value or "")
        return labels.get(said, said) or "空"

    names = [f.name for f in fields(old) if f.name in words and getattr(old, f.name) != getattr(new, f.name)]
    return ";".join(f"{words[n]}:{told(getattr(old, n))} → {told(getattr(new, n))}" for n in names)
