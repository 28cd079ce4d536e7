"""Searches that people keep under a name, to run them again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.ledger import journal
from pipeline.ledger.schema import saved_searches
from pipeline.ledger.values import storable


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """``query``: as typed, with every condition in it; ``sort``: date | relevance."""

    name: str
    query: str
    sort: str = "date"


def save_search(connection: sa.Connection, owner: str, search: SavedSearch, actor: str) -> None:
    """The search is kept under its name; one that was there is replaced."""
    name, query = storable(search.name), storable(search.query)
    connection.execute(saved_searches.delete().where(_own(owner, name)))
    at = dt.datetime.now(dt.UTC).isoformat()
    connection.execute(
        saved_searches.insert().values(owner=owner, name=name, query=query, sort=search.sort, saved_at=at)
    )
    journal.note(connection, actor, "search_saved", name, {"owner": owner, "query": query, "sort": search.sort})


def forget_search(connection: sa.Connection, owner: str, name: str, actor: str) -> bool:
    """No search is kept under this name; returns whether one was."""
    gone = connection.execute(saved_searches.delete().where(_own(owner, storable(name)))).rowcount > 0
    if gone:
        journal.note(connection, actor, "search_forgotten", storable(name), {"owner": owner})
    return gone


def read_searches(connection: sa.Connection, owner: str) -> list[SavedSearch]:
    """Return what somebody has kept, by name."""
    kept = sa.select(saved_searches).where(saved_searches.c.owner == owner).order_by(saved_searches.c.name)
    return [SavedSearch(row["name"], row["query"], row["sort"]) for row in connection.execute(kept).mappings()]


def _own(owner: str, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(saved_searches.c.owner == owner, saved_searches.c.name == name)
