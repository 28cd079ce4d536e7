"""The entries of a rulebook, one class for each section; fields keep the names they have in the YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from pipeline.rulebook.base import (
    Basis,
    Modality,
    Name,
    Part,
    PartyKind,
    Period,
    Publish,
    Standing,
    Truth,
    Way,
    Whole,
    Words,
)
from pipeline.rulebook.due import Due

Names = tuple[Name, ...]
SomeWords = tuple[Words, ...]


def _as_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


OneOrMore = Annotated[tuple[Name, ...], BeforeValidator(_as_many)]


# --- head


class TextRules(Part):
    """How texts are compared and printed; ``match_fold`` makes full-width and half-width forms equal."""

    match_fold: SomeWords = ("NFKC", "strip_spaces", "unify_quotes")
    output_punctuation: Literal["fullwidth", "as_is"] = "fullwidth"


class Head(Part):
    """What the rulebook is about. ``source``, ``roster``: notes for people."""

    id: Name
    title: Words
    short_title: Words | None = None
    issuer: Words
    document_number: Words | None = None
    issued: Words | None = None
    region: Words
    level: Words
    source: Mapping[str, str | int] = Field(default_factory=dict)
    text: TextRules = TextRules()
    roster: Mapping[str, str] = Field(default_factory=dict)


class Institution(Part):
    """One of the plan's institutions (制度). ``n``: its number, 0 for the plan's general part."""

    id: Name
    n: Annotated[Whole, Field(ge=0)]
    title: Words
    clause: Words
    lead: Names


class Party(Part):
    """Somebody the plan names: an organ, a class of units, a body, a post, the public."""

    id: Name
    name: Words
    kind: PartyKind
    level: Words | None = None
    aliases: SomeWords = ()
    members: SomeWords = ()
    open_list: Truth = False
    includes: Names = ()
    hosts: Name | None = None
    at_city_level_is: Name | None = None
    role: Words | None = None
    clause: Words


# --- lists


class Item(Part):
    """One item of a list in the plan's own words. ``strong``, ``weak``: hints for matching (ours).

    ``line``: its line in the plan's text. ``optional``: 其他 items, which never count as missing.
    """

    n: Annotated[Whole, Field(ge=1)]
    line: Annotated[Whole, Field(ge=1)] | None = None
    text: Words
    strong: SomeWords = ()
    weak: SomeWords = ()
    optional: Truth = False


class ContentList(Part):
    """A numbered list of the plan. ``title``: what to call it in Chinese."""

    title: str = ""
    clause: Words
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


# --- document kinds


class Content(Part):
    """A list that judges a kind; ``only_for``: only papers of this role."""

    list: Name
    only_for: Name | None = None
    basis: Basis = Basis.GIVEN
    why: Words | None = None


class Condition(Part):
    """A condition of the plan on how a paper is made; shown to the reviewer."""

    id: Name
    phrase: Words
    clause: Words
    evidence: Words


class Filing(Part):
    """A file of the archive the paper goes into; ``who``: only the file of this role."""

    file: Name
    basis: Basis
    who: Name | None = None


class Pair(Part):
    """Who signs with whom; ``of``: the class of unit the two belong to."""

    upper: Name
    lower: Name
    of: Name | None = None
    clause: Words


class SignedReview(Part):
    by: Name
    must: SomeWords


class Combined(Part):
    """What a title must hold for a paper to be two kinds in one, and what then happens."""

    title_all: SomeWords
    action: Literal["person_decides"]
    why: Words | None = None


class Match(Part):
    """Hints by which a paper is recognised: words of its title and body. ``decide_by``: kind → words of the body.

    ``subject``: what such papers are about, in title or opening; with it a free title can still be recognised.
    ``other_subjects``: words of a title that make it another matter, unless a word of ``subject`` stands there too.
    """

    title_all: SomeWords = ()
    title_any: SomeWords = ()
    title_not: SomeWords = ()
    subject: SomeWords = ()
    other_subjects: SomeWords = ()
    body_any: SomeWords = ()
    decide_by: Mapping[Name, SomeWords] = Field(default_factory=dict)
    combined: Combined | None = None


class DocumentKind(Part):
    """A document kind (文种). ``to`` is empty where the plan names no receiver or the parties sign in pairs."""

    id: Name
    institution: Name
    title: Words
    way: Way
    maker: Names
    of: Names = ()
    to: Names = ()
    copy_to: Names = ()
    keeper: Name | None = None
    prepared_by: Name | None = None
    drafted_by: Name | None = None
    status: Standing
    clause: Words
    content: tuple[Content, ...] = ()
    content_phrase: Words | None = None
    content_fields: SomeWords = ()
    conditions: tuple[Condition, ...] = ()
    required_marks: SomeWords = ()
    parties_pairs: tuple[Pair, ...] = ()
    signed_by: Literal["organs", "persons"] | None = None
    signed_review: SignedReview | None = None
    period: Period | None = None
    archive: tuple[Filing, ...]
    publish: Publish
    publish_phrase: Words | None = None
    match: Match | None = None
    note: Words | None = None


# --- obligations


class Share(Part):
    """A least number given as a share of the roster units of some classes."""

    share: Annotated[str, Field(pattern=r"^(0\.\d+|1)$")]
    of: Names
    rounding: Literal["up", "down"]


class Obligation(Part):
    """Who owes what to whom, how often and until when.

    ``per`` multiplies it (a unit, a pair, a case …; None: once for each actor). ``min``: least number in the period,
    None where it is not counted. ``doc``: the kinds that prove it; empty: a ledger entry proves it.
    """

    id: Name
    institution: Name
    actor: Annotated[tuple[Name, ...], Field(min_length=1)]
    action: Words
    doc: Names = ()
    to: Names = ()
    per: Words | None = None
    period: Period
    min: (
        Annotated[
            Annotated[Whole, Field(ge=0), Tag("number")] | Annotated[Share, Tag("share")],
            Discriminator(lambda v: "share" if isinstance(v, dict | Share) else "number"),
        ]
        | None
    ) = None
    due: Due
    modality: Modality
    basis: Basis
    amb: Names = ()
    phrase: Words
    clause: Words
    scored_in: Words | None = None


# --- workflows


class Starts(Part):
    """The clock a transition starts: ``workdays`` working days, counted from the day after; None: no day computable."""

    clock: Name
    workdays: Annotated[Whole, Field(ge=1, le=366)] | None = None


Trigger = Literal[
    "paper_in_time",  # the paper owed arrived, by its due day
    "paper",  # the paper owed arrived
    "overdue",  # its due day has passed
    "accepted",  # a reviewer accepted it (受理)
    "returned",  # a reviewer returned it for what it lacks
    "letter",  # the transition's own letter was issued
    "answer_written",  # a letter of a later step was issued: this step is implied
    "reply",  # a reply to the letter arrived
    "reply_accepted",  # a reviewer accepted the reply
    "reply_returned",  # a reviewer found the reply lacking
    "clock_passed",  # the running clock has passed
]


class Transition(Part):
    """A step of a workflow. ``event`` tells people what fires it; ``trigger``: which facts of the ledger do so by themselves."""

    from_: Name = Field(alias="from")
    to: Name
    event: Words
    trigger: Trigger | tuple[Trigger, ...] | None = None
    letter: Name | None = None
    set: Mapping[str, int | str] = Field(default_factory=dict)
    starts: Starts | None = None
    mark: Words | None = None
    warn: Words | None = None
    except_: Words | None = Field(default=None, alias="except")
    clause: Words
    status: Standing

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        """The triggers as a tuple."""
        if self.trigger is None:
            return ()
        return (self.trigger,) if isinstance(self.trigger, str) else self.trigger


class OnClose(Part):
    write: Name
    file: SomeWords


class Workflow(Part):
    """The states of one case. ``one``: what one case stands for. ``states``: id → Chinese label.

    ``papers``: the kinds that a case waits for, ``replies``: those that answer its letters. ``owed``: there is a case for
    each that owes such a paper; else the office opens cases.
    """

    id: Name
    institution: Name
    one: Words
    papers: Names = ()
    replies: Names = ()
    owed: Truth = False
    start: Name
    states: Mapping[Name, Words]
    end: Annotated[tuple[Name, ...], Field(min_length=1)]
    transitions: tuple[Transition, ...]
    on_close: OnClose | None = None


# --- letters


class LetterPerKind(Part):
    list: Name
    extra_field: Name | None = None


class LetterKind(Part):
    """A letter the office makes. ``to``: parties, or unit, person, lower, upper, all_units of the case at hand."""

    id: Name
    institution: Name
    makes: Names = ()
    status: Standing
    clause: Words
    to: OneOrMore = ()
    title: Words
    fields: Names
    required: Names = ()
    body: Words | None = None
    per_kind: Mapping[Name, LetterPerKind] = Field(default_factory=dict)
    note: Words | None = None


# --- archives


class ArchiveFile(Part):
    id: Name
    title: Words
    key: Names
    basis: Words
    keeper: Words | None = None


class ArchiveSection(Part):
    """A section of a file: which kinds it takes, in this order."""

    n: Annotated[str, Field(pattern=r"^\d\d$")]
    title: Words
    takes: Names
    basis: Words
    copy_to_cadre: Names = ()


class Archives(Part):
    """How the files are divided. ``retention``, ``secrecy``: None where the plan is silent."""

    retention: Words | None = None
    secrecy: Words | None = None
    files: tuple[ArchiveFile, ...]
    unit_sections: tuple[ArchiveSection, ...]
    person_sections: tuple[ArchiveSection, ...]


class Ambiguity(Part):
    """An unclear place of the plan and how this rulebook resolves it. ``key``: where the choice is set."""

    id: Name
    clause: Words
    problem: Words
    resolve: Words
    key: Words
