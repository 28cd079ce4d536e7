"""Steps of cases and events recorded by hand."""

from alembic import op

from pipeline.ledger.schema import events, metadata, steps

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the two tables; a ledger begun by this program has them already."""
    metadata.create_all(op.get_bind(), tables=[steps, events], checkfirst=True)
