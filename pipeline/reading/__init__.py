"""A file's bytes to text with structure."""

from pipeline.reading.reader import Reader
from pipeline.reading.source import read_file

__all__ = ["Reader", "read_file"]
