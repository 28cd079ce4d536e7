"""Random histories over the real inbox, archive and ledger: whatever people and accidents do, no arrival is lost."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.faults.invariants import Dropped, objects, rows, violations
from tests.faults.rooms import rooms

NAMES = st.sampled_from(["报告.txt", "承诺书.txt", "单位/报告.txt"])
BYTES = st.sampled_from([b"one", b"two", b"three", b"a longer paper"])
STEPS = st.sampled_from(["kept", "registered", "answered", "done"])
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # order is tested here, not durability


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A folder with an empty inbox and ledger, copied for each history."""
    folder = tmp_path_factory.mktemp("begun")
    (folder / "inbox").mkdir()
    with rooms(folder):
        pass
    return folder


class Histories(RuleBasedStateMachine):
    """``lying``: what lies in the inbox, path → bytes. ``taken``: what was registered, arrival key → (name, bytes)."""

    begun: Path

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(dir=MEMORY))
        shutil.copytree(self.begun, self.root, dirs_exist_ok=True)
        self.inbox, self.away = self.root / "inbox", self.root / "away"
        self.lying: dict[str, bytes] = {}
        self.taken: dict[str, tuple[str, bytes]] = {}
        self.skew = dt.timedelta()
        self.stack = ExitStack()
        self.opened = self.stack.enter_context(rooms(self.root, upgraded=True))

    def teardown(self) -> None:
        try:
            if self.away.exists():
                self.away.rename(self.inbox)
            self.restart()
            self.scan()
            assert self.lying == {}
            found = violations(self.root, [Dropped(name, data, "taken") for name, data in self.taken.values()])
            assert [what for what in found if "receipt" not in what] == []  # these rooms write plain words
        finally:
            self.stack.close()
            shutil.rmtree(self.root)

    # --- what people and accidents do

    @precondition(lambda self: self.here)
    @rule(name=NAMES, data=BYTES, in_place=st.booleans())
    def drop(self, name: str, data: bytes, in_place: bool) -> None:
        """A file is put down; one that lies there is replaced, or written over in place."""
        path = self.inbox / name
        path.parent.mkdir(exist_ok=True)
        if not in_place:
            path.unlink(missing_ok=True)
        elif path.exists():
            time.sleep(0.005)  # the file system's clock ticks this slowly; a quiet time is much longer
        path.write_bytes(data)
        self.lying[name] = data

    @precondition(lambda self: self.here and self.lying)
    @rule(which=st.integers(0, 2), name=NAMES)
    def rename(self, which: int, name: str) -> None:
        """A file changes its name, perhaps over another."""
        old = sorted(self.lying)[which % len(self.lying)]
        (self.inbox / name).parent.mkdir(exist_ok=True)
        (self.inbox / old).rename(self.inbox / name)
        self.lying[name] = self.lying.pop(old)

    @precondition(lambda self: self.here and self.lying)
    @rule(which=st.integers(0, 2))
    def delete(self, which: int) -> None:
        """A person takes a file back before it is taken in."""
        name = sorted(self.lying)[which % len(self.lying)]
        (self.inbox / name).unlink()
        del self.lying[name]

    @rule()
    def share_goes_or_comes(self) -> None:
        """The shared folder is away, or there again."""
        (self.inbox.rename(self.away) if self.here else self.away.rename(self.inbox))

    @rule(hours=st.sampled_from([-9600, -2, 2, 9600]))
    def clock_jumps(self, hours: int) -> None:
        """The machine's clock is set to another time."""
        self.skew += dt.timedelta(hours=hours)

    # --- what the program does

    @rule()
    def scan(self) -> None:
        """A look, and everything that lies still is taken."""
        self.walk("", 0, lambda: None)

    @rule(step=STEPS, at=st.integers(0, 2))
    def crash(self, step: str, at: int) -> None:
        """The program dies after some step of some paper, and is started again."""
        self.walk(step, at, None)
        self.restart()

    @rule()
    def restart(self) -> None:
        """The program is stopped and started."""
        self.stack.close()
        self.opened = self.stack.enter_context(rooms(self.root, upgraded=True))

    @precondition(lambda self: self.here and self.lying)
    @rule(
        data=BYTES, step=STEPS, at=st.integers(0, 1), what=st.sampled_from(["replace", "overwrite", "rename", "delete"])
    )
    def meddle(self, data: bytes, step: str, at: int, what: str) -> None:
        """Somebody changes the inbox between two steps of a walk; a file that is new since is a new arrival and stays."""
        name = sorted(self.lying)[at % len(self.lying)]

        def act() -> None:
            if what in {"replace", "overwrite"}:
                self.drop(name, data, what == "overwrite")
            elif name in self.lying and (self.inbox / name).exists():
                self.rename(sorted(self.lying).index(name), "改名.txt") if what == "rename" else self.delete(
                    sorted(self.lying).index(name)
                )

        self.walk(step, at, act)

    def walk(self, step: str, at: int, then: Callable[[], None] | None) -> None:
        """Walk what has settled; after a step of the ``at``-th paper do ``then``, or die when there is none."""
        self.opened.inbox.settled()
        for n, arrival in enumerate(self.opened.inbox.settled()):
            name = str(Path(arrival.path).relative_to(self.inbox))
            data = self.lying.get(name)  # None: renamed or deleted since the look
            late = replace(arrival, arrived_at=arrival.arrived_at + self.skew)
            for done, entry in self.opened.walk(late):
                if entry is not None and arrival.key not in self.taken:
                    assert data is not None and entry.sha256 == hashlib.sha256(data).hexdigest()
                    self.taken[arrival.key] = (name, data)
                if (n, done) == (at, step):
                    if then is None:
                        return self.left()
                    self.left()
                    then()
        return self.left()

    def left(self) -> None:
        """Whatever has left the inbox without a person was taken before, with these very bytes."""
        if self.here:
            for name, data in list(self.lying.items()):
                if not (self.inbox / name).exists():
                    assert (name, data) in self.taken.values()
                    del self.lying[name]

    @property
    def here(self) -> bool:
        return self.inbox.exists()

    @invariant()
    def nothing_is_lost(self) -> None:
        """What lies in the inbox has its own bytes; what was taken has its row and its object."""
        folder = self.inbox if self.here else self.away
        for name, data in self.lying.items():
            assert (folder / name).read_bytes() == data
        known, kept = {(name, sha256) for name, sha256, _ in rows(self.root)}, objects(self.root)
        for name, data in self.taken.values():
            sha256 = hashlib.sha256(data).hexdigest()
            assert (Path(name).name, sha256) in known
            assert kept[sha256]


def play(begun: Path, number: int, examples: int, steps: int) -> None:
    """Run so many histories; the number chooses which."""
    Histories.begun = begun
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    machine = seed(number)(type("Histories", (Histories,), {}))
    run_state_machine_as_test(machine, settings=chosen)


@pytest.mark.parametrize("number", [1, 2])
def test_no_history_loses_anything(begun, number):
    """ensures that 300 histories of 30 steps keep every arrival, in two halves that may run side by side."""
    play(begun, number, 150, 30)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(10, 20))
def test_no_long_history_loses_anything(begun, number):
    """ensures the same of 5,000 histories of 60 steps."""
    play(begun, number, 500, 60)
