"""From ledger facts to registered letters: who gets which letter, numbered, kept, written once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.archive import safe_name
from pipeline.assessment.letters import filled
from pipeline.casework import Casebook
from pipeline.errors import UsageError
from pipeline.judging.flows import History, Move
from pipeline.judging.obligations import Standing
from pipeline.ledger import Letter, LetterRequest
from pipeline.letters import Draft, compose, feedback, overdue, pledge_kinds, pledges, supplement
from pipeline.letters.fields import COLUMNS, ROWS, is_form, is_upward, label, named, shape, template_fields
from pipeline.letters.words import day, period_words
from pipeline.model import Entry, ItemVerdict, Outcome
from pipeline.office import Office
from pipeline.rulebook.parts import LetterKind

_OF_WANTED = {"unit", "person", "year", "period"}  # said by whom and when a letter is about
REPLY_WORKDAYS = 7  # 反馈意见后7个工作日内 (附五·四·1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters: of a year, perhaps of one unit, person or period."""

    year: int
    unit: str | None = None
    person: str | None = None
    period: str | None = None

    def covers(self, unit: str | None, person: str | None, period: str | None) -> bool:
        """Whether a letter to these falls under what is wanted."""
        return (
            self.unit in (None, unit)
            and self.person in (None, person)
            and (self.period is None or self.period == period)
        )


def kinds(office: Office) -> dict[str, str]:
    """Return every letter that can be written now: id → title."""
    titles = {kind.id: kind.title for kind in pledge_kinds(office.rulebook)}
    made = office.letters.kinds()
    for letter in office.rulebook.letters.values():
        if set(letter.makes) & set(titles) and letter.id not in titles:
            titles[letter.id] = "、".join(office.rulebook.kind_label(kind) for kind in letter.makes)
        elif letter.id not in titles and letter.id in made and letter.id != "receipt":
            titles[letter.id] = re.sub(r"(\{\{[^}]*\}\})+", "…", letter.title)
    return titles


@dataclass(frozen=True, slots=True)
class Asked:
    """A field that the office fills in; ``needed``: the letter is not made without it. ``columns``: of a field of rows."""

    field: str
    label: str
    shape: str
    needed: bool
    columns: tuple[str, ...] = ()


def asked(kind: str, office: Office) -> tuple[Asked, ...]:
    """Return what the office fills in for a kind of letter; nothing where the ledger and the roster know all of it."""
    letter = office.rulebook.letters.get(kind)
    signed = {k.id for k in pledge_kinds(office.rulebook)}
    if letter is None or kind in _FROM_LEDGER or kind in signed or set(letter.makes) & signed:
        return ()
    told = kind not in _FILLED_IN and not is_form(letter)
    signer = ("signer",) if is_upward(letter) else ()
    own = (*(f for f in template_fields(letter) if f not in _OF_WANTED), *signer)
    fields = [(field, told or field in signer) for field in dict.fromkeys(own)]
    fields += [(field, False) for field in ("attachments", "copies")]
    return tuple(Asked(field, label(field), shape(field), needed, COLUMNS.get(kind, ()) if shape(field) == ROWS else ())
                 for field, needed in fields)  # fmt: skip


def drafts(kind: str, wanted: Wanted, office: Office, given: Mapping[str, object] | None = None) -> Iterator[Draft]:
    """Yield the letters of a kind that are due to be written.

    ``given``: fields, by id or Chinese label, that the office supplies: all of them for a letter that the ledger cannot
    fill in, or what it cannot know (签发人) for one that it can.

    Raises:
        UsageError: there is no such letter or field, or a letter lacks fields.
    """
    signed = {k.id: k for k in pledge_kinds(office.rulebook)}
    letter = office.rulebook.letters.get(kind)
    if kind in signed or (letter is not None and set(letter.makes) & set(signed)):
        made = [kind] if kind in signed else [m for m in letter.makes if m in signed] if letter else []
        found: Iterator[Draft] = (
            draft for k in made for draft in pledges(signed[k], office.rulebook, office.roster, wanted.year)
        )
        yield from (draft for draft in found if wanted.covers(draft.unit, draft.person, str(wanted.year)))
    elif kind in _FROM_LEDGER:
        yield from _FROM_LEDGER[kind](wanted, office)
    elif kind in _FILLED_IN and letter is not None:
        yield from _FILLED_IN[kind](letter, wanted, office, _fields(letter, given or {}))
    elif letter is not None and letter.id != "receipt":
        yield from _told(letter, wanted, office, _fields(letter, given or {}))
    else:
        raise UsageError(f"没有“{kind}”这种文书", f"可用的有:{'、'.join(kinds(office))}")


