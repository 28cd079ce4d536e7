"""Breaks the program in fourteen ways that have lost papers elsewhere; each must be caught by the test that is named.

``python tests/faults/mutants.py [NAME …]`` prints a table; ends with 1 when a mutant survives, when a test fails on the
program as it is, or when the place to be broken is no longer found.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("pipeline", "tests", "samples", "setup.cfg", "pyproject.toml")
STORE, WALK, DIALECT = "pipeline/archive/store.py", "pipeline/walk.py", "pipeline/ledger/dialect.py"
KEEPING = "tests/faults/test_every_call.py::test_every_fault_while_an_original_is_kept"
ORDER = "tests/faults/test_durable_order.py::test_bytes_are_synced_before_the_name_and_folders_after"
PRAGMAS = "tests/ledger/test_sqlite.py::test_only_settings_that_keep_acknowledged_rows"


@dataclass(frozen=True)
class Mutant:
    """``file``: where ``old`` stands exactly once and becomes ``new``. ``test``: who must fail then."""

    name: str
    file: str
    old: str
    new: str
    test: str


MUTANTS = (
    Mutant(
        "delete source before commit", WALK,
        "    text = office.reader.read(original)\n",
        "    office.inbox._remove(arrival)\n    text = office.reader.read(original)\n",
        KEEPING,
    ),
    Mutant(
        "write to the final name", STORE,
        "                paper.path.replace(final)\n",
        "                shutil.copyfile(paper.path, final)\n                final.chmod(0o444)\n"
        "                paper.path.unlink()\n",
        KEEPING,
    ),
    Mutant(
        "row before file", WALK,
        "            originals, damaged = office.archive.settle([spooled for _, spooled in papers])\n"
        "            office.ledger.claims.add([(a, o) for (a, _), o in zip(papers, originals, strict=True)], damaged)\n",
        "            office.ledger.claims.add([(a, Original(s.sha256, s.size_bytes, '', s.name)) for a, s in papers])\n"
        "            office.archive.settle([spooled for _, spooled in papers])\n",
        KEEPING,
    ),
    Mutant(
        "swallow OSError", STORE,
        "            remove(target)\n            raise _archive_trouble(error) from error\n"
        "        return target, digest.hexdigest(), size\n",
        "            pass\n        return target, digest.hexdigest(), size\n",
        KEEPING,
    ),
    Mutant(
        "ignore short write", STORE,
        "                    spool.write(chunk)\n",
        "                    os.write(spool.fileno(), chunk)\n",
        KEEPING,
    ),
    Mutant(
        "no file fsync", STORE,
        "                spool.flush()\n                os.fsync(spool.fileno())\n",
        "                spool.flush()\n",
        ORDER,
    ),
    Mutant(
        "no dir fsync", STORE,
        "                sync(folder)\n                self._durable |= children\n",
        "                self._durable |= children\n",
        ORDER,
    ),
    Mutant("synchronous=NORMAL", DIALECT, '"synchronous=FULL"', '"synchronous=NORMAL"', PRAGMAS),
    Mutant("DELETE+FULL", DIALECT, 'mode = "WAL" if wal_is_safe() else "TRUNCATE"', 'mode = "DELETE"', PRAGMAS),
    Mutant(
        "no re-stat after reading", STORE,
        "            if any(_identity(s) != _identity(seen) for s in now) or size != seen.st_size:\n",
        "            if False:\n",
        "tests/archive/test_store.py::test_a_file_that_changes_while_it_is_read_is_not_kept",
    ),
    Mutant(
        "key by name", "pipeline/ledger/register.py",
        "sa.select(entries.c.number).where(entries.c.sha256 == sha256)",
        "sa.select(entries.c.number).where(entries.c.name == new.arrival.name)",
        "tests/faults/test_histories.py::test_no_history_loses_anything[1]",
    ),
    Mutant(
        "fast=True in bag validation", "pipeline/archive/bundle.py",
        "    bagit.Bag(str(work)).validate()\n",
        "    bagit.Bag(str(work)).validate(fast=True)\n",
        "tests/faults/test_bundle_proof.py::test_a_byte_that_turns_on_the_way_into_the_bag_makes_no_bag",
    ),
    Mutant(
        "chain without outside head", "pipeline/dossier.py",
        'journal_head=f"{head.seq}:{head.hash}"',
        'journal_head=f"0:{"0" * 64}"'.replace('"0" * 64', "'0' * 64"),
        "tests/faults/test_bundle_proof.py::test_a_cut_tail_shows_against_the_head_in_a_bundle",
    ),
    Mutant(
        "autoescape=False", "pipeline/letters/render.py",
        "ImmutableSandboxedEnvironment(autoescape=True,",
        "ImmutableSandboxedEnvironment(autoescape=False,",
        "tests/letters/test_letters.py::test_odd_values_are_printed_exactly",
    ),
)  # fmt: skip


def copied(folder: Path) -> Path:
    """Return a copy of the program and its tests."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def fails(test: str, folder: Path) -> tuple[bool, str]:
    """Return whether a test fails in a copy, and its last words. A test that cannot run is neither."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "--tb=line", test]
    paths = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(command, cwd=folder, env=paths, capture_output=True, text=True, check=False)
    words = (ran.stdout + ran.stderr).strip().splitlines()
    if ran.returncode not in {0, 1} or "skipped" in words[-1]:
        raise RuntimeError("\n".join(words[-15:]))
    return ran.returncode == 1, words[-1]


def survives(mutant: Mutant) -> bool:
    """Whether the named test passes although the program is broken."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = copied(Path(temporary))
        path = folder / mutant.file
        source = path.read_text(encoding="utf-8")
        if source.count(mutant.old) != 1:
            raise RuntimeError(f"{mutant.name}: the place in {mutant.file} has changed; write the mutant anew")
        path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
        return not fails(mutant.test, folder)[0]


def sound(test: str) -> str:
    """Return '' when a test passes on the program as it is, else its last words."""
    with tempfile.TemporaryDirectory() as temporary:
        failed, words = fails(test, copied(Path(temporary)))
        return words if failed else ""


def main(names: list[str]) -> int:
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    tests = sorted({mutant.test for mutant in chosen})
    with ThreadPoolExecutor(2) as pool:
        spoiled = [f"{test}: {words}" for test, words in zip(tests, pool.map(sound, tests), strict=True) if words]
        alive = list(pool.map(survives, chosen))
    for mutant, survived in zip(chosen, alive, strict=True):
        print(f"{'SURVIVED' if survived else 'caught  '}  {mutant.name:30}  {mutant.test}")
    for line in spoiled:
        print(f"fails without any mutant: {line}")
    return int(any(alive) or bool(spoiled))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
