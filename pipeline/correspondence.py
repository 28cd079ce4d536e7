"""From ledger facts to registered letters: who gets which letter, numbered, kept, written once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.archive import safe_name
from pipeline.errors import UsageError
from pipeline.ledger import Letter, LetterRequest
from pipeline.letters import Draft, feedback, overdue, pledge_kinds, pledges, supplement
from pipeline.model import Entry, Outcome
from pipeline.office import Office

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
    for letter in office.rulebook.letters.values():
        if set(letter.makes) & set(titles) and letter.id not in titles:
            titles[letter.id] = "、".join(office.rulebook.kind_label(kind) for kind in letter.makes)
        elif letter.id in _FROM_LEDGER:
            titles[letter.id] = re.sub(r"(\{\{[^}]*\}\})+", "…", letter.title)
    return titles


def drafts(kind: str, wanted: Wanted, office: Office) -> Iterator[Draft]:
    """Yield the letters of a kind that are due to be written.

    Raises:
        UsageError: there is no such letter.
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
    entries = [e for e in office.ledger.entries(duty_year=wanted.year) if e.verdict.items and e.identity.unit]
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


_FROM_LEDGER = {
    "supplement_notice": _supplements,
    "review_feedback_letter": _feedback,
    "overdue_notice": _overdue,
}
