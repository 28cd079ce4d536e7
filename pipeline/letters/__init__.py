"""Letters from Word templates: what they say, how they are made and read back."""

from pipeline.letters.contexts import Draft, feedback, overdue, pledge_kinds, pledges, supplement
from pipeline.letters.letters import SHIPPED_TEMPLATES, Letters, OfficeName

__all__ = [
    "SHIPPED_TEMPLATES",
    "Draft",
    "Letters",
    "OfficeName",
    "feedback",
    "overdue",
    "pledge_kinds",
    "pledges",
    "supplement",
]
