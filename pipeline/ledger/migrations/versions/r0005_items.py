"""Items with their archival codes, and renditions."""

from alembic import op

from pipeline.ledger.dialect import append_only_triggers
from pipeline.ledger.schema import items, metadata, renditions

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the two tables; a ledger begun by this program has them already. An archival code is never changed."""
    bind = op.get_bind()
    metadata.create_all(bind, tables=[items, renditions], checkfirst=True)
    for statement in append_only_triggers(bind.dialect.name, "items"):
        op.execute(statement)
