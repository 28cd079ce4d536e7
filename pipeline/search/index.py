"""The full-text index: chooses the engine, follows its version, locks out a second writer, marks what was found.

The index is disposable: everything in it can be made again from the ledger. A folder that does not open, or was made
by another engine or version, is left behind and a new generation begun, which the office fills.
"""

from __future__ import annotations

import importlib
import json
import shutil
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from filelock import FileLock

from pipeline.errors import PipelineError, SearchUnavailable
from pipeline.folding import fold
from pipeline.model import Entry, Text
from pipeline.search.engine import Engine, Found, Row
from pipeline.search.query import Query
from pipeline.search.snippets import Snippet, snippet

SCHEMA = 1
BATCH = 200
_ENGINES = ("tantivy", "whoosh")


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. ``snippet``: escaped HTML with ``<mark>``; ``passage``: where its first mark stands."""

    entry: str
    score: float
    title: str
    kind: str
    unit: str
    person: str
    year: int | None
    status: str
    snippet: str
    passage: int


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits, newest first. ``exact``: whether ``total`` and ``facets`` are, or upper bounds (约)."""

    hits: tuple[Hit, ...]
    total: int
    exact: bool
    facets: Mapping[str, Mapping[str, int]]
    elapsed_ms: float


class Index:
    """One index folder: ``engine.json`` names the generation in use."""

    def __init__(self, folder: Path, engine: str) -> None:
        self._folder = folder
        self._module = _module(engine)
        self._lock = FileLock(folder / "writer.lock")
        self._gate = threading.Lock()
        self._gathered: list[Row] | None = None
        self._generation = ""
        self._engine: Engine | None = None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SearchUnavailable(f"索引文件夹无法建立({error.strerror})", "请检查磁盘和权限") from error

    @property
    def engine_name(self) -> str:
        """The engine and its version."""
        return f"{self._module.NAME} {self._module.VERSION}"

    def add(self, entry: Entry, text: Text) -> None:
        """The document can be found, within ``batch`` at its end; one that was there is replaced."""
        with self._gate:
            if self._gathered is not None:
                self._gathered.append(_row(entry, text))
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
            with self._lock, _translated():
                self._open().apply(rows, [])

    def add_many(self, documents: Iterable[tuple[Entry, Text]]) -> int:
        """All these documents can be found; returns how many."""
        rows = [_row(entry, text) for entry, text in documents]
        with self._lock, _translated():
            for start in range(0, len(rows), BATCH):
                self._open().apply(rows[start : start + BATCH], [])
        return len(rows)

    def remove(self, entries: Iterable[str]) -> None:
        """These entries can no longer be found."""
        with self._lock, _translated():
            self._open().apply([], list(entries))

    def search(self, query: Query) -> Results:
        """Return what fits, with the words marked. An empty query finds nothing.

        Raises:
            SearchUnavailable: the files of the index are damaged; a rebuild makes them anew.
        """
        started = time.perf_counter()
        with _translated():
            engine = self._open()
            found = Found((), 0, True) if query.empty else engine.search(query)
            rows = engine.rows([entry for entry, _ in found.hits]) if found.hits else {}
        hits = tuple(_hit(rows[entry], score, query) for entry, score in found.hits if entry in rows)
        return Results(hits, found.total, found.exact, found.facets, (time.perf_counter() - started) * 1000)

    def numbers(self) -> set[str]:
        """Return every entry that can be found."""
        with _translated():
            return self._open().numbers()

    def count(self) -> int:
        """Return how many entries can be found."""
        with _translated():
            return self._open().count()

    def rebuild(self, documents: Iterable[tuple[Entry, Text]]) -> int:
        """A new generation holds exactly these documents and takes the old one's place; searches go on meanwhile."""
        with self._lock, _translated():
            generation = uuid.uuid4().hex[:12]
            fresh = self._module.open_engine(self._folder / generation)
            count = 0
            batch: list[Row] = []
            for entry, text in documents:
                batch.append(_row(entry, text))
                if len(batch) == BATCH:
                    fresh.apply(batch, [])
                    count, batch = count + len(batch), []
            fresh.apply(batch, [])
            fresh.close()
            self.close()
            self._switch(generation)
        return count + len(batch)

    def close(self) -> None:
        """Give files back."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _open(self) -> Engine:
        """Return the engine of the generation in use, a new empty one where none fits or opens."""
        engine = self._opened()
        if engine is not None:
            return engine
        with self._lock:
            # somebody else may have begun one while we waited: theirs holds documents already
            return self._opened() or self._begin()

    def _opened(self) -> Engine | None:
        """Return the engine of the generation in use, None where none fits or opens."""
        label = self._label()
        if self._engine is not None and label.get("generation") == self._generation:
            return self._engine
        self.close()
        generation = str(label.get("generation", ""))
        fitting = (label.get("engine"), label.get("version"), label.get("schema")) == self._made_by()
        if not (fitting and generation and (self._folder / generation).is_dir()):
            return None
        try:
            with _translated():
                self._engine = self._module.open_engine(self._folder / generation)
        except SearchUnavailable:
            return None  # whatever keeps an index from opening, a new one is begun
        self._generation = generation
        return self._engine

    def _begin(self) -> Engine:
        self._generation = uuid.uuid4().hex[:12]
        engine: Engine = self._module.open_engine(self._folder / self._generation)
        self._engine = engine
        self._switch(self._generation)
        return engine

    def _switch(self, generation: str) -> None:
        name, version, schema = self._made_by()
        label = {"engine": name, "version": version, "schema": schema, "generation": generation}
        half = self._folder / f".{generation}.json"
        half.write_text(json.dumps(label), encoding="utf-8")
        half.replace(self._folder / "engine.json")
        for old in self._folder.iterdir():
            if old.is_dir() and old.name != generation:
                shutil.rmtree(old, ignore_errors=True)

    def _made_by(self) -> tuple[object, object, object]:
        return self._module.NAME, self._module.VERSION, SCHEMA

    def _label(self) -> dict[str, object]:
        try:
            label = json.loads((self._folder / "engine.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return label if isinstance(label, dict) else {}


def open_index(folder: Path, engine: str = "auto") -> Index:
    """Open the index in ``folder``; ``auto`` is Tantivy where its wheel installs, else Whoosh.

    Raises:
        SearchUnavailable: the engine named is not installed, or the folder cannot be made.
    """
    return Index(folder, engine)


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


def _module(engine: str) -> ModuleType:
    for name in _ENGINES if engine == "auto" else (engine,):
        try:
            return importlib.import_module(f"pipeline.search.{name}_engine")
        except ImportError:
            continue
    raise SearchUnavailable(f"检索引擎 {engine} 没有安装", '请在 pipeline.toml 中写 search = "whoosh"')


def _row(entry: Entry, text: Text) -> Row:
    who = entry.identity
    # one line for each passage, so that a place in the text names its passage
    lines = "\n".join(" ".join(p.text.splitlines()) for p in text)
    lines = lines.encode("utf-8", "replace").decode("utf-8")
    return Row(
        entry=entry.number,
        title=who.title,
        kind=who.kind,
        unit=who.unit or "",
        person=who.person or "",
        year="" if who.year is None else str(who.year),
        status=entry.decision or entry.verdict.outcome.value,
        received=entry.received,
        text=lines,
        folded=fold(lines),
    )


def _hit(row: Row, score: float, query: Query) -> Hit:
    found: Snippet = snippet(row.text, query.words)
    year = int(row.year) if row.year else None
    return Hit(row.entry, score, row.title, row.kind, row.unit, row.person, year, row.status, found.html, found.passage)
