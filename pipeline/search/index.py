"""The full-text index: opens its generation, follows the ledger, is made anew beside itself, marks what was found.

The index is disposable: everything in it can be made again from the ledger. A generation that does not open, was made
by another engine or version, or failed in use is left behind, and a new one is begun and filled.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from pipeline.errors import PipelineError, SearchUnavailable
from pipeline.model import Entry, Text
from pipeline.search.engine import Engine, Found, Row
from pipeline.search.hits import Hit, hit, row_of
from pipeline.search.query import Query
from pipeline.search.shelf import FolderShelf, Label, Shelf, begin, begin_coming, ready

BATCH = 200
REBUILD_BATCH, REBUILD_CHARACTERS = 4000, 12_000_000  # what is in memory at once while much is added
_EMBEDDED = ("tantivy", "whoosh")
T = TypeVar("T")


class Source(Protocol):
    """What the index must hold: the ledger."""

    def state(self) -> str:
        """Return what changes whenever an entry comes, goes or changes; cheap."""

    def marks(self) -> Mapping[str, str]:
        """Return every entry with a mark that changes when it must be indexed anew."""

    def documents(self, numbers: Sequence[str]) -> Iterable[tuple[Entry, Text]]:
        """Yield these entries with their texts."""


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits. ``exact``: whether ``total`` and ``facets`` are, or upper bounds (约)."""

    hits: tuple[Hit, ...]
    total: int
    exact: bool
    facets: Mapping[str, Mapping[str, int]]
    elapsed_ms: float


class Index:
    """One index on its shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._gate = threading.Lock()
        self._gathered: list[Row] | None = None
        self._open_now: tuple[str, Engine] | None = None

    @property
    def engine_name(self) -> str:
        """The engine and its version."""
        return " ".join(self._shelf.made_by.split()[:2])

    # --- writing

    def add(self, entry: Entry, text: Text) -> None:
        """The document can be found, within ``batch`` at its end; one that was there is replaced."""
        with self._gate:
            if self._gathered is not None:
                self._gathered.append(row_of(entry, text))
                if len(self._gathered) >= BATCH:
                    self._hand_over()
                return
        self.add_many([(entry, text)])

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Gather what is added and write it together: each writing costs as much for one document as for many.

        What is gathered and lost in a crash is in the ledger, and added at the next start.
        """
        with self._gate:
            self._gathered = []
        try:
            yield
        finally:
            with self._gate:
                self._hand_over()
                self._gathered = None

    def _hand_over(self) -> None:
        rows, self._gathered = self._gathered or [], []
        if rows:
            self._apply(rows, [])

    def add_many(self, documents: Iterable[tuple[Entry, Text]]) -> int:
        """All these documents can be found; returns how many."""
        count = 0
        for rows in _batches(documents):
            self._apply(rows, [])
            count += len(rows)
        return count

    def remove(self, entries: Iterable[str]) -> None:
        """These entries can no longer be found."""
        self._apply([], list(entries))

    def _apply(self, rows: list[Row], removed: list[str]) -> None:
        with _translated(), self._shelf.writing():
            # a paper and its twin in one batch are one entry twice: the last stands
            self._engine()[1].apply(list({row.entry: row for row in rows}.values()), removed)

    # --- following the ledger

    def keep_up(self, source: Source) -> None:
        """As ``follow``, at once where source and index stand as they did when they were last found alike."""
        state = source.state()  # asked first: what comes in while they are compared is seen next time
        if (standing := self._standing(state)) and standing == self._shelf.followed():
            return
        self.follow(source)
        self._shelf.note_followed(self._standing(state))

    def _standing(self, state: str) -> str:
        """Return how the source and the index stand, '' where the index has failed."""
        try:
            return f"{self._ask(lambda engine: engine.count())} in {self._engine()[0]}, {state}"
        except SearchUnavailable:
            return ""

    def follow(self, source: Source, progress: Callable[[], object] = lambda: None) -> None:
        """The index holds what the source holds, no more and no less; a generation that fails is made anew.

        Raises:
            SearchUnavailable: it cannot be written (a full disk).
        """
        try:
            if self._ask(lambda engine: engine.marks()) == source.marks():
                return
        except SearchUnavailable:
            pass  # doubted now: what is opened next is new and empty
        with _translated(), self._shelf.writing():
            try:
                self._bring(self._engine()[1], source, progress)
            except SearchUnavailable:
                if self._shelf.cramped():
                    raise
                self._shelf.doubt(self._engine()[0])
                self._bring(self._engine()[1], source, progress)

    def rebuild(self, source: Source, progress: Callable[[], object] = lambda: None) -> int:
        """A new generation holds exactly what the source holds and takes the old one's place; returns how much.

        Searches and additions go on meanwhile. A rebuild that was stopped is taken up where it stopped.
        """
        with _translated(), self._shelf.rebuilding():
            coming = begin_coming(self._shelf)
            try:
                return self._filled(coming, source, progress)
            except SearchUnavailable:
                if self._shelf.cramped():
                    raise
                self._shelf.doubt(coming)  # half-made files that do not open are not taken up again
                return self._filled(begin_coming(self._shelf), source, progress)

    def _filled(self, coming: str, source: Source, progress: Callable[[], object]) -> int:
        """The generation holds what the source holds and is the one in use; returns how much."""
        with closing(self._shelf.open(coming)) as fresh:
            self._bring(fresh, source, progress)
            with self._shelf.writing():
                self._bring(fresh, source, progress)  # what came in meanwhile
                count = fresh.count()
                fresh.close()  # a folder in use cannot be cleared up everywhere
                self._shelf.put(Label(self._shelf.made_by, coming))
        return count

    def _bring(self, engine: Engine, source: Source, progress: Callable[[], object]) -> None:
        """The engine holds what the source holds."""
        wanted = source.marks()
        with _translated():
            held = engine.marks()
            if extra := [number for number in held if number not in wanted]:
                engine.apply([], extra)
        lacking = [number for number, mark in wanted.items() if held.get(number) != mark]
        for rows in _batches(source.documents(lacking)):
            with _translated():
                engine.apply(rows, [])
            for _ in rows:
                progress()

    # --- asking

    def search(self, query: Query) -> Results:
        """Return what fits, with the words marked. An empty query finds nothing.

        Raises:
            SearchUnavailable: the files of the index are damaged; the next start makes them anew.
        """
        started = time.perf_counter()

        def ask(engine: Engine) -> tuple[Found, dict[str, Row]]:
            found = Found((), 0, True) if query.empty else engine.search(query)
            return found, engine.rows([entry for entry, _ in found.hits]) if found.hits else {}

        found, rows = self._ask(ask)
        hits = tuple(hit(rows[entry], score, query) for entry, score in found.hits if entry in rows)
        return Results(hits, found.total, found.exact, found.facets, (time.perf_counter() - started) * 1000)

    def values(self, field: str, within: frozenset[str] | None = None) -> Mapping[str, int]:
        """Return every value of a field among the papers of these units (None: of all), with their number."""
        return self._ask(lambda engine: engine.values(field, within))

    def alike(self, entry: str, sketch: Sequence[int], within: frozenset[str] | None, limit: int) -> list[str]:
        """Return the entries that share most of the sketch, most first, without the entry itself."""
        found = self._ask(lambda engine: engine.alike(sketch, within, limit + 1))
        return [other for other, shared in found if other != entry and shared > 0][:limit]

    def numbers(self) -> set[str]:
        """Return every entry that can be found."""
        return set(self._ask(lambda engine: engine.marks()))

    def count(self) -> int:
        """Return how many entries can be found."""
        return self._ask(lambda engine: engine.count())

    def close(self) -> None:
        """Give files back."""
        if self._open_now is not None:
            self._open_now[1].close()
            self._open_now = None
        self._shelf.close()

    def _ask(self, question: Callable[[Engine], T]) -> T:
        with _translated():
            generation, engine = self._engine()
            try:
                with _translated():
                    return question(engine)
            except SearchUnavailable:
                if self._shelf.label().generation == generation:
                    self._shelf.doubt(generation)
                    raise
            return question(self._engine()[1])  # a rebuild took the old generation away under us

    def _engine(self) -> tuple[str, Engine]:
        """Return the generation in use and its engine, a new empty one where none fits or opens."""
        found = self._opened()
        if found is None:
            with self._shelf.writing():
                # somebody else may have begun one while we waited: theirs holds documents already
                found = self._opened()
                if found is None:
                    found = self._open_now = begin(self._shelf)
        return found

    def _opened(self) -> tuple[str, Engine] | None:
        """Return the generation in use, None where none fits or opens."""
        label = self._shelf.label()
        fits = ready(self._shelf, label)
        if fits and self._open_now is not None and self._open_now[0] == label.generation:
            return self._open_now
        if self._open_now is not None:
            self._open_now[1].close()
            self._open_now = None
        if not fits:
            return None
        try:
            with _translated():
                self._open_now = label.generation, self._shelf.open(label.generation)
        except SearchUnavailable:
            return None  # whatever keeps an index from opening, a new one is begun
        return self._open_now