def issue(draft: Draft, office: Office) -> Letter:
    """The letter is numbered, kept and registered; one that was written before is returned as it was."""
    series = office.settings.office.series + (
        "承诺" if draft.kind in {k.id for k in pledge_kinds(office.rulebook)} else ""
    )
    today = office.today()
    request = LetterRequest(
        kind=draft.kind,
        series=series,
        year=today.year,
        subject=draft.subject,
        title=draft.title,
        clause=draft.clause,
        made_on=today,
        name=safe_name(f"{draft.title}-{draft.unit or ''}.docx"),
        unit=draft.unit,
        person=draft.person,
        entry=draft.entry,
    )
    return office.ledger.issue(
        request, lambda number: office.archive.keep_bytes(office.letters.write(draft, number, today), request.name)
    )


def _reports(wanted: Wanted, office: Office) -> Iterator[Entry]:
    """Yield the newest version of every report of the year that has a content list."""
    entries = [
        e
        for e in office.ledger.entries(duty_year=wanted.year, unit=wanted.unit)
        if e.verdict.items and e.identity.unit and not e.withdrawn
    ]
    replaced = {e.previous for e in entries}
    for entry in entries:
        who = entry.identity
        if entry.number not in replaced and wanted.covers(who.unit, who.person, who.period):
            yield entry


def _supplements(wanted: Wanted, office: Office) -> Iterator[Draft]:
    reply_by = office.working_days.add(office.today(), REPLY_WORKDAYS)
    for entry in _reports(wanted, office):
        if entry.verdict.outcome is Outcome.DEFICIENT:
            yield supplement(entry, office.rulebook, reply_by)


def _feedback(wanted: Wanted, office: Office) -> Iterator[Draft]:
    """A reviewer's decision to return a report is what a feedback letter answers to."""
    reply_by = office.working_days.add(office.today(), REPLY_WORKDAYS)
    for entry in _reports(wanted, office):
        note = office.ledger.note_of(entry.number)
        if entry.decision is not None and (entry.verdict.missing or note):
            yield feedback(entry, office.rulebook, note or "请逐项补充并整改。", reply_by)


def _overdue(wanted: Wanted, office: Office) -> Iterator[Draft]:
    for row in office.obligations(wanted.year, overdue=True):
        if row.unit and row.due and row.kinds and wanted.covers(row.unit, row.person, row.period):
            yield overdue(row.unit, row.person, row.kinds[0], row.period, row.due, office.today(), office.rulebook)


# --- letters filled in from cases and obligations, and those that the office fills in


_Given = Mapping[str, object]


def _fields(letter: LetterKind, given: _Given) -> dict[str, object]:
    known = (*template_fields(letter), "signer", "document_type", "attachments", "copies")
    found: dict[str, object] = {}
    for word, value in given.items():
        field = named(word, known)
        if field is None:
            raise UsageError(f"“{letter.id}”没有“{word}”这一项", f"可填的有:{'、'.join(label(f) for f in known)}")
        found[field] = value
    return found


def _told(letter: LetterKind, wanted: Wanted, office: Office, given: _Given) -> Iterator[Draft]:
    """A letter to each unit or person that is wanted, or one to nobody in particular, with the fields given."""
    about: list[tuple[str | None, str | None]] = [(wanted.unit, wanted.person)]
    if {"person"} & set(letter.to) and wanted.person is None:
        about = [(p.unit, p.name) for p in office.roster.people if wanted.unit in (None, p.unit)]
    elif {"unit", "lower"} & set(letter.to) and wanted.unit is None:
        about = [(u.name, None) for u in office.roster.units]
    for unit, person in about:
        yield compose(letter, given, office.rulebook, unit, person, wanted.year, wanted.period)


