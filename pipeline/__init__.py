"""Document generation and archiving pipeline for a municipal responsibility office."""

__version__ = "0.1.0"
