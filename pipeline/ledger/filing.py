"""件 and their 档号, given once in one transaction; copies in a lasting format."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.codes import Shelf
from pipeline.errors import UsageError
from pipeline.ledger import journal
from pipeline.ledger.schema import entries, items, letters, renditions
from pipeline.ledger.values import fits


@dataclass(frozen=True, slots=True)
class Item:
    """One 件 as filed. ``subject``: an entry's or a letter's number; ``seq``: the 件号. ``fresh``: given just now."""

    subject: str
    code: str
    fonds: str
    category: str
    year: int
    retention: str
    department: str
    seq: int
    filed_at: str
    actor: str
    fresh: bool = False

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.fonds, self.category, self.year, self.retention, self.department)


@dataclass(frozen=True, slots=True)
class Rendition:
    """A copy of the object ``source`` in a lasting format (``PDF/A-2b``), itself the object ``sha256``."""

    source: str
    sha256: str
    size_bytes: int
    format: str
    pages: int
    maker: str


def file_items(connection: sa.Connection, wanted: Iterable[tuple[str, Shelf]], actor: str) -> list[Item]:
    """Give each its next 件号 in the order asked; what has its 档号 keeps it."""
    return [_file(connection, subject, shelf, actor) for subject, shelf in wanted]


def _file(connection: sa.Connection, subject: str, shelf: Shelf, actor: str) -> Item:
    held = connection.execute(sa.select(items).where(items.c.subject == subject)).mappings().first()
    if held is not None:
        item = Item(**held)
        if item.shelf != shelf:
            raise UsageError(f"{subject} 已有档号 {item.code}", "档号一经编定不再改动;如确有错误,请另行登记说明")
        return item
    if not _registered(connection, subject):
        raise UsageError(f"没有登记号或发文字号 {subject}", "请检查写法,可用 pipeline search 查找")
    here = [items.c[name] == getattr(shelf, name) for name in Shelf.__slots__]
    seq = (connection.scalar(sa.select(sa.func.max(items.c.seq)).where(*here)) or 0) + 1
    row = {"subject": subject, "code": shelf.code(seq), **{name: getattr(shelf, name) for name in Shelf.__slots__},
           "seq": seq, "filed_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "actor": actor}  # fmt: skip
    connection.execute(items.insert().values(**row))
    journal.note(connection, actor, "filed", subject, {"code": row["code"]})
    return Item(**row, fresh=True)


def _registered(connection: sa.Connection, subject: str) -> bool:
    return any(
        connection.scalar(sa.select(column).where(column == subject)) for column in (entries.c.number, letters.c.number)
    )


def read_items(connection: sa.Connection, where: Mapping[str, object]) -> list[Item]:
    """Return the items where these columns have these values, by shelf and 件号."""
    wanted = [fits(items.c[column], value) for column, value in where.items() if value is not None]
    order = [items.c[name] for name in (*Shelf.__slots__, "seq")]
    return [Item(**row) for row in connection.execute(sa.select(items).where(*wanted).order_by(*order)).mappings()]


def add_rendition(connection: sa.Connection, rendition: Rendition, actor: str) -> None:
    """The copy stands in the ledger and its journal, unless there is one of this original."""
    if connection.scalar(sa.select(renditions.c.source).where(renditions.c.source == rendition.source)):
        return
    row = {name: getattr(rendition, name) for name in Rendition.__slots__}
    connection.execute(renditions.insert().values(**row, made_at=dt.datetime.now(dt.UTC).isoformat()))
    journal.note(connection, actor, "rendition", rendition.source, row)


def read_renditions(connection: sa.Connection) -> dict[str, Rendition]:
    """Return the copies by the hash of their original."""
    columns = [renditions.c[name] for name in Rendition.__slots__]
    return {row["source"]: Rendition(**row) for row in connection.execute(sa.select(*columns)).mappings()}
