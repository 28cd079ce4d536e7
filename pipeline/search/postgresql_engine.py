"""Two-grams on PostgreSQL, for offices whose ledger lies there: one index for many hosts.

A document's grams are numbers in an ``integer[]`` under GIN, which says which documents may fit; the folded text is
then looked at. A tsvector would silently lose phrases past its 16,383rd position or a word's 256th occurrence, and
takes no document of more than a megabyte of grams. Where more than ``VERIFY_ALL`` may fit, only the page shown is
verified, and totals are upper bounds that say so.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import pairwise
from typing import Any

import psycopg
import sqlalchemy as sa

from pipeline.errors import SearchUnavailable
from pipeline.folding import fold
from pipeline.search.engine import FACETS, VERIFY_ALL, Engine, Found, Row, read_order, relevance
from pipeline.search.packing import pack, unpack
from pipeline.search.query import Query, Sort
from pipeline.search.shelf import SCHEMA, Label

NAME = "postgresql"
PLACE = "pipeline_search"
CHUNK = 100  # texts looked at together until the page is full
_WRITER, _REBUILDER, _MAKER = 0x7069_7301, 0x7069_7302, 0x7069_7303  # advisory locks
_FIELDS = ("entry", "kind", "unit", "person", "year", "status")


def codes(folded: str) -> list[int]:
    """Return the different grams and characters of a folded text as 32-bit numbers.

    Two grams may share a number where a character lies beyond U+FFFF; the text tells them apart.
    """
    points = list(map(ord, folded))
    pairs = {(a << 16 ^ b) & 0xFFFFFFFF for a, b in pairwise(points)}
    return [_signed(n) for n in pairs.union(points)]


def _asked(word: str) -> list[int]:
    if len(word) == 1:
        return [ord(word)]
    return [_signed((ord(a) << 16 ^ ord(b)) & 0xFFFFFFFF) for a, b in pairwise(word)]


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number


class PostgresEngine:
    """One generation: a table."""

    def __init__(self, engine: sa.Engine, generation: str) -> None:
        assert generation.isalnum()
        self._engine = engine
        self._name = f"documents_{generation}"
        self._table = f"{PLACE}.{self._name}"
        with connected(engine) as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKER)))
            if connection.scalar(sa.select(sa.func.to_regclass(self._table))) is None:
                for statement in self._made():
                    connection.exec_driver_sql(statement)

    def _made(self) -> tuple[str, ...]:
        columns = ", ".join(f"{name} text NOT NULL" for name in _FIELDS[1:])
        return (
            f'CREATE TABLE {self._table} (entry text COLLATE "C" PRIMARY KEY, {columns}, '
            'ord text COLLATE "C" NOT NULL, received date NOT NULL, grams integer[] NOT NULL, '
            "sketch integer[] NOT NULL, stored text NOT NULL, folded text NOT NULL)",
            f"CREATE INDEX {self._name}_grams ON {self._table} USING gin (grams)",
            f"CREATE INDEX {self._name}_sketch ON {self._table} USING gin (sketch)",
            f"CREATE INDEX {self._name}_unit ON {self._table} (unit)",
            f"CREATE INDEX {self._name}_received ON {self._table} (received)",
        )

    def apply(self, upserts: Sequence[Row], deletes: Sequence[str]) -> None:
        """See ``Engine``."""
        replaced = [*deletes, *(row.entry for row in upserts)]
        newest = {row.entry: row for row in upserts}
        with connected(self._engine) as connection:
            connection.exec_driver_sql(f"DELETE FROM {self._table} WHERE entry = ANY(%s)", (replaced,))  # noqa: S608
            driver: Any = connection.connection.driver_connection
            names = ", ".join((*_FIELDS, "ord", "received", "grams", "sketch", "stored", "folded"))
            with driver.cursor() as cursor, cursor.copy(f"COPY {self._table} ({names}) FROM STDIN") as copy:
                for row in newest.values():
                    fields = (getattr(row, name) for name in _FIELDS)
                    sketch = [_signed(n) for n in row.sketch]
                    copy.write_row((*fields, row.order, row.received, codes(row.folded), sketch, pack(row), row.folded))
        with connected(self._engine) as connection:
            # what waits in GIN's list is looked through by every search
            for index in ("grams", "sketch"):
                connection.exec_driver_sql(f"SELECT gin_clean_pending_list('{self._table}_{index}'::regclass)")

    def search(self, query: Query) -> Found:
        """See ``Engine``."""
        where, values = _conditions(query)
        texts, words = _on_text(query)
        with connected(self._engine) as connection:
            _plan(connection)
            groups = connection.execute(
                sa.text(f"SELECT {', '.join(FACETS)}, count(*) FROM {self._table} WHERE {where} GROUP BY 1, 2, 3, 4"),  # noqa: S608
                values,
            ).all()
            total = sum(group[-1] for group in groups)
            exact = not texts or total <= VERIFY_ALL
            if texts and exact and total:
                groups = connection.execute(
                    sa.text(f"SELECT {', '.join(FACETS)}, 1 FROM {self._table} WHERE {where} AND {texts}"),  # noqa: S608
                    values | words,
                ).all()
                total = len(groups)
            facets = _summed(groups)
            if not total or not query.limit:
                return Found((), total, exact, facets)
            if query.sort is Sort.RELEVANCE and query.clauses:
                return Found(self._most_relevant(connection, query, where, texts, values | words), total, exact, facets)
            hits = tuple((entry, 1.0) for entry in self._newest(connection, query, where, texts, values, words))
            return Found(hits, total, exact, facets)

    def _newest(
        self, connection: sa.Connection, query: Query, where: str, texts: str, values: Any, words: Any
    ) -> list[str]:
        """Return the page of the newest that fit; texts are looked at a chunk at a time until it is full."""
        found: list[str] = []
        size = max(CHUNK, 2 * query.limit) if texts else query.limit
        for start in range(0, 1 << 31, size):
            chunk = sa.text(
                f"SELECT entry FROM {self._table} WHERE {where} ORDER BY ord DESC LIMIT :size OFFSET :start"  # noqa: S608
            )
            entries = list(connection.scalars(chunk, values | {"size": size, "start": start}))
            if texts and entries:
                verified = sa.text(f"SELECT entry FROM {self._table} WHERE entry = ANY(:chunk) AND {texts}")  # noqa: S608
                fitting = set(connection.scalars(verified, words | {"chunk": entries}))
                found += [entry for entry in entries if entry in fitting]
            else:
                found += entries
            if len(found) >= query.limit or len(entries) < size:
                break
        return found[: query.limit]

    def _most_relevant(
        self, connection: sa.Connection, query: Query, where: str, texts: str, values: Any
    ) -> tuple[tuple[str, float], ...]:
        """Score the newest that may fit, as many as are verified at most."""
        newest = sa.text(
            f"WITH newest AS MATERIALIZED (SELECT entry FROM {self._table} WHERE {where} ORDER BY ord DESC LIMIT :most) "  # noqa: S608
            f"SELECT stored FROM {self._table} JOIN newest USING (entry) WHERE {texts} ORDER BY ord DESC"
        )
        rows = [unpack(stored, fold) for stored in connection.scalars(newest, values | {"most": VERIFY_ALL})]
        scored = sorted(((row.entry, relevance(query, row)) for row in rows), key=lambda hit: -hit[1])
        return tuple(scored[: query.limit])

    def values(self, field: str, within: frozenset[str] | None) -> Mapping[str, int]:
        """See ``Engine``."""
        where, values = _conditions(Query(within=within))
        query = sa.text(f"SELECT {field}, count(*) FROM {self._table} WHERE {where} GROUP BY 1")  # noqa: S608
        with connected(self._engine) as connection:
            return {value: count for value, count in connection.execute(query, values) if value}

    def alike(self, sketch: Sequence[int], within: frozenset[str] | None, limit: int) -> list[tuple[str, int]]:
        """See ``Engine``."""
        where, values = _conditions(Query(within=within))
        query = sa.text(
            "SELECT entry, (SELECT count(*) FROM unnest(sketch) AS n WHERE n = ANY(:sketch)) AS shared "  # noqa: S608
            f"FROM {self._table} WHERE sketch && CAST(:sketch AS integer[]) AND {where} "
            "ORDER BY shared DESC, ord LIMIT :limit"
        )
        given = values | {"sketch": [_signed(n) for n in sketch], "limit": limit}
        with connected(self._engine) as connection:
            _plan(connection)
            return [(entry, shared) for entry, shared in connection.execute(query, given)]

    def rows(self, entries: Sequence[str]) -> dict[str, Row]:
        """See ``Engine``."""
        query = sa.text(f"SELECT stored FROM {self._table} WHERE entry = ANY(:entries)")  # noqa: S608
        with connected(self._engine) as connection:
            found = map(unpack, connection.scalars(query, {"entries": list(entries)}))
            return {row.entry: row for row in found}

    def marks(self) -> dict[str, str]:
        """See ``Engine``."""
        with connected(self._engine) as connection:
            orders = connection.scalars(sa.text(f"SELECT ord FROM {self._table}"))  # noqa: S608
            return {entry: mark for _, entry, mark in map(read_order, orders)}

    def count(self) -> int:
        """See ``Engine``."""
        with connected(self._engine) as connection:
            return connection.scalar(sa.text(f"SELECT count(*) FROM {self._table}")) or 0  # noqa: S608

    def close(self) -> None:
        """See ``Engine``."""


class PostgresShelf:
    """Generations as tables of one schema; who writes holds an advisory lock, which dies with its connection."""

    def __init__(self, address: str) -> None:
        if not address.startswith("postgresql"):
            raise SearchUnavailable("检索引擎设为 postgresql,但台账不在 PostgreSQL 上", '请写 search = "auto"')
        self._engine = sa.create_engine(address, pool_pre_ping=True)
        self._thread = threading.RLock()
        self._depth = 0
        self._made = False

    @property
    def made_by(self) -> str:
        """See ``Shelf``."""
        return f"{NAME} {psycopg.__version__.partition('.')[0]} {SCHEMA}"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """See ``Shelf``."""
        with self._thread:
            if self._depth:
                yield
                return
            with self._locked(_WRITER):
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1

    def rebuilding(self) -> AbstractContextManager[object]:
        """See ``Shelf``."""
        return self._locked(_REBUILDER)

    @contextmanager
    def _locked(self, key: int) -> Iterator[None]:
        with connected(self._engine) as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
            yield

    def label(self) -> Label:
        """See ``Shelf``."""
        with self._prepared() as connection:
            row = connection.exec_driver_sql(f"SELECT made_by, generation, coming FROM {PLACE}.label").first()  # noqa: S608
        return Label(*row) if row else Label("")

    def put(self, label: Label) -> None:
        """See ``Shelf``."""
        kept = {f"documents_{name}" for name in (label.generation, label.coming)}
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = :place AND tablename LIKE 'documents%'"
        with self._prepared() as connection:
            connection.exec_driver_sql(f"DELETE FROM {PLACE}.label")  # noqa: S608
            connection.exec_driver_sql(
                f"INSERT INTO {PLACE}.label (made_by, generation, coming) VALUES (%s, %s, %s)",  # noqa: S608
                (label.made_by, label.generation, label.coming),
            )
            gone = [name for name in connection.scalars(sa.text(tables), {"place": PLACE}) if name not in kept]
        for name in gone:
            with connected(self._engine) as connection:
                connection.exec_driver_sql(f'DROP TABLE IF EXISTS {PLACE}."{name}"')

    def open(self, generation: str) -> Engine:
        """See ``Shelf``."""
        return PostgresEngine(self._engine, generation)

    def holds(self, generation: str) -> bool:
        """See ``Shelf``."""
        with self._prepared() as connection:
            table = sa.func.to_regclass(f"{PLACE}.documents_{generation}")
            return generation.isalnum() and connection.scalar(sa.select(table)) is not None

    def doubt(self, generation: str) -> None:
        """See ``Shelf``. A server looks after its own files: a failure says nothing against them."""

    def doubted(self, generation: str) -> bool:
        """See ``Shelf``."""
        return False

    def followed(self) -> str:
        """See ``Shelf``."""
        with self._prepared() as connection:
            return connection.scalar(sa.text(f"SELECT mark FROM {PLACE}.followed")) or ""  # noqa: S608

    def note_followed(self, mark: str) -> None:
        """See ``Shelf``."""
        with self._prepared() as connection:
            connection.exec_driver_sql(f"DELETE FROM {PLACE}.followed")  # noqa: S608
            connection.exec_driver_sql(f"INSERT INTO {PLACE}.followed (mark) VALUES (%s)", (mark,))  # noqa: S608

    def cramped(self) -> bool:
        """See ``Shelf``."""
        return False

    def close(self) -> None:
        """See ``Shelf``."""
        self._engine.dispose()

    @contextmanager
    def _prepared(self) -> Iterator[sa.Connection]:
        with connected(self._engine) as connection:
            if not self._made:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKER)))
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {PLACE}")
                columns = ", ".join(f"{name} text NOT NULL" for name in Label.__dataclass_fields__)
                connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {PLACE}.label ({columns})")
                connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {PLACE}.followed (mark text NOT NULL)")
                self._made = True
            yield connection


@contextmanager
def connected(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction, committed when the block ends; the server's troubles become one error that says what to do."""
    try:
        with engine.begin() as connection:
            yield connection
    except (sa.exc.SQLAlchemyError, psycopg.Error) as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise SearchUnavailable(f"检索数据库不能使用({cause})", "请检查数据库是否在运行、磁盘是否有空间") from error


