"""Plans an archive bundle from the ledger: which papers and letters belong to a unit, a person or an institution and a year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from pipeline.archive import Act, BundleItem, BundlePlan, Fonds, Relation, Rendered
from pipeline.codes import gaps
from pipeline.errors import UsageError
from pipeline.ledger import Item, Letter, Rendition
from pipeline.model import Entry
from pipeline.office import Office
from pipeline.rulebook.parts import ArchiveSection

LETTERS = "90-发文"
UNSORTED = "99-其他"
DECISIONS = {"accept": "审阅受理", "return": "审阅退回", "withdraw": "撤回"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a bundle is about: its name on disk, its title, its papers and letters, and kind → section folder."""

    name: str
    title: str
    entries: tuple[Entry, ...]
    letters: tuple[Letter, ...]
    sections: Mapping[str, str]


def plan_bundle(
    office: Office,
    year: int,
    unit: str | None = None,
    person: str | None = None,
    institution: str | None = None,
    within: frozenset[str] | None = None,
) -> BundlePlan:
    """Return what goes into the bundle of one unit, person or institution and a year: the filed by 档号, then by section.

    ``within``: only what belongs to these units.

    Raises:
        UsageError: none or several are given, the name is not known, or nothing is registered for it.
    """
    scope = scope_of(office, year, unit, person, institution, within)
    if not scope.entries and not scope.letters:
        raise UsageError(f"{scope.name} {year}年没有已登记的文件", "请检查名称和年度")
    filed = {item.subject: item for item in office.ledger.items()}
    decided = {number: (day, decision) for number, day, decision in office.ledger.decisions()}
    items = [
        *(_paper(office, entry, scope.sections, filed.get(entry.number), decided.get(entry.number))
          for entry in scope.entries),
        *(_letter(office, letter, filed.get(letter.number)) for letter in scope.letters),
    ]  # fmt: skip
    head = office.ledger.journal_head()
    chosen = office.settings.archive
    return BundlePlan(
        key=f"{scope.name}-{year}",
        title=f"{scope.title}{year}年度廉政档案",
        organization=office.settings.office.name,
        made_on=office.today(),
        journal_head=f"{head.seq}:{head.hash}",
        items=tuple(sorted(items, key=_order)),
        fonds=Fonds(chosen.fonds, chosen.fonds_name, chosen.repository, chosen.repository_code),
        numbering=_numbering(filed.values(), {item.archival_code for item in items}),
    )


def scope_of(
    office: Office,
    year: int,
    unit: str | None = None,
    person: str | None = None,
    institution: str | None = None,
    within: frozenset[str] | None = None,
) -> Scope:
    """Return everything that belongs to one unit, person or institution and a year, of the units within only.

    Raises:
        UsageError: none or several are given, or the name is not known.
    """
    if [unit, person, institution].count(None) != 2:
        raise UsageError("没有写明归谁的档", "请写 --unit 单位、--person 姓名或 --institution 制度,三者选一")
    if institution is not None:
        scope = _institution(office, institution, year)
    else:
        scope = _owner(office, year, full_unit_name(office, unit) if unit is not None else None, person)
    if within is None:
        return scope
    entries = tuple(entry for entry in scope.entries if entry.identity.unit in within)
    return replace(scope, entries=entries, letters=tuple(x for x in scope.letters if x.unit in within))


def _order(item: BundleItem) -> tuple[bool, str, str]:
    code = item.archival_code
    return not code, code if code else item.section, item.section


def _owner(office: Office, year: int, unit: str | None, person: str | None) -> Scope:
    name = unit if unit is not None else _known_person(office, str(person))
    who = {"unit": name} if unit is not None else {"person": name}
    return Scope(
        name,
        name,
        tuple(office.ledger.entries(None, **who, duty_year=year)),
        tuple(letter for letter in office.ledger.letters(**who) if letter.made_on.year == year),
        _sections(office, unit is not None),
    )


def _institution(office: Office, wanted: str, year: int) -> Scope:
    """A section for each document kind of the institution, in the rulebook's order."""
    rules = office.rulebook
    found = next((i for i in rules.institutions.values() if wanted in (i.id, i.title, str(i.n))), None)
    if found is None:
        raise UsageError(f"没有“{wanted}”这项制度", f"可用的编号:{'、'.join(rules.institutions)}")
    kinds = [kind for kind in rules.kinds.values() if kind.institution == found.id]
    written = {letter.id for letter in rules.letters.values() if letter.institution == found.id}
    return Scope(
        found.title,
        found.title,
        tuple(office.ledger.entries(None, kind=tuple(kind.id for kind in kinds), duty_year=year)),
        tuple(x for x in office.ledger.letters() if x.kind in written and x.made_on.year == year),
        {kind.id: f"{n:02}-{kind.title}" for n, kind in enumerate(kinds, 1)},
    )


def _numbering(filed: Iterable[Item], here: set[str]) -> tuple[Mapping[str, object], ...]:
    """Return for each shelf of which this bundle holds an item how far its 件号 run and which are missing."""
    shelves: dict[str, list[int]] = {}
    wanted = set()
    for item in filed:
        shelf = item.shelf.code(0)[:-5]
        shelves.setdefault(shelf, []).append(item.seq)
        if item.code in here:
            wanted.add(shelf)
    return tuple(
        {"shelf": shelf, "last": max(held), "missing": gaps(held)} for shelf, held in shelves.items() if shelf in wanted
    )


