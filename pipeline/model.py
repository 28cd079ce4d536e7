"""The frozen values that travel along the walk. No I/O, no clock, nothing mutable.

Times are aware and in UTC (``*_at``); days are plain dates of the office's calendar. Paths appear only as text that
somebody else resolves. Words are those of ``docs/glossary.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

WITHDRAW = "withdraw"


class Place(StrEnum):
    """Where in the page a passage stands."""

    BODY = "body"
    CELL = "cell"
    HEADER = "header"
    FOOTER = "footer"
    TEXT_BOX = "text_box"
    FOOTNOTE = "footnote"


class Origin(StrEnum):
    """Where the words of a passage come from."""

    TYPED = "typed"
    OCR = "ocr"


@dataclass(frozen=True, slots=True)
class Original:
    """Bytes that are safe: in the archive under their SHA-256 (hex), read-only, durable."""

    sha256: str
    size_bytes: int
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file that came in.

    ``path``: where it lies now. ``name``: its display name, any character. ``key``: the same for the same arrival seen
    again after a crash, different for every other arrival, even of the same bytes (on a share without lasting inodes: of
    other bytes, name or time). ``hint``: the sub-folder it lay in.
    """

    path: str
    name: str
    key: str
    arrived_at: dt.datetime
    hint: str = ""
    from_inbox: bool = True
    # dev, inode, size, mtime_ns, ctime_ns as first seen: the source is removed only while these still hold
    stamp: tuple[int, int, int, int, int] | None = None
    # where its bytes are safe, once they are and the ledger knows of them
    kept: Original | None = None

    def plain(self) -> dict[str, Any]:
        """Return everything but ``kept`` as plain data, which ``from_plain`` takes."""
        names = ("path", "name", "key", "hint", "from_inbox", "stamp")
        return {name: getattr(self, name) for name in names} | {"arrived_at": self.arrived_at.isoformat()}

    @classmethod
    def from_plain(cls, facts: Mapping[str, Any], kept: Original | None = None) -> Arrival:
        """Return the arrival that ``plain`` described, perhaps by way of JSON."""
        stamp = facts["stamp"]
        moment = dt.datetime.fromisoformat(facts["arrived_at"])
        return cls(**{**facts, "arrived_at": moment, "stamp": stamp and tuple(stamp)}, kept=kept)


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph or cell as a reader sees it, its automatic number included.

    ``n``: position in reading order from 0. ``headings``: the headings above it, outermost first. ``level``: 1… when
    it is itself a heading. ``page``: 1-based where known. ``confidence``: below 1 only for recognised (OCR) text.
    """

    n: int
    text: str
    place: Place = Place.BODY
    headings: tuple[str, ...] = ()
    level: int | None = None
    page: int | None = None
    confidence: float = 1.0

    @property
    def heading(self) -> str:
        return " > ".join(self.headings)

    @property
    def origin(self) -> Origin:
        return Origin.TYPED if self.confidence >= 1 else Origin.OCR


class MarkKind(StrEnum):
    """What a scan shows beside its text."""

    SEAL = "seal"
    HANDWRITING = "handwriting"


@dataclass(frozen=True, slots=True)
class Mark:
    """A red round seal, or what looks written by hand, on a scanned page: evidence, never proof.

    ``page`` from 1; the edges are shares of the page's width and height; ``near``: the label it stands beside.
    """

    kind: MarkKind
    page: int
    left: float
    top: float
    right: float
    bottom: float
    near: str = ""

    @property
    def place(self) -> str:
        """Where on the page, in Chinese."""
        across, down = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        side = "左" if across < 0.36 else "右" if across > 0.64 else "中"
        return f"第{self.page}页{'上' if down < 0.36 else '下' if down > 0.64 else ''}{side}部"


@dataclass(frozen=True, slots=True)
class Text:
    """What a document says: passages in reading order. ``notices``: what the reader saw that a person should know.

    ``unread_pages``: pages (from 1) that are pictures whose words were not recognised. ``marks``: what scanned pages
    show beside their text; None where no page is a scan.
    """

    passages: tuple[Passage, ...]
    format: str
    pages: int | None = None
    notices: tuple[str, ...] = ()
    unread_pages: tuple[int, ...] = ()
    marks: tuple[Mark, ...] | None = None

    def __iter__(self) -> Iterator[Passage]:
        return iter(self.passages)

    @property
    def recognised(self) -> float | None:
        """How sure the recognised (OCR) part is on average, by characters; None where all was typed."""
        parts = [(len(p.text), p.confidence) for p in self.passages if p.origin is Origin.OCR]
        return sum(n * sure for n, sure in parts) / sum(n for n, _ in parts) if parts else None

    @property
    def plain(self) -> str:
        """The passages joined by newlines: what search indexes and substring checks look at."""
        return "\n".join(p.text for p in self.passages)


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know about a document; ``message`` is Chinese, ``clause`` the plan's place or ''.

    ``item``: the item it is about, '' where it is about the whole.
    """

    rule: str
    severity: Severity
    message: str
    clause: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a field of the identity has its value: the words and where they stand (None: in the file name)."""

    text: str
    passage: int | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Identity:
    """What a document is, whose and for which period.

    ``kind``: a document kind of the rulebook, or ``other``. ``unit``, ``person``: names as in the roster, else None.
    ``period``: ``2026-H1`` | ``2026-H2`` | ``2026`` | None. ``proofs``: by field name. ``doubts``: what conflicts.
    """

    kind: str
    title: str
    unit: str | None = None
    person: str | None = None
    year: int | None = None
    period: str | None = None
    signed_date: dt.date | None = None
    document_number: str | None = None
    secrecy: str | None = None
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    doubts: tuple[Finding, ...] = ()


class Status(StrEnum):
    """How one item of a content list stands in a document."""

    COVERED = "covered"
    MENTIONED = "mentioned"
    ABSENT = "absent"


class Outcome(StrEnum):
    """The verdict on a whole document."""

    COMPLETE = "complete"
    DEFICIENT = "deficient"
    NEEDS_PERSON = "needs_person"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that stand in the document: a quotation, its passage and the heading path above it."""

    text: str
    passage: int
    heading: str = ""


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """One item: ``item`` is ``"4"``, or ``"list_id.4"`` where several lists judge one kind.

    ``required``: False for 其他 items, which never count as missing. For an absent item ``nearest`` is the passage
    that came closest. ``machine``: what the machine had found, where a person decided; None where nobody did.
    """

    item: str
    status: Status
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    required: bool = True
    nearest: Evidence | None = None
    machine: Status | None = None


