"""The yearly assessment as data: sections of lines, lines of parts. All numbers are exact decimals.

A line's score is the sum of its parts, then its own floor (``None``: none) and cap; a section's score is the sum of its
lines, kept between 0 and its ``max``; a veto sets the section to 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from pipeline.rulebook.base import Name, Part, Truth, Whole, Words


def _decimal(value: object) -> object:
    if isinstance(value, str):
        try:
            return Decimal(value)
        except ArithmeticError:
            raise ValueError(f"“{value}”不是数字") from None
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


Number = Annotated[Decimal, BeforeValidator(_decimal), Field(allow_inf_nan=False)]
Names = tuple[Name, ...]
SomeWords = tuple[Words, ...]


class Band(Part):
    """``points`` when the value is at least ``ge``."""

    ge: Number
    points: Number


Bands = Annotated[tuple[Band, ...], Field(min_length=1)]


class _Scored(Part):
    """``label``: what the input is called in Chinese. ``proven_by``: obligations whose papers and events tell it.

    ``half``: only papers of this half of the year tell it, and those of the whole year.
    """

    input: Name
    label: Words | None = None
    provider: Name
    proven_by: Names = ()
    half: Literal[1, 2] | None = None

    @property
    def name(self) -> str:
        """What people call the input."""
        return self.label or self.input


class BandsPart(_Scored):
    """The points of the first band whose ``ge`` the input reaches; the bands fall."""

    kind: Literal["bands"]
    bands: Bands

    @model_validator(mode="after")
    def _fits(self) -> BandsPart:
        edges = [b.ge for b in self.bands]
        if any(a <= b for a, b in pairwise(edges)):
            raise ValueError("bands 的 ge 应从大到小")
        return self


class FlagPart(_Scored):
    """``points`` when the input is true."""

    kind: Literal["flag"]
    points: Number


class QuotaPart(_Scored):
    """``points`` − ``per_missing`` for each one short of ``need``, never below 0."""

    kind: Literal["quota"]
    need: Annotated[Whole, Field(ge=1)]
    points: Number
    per_missing: Number


class CountPart(_Scored):
    """``each`` times the input, its absolute value limited by ``cap`` when given; ``any``: once more when there is one."""

    kind: Literal["count"]
    each: Number
    cap: Number | None
    any: Number = Decimal(0)


class RankOf(Part):
    """The value that is ranked, and which end is best. ``none_counts_as``: the value of a unit that has none to rank."""

    value: Name
    label: Words | None = None
    best: Literal["lowest", "highest"]
    none_counts_as: Number | None = None


class RankPart(_Scored):
    """``first`` for rank 1, ``step`` less for each rank after, never below 0."""

    kind: Literal["rank"]
    first: Number
    step: Number
    rank_of: Annotated[
        Annotated[Literal["given"], Tag("given")] | Annotated[RankOf, Tag("table")],
        Discriminator(lambda v: "given" if isinstance(v, str) else "table"),
    ]


class ChecklistPart(_Scored):
    """``points`` − ``per_missing`` for each element of ``of`` that is not there; those of ``also`` do not matter."""

    kind: Literal["checklist"]
    of: Annotated[tuple[Words, ...], Field(min_length=1)]
    also: SomeWords = ()
    points: Number
    per_missing: Number


class VetoPart(_Scored):
    """True: the whole section becomes 0."""

    kind: Literal["veto"]


ScorePart = Annotated[
    BandsPart | FlagPart | QuotaPart | CountPart | RankPart | ChecklistPart | VetoPart, Field(discriminator="kind")
]


class ScoreLine(Part):
    """A line of the table in the plan's words. ``cap`` absent: the line's ``max``; None: no cap of its own."""

    id: Words
    max: Number
    line: Annotated[Whole, Field(ge=1)] | None = None
    text: Words
    source: Words
    floor: Number | None = Decimal(0)
    cap: Number | None = None
    amb: Names = ()
    parts: Annotated[tuple[ScorePart, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _cap_is_max(cls, value: Any) -> Any:
        # a missing cap means the line's own marks; an explicit null means none
        if isinstance(value, dict) and "cap" not in value and "max" in value:
            return {**value, "cap": value["max"]}
        return value


class ScoreSection(Part):
    """A section of the table. ``base_sum``: what its fixed lines add up to where that is not ``max``."""

    id: Words
    title: Words
    max: Number
    clause: Words
    base_sum: Number | None = None
    lines: Annotated[tuple[ScoreLine, ...], Field(min_length=1)]


class Convert(Part):
    to: Number
    divide_by: Number
    phrase: Words
    clause: Words


class Arithmetic(Part):
    exact: Literal[True]
    rounding: Literal["none"]
    places_shown: Annotated[Whole, Field(ge=0, le=9)]
    why: Words | None = None


class RankRule(Part):
    """How equal values share a rank: ``standard`` 1, 2, 2, 4; ``dense`` 1, 2, 2, 3."""

    ties: Literal["standard", "dense"]
    among: Words
    why: Words | None = None


class VoteRule(Part):
    """How ballots become a rate. ``two_bodies``: pool adds the ballots of both bodies together, mean takes the middle of

    their rates, separate takes the middle of their points. ``bodies``: who is voted on; ``grades``: what may be ticked.
    """

    rate: Words
    grades: SomeWords = ("好", "较好", "一般", "差")
    good_grades: SomeWords
    invalid_excluded: Truth
    bodies: SomeWords = ("党委", "政府")
    two_bodies: Literal["pool", "mean", "separate"]
    note: Words | None = None


class PersonDeduct(Part):
    input: Name
    bands: Bands


class PersonKind(Part):
    """A person's score is ``own`` of their own points plus ``team`` of their team's ten-point score."""

    id: Name
    title: Words
    own: Number
    team: Number
    line: Annotated[Whole, Field(ge=1)] | None = None
    text: Words
    clause: Words

    @model_validator(mode="after")
    def _fits(self) -> PersonKind:
        if self.own + self.team != 1:
            raise ValueError("own 与 team 之和应为 1")
        return self


class CitedText(Part):
    line: Annotated[Whole, Field(ge=1)] | None = None
    text: Words
    clause: Words


class Persons(Part):
    base: Number
    floor: Number
    deduct: PersonDeduct
    kinds: tuple[PersonKind, ...]
    deduct_text: CitedText | None = None


class Adjustment(Part):
    """A deduction the plan names without an amount: it counts only when the office sets ``points``."""

    id: Name
    grounds: SomeWords
    points: Number | None = None
    phrase: Words
    clause: Words
    amb: Names = ()


class Transfer(Part):
    to: Words
    ratio: Number | None = None
    phrase: Words
    clause: Words
    amb: Names = ()


class Combine(Part):
    parts: SomeWords
    weights: SomeWords | None = None
    phrase: Words
    clause: Words
    amb: Names = ()


class Bounds(Part):
    """Whether bonuses stop at a section's marks, and whether a line that gives marks stops at 0."""

    section_cap: Truth = True
    line_floor: Truth = True


