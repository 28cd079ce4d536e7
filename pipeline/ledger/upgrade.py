"""Brings a ledger to the schema this program knows."""

from __future__ import annotations

from pathlib import Path

import alembic.command
import alembic.util
import sqlalchemy as sa
from alembic.config import Config

from pipeline.errors import LedgerUnavailable
from pipeline.ledger.dialect import translated, writing


def upgrade(engine: sa.Engine) -> None:
    """The ledger has this program's schema.

    Raises:
        LedgerUnavailable: it was made by a newer program, or cannot be opened.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with translated(), writing(engine) as connection:
        config.attributes["connection"] = connection
        try:
            alembic.command.upgrade(config, "head")
        except alembic.util.CommandError as error:
            raise LedgerUnavailable("台账是更新版本的程序建立的", "请升级本程序后再打开") from error
