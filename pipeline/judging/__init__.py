"""Decides, touches nothing: what a document is, what it covers, what is owed and when. Pure functions of values."""

from pipeline.judging.deadlines import due_day
from pipeline.judging.identity import identify
from pipeline.judging.verdict import judge

__all__ = ["due_day", "identify", "judge"]
