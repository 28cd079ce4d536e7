"""The journal: what was done, each row chained to the one before by SHA-256 over canonical JSON.

Rewriting a row breaks the chain; cutting off the tail shows only against a head kept elsewhere, which is why every
bundle carries it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.ledger.schema import journal

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """The last row's number and hash; ``seq`` 0 and zeros for an empty journal."""

    seq: int
    hash: str


def head(connection: sa.Connection) -> Head:
    """Return the last row as it stands."""
    row = connection.execute(sa.select(journal.c.seq, journal.c.hash).order_by(journal.c.seq.desc()).limit(1)).first()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def hash_at(connection: sa.Connection, seq: int) -> str | None:
    """Return the hash of a row, None when there is no such row."""
    return connection.scalar(sa.select(journal.c.hash).where(journal.c.seq == seq))


def noted(connection: sa.Connection, act: str) -> list[tuple[str, dict[str, Any]]]:
    """Return object and facts of the rows of one act, oldest first."""
    rows = connection.execute(
        sa.select(journal.c.object, journal.c.facts).where(journal.c.act == act).order_by(journal.c.seq)
    )
    return [(row.object, json.loads(row.facts)) for row in rows]


def note(connection: sa.Connection, actor: str, act: str, thing: str, facts: Mapping[str, object]) -> None:
    """Append one row in the caller's transaction."""
    last = head(connection)
    row: dict[str, object] = {
        "seq": last.seq + 1,
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "act": act,
        "object": thing,
        "facts": json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str),
        "previous": last.hash,
    }
    connection.execute(journal.insert().values(**row, hash=row_hash(row)))


def row_hash(row: Mapping[str, object]) -> str:
    """Return the hash of a row without its own ``hash`` column."""
    text = json.dumps({k: v for k, v in row.items() if k != "hash"}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def first_break(connection: sa.Connection) -> int | None:
    """Return the number of the first row that does not follow from the one before, None when the chain is intact."""
    expected, previous = 1, GENESIS
    rows = sa.select(journal).order_by(journal.c.seq).execution_options(yield_per=1000)
    with connection.execute(rows) as result:
        for row in result.mappings():
            if row["seq"] != expected or row["previous"] != previous or row["hash"] != row_hash(dict(row)):
                return expected
            expected, previous = expected + 1, row["hash"]
    return None