def _plan(connection: sa.Connection) -> None:
    """Only GIN may answer: the planner knows nothing of arrays and would rather read every row."""
    for setting in ("enable_seqscan = off", "enable_indexscan = off", "jit = off"):
        connection.exec_driver_sql(f"SET LOCAL {setting}")


def _conditions(query: Query) -> tuple[str, dict[str, Any]]:
    """Return the conditions that indexes answer, and their values."""
    parts = ["true"]
    values: dict[str, Any] = {}
    together = sorted({code for clause in query.clauses if len(clause) == 1 for code in _asked(clause[0])})
    if together:
        parts.append("grams @> CAST(:grams AS integer[])")
        values["grams"] = together
    for n, clause in enumerate(query.clauses):
        if len(clause) > 1:
            parts.append("(" + " OR ".join(f"grams @> CAST(:g{n}_{m} AS integer[])" for m in range(len(clause))) + ")")
            values |= {f"g{n}_{m}": _asked(word) for m, word in enumerate(clause)}
    for sign, filters in (("", query.filters), ("NOT ", query.barred)):
        for name, wanted in filters:
            key = f"f{len(values)}"
            parts.append(f"{sign}{name} = ANY(:{key})")
            values[key] = list(wanted)
    if query.within is not None:
        parts.append("unit = ANY(:within)")
        values["within"] = list(query.within)
    for bound, comparison, day in (("since", ">=", query.since), ("until", "<=", query.until)):
        if day is not None:
            parts.append(f"received {comparison} :{bound}")
            values[bound] = day
    return " AND ".join(parts), values


def _on_text(query: Query) -> tuple[str, dict[str, str]]:
    """Return the conditions that only the text answers, and their words; '' where grams say it all."""
    parts: list[str] = []
    words: dict[str, str] = {}
    for n, clause in enumerate(query.clauses):
        words |= {f"w{n}_{m}": word for m, word in enumerate(clause)}
        parts.append("(" + " OR ".join(f"position(:w{n}_{m} IN folded) > 0" for m in range(len(clause))) + ")")
    for n, word in enumerate(query.excluded):
        words[f"x{n}"] = word
        parts.append(f"position(:x{n} IN folded) = 0")
    return " AND ".join(parts), words


def _summed(groups: Sequence[Any]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for *values, count in groups:
        for name, value in zip(FACETS, values, strict=True):
            if value:
                found[name][value] += count
    return {name: dict(counter.most_common()) for name, counter in found.items()}
