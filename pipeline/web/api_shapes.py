"""What goes through the programs' door, described: the fields of ``pipeline/shapes.py`` and what they mean."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["covered", "mentioned", "absent"]


class Trouble(BaseModel):
    """What went wrong and what to do."""

    error: str
    do: str = ""


class Taken(BaseModel):
    key: Annotated[str, Field(description="用它查询这份文件的结果")]


class Fate(BaseModel):
    """What became of a file."""

    state: Literal["waiting", "registered", "duplicate", "set_aside"]
    words: str
    entry: Annotated[str | None, Field(description="登记号")] = None
    title: str = ""
    reason: str = ""


class Quotation(BaseModel):
    text: str
    passage: int
    heading: str


class ItemState(BaseModel):
    """How one item of the content list stands."""

    item: str
    status: State
    confidence: float
    evidence: list[Quotation]
    nearest: Quotation | None
    machine: Annotated[State | None, Field(description="由人认定的,程序原来的判断")]


class Note(BaseModel):
    rule: str
    severity: Literal["error", "warning", "notice"]
    message: str
    clause: str


class PledgeState(BaseModel):
    addressee: bool
    committing_party: bool
    commitments: int
    consequence: bool
    signature: bool
    date: bool


class Paper(BaseModel):
    """One registered document."""

    file: str
    sha256: str
    outcome: str
    reason: str | None
    entry: str
    kind: str
    kind_label: str
    unit: str | None
    person: str | None
    year: int | None
    period: str | None
    signed_date: dt.date | None
    title: str
    document_number: str | None
    received: dt.date
    due: dt.date | None
    on_time: bool | None
    version: int
    previous: str | None
    decision: Literal["accept", "return", "withdraw"] | None
    note: str
    verdict: Literal["complete", "deficient", "needs_person", "not_applicable"]
    items: list[ItemState]
    pledge_parts: PledgeState | None
    findings: list[Note]


class Decision(BaseModel):
    """A person's decision over the machine's."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["accept", "return", "withdraw"]
    items: Annotated[dict[str, State], Field(description='改定的各项,如 {"4": "covered"}', max_length=200)] = {}
    note: Annotated[str, Field(max_length=4000)] = ""


class HitShown(BaseModel):
    """One paper found. ``snippet`` is HTML: escaped words with ``<mark>``."""

    entry: str
    score: float
    title: str
    kind: str
    unit: str
    person: str
    year: int | None
    snippet: str
    status: str
    received: dt.date
    passage: int
    heading: str
    page: int | None
    passages: list[int]


class Found(BaseModel):
    total: int
    exact: bool
    facets: dict[str, dict[str, int]]
    elapsed_ms: float
    hints: list[str]
    hits: list[HitShown]


class Duty(BaseModel):
    obligation: str
    institution: str
    unit: str | None
    person: str | None
    year: int
    period: str
    due: dt.date | None
    status: Literal["upcoming", "due", "received", "late", "overdue", "satisfied", "returned", "closed"]
    entry: str | None
    clause: str


class Duties(BaseModel):
    at: Annotated[dt.datetime, Field(description="截至何时")]
    year: int
    total: int
    duties: list[Duty]


class LetterShown(BaseModel):
    number: str
    kind: str
    title: str
    unit: str | None
    person: str | None
    entry: str | None
    made_on: dt.date
    sha256: str


class Letters(BaseModel):
    total: int
    letters: list[LetterShown]
