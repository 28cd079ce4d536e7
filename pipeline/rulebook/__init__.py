"""What the plan demands, as data: typed model, strict loader, the shipped rulebook, the working-day calendar."""

from pipeline.rulebook.calendar import WorkingDays, unpublished_notice
from pipeline.rulebook.corrections import load_corrections
from pipeline.rulebook.loader import check_rulebook, load_rulebook
from pipeline.rulebook.model import Rulebook
from pipeline.rulebook.yaml_source import Problem

__all__ = [
    "Problem",
    "Rulebook",
    "WorkingDays",
    "check_rulebook",
    "load_corrections",
    "load_rulebook",
    "unpublished_notice",
]
