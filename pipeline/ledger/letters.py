"""The register of letters (发文登记): numbered without gaps, one letter of a kind for one subject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.ledger import journal
from pipeline.ledger.schema import letters
from pipeline.ledger.values import as_row, fits
from pipeline.model import Original


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """A letter to be written. ``subject``: what it answers; one letter of a kind is written for one subject."""

    kind: str
    series: str
    year: int
    subject: str
    title: str
    clause: str
    made_on: dt.date
    name: str
    unit: str | None = None
    person: str | None = None
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the register of letters (发文登记). ``fresh``: whether this request wrote it."""

    number: str
    kind: str
    subject: str
    title: str
    unit: str | None
    person: str | None
    entry: str | None
    clause: str
    sha256: str
    name: str
    made_on: dt.date
    fresh: bool = False


def issue(connection: sa.Connection, request: LetterRequest, write: Callable[[str], Original], actor: str) -> Letter:
    """The letter is numbered, written and registered; asked again, the first one is returned."""
    same = (letters.c.kind == request.kind) & (letters.c.subject == request.subject)
    written = connection.execute(sa.select(letters).where(same)).mappings().first()
    if written is not None:
        return _letter(dict(written))
    here = (letters.c.series == request.series) & (letters.c.year == request.year)
    seq = (connection.scalar(sa.select(sa.func.max(letters.c.seq)).where(here)) or 0) + 1
    number = f"{request.series}〔{request.year}〕{seq}号"
    kept = write(number)
    row = {**as_row(request), "number": number, "seq": seq, "sha256": kept.sha256, "size_bytes": kept.size_bytes}
    connection.execute(letters.insert().values(**row))
    facts = {"kind": request.kind, "subject": request.subject, "sha256": kept.sha256, "clause": request.clause}
    journal.note(connection, actor, "letter", number, facts)
    return _letter(row, fresh=True)


def read_letters(connection: sa.Connection, where: Mapping[str, object]) -> list[Letter]:
    """Return the letters whose columns have these values, oldest first."""
    wanted = [fits(letters.c[column], value) for column, value in where.items() if value is not None]
    query = sa.select(letters).where(*wanted).order_by(letters.c.series, letters.c.year, letters.c.seq)
    return [_letter(dict(row)) for row in connection.execute(query).mappings()]


def newest_letters(
    connection: sa.Connection, where: Mapping[str, object], within: frozenset[str] | None, limit: int, offset: int
) -> tuple[list[Letter], int]:
    """Return a page of the letters whose columns have these values, to these units only, newest first, and how many there are."""
    wanted = [letters.c[column] == value for column, value in where.items() if value is not None]
    if within is not None:
        wanted.append(letters.c.unit.in_(sorted(within)))
    total = connection.scalar(sa.select(sa.func.count()).select_from(letters).where(*wanted)) or 0
    newest = letters.c.made_on.desc(), letters.c.year.desc(), letters.c.seq.desc(), letters.c.number
    query = sa.select(letters).where(*wanted).order_by(*newest).limit(limit).offset(offset)
    return [_letter(dict(row)) for row in connection.execute(query).mappings()], total


def _letter(row: Mapping[str, Any], fresh: bool = False) -> Letter:
    return Letter(**{name: row[name] for name in Letter.__dataclass_fields__ if name != "fresh"}, fresh=fresh)
