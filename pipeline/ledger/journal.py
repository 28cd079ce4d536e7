"""The journal: what was done, each row chained to the one before by SHA-256 over canonical JSON.

Rewriting a row breaks the chain; cutting off the tail, or computing every hash anew, shows only against a head kept
elsewhere (``ledger/heads.py``), which is why every bundle carries it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from pipeline.ledger.schema import journal

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """The last row's number and hash; ``seq`` 0 and zeros for an empty journal."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Rows ``seq`` to ``last`` that are missing, or the row ``seq`` that was changed, does not follow, or is no row of ours."""

    kind: Literal["changed", "missing", "unlinked", "foreign"]
    seq: int
    last: int


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


@dataclass(frozen=True, slots=True)
class Noted:
    """One row of the journal as people read it."""

    seq: int
    at: dt.datetime
    actor: str
    act: str
    thing: str
    facts: Mapping[str, Any]


def read_rows(
    connection: sa.Connection, limit: int, before: int | None = None, thing: str = "", actor: str = "", act: str = ""
) -> list[Noted]:
    """Return rows, newest first: those below ``before``, about one thing, of one actor, of one act, where these are given."""
    pairs = ((journal.c.object, thing), (journal.c.actor, actor), (journal.c.act, act))
    wanted = [column == value for column, value in pairs if value]
    if before is not None:
        wanted.append(journal.c.seq < before)
    query = sa.select(journal).where(*wanted).order_by(journal.c.seq.desc()).limit(limit)
    return [
        Noted(r["seq"], dt.datetime.fromisoformat(r["at"]), r["actor"], r["act"], r["object"], json.loads(r["facts"]))
        for r in connection.execute(query).mappings()
    ]


def row_hash(row: Mapping[str, object]) -> str:
    """Return the hash of a row without its own ``hash`` column."""
    text = json.dumps({k: v for k, v in row.items() if k != "hash"}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def breaks(connection: sa.Connection) -> tuple[Break, ...]:
    """Return every place where the chain does not hold, in order; none when it is intact."""
    found: list[Break] = []
    expected, previous = 1, GENESIS
    rows = sa.select(journal).order_by(journal.c.seq).execution_options(yield_per=1000)
    with connection.execute(rows) as result:
        for row in result.mappings():
            seq = row["seq"]
            if seq < expected:
                found.append(Break("foreign", seq, seq))
                continue
            if seq > expected:
                found.append(Break("missing", expected, seq - 1))
            if row["hash"] != row_hash(dict(row)):
                found.append(Break("changed", seq, seq))
            elif seq == expected and row["previous"] != previous:
                found.append(Break("unlinked", seq, seq))
            expected, previous = seq + 1, row["hash"]
    return tuple(found)


def holds(connection: sa.Connection, known: Head) -> bool:
    """Whether the journal still has this row; ``hash`` may be its beginning, as somebody typed it from paper."""
    if known.seq == 0:
        return GENESIS.startswith(known.hash)
    found = connection.scalar(sa.select(journal.c.hash).where(journal.c.seq == known.seq))
    return found is not None and found.startswith(known.hash)


def latest(connection: sa.Connection, acts: Iterable[str]) -> dict[str, tuple[dt.datetime, dict[str, object]]]:
    """Return for each of these acts that was ever done when it was done last, and its facts."""
    found: dict[str, tuple[dt.datetime, dict[str, object]]] = {}
    for act in acts:
        query = sa.select(journal.c.at, journal.c.facts).where(journal.c.act == act)
        if row := connection.execute(query.order_by(journal.c.seq.desc()).limit(1)).first():
            found[act] = dt.datetime.fromisoformat(row.at), json.loads(row.facts)
    return found
