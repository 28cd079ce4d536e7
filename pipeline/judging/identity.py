"""What a document is, whose and for which period, each field with the words that prove it. Pure."""

from __future__ import annotations

import datetime as dt
import re

from pipeline.judging.dates import closing_day, days_in
from pipeline.judging.doubts import doubts_of, period_doubts, person_doubts, voice_doubts
from pipeline.judging.kinds import choose, guesses
from pipeline.judging.layout import Layout
from pipeline.judging.people import holder, writer
from pipeline.judging.periods import Told, period_told
from pipeline.judging.units import author_unit
from pipeline.model import Identity, Person, Proof, Roster, Text
from pipeline.rulebook.base import PartyKind
from pipeline.rulebook.model import OTHER, Rulebook


def identify(text: Text, name: str, roster: Roster, rulebook: Rulebook, hint: str = "") -> Identity:
    """Return what the paper is. Evidence inside the paper outweighs its file name and folder, which only raise doubts.

    ``name``: the file's display name; ``hint``: the sub-folder it lay in.
    """
    layout = Layout(text)
    first = writer(layout, roster)
    person = first[0] if first else None
    found = [] if layout.is_press else guesses(layout, rulebook, person)
    kind, sure = choose(found)
    unit, unit_proof, units = author_unit(layout, roster, person)
    if first and unit and first[0].unit != unit:
        first = writer(layout, roster, unit) or first
    keeper = first if first and _personal(kind, rulebook, layout) else None
    if first is None and kind != OTHER and _personal(kind, rulebook, layout):
        keeper = holder(layout, roster, unit)
    signed = _signed(layout)
    day = signed[0] if signed else None
    told = period_told(layout, kind, day, rulebook)
    year, period = (told.year, told.period) if told else (None, None)
    return Identity(
        kind=kind,
        title=_as_written(layout),
        unit=unit,
        person=keeper[0].name if keeper else None,
        year=year,
        period=period,
        signed_date=day,
        document_number=layout.document_number[0] if layout.document_number else None,
        secrecy=layout.secrecy[0] if layout.secrecy else None,
        proofs=_proofs(layout, sure, unit_proof, keeper[1] if keeper else None, signed, told),
        doubts=(
            *doubts_of(layout, kind, found, unit, units, name, hint, roster, rulebook),
            *person_doubts(keeper),
            *period_doubts(kind, period, year, day, rulebook),
            *voice_doubts(layout, kind, rulebook),
        ),
    )


def _proofs(
    layout: Layout,
    sure: float,
    unit: Proof | None,
    person: Proof | None,
    signed: tuple[dt.date, int, float] | None,
    told: Told | None,
) -> dict[str, Proof]:
    """The words that prove each field that has a value."""
    title_at = layout.title_lines[0].n if layout.title_lines else None
    period = Proof(told.words, told.line, told.confidence) if told else None
    found = {
        "kind": Proof(_as_written(layout), title_at, sure),
        "unit": unit,
        "person": person,
        "signed_date": Proof(_words(layout.text, signed[1]), signed[1], signed[2]) if signed else None,
        "period": period,
        "year": period,
        "document_number": Proof(*layout.document_number, 0.98) if layout.document_number else None,
        "secrecy": Proof(*layout.secrecy, 0.95) if layout.secrecy else None,
    }
    return {field: proof for field, proof in found.items() if proof is not None}


def _as_written(layout: Layout) -> str:
    return "".join(re.sub(r"\s*\n\s*", "", line.passage.text.strip()) for line in layout.title_lines)


def _personal(kind: str, rulebook: Rulebook, layout: Layout) -> bool:
    """True where the paper goes into a person's file: its maker is a post, it is signed by persons, or none is known."""
    found = rulebook.kinds.get(kind)
    if kind == OTHER or found is None:
        return any(len(line.text) <= 24 for line in layout.head[1:]) or bool(layout.signing)
    if found.signed_by is not None:
        return found.signed_by == "persons"
    if any(filing.file == "person" for filing in found.archive):
        return True
    roles = [rulebook.parties[m].kind is PartyKind.ROLE for m in found.maker if m in rulebook.parties]
    return bool(roles) and all(roles)


def _signed(layout: Layout) -> tuple[dt.date, int, float] | None:
    """The day the paper is signed with: in the signature, else in a form's field, else under the title."""
    for line in layout.tail:
        if day := closing_day(line.text):
            return day, line.n, 0.97
    for label, value, n in layout.fields:
        if re.search(r"日期|时间$|签[名字]", label) and (days := list(days_in(value))):
            return days[0].value, n, 0.85
    for line in layout.head:
        if re.fullmatch(r"\(.*\)", line.text) and (day := closing_day(line.text.strip("()"))):
            return day, line.n, 0.8
    for line in layout.tail:
        if len(line.text) <= 40 and (days := list(days_in(line.text))) and re.search(r"签[名字]", line.text):
            return days[-1].value, line.n, 0.8
    return None


def _words(text: Text, n: int) -> str:
    return next((p.text.strip() for p in text if p.n == n), "")


def owner(identity: Identity, roster: Roster) -> Person | None:
    """The roster's person of an identity, the one in the identity's unit first."""
    same = [p for p in roster.people if p.name == identity.person]
    return next((p for p in same if p.unit == identity.unit), same[0] if same else None)
