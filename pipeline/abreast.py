"""Many papers side by side, registered in the order they came: versions and numbers must not depend on who reads faster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Condition
from typing import TypeVar

_AHEAD = 32  # papers that may be read and wait for their turn while a slow one (a scan) is before them
T = TypeVar("T")
R = TypeVar("R")
Turn = AbstractContextManager[object]


class _Line:
    """Who has been let through so far, of a line numbered from 0."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._through: set[int] = set()
        self._next = 0

    def wait(self, place: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._next >= place)

    def leave(self, place: int) -> None:
        with self._changed:
            if place >= self._next:
                self._through.add(place)
            while self._next in self._through:
                self._through.remove(self._next)
                self._next += 1
            self._changed.notify_all()


class _Turn(AbstractContextManager[object]):
    """Entered when all before have left; left once."""

    def __init__(self, line: _Line, place: int) -> None:
        self._line, self._place = line, place

    def __enter__(self) -> object:
        self._line.wait(self._place)
        return self

    def __exit__(self, *_: object) -> None:
        self._line.leave(self._place)


def abreast(things: Sequence[T], work: Callable[[T, Turn], R], workers: int) -> Iterator[R]:
    """Yield ``work(thing, turn)`` in the order of ``things``, enough at once to keep ``workers`` reading processes busy.

    What stands inside ``with turn:`` is done one after another in that order. The first error ends the work: nothing
    more is begun, what has begun is finished, the error is raised at its place.
    """
    line = _Line()

    def one(numbered: tuple[int, T]) -> R:
        turn = _Turn(line, numbered[0])
        try:
            return work(numbered[1], turn)
        finally:
            line.leave(numbered[0])  # one that never came to its turn must not keep the others waiting

    if workers == 1 or len(things) <= 1:
        yield from map(one, enumerate(things))
        return
    with ThreadPoolExecutor(workers + _AHEAD, thread_name_prefix="walk") as pool:
        try:
            yield from pool.map(one, enumerate(things))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
