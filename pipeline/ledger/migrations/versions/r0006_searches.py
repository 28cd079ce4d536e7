"""Searches kept under a name."""

from alembic import op

from pipeline.ledger.schema import metadata, saved_searches

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table; a ledger begun by this program has it already."""
    metadata.create_all(op.get_bind(), tables=[saved_searches], checkfirst=True)
