"""Entries by year and owner, journal by act: what the archives and the journal's page count and filter by."""

from alembic import op

from pipeline.ledger.schema import entries, journal

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the indices, where they are not there yet."""
    for index in (*entries.indexes, *journal.indexes):
        index.create(op.get_bind(), checkfirst=True)
