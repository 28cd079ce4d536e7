"""Plans an archive bundle from the ledger: which papers and letters belong to a unit or a person and a year."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.archive import BundleItem, BundlePlan
from pipeline.errors import UsageError
from pipeline.ledger import Letter
from pipeline.model import Entry
from pipeline.office import Office
from pipeline.rulebook.parts import ArchiveSection

LETTERS = "90-发文"
UNSORTED = "99-其他"


def plan_bundle(office: Office, year: int, unit: str | None = None, person: str | None = None) -> BundlePlan:
    """Return what goes into the bundle of one unit or one person and a year, in the order of the archive's sections.

    Raises:
        UsageError: neither or both are given, the name is not in the roster, or nothing is filed for it.
    """
    if (unit is None) == (person is None):
        raise UsageError("没有写明归谁的档", "请写 --unit 单位 或 --person 姓名,二者选一")
    name = full_unit_name(office, unit) if unit is not None else _known_person(office, str(person))
    who = {"unit": name} if unit is not None else {"person": name}
    sections = _sections(office, unit is not None)
    entries = list(office.ledger.entries(None, **who, duty_year=year))
    letters = [letter for letter in office.ledger.letters(**who) if letter.made_on.year == year]
    if not entries and not letters:
        raise UsageError(f"{name} {year}年没有已登记的文件", "请检查名称和年度")
    items = [*_papers(office, entries, sections), *(_letter(office, letter) for letter in letters)]
    head = office.ledger.journal_head()
    return BundlePlan(
        key=f"{name}-{year}",
        title=f"{name}{year}年度廉政档案",
        organization=office.settings.office.name,
        made_on=office.today(),
        journal_head=f"{head.seq}:{head.hash}",
        items=tuple(sorted(items, key=lambda item: item.section)),
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


def _papers(office: Office, entries: Iterable[Entry], sections: dict[str, str]) -> list[BundleItem]:
    return [
        BundleItem(
            source=str(office.archive.path_of(entry.sha256)),
            sha256=entry.sha256,
            name=entry.name,
            section=sections.get(entry.identity.kind, UNSORTED),
            title=entry.identity.title or entry.name,
            responsible=entry.identity.person or entry.identity.unit or "",
            date=entry.identity.signed_date,
            document_number=entry.identity.document_number or "",
            pages=office.ledger.text(entry.number).pages,
            remark=f"登记号 {entry.number}"
            + (f",替换 {entry.previous}" if entry.previous else "")
            + (",已撤回" if entry.withdrawn else ""),
            facts={
                "entry": entry.number,
                "kind": entry.identity.kind,
                "kind_label": office.rulebook.kind_label(entry.identity.kind),
                "unit": entry.identity.unit,
                "person": entry.identity.person,
                "period": entry.identity.period,
                "received": entry.received,
                "due": entry.due,
                "on_time": entry.on_time,
                "version": entry.version,
                "verdict": entry.verdict.outcome,
                "decision": entry.decision,
            },
        )
        for entry in entries
    ]


def _letter(office: Office, letter: Letter) -> BundleItem:
    return BundleItem(
        source=str(office.archive.path_of(letter.sha256)),
        sha256=letter.sha256,
        name=letter.name,
        section=LETTERS,
        title=letter.title,
        responsible=office.settings.office.name,
        date=letter.made_on,
        document_number=letter.number,
        remark=f"答复登记号 {letter.entry}" if letter.entry else "",
        facts={"kind": letter.kind, "unit": letter.unit, "person": letter.person, "clause": letter.clause},
    )
