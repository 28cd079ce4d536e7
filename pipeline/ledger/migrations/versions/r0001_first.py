"""The first schema: entries, arrivals, texts, decisions, letters, rosters, journal."""

from alembic import op

from pipeline.ledger.dialect import append_only_statements
from pipeline.ledger.schema import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table and the triggers that keep the journal append-only."""
    bind = op.get_bind()
    metadata.create_all(bind)
    for statement in append_only_statements(bind.dialect.name):
        op.execute(statement)
