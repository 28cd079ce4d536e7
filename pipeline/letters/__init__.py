"""Letters from Word templates: what they say, how they are made and read back."""

from pipeline.letters.contexts import Draft, compose, feedback, overdue, pledge_kinds, pledges, supplement
from pipeline.letters.letters import SHIPPED_TEMPLATES, Letters, OfficeName

__all__ = [
    "SHIPPED_TEMPLATES",
    "Draft",
    "Letters",
    "OfficeName",
    "compose",
    "feedback",
    "overdue",
    "pledge_kinds",
    "pledges",
    "supplement",
]
