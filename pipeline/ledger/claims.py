"""Claims: arrivals whose bytes are safe and whose walk is not finished. The watcher's queue, and its memory over a crash.

A claim stands from before the file is read until it is answered, so that an arrival is never known to the inbox alone.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, replace

import sqlalchemy as sa

from pipeline.ledger import journal
from pipeline.ledger.dialect import reading, writing
from pipeline.ledger.schema import arrivals, claims
from pipeline.ledger.values import storable
from pipeline.model import Arrival, Original

INTACT = "intact:"  # followed by a hash: the claim waits for a sound object
Paper = tuple[Arrival, Original]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claimed paper that cannot go on: why (Chinese), since when (UTC), and what it needs (``ocr``, ``libreoffice`` …)."""

    name: str
    needs: str
    why: str
    since: dt.datetime


class Claims:
    """The claims of an open ledger."""

    def __init__(self, engine: sa.Engine, actor: str) -> None:
        self._engine = engine
        self._actor = actor

    def add(self, papers: Iterable[Paper], damaged: Set[str] = frozenset()) -> None:
        """These papers are claimed, each once. ``damaged``: hashes whose object in the archive is not sound.

        An arrival that was registered with other bytes under the same key (a share without lasting inodes) is another.
        """
        with writing(self._engine) as connection:
            new = [paper for paper in papers if not _claimed(connection, paper)]
            for arrival, original in new:
                harm = original.sha256 in damaged
                connection.execute(
                    claims.insert().values(
                        key=_own_key(connection, arrival, original),
                        arrival=json.dumps(arrival.plain()),  # all ASCII: a name's stray bytes come back
                        sha256=original.sha256,
                        size_bytes=original.size_bytes,
                        claimed_at=dt.datetime.now(dt.UTC).isoformat(),
                        needs=INTACT + original.sha256 if harm else "",
                        why=f"档案中的文件 {original.sha256} 已损坏,请用备份恢复后运行 pipeline verify" if harm else "",
                    )
                )
            if new:
                facts = {"papers": [[storable(arrival.name), original.sha256] for arrival, original in new]}
                journal.note(connection, self._actor, "claimed", "收件", facts)

    def adopt(self, papers: Iterable[Paper]) -> None:
        """Of what a stopped run was claiming, what the ledger knows nothing of is claimed."""
        papers = list(papers)
        with reading(self._engine) as connection:
            known = set(connection.scalars(sa.select(arrivals.c.key)))
        self.add(paper for paper in papers if paper[0].key not in known)

    def keys(self) -> set[str]:
        """Return the inbox's own keys of what is claimed."""
        with reading(self._engine) as connection:
            return {":".join(key.split(":")[:2]) for key in connection.scalars(sa.select(claims.c.key))}

    def next(self, limit: int, ready: Callable[[str], bool], path_of: Callable[[str], str]) -> list[Arrival]:
        """Return the oldest claims that need nothing, or something that is ``ready`` now."""
        with reading(self._engine) as connection:
            needs = connection.scalars(sa.select(claims.c.needs).distinct()).all()
        go = [need for need in needs if not need or ready(need)]
        query = sa.select(claims).where(claims.c.needs.in_(go)).order_by(claims.c.id).limit(limit)
        with reading(self._engine) as connection:
            return [_arrival(row, path_of(row["sha256"])) for row in connection.execute(query).mappings()]

    def wait(self, key: str, needs: str, why: str) -> None:
        """This claim is not offered again before what it needs is ready."""
        with writing(self._engine) as connection:
            connection.execute(claims.update().where(claims.c.key == key).values(needs=needs, why=storable(why)))

    def done(self, key: str) -> None:
        """The claim is gone: its paper is registered or refused, and answered."""
        with writing(self._engine) as connection:
            connection.execute(claims.delete().where(claims.c.key == key))

    def waiting(self) -> list[Waiting]:
        """Return the claims that need something, oldest first."""
        query = sa.select(claims).where(claims.c.needs != "").order_by(claims.c.id)
        with reading(self._engine) as connection:
            return [
                Waiting(
                    json.loads(r["arrival"])["name"], r["needs"], r["why"], dt.datetime.fromisoformat(r["claimed_at"])
                )
                for r in connection.execute(query).mappings()
            ]

    def backlog(self) -> tuple[int, dt.datetime | None]:
        """Return how many claims need nothing but their turn, and since when the oldest stands."""
        query = sa.select(sa.func.count(), sa.func.min(claims.c.claimed_at)).where(claims.c.needs == "")
        with reading(self._engine) as connection:
            count, oldest = connection.execute(query).one()
        return count, dt.datetime.fromisoformat(oldest) if oldest else None


def _claimed(connection: sa.Connection, paper: Paper) -> bool:
    same = sa.select(claims.c.key).where(claims.c.key.startswith(paper[0].key), claims.c.sha256 == paper[1].sha256)
    return connection.scalar(same.limit(1)) is not None


def _own_key(connection: sa.Connection, arrival: Arrival, original: Original) -> str:
    for table in (arrivals, claims):
        taken = connection.scalar(sa.select(table.c.sha256).where(table.c.key == arrival.key))
        if taken is not None and taken != original.sha256:
            return f"{arrival.key}:{original.sha256[:16]}"
    return arrival.key


def _arrival(row: sa.RowMapping, path: str) -> Arrival:
    facts = json.loads(row["arrival"])
    arrival = Arrival.from_plain(facts, Original(row["sha256"], row["size_bytes"], path, facts["name"]))
    return replace(arrival, key=row["key"])