class Choice(Part):
    """One way to read an unclear place. ``set``: what it changes; of a line under ``lines`` and its id."""

    words: Words
    set: Mapping[str, Any] = Field(default_factory=dict)


class Reading(Part):
    """An unclear place of the table and which of its readings this office uses."""

    amb: Name
    chosen: Name
    choices: Annotated[Mapping[Name, Choice], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Reading:
        if self.chosen not in self.choices:
            raise ValueError(f"{self.amb} 没有“{self.chosen}”这种读法,可用的有:{'、'.join(self.choices)}")
        return self

    @property
    def words(self) -> str:
        """The reading that is used."""
        return self.choices[self.chosen].words


def _as_read(value: Any) -> Any:
    """Return the table as the chosen readings change it; what does not fit is left for validation to name."""
    if not isinstance(value, dict):
        return value
    changes: dict[str, Any] = {}
    for reading in value.get("readings") or ():
        choices = reading.get("choices") if isinstance(reading, dict) else None
        choice = choices.get(str(reading.get("chosen"))) if isinstance(choices, dict) else None
        change = choice.get("set") if isinstance(choice, dict) else None
        for key, inner in change.items() if isinstance(change, dict) else ():
            changes[key] = {**changes.get(key, {}), **inner} if isinstance(inner, dict) else inner
    if not changes:
        return value
    lines = changes.pop("lines", {})
    fresh = dict(value)
    for key, inner in changes.items():
        old = value.get(key)
        fresh[key] = {**old, **inner} if isinstance(old, dict) and isinstance(inner, dict) else inner
    if lines:
        fresh["sections"] = [_section_as_read(section, lines) for section in value.get("sections") or ()]
    return fresh


def _section_as_read(section: Any, lines: Mapping[str, Any]) -> Any:
    if not isinstance(section, dict) or not isinstance(section.get("lines"), list | tuple):
        return section
    read = [
        {**line, **lines.get(str(line.get("id")), {})} if isinstance(line, dict) else line for line in section["lines"]
    ]
    return {**section, "lines": read}


class Assessment(Part):
    """The whole table. ``subjects``: the party whose units are scored; ``subject_classes``: their classes in the roster."""

    id: Name
    title: Words
    clause: Words
    subjects: Name
    subject_classes: Names = ()
    total: Number
    bounds: Bounds = Bounds()
    readings: tuple[Reading, ...] = ()
    convert: Convert
    arithmetic: Arithmetic
    rank_rule: RankRule
    vote_rule: VoteRule
    sections: tuple[ScoreSection, ...]
    persons: Persons
    adjustments: tuple[Adjustment, ...] = ()
    transfer: Transfer | None = None
    combine: Combine | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return _as_read(value)

    @model_validator(mode="after")
    def _fits(self) -> Assessment:
        if sum((s.max for s in self.sections), Decimal(0)) != self.total:
            raise ValueError("各部分满分之和与 total 不相等")
        return self