def full_unit_name(office: Office, unit: str) -> str:
    """Return the roster's name of a unit given by any of its names.

    Raises:
        UsageError: the roster does not know it.
    """
    found = office.unit_named(unit)
    if found is None:
        raise UsageError(f"名册里没有单位“{unit}”", "请写正式名称或简称")
    return found


def _known_person(office: Office, person: str) -> str:
    if all(p.name != person for p in office.roster.people):
        raise UsageError(f"名册里没有“{person}”", "请检查姓名")
    return person


def _sections(office: Office, for_unit: bool) -> dict[str, str]:
    """Return document kind → section folder."""
    archives = office.rulebook.archives
    sections: tuple[ArchiveSection, ...] = ()
    if archives is not None:
        sections = archives.unit_sections if for_unit else archives.person_sections
    return {kind: f"{section.n}-{section.title}" for section in sections for kind in section.takes}


def title_of(paper: Entry | Letter | None) -> str:
    """Return the words by which a paper or letter is listed."""
    if isinstance(paper, Entry):
        return paper.identity.title or paper.name
    return paper.title if paper is not None else ""


def pages_of(office: Office, paper: Entry | Letter, copies: Mapping[str, Rendition]) -> int | None:
    """Return how many pages a paper has, by its own layout or that of its lasting copy; None where neither is known."""
    known = office.ledger.text(paper.number).pages if isinstance(paper, Entry) else None
    copy = copies.get(paper.sha256)
    return known if known is not None or copy is None else copy.pages


def _paper(
    office: Office,
    entry: Entry,
    sections: Mapping[str, str],
    item: Item | None,
    decided: tuple[dt.date, str] | None,
) -> BundleItem:
    who, text = entry.identity, office.ledger.text(entry.number)
    history = [Act("收到", entry.received), Act("登记", _day(office, entry.arrived_at), f"登记号 {entry.number}")]
    if decided is not None:
        history.append(Act(DECISIONS[decided[1]], decided[0], office.ledger.note_of(entry.number)))
    return BundleItem(
        source=str(office.archive.path_of(entry.sha256)),
        sha256=entry.sha256,
        format=text.format,
        identifier=entry.number,
        name=entry.name,
        section=sections.get(who.kind, UNSORTED),
        title=title_of(entry),
        responsible=who.person or who.unit or "",
        unit=who.unit or "",
        person=who.person or "",
        date=who.signed_date,
        document_number=who.document_number or "",
        genre=office.rulebook.kind_label(who.kind),
        archival_code=item.code if item else "",
        secrecy=who.secrecy or "",
        pages=text.pages,
        remark=f"登记号 {entry.number}"
        + (f",替换 {entry.previous}" if entry.previous else "")
        + (",已撤回" if entry.withdrawn else ""),
        history=(*history, *_filed(office, item)),
        relations=(Relation(entry.previous, "替换"),) if entry.previous else (),
        facts={
            "entry": entry.number,
            "kind": who.kind,
            "kind_label": office.rulebook.kind_label(who.kind),
            "unit": who.unit,
            "person": who.person,
            "period": who.period,
            "received": entry.received,
            "due": entry.due,
            "on_time": entry.on_time,
            "version": entry.version,
            "verdict": entry.verdict.outcome,
            "decision": entry.decision,
        },
    )


def _letter(office: Office, letter: Letter, item: Item | None) -> BundleItem:
    return BundleItem(
        source=str(office.archive.path_of(letter.sha256)),
        sha256=letter.sha256,
        format="docx",
        identifier=letter.number,
        name=letter.name,
        section=LETTERS,
        title=letter.title,
        responsible=office.settings.office.name,
        unit=letter.unit or "",
        person=letter.person or "",
        date=letter.made_on,
        document_number=letter.number,
        genre=letter.title,
        archival_code=item.code if item else "",
        remark=f"答复登记号 {letter.entry}" if letter.entry else "",
        history=(Act("发文", letter.made_on, letter.clause), *_filed(office, item)),
        relations=(Relation(letter.entry, "答复"),) if letter.entry else (),
        facts={"kind": letter.kind, "unit": letter.unit, "person": letter.person, "clause": letter.clause},
    )


def _filed(office: Office, item: Item | None) -> tuple[Act, ...]:
    return (Act("归档", _day(office, dt.datetime.fromisoformat(item.filed_at)), item.code),) if item else ()


def _day(office: Office, moment: dt.datetime) -> dt.date:
    return moment.astimezone(ZoneInfo(office.settings.office.timezone)).date()


def with_copies(plan: BundlePlan, copies: Mapping[str, Rendered], why_not: Mapping[str, str]) -> BundlePlan:
    """Return the plan with the lasting copies beside their originals, or why an original has none; by hash."""

    def complete(item: BundleItem) -> BundleItem:
        copy = copies.get(item.sha256)
        pages = item.pages if item.pages is not None or copy is None else copy.pages
        return replace(item, rendition=copy, rendition_note=why_not.get(item.sha256, ""), pages=pages)

    return replace(plan, items=tuple(map(complete, plan.items)))
