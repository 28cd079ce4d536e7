"""Frozen assessments."""

from alembic import op

from pipeline.ledger.dialect import append_only_triggers
from pipeline.ledger.schema import assessments, metadata

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table, where it is not there yet, and the triggers that keep a frozen year as it is."""
    bind = op.get_bind()
    metadata.create_all(bind, tables=[assessments], checkfirst=True)
    for statement in append_only_triggers(bind.dialect.name, "assessments"):
        op.execute(statement)