@dataclass(frozen=True, slots=True)
class PledgeParts:
    """What a pledge must show, found or not; ``commitments`` counts them."""

    addressee: bool
    committing_party: bool
    commitments: int
    consequence: bool
    signature: bool
    date: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the content check found. Lacking items are a verdict, never an exception."""

    outcome: Outcome
    items: tuple[ItemVerdict, ...] = ()
    pledge_parts: PledgeParts | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def missing(self) -> tuple[ItemVerdict, ...]:
        """Required items that no act covers."""
        return tuple(i for i in self.items if i.required and i.status is not Status.COVERED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered document as the ledger holds it.

    ``number``: ``2026-0001``, never reused. ``received``: the office's day of first arrival. ``due``, ``on_time``:
    None where nothing is owed by a date. ``version``: 1 for the first, ``previous`` the number it replaces.
    ``outcome``: what *this* arrival became (``registered`` or ``duplicate``). ``decision``: a person's ``accept`` or
    ``return``, whose item decisions ``verdict`` then carries, or ``withdraw``: it stays in the archive and counts nowhere.
    """

    number: str
    name: str
    sha256: str
    size_bytes: int
    arrived_at: dt.datetime
    received: dt.date
    identity: Identity
    verdict: Verdict
    due: dt.date | None = None
    on_time: bool | None = None
    version: int = 1
    previous: str | None = None
    decision: str | None = None
    outcome: str = "registered"

    @property
    def withdrawn(self) -> bool:
        return self.decision == WITHDRAW


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one file: ``outcome`` registered | duplicate | set_aside | checked.

    ``entry`` when registered; else, for a file that was only checked, the values it would have had.
    """

    file: str
    outcome: str
    sha256: str | None = None
    entry: Entry | None = None
    reason: str | None = None
    identity: Identity | None = None
    verdict: Verdict | None = None
    received: dt.date | None = None
    due: dt.date | None = None
    on_time: bool | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the roster. ``unit_class``: a party id of the rulebook (county_committee, city_unit …).

    ``upper``: the roster name of the unit above it; None means directly below the city.
    """

    name: str
    unit_class: str
    aliases: tuple[str, ...] = ()
    upper: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person in a post. ``role``: a role party of the rulebook (``principal``, ``member`` …).

    ``scope``: what they are in charge of (分管), roster names of units or plain words. ``since``, ``until``: first and
    last day in this post, None = open.
    """

    name: str
    unit: str
    post: str
    role: str
    scope: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """Units and people as the office knows them, in the order of its list."""

    units: tuple[Unit, ...] = ()
    people: tuple[Person, ...] = ()

    def unit(self, name: str) -> Unit | None:
        return next((u for u in self.units if u.name == name), None)

    def people_of(self, unit: str, role: str | None = None, on: dt.date | None = None) -> tuple[Person, ...]:
        """The people of a unit, of one role and in post on a day when these are given."""
        return tuple(
            p
            for p in self.people
            if p.unit == unit
            and (role is None or p.role == role)
            and (on is None or ((p.since is None or p.since <= on) and (p.until is None or on <= p.until)))
        )
