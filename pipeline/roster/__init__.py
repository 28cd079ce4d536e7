"""The roster (名册) as files: read, check, write."""

from pipeline.roster.files import read_roster
from pipeline.roster.workbook import write_roster, write_template

__all__ = ["read_roster", "write_roster", "write_template"]