def _reminders(letter: LetterKind, wanted: Wanted, office: Office, given: _Given) -> Iterator[Draft]:
    """Who owes a paper with a content list soon."""
    book, today = office.rulebook, office.today()
    for row in office.obligations(wanted.year):
        kind = next((book.kinds[k] for k in row.kinds if k in book.kinds and book.kinds[k].content), None)
        soon = row.status is Standing.DUE and row.due is not None
        if kind is None or not soon or row.unit is None or not wanted.covers(row.unit, row.person, row.period):
            continue
        assert row.due is not None
        items = [item.text for c in kind.content[:1] for item in book.list_items(c.list)]
        facts = {"document_type": kind.title, "due_date": row.due, "days_left": (row.due - today).days, "items": items,
                 "recipients": "、".join(book.parties[to].name for to in kind.to if to in book.parties) or "主体办"}  # fmt: skip
        subject = f"{kind.id}:{row.period}:{row.unit}:{row.person or ''}"
        yield compose(letter, {**facts, **given}, book, row.unit, row.person, row.year, row.period, subject=subject)


def _no_problem(letter: LetterKind, wanted: Wanted, office: Office, given: _Given) -> Iterator[Draft]:
    for entry in _reports(wanted, office):
        if entry.decision == "accept" and not entry.verdict.missing:
            who = entry.identity
            facts = {
                "accepted_at": entry.received,
                "reports": f"{period_words(who.period)}{office.rulebook.kind_label(who.kind)}",
            }
            yield compose(letter, {**facts, **given}, office.rulebook, who.unit, None, who.year, who.period, entry.number,
                          entry.number)  # fmt: skip


def _cases(wanted: Wanted, office: Office) -> Iterator[History]:
    for found in Casebook(office, wanted.year).cases():
        case = found.case
        if case.unit and wanted.covers(case.unit, case.person, case.period):
            yield found


def _reply_receipts(letter: LetterKind, wanted: Wanted, office: Office, given: _Given) -> Iterator[Draft]:
    for found in _cases(wanted, office):
        for move in found.moves:
            entry = office.ledger.entry(move.entry) if "reply" in move.transition.triggers and move.entry else None
            if entry is not None:
                late = max(0, (move.on - move.until).days) if move.until else 0
                facts = {"document_title": entry.identity.title, "received_at": move.on, "register_number": entry.number,
                         "late_days": late}  # fmt: skip
                yield compose(letter, {**facts, **given}, office.rulebook, found.case.unit, None, wanted.year,
                              found.case.period, entry.number, f"{entry.number}:{found.case.key}")  # fmt: skip


def _reply_overdue(letter: LetterKind, wanted: Wanted, office: Office, given: _Given) -> Iterator[Draft]:
    numbers = {made.entry: made.number for made in office.ledger.letters(kind="review_feedback_letter")}
    for found in _cases(wanted, office):
        if found.state != "reply_late" or found.since is None:
            continue
        entry = next((m.entry for m in reversed(found.moves) if m.entry in numbers), None)
        ended = found.since - dt.timedelta(days=1)
        facts = {
            "feedback_number": numbers.get(entry, ""),
            "reply_deadline": ended,
            "days_late": (office.today() - ended).days,
        }
        yield compose(letter, {**facts, **given}, office.rulebook, found.case.unit, None, wanted.year, found.case.period,
                      entry, found.case.key)  # fmt: skip


def _deductions(letter: LetterKind, wanted: Wanted, office: Office, given: _Given) -> Iterator[Draft]:
    """Facts and clause of what was put on record against a unit; the points are left to a person."""
    by_unit: dict[str, list[History]] = {}
    for found in _cases(wanted, office):
        if found.marks and found.case.unit:
            by_unit.setdefault(found.case.unit, []).append(found)
    for unit, cases in by_unit.items():
        facts = [
            f"{period_words(h.case.period)}{office.rulebook.kind_label(h.case.subject)}:{move.transition.mark}({day(move.on)})"
            for h in cases
            for move in h.moves
            if move.transition.mark
        ]
        ground = "、".join(dict.fromkeys(mark for h in cases for mark in h.marks))
        filled = {"facts": facts, "ground": ground, "points": "由考核组确定", **given}
        yield compose(
            letter, filled, office.rulebook, unit, None, wanted.year, subject=f"{wanted.year}:{unit}:{len(facts)}"
        )


