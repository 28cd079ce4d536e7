"""The words every part of a rulebook is made of: strict frozen entries and the closed sets they choose from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
"""An id: ASCII letter first, then letters, digits, ``_`` and ``-``."""

Words = Annotated[str, Field(min_length=1)]
"""Text that is not empty."""


Whole = Annotated[int, Field(strict=True)]
Truth = Annotated[bool, Field(strict=True)]
"""A whole number and a truth value that are written as such: ``"3"`` and ``1`` do not pass for them."""


class Part(BaseModel):
    """A typed piece of the rulebook: unknown keys are refused, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Basis(StrEnum):
    """How far a date, number or filing rests on the plan."""

    GIVEN = "given"  # the plan says it
    RESOLVED = "resolved"  # our reading of an unclear phrase; see the ambiguities
    PROPOSED = "proposed"  # ours, so that the flow can be worked in an office
    OPEN = "open"  # the plan says nothing computable: keep a ledger, raise no deadline


class Standing(StrEnum):
    """Whether the plan names a document, letter or act."""

    EXPLICIT = "explicit"
    IMPLIED = "implied"  # an ordered act leaves it behind
    PROPOSED = "proposed"


class Way(StrEnum):
    """How a document comes about."""

    RECEIVED = "received"  # dropped into the inbox
    GENERATED = "generated"  # made by the office from a template
    RECORD = "record"  # written up, then filed


class Publish(StrEnum):
    MUST = "must"
    MAY = "may"
    NONE_STATED = "none-stated"


class PartyKind(StrEnum):
    ORGAN = "organ"
    UNIT_CLASS = "unit_class"  # its members come from the roster
    BODY = "body"
    ROLE = "role"  # a post in a unit
    PUBLIC = "public"


class Period(StrEnum):
    """The span in which an obligation's ``min`` is counted."""

    YEAR = "year"
    HALF_YEAR = "half_year"
    TERM = "term"
    ONCE = "once"
    EVENT = "event"
    CONTINUOUS = "continuous"
    UNSPECIFIED = "unspecified"


class Modality(StrEnum):
    MUST = "must"
    PRINCIPLE = "principle"  # 原则上
    MAY = "may"  # 可
