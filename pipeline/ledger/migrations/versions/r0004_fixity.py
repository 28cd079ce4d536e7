"""The record of the rolling check."""

from alembic import op

from pipeline.ledger.schema import fixity_checks, metadata

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table; a ledger begun by this program has it already."""
    metadata.create_all(op.get_bind(), tables=[fixity_checks], checkfirst=True)
