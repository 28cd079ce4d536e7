"""What goes into a bundle, as values: nobody here opens a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Act:
    """What was done with a paper (业务行为), on a day; ``words``: number, reason or clause."""

    act: str
    day: dt.date
    words: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """How a paper stands to another: ``other``'s number and 替换 or 答复."""

    other: str
    kind: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A copy of an original in a lasting format; ``source``: where it lies."""

    source: str
    sha256: str
    format: str
    pages: int
    maker: str


@dataclass(frozen=True, slots=True)
class Fonds:
    """Whose papers these are: 全宗号, 全宗名称, and the 档案馆 that will take them over, '' where not set."""

    code: str = ""
    name: str = ""
    repository: str = ""
    repository_code: str = ""


@dataclass(frozen=True, slots=True)
class BundleItem:
    """One 件 of the bundle. ``section``: its folder (``01-双报告``). ``source``: where the original lies.

    ``archival_code``, ``secrecy`` stay empty until the office sets them; ``date`` is the document's own.
    ``identifier``: entry or letter number. ``format``: what its bytes are. ``rendition_note``: why there is no copy in a
    lasting format. ``facts``: what the ledger knows beyond, for machines.
    """

    source: str
    sha256: str
    name: str
    section: str
    title: str
    responsible: str = ""
    date: dt.date | None = None
    document_number: str = ""
    archival_code: str = ""
    secrecy: str = ""
    pages: int | None = None
    remark: str = ""
    identifier: str = ""
    format: str = ""
    genre: str = ""
    unit: str = ""
    person: str = ""
    history: tuple[Act, ...] = ()
    relations: tuple[Relation, ...] = ()
    rendition: Rendered | None = None
    rendition_note: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BundlePlan:
    """What goes into a bundle. ``key``: its name on disk and its External-Identifier.

    ``numbering``: for each shelf of which it holds an item, ``{"shelf", "last", "missing"}``.
    """

    key: str
    title: str
    organization: str
    made_on: dt.date
    journal_head: str
    items: tuple[BundleItem, ...]
    fonds: Fonds = Fonds()
    numbering: tuple[Mapping[str, object], ...] = ()
