"""Accounts, sessions, failed logins; arrivals by day, journal by thing."""

from alembic import op

from pipeline.ledger.schema import accounts, arrivals, attempts, journal, metadata, sessions

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables, where they are not there yet."""
    metadata.create_all(op.get_bind(), tables=[accounts, sessions, attempts], checkfirst=True)
    for index in (*arrivals.indexes, *journal.indexes):
        index.create(op.get_bind(), checkfirst=True)
