"""Where the generations of an index lie, which one counts, and who may write.

``engine.json`` names engine, version, schema, the generation in use and, while a rebuild runs, the one it fills. It is
disposable like all of the index: one that does not fit makes a new generation begin.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from pipeline.errors import SearchUnavailable
from pipeline.search.engine import Engine

SCHEMA = 3
ROOM = 16 << 20  # bytes; with less a failed write says nothing against the files


@dataclass(frozen=True, slots=True)
class Label:
    """``made_by``: engine, version and schema. ``generation``: the one in use; ``coming``: the one a rebuild fills."""

    made_by: str
    generation: str = ""
    coming: str = ""


class Shelf(Protocol):
    """Keeps generations apart and one writer at a time."""

    @property
    def made_by(self) -> str:
        """The engine, its version and our schema: what a generation must be made by to be used."""

    def writing(self) -> AbstractContextManager[object]:
        """While this lasts nobody else writes; the same thread may enter it again."""

    def rebuilding(self) -> AbstractContextManager[object]:
        """While this lasts nobody else rebuilds."""

    def label(self) -> Label:
        """Return what counts now; an empty label where nothing does."""

    def put(self, label: Label) -> None:
        """This label counts from now on; generations it does not name are gone."""

    def open(self, generation: str) -> Engine:
        """Open a generation, an empty one where there is none."""

    def holds(self, generation: str) -> bool:
        """Whether there is such a generation."""

    def doubt(self, generation: str) -> None:
        """This generation has failed in use; ``doubted`` says so until it is gone."""

    def doubted(self, generation: str) -> bool:
        """Whether this generation has failed in use."""

    def followed(self) -> str:
        """Return what ``note_followed`` was told last, '' where it was told nothing."""

    def note_followed(self, mark: str) -> None:
        """How ledger and index stood when they were last found to hold the same; losing it costs a comparison."""

    def cramped(self) -> bool:
        """Whether there is hardly any room left to write."""

    def close(self) -> None:
        """Give connections back."""


def new_generation() -> str:
    """Return a name that no generation had before."""
    return uuid.uuid4().hex[:12]


class FolderShelf:
    """Generations as folders of an embedded engine's files."""

    def __init__(self, folder: Path, engine: str) -> None:
        self._folder = folder
        self._module = importlib.import_module(f"pipeline.search.{engine}_engine")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SearchUnavailable(f"索引文件夹无法建立({error.strerror})", "请检查磁盘和权限") from error
        self._writer = FileLock(folder / "writer.lock")
        self._rebuilder = FileLock(folder / "rebuild.lock")

    @property
    def made_by(self) -> str:
        """See ``Shelf``."""
        return f"{self._module.NAME} {self._module.VERSION} {SCHEMA}"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """See ``Shelf``."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # somebody may have cleaned it up
        with self._writer:
            yield

    def rebuilding(self) -> AbstractContextManager[object]:
        """See ``Shelf``."""
        return self._rebuilder

    def label(self) -> Label:
        """See ``Shelf``."""
        try:
            content = json.loads((self._folder / "engine.json").read_text(encoding="utf-8"))
            return Label(*(str(content.get(name) or "") for name in Label.__dataclass_fields__))
        except (OSError, ValueError, AttributeError):
            return Label("")

    def put(self, label: Label) -> None:
        """See ``Shelf``."""
        half = self._folder / f".{new_generation()}.json"
        content = {name: getattr(label, name) for name in Label.__dataclass_fields__}
        with half.open("w", encoding="utf-8") as stream:
            json.dump(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        half.replace(self._folder / "engine.json")
        for old in self._folder.iterdir():
            if old.is_dir() and old.name not in (label.generation, label.coming):
                shutil.rmtree(old, ignore_errors=True)
            elif old.suffix in {".json", ".doubt"} and old.stem not in ("engine", label.generation, label.coming):
                old.unlink(missing_ok=True)

    def open(self, generation: str) -> Engine:
        """See ``Shelf``."""
        engine: Engine = self._module.open_engine(self._folder / generation)
        return engine

    def holds(self, generation: str) -> bool:
        """See ``Shelf``."""
        return bool(generation) and (self._folder / generation).is_dir()

    def doubt(self, generation: str) -> None:
        """See ``Shelf``."""
        with suppress(OSError):  # a full or read-only disk: the person is told of the failure itself
            (self._folder / f"{generation}.doubt").touch()

    def doubted(self, generation: str) -> bool:
        """See ``Shelf``."""
        return (self._folder / f"{generation}.doubt").exists()

    def followed(self) -> str:
        """See ``Shelf``."""
        try:
            return (self._folder / "followed").read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    def note_followed(self, mark: str) -> None:
        """See ``Shelf``."""
        with suppress(OSError):  # a full or read-only disk
            (self._folder / "followed").write_text(mark, encoding="utf-8")

    def cramped(self) -> bool:
        """See ``Shelf``."""
        return shutil.disk_usage(self._folder).free < ROOM

    def close(self) -> None:
        """See ``Shelf``."""


def ready(shelf: Shelf, label: Label) -> bool:
    """Whether the generation in use can be opened by this engine."""
    return label.made_by == shelf.made_by and shelf.holds(label.generation) and not shelf.doubted(label.generation)


def begin(shelf: Shelf) -> tuple[str, Engine]:
    """A new empty generation counts from now on; the caller holds the writer's lock."""
    before = shelf.label()
    label = Label(shelf.made_by, new_generation())
    if before.made_by == shelf.made_by:
        label = replace(label, coming=before.coming)
    engine = shelf.open(label.generation)
    shelf.put(label)
    return label.generation, engine


def begin_coming(shelf: Shelf) -> str:
    """Return the generation that a rebuild fills: the one a stopped rebuild left, else a new one."""
    with shelf.writing():
        label = shelf.label()
        fits = label.made_by == shelf.made_by
        if fits and shelf.holds(label.coming) and not shelf.doubted(label.coming):
            return label.coming
        coming = new_generation()
        shelf.put(replace(label, coming=coming) if fits else Label(shelf.made_by, "", coming))
        return coming