def _publication(letter: LetterKind, wanted: Wanted, office: Office, given: _Given) -> Iterator[Draft]:
    """The pledges that came in signed, as the public may see them."""
    kinds = {kind.id for kind in pledge_kinds(office.rulebook)}
    rows = []
    for entry in office.ledger.entries(duty_year=wanted.year):
        who, parts = entry.identity, entry.verdict.pledge_parts
        if (
            who.kind in kinds
            and not entry.withdrawn
            and parts is not None
            and parts.signature
            and wanted.covers(who.unit, who.person, who.period)
        ):
            signed = day(who.signed_date) if who.signed_date else ""
            rows.append([office.rulebook.kind_label(who.kind), who.person or who.unit or "", "", signed])
    if rows:
        facts = {"rows": rows, **given}
        subject = f"{wanted.year}:{wanted.unit or ''}:{len(rows)}"
        yield compose(letter, facts, office.rulebook, wanted.unit, None, wanted.year, subject=subject)


def _executions(letter: LetterKind, wanted: Wanted, office: Office, given: _Given) -> Iterator[Draft]:
    """How the double report was carried out by a unit in a half-year, from its two cases."""
    by_half: dict[tuple[str, str], dict[str, History]] = {}
    for found in _cases(wanted, office):
        if found.case.workflow == _DOUBLE and found.case.due and found.case.due <= office.today():
            by_half.setdefault((str(found.case.unit), found.case.period), {})[found.case.subject] = found
    for (unit, period), cases in by_half.items():
        told = {kind: next((m for m in h.moves if m.transition.to == "received"), None) for kind, h in cases.items()}
        both = list(cases.values())
        missing = [i.item for h in both for m in h.moves[:1] if m.entry for i in _missing(m.entry, office)]
        facts = {
            "leadership_received": _on(told.get("leadership_report")),
            "principal_received": _on(told.get("principal_report")),
            "in_time": "否" if any(m.transition.to == "late" for h in both for m in h.moves) else "是",
            "complete": "否" if any("不完备" in mark for h in both for mark in h.marks) else "是",
            "missing_items": [f"第{n}项" for n in missing] or ["无"],
            "late_days": max([0, *((m.on - h.case.due).days for h in both for m in h.moves if h.case.due and m.transition.to == "received")]),
            "feedback_date": _first_on(both, "feedback_sent"),
            "reply_date": _first_on(both, "replied"),
            "rectification_result": "办结" if all(h.state == "closed" for h in both) else "未办结",
            "proposed_deduction": "、".join(dict.fromkeys(mark for h in both for mark in h.marks)) or "无",
        }  # fmt: skip
        subject = f"{period}:{unit}:{office.today()}"
        yield compose(letter, {**facts, **given}, office.rulebook, unit, None, wanted.year, period, subject=subject)


def _assessment(letter: LetterKind, wanted: Wanted, office: Office, given: _Given) -> Iterator[Draft]:
    """What the frozen assessment and the ledger fill in; without them the letter is left to the office."""
    found = False
    for unit, subject, fields in filled(letter.id, office, wanted.year, wanted.unit):
        found = True
        yield compose(letter, {**fields, **given}, office.rulebook, unit, None, wanted.year, subject=subject)
    if not found:
        yield from _told(letter, wanted, office, given)


_DOUBLE = "double_report_flow"


def _on(move: Move | None) -> str:
    return day(move.on) if move else "未收到"


def _first_on(cases: list[History], state: str) -> str:
    days = sorted(m.on for h in cases for m in h.moves if m.transition.to == state)
    return day(days[0]) if days else "无"


def _missing(number: str, office: Office) -> tuple[ItemVerdict, ...]:
    entry = office.ledger.entry(number)
    return entry.verdict.missing if entry else ()


_FILLED_IN: Mapping[str, Callable[[LetterKind, Wanted, Office, _Given], Iterator[Draft]]] = {
    "report_reminder": _reminders,
    "no_problem_letter": _no_problem,
    "reply_receipt": _reply_receipts,
    "reply_overdue_notice": _reply_overdue,
    "deduction_proposal": _deductions,
    "publication_list": _publication,
    "execution_record_form": _executions,
    "score_sheet_form": _assessment,
    "result_feedback_letter": _assessment,
    "daily_rating_form": _assessment,
    "result_transfer": _assessment,
    "material_catalogue_form": _assessment,
    "signing_execution_sheet": _assessment,
}
_FROM_LEDGER = {
    "supplement_notice": _supplements,
    "review_feedback_letter": _feedback,
    "overdue_notice": _overdue,
}