def open_index(folder: Path, engine: str = "auto", database: str = "") -> Index:
    """Open the index in ``folder``, or in the database where ``engine`` is ``postgresql``.

    ``auto``: PostgreSQL where the database is one, else Tantivy where its wheel installs, else Whoosh.

    Raises:
        SearchUnavailable: the engine named is not installed, or its place cannot be made.
    """
    if engine == "auto" and database.startswith("postgresql"):
        engine = "postgresql"
    for name in _EMBEDDED if engine == "auto" else (engine,):
        try:
            if name == "postgresql":
                module = importlib.import_module("pipeline.search.postgresql_engine")
                return Index(module.PostgresShelf(database))
            return Index(FolderShelf(folder, name))
        except ImportError:
            continue
    raise SearchUnavailable(f"检索引擎 {engine} 没有安装", '请在 pipeline.toml 中写 search = "whoosh"')


@contextmanager
def _translated() -> Iterator[None]:
    """Turn whatever an engine raises over its own files into one error that says what to do."""
    try:
        yield
    except (PipelineError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic inside Tantivy is no Exception
        raise SearchUnavailable(
            f"全文索引不能使用({type(error).__name__})", "请检查磁盘空间,并运行 pipeline rebuild index 重建"
        ) from error


def _batches(documents: Iterable[tuple[Entry, Text]]) -> Iterator[list[Row]]:
    rows: list[Row] = []
    size = 0
    for entry, text in documents:
        rows.append(row_of(entry, text))
        size += len(rows[-1].text)
        if len(rows) == REBUILD_BATCH or size > REBUILD_CHARACTERS:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows
