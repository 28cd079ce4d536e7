"""归档: the office says how long papers are kept, and each becomes an item with its 档号."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.codes import Shelf, gaps
from pipeline.errors import SettingsError, UsageError
from pipeline.ledger import Item, Letter
from pipeline.model import Entry
from pipeline.office import Office

AT_ONCE = 500  # numbers asked for at once


@dataclass(frozen=True, slots=True)
class Gap:
    """件号 that are missing on a shelf: each needs an explanation."""

    shelf: Shelf
    missing: tuple[int, ...]


def file_papers(office: Office, subjects: Iterable[str], retention: str, problem: str | None = None) -> list[Item]:
    """Each paper or letter named has its 档号, in this order.

    The year is that in which it was signed, else received: what tells of the year before is filed by its own date.
    Source: DA/T 22-2015 (归档文件按形成年度分类).

    Raises:
        SettingsError: no 全宗号 is set. UsageError: the retention is not in use, a number is unknown or filed already.
    """
    chosen = office.settings.archive
    if not chosen.fonds:
        raise SettingsError("还没有设全宗号,不能编档号", '请在 pipeline.toml 的 [archive] 里写 fonds = "四位全宗号"')
    if retention not in chosen.retentions:
        raise UsageError(f"没有“{retention}”这种保管期限", f"可用的是 {'、'.join(chosen.retentions)}")
    department = chosen.department if problem is None else problem
    named = list(dict.fromkeys(subjects))
    years = _formed(office, named)
    if unknown := [subject for subject in named if subject not in years]:
        raise UsageError(f"没有登记号或发文字号 {'、'.join(unknown)}", "请检查写法,可用 pipeline search 查找")
    return office.ledger.file(
        (subject, Shelf(chosen.fonds, chosen.category, years[subject], retention, department)) for subject in named
    )


def unfiled(office: Office, year: int, unit: str | None = None, kind: str | None = None) -> Iterator[str]:
    """Yield the numbers of papers and letters formed in a year that have no 档号, papers first, by day."""
    filed = {item.subject for item in office.ledger.items()}
    papers = office.ledger.entries(unit=unit, kind=kind)
    letters = office.ledger.letters(unit=unit, kind=kind)
    days = [
        *((entry.identity.signed_date or entry.received, entry.number) for entry in papers),
        *((letter.made_on, letter.number) for letter in letters),
    ]
    yield from (number for day, number in sorted(days, key=lambda d: d[0]) if day.year == year and number not in filed)


def missing_numbers(items: Iterable[Item]) -> list[Gap]:
    """Return the shelves whose 件号 have gaps."""
    shelves: dict[Shelf, list[int]] = {}
    for item in items:
        shelves.setdefault(item.shelf, []).append(item.seq)
    return [Gap(shelf, tuple(missing)) for shelf, held in shelves.items() if (missing := gaps(held))]


def paper_of(office: Office, subject: str) -> Entry | Letter | None:
    """Return what an item is."""
    return office.ledger.entry(subject) or next(iter(office.ledger.letters(number=subject)), None)


def _formed(office: Office, named: Sequence[str]) -> dict[str, int]:
    """Return entry or letter number → the year in which it was formed."""
    found: dict[str, int] = {}
    for start in range(0, len(named), AT_ONCE):
        part = tuple(named[start : start + AT_ONCE])
        found |= {e.number: (e.identity.signed_date or e.received).year for e in office.ledger.entries(number=part)}
        found |= {letter.number: letter.made_on.year for letter in office.ledger.letters(number=part)}
    return found
