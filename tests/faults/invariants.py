"""What must hold after any fault, restart and one drain: the invariants I1–I10, read from the disk without our own code.

Only the search answers (I8) are asked through the program; everything else is SQLite, hashes and names on disk as
docs/formats.md describes them, so that a fault in the program cannot hide itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

OURS = ("回执", "退回")
GENESIS = "0" * 64
_MEANT = {"taken": ("registered", "duplicate")}
WORDS = ("责任", "会议", "党组", "正文")


@dataclass(frozen=True)
class Dropped:
    """One arrival: where it was put, its bytes, and what must become of it (None: taken in some way)."""

    name: str
    data: bytes
    fate: str | None = None  # registered | duplicate | set_aside | taken (one of the first two)
    secret: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def violations(workspace: Path, arrivals: Iterable[Dropped], head: tuple[int, str] | None = None) -> list[str]:
    """Return every invariant that does not hold after a restart and one drain, each with the thing that breaks it.

    ``head``: a journal head that was kept outside before the fault.
    """
    dropped = list(arrivals)
    with _ledger(workspace) as ledger:
        return [
            *_i1_no_loss(workspace, ledger, dropped),
            *_i2_no_alteration(workspace, ledger, dropped),
            *_i4_no_dangling_row(workspace, ledger),
            *_i5_one_effect(ledger),
            *_i6_numbers(ledger),
            *_i7_chain(ledger, head),
            *_i9_progress(workspace, ledger, dropped),
            *_i10_names_and_bytes(ledger, dropped),
            *_nothing_half_made(workspace, ledger),
        ]


def lost(workspace: Path, arrivals: Iterable[Dropped]) -> list[str]:
    """I1, I3 and I4 at the very moment of the fault, before any restart.

    Each arrival lies whole in the inbox, or its row is committed and its object stands under its hash: so the source can
    only have left after both; and no row names an object that is not there.
    """
    with _ledger(workspace) as ledger:
        known = _has_tables(ledger)
        noted = Counter(ledger.execute("SELECT name, sha256 FROM arrivals")) if known else Counter()
        found = list(_i4_no_dangling_row(workspace, ledger)) if known else []
    lying = Counter((path.name, digest(path)) for path in _inbox_files(workspace))
    for (name, sha256), count in _wanted(arrivals).items():
        kept = noted[name, sha256] if _object(workspace, sha256).exists() else 0
        if lying[name, sha256] + kept < count:
            found.append(f"I3 {name}: gone from the inbox without a committed row and an object")
    return found


def search_answers(workspace: Path) -> list[str]:
    """I8 derived is rebuildable: an index made anew gives the same answers, and knows every entry."""
    from pipeline.office import open_office
    from pipeline.search import parse_query

    def answers(office: object) -> list[object]:
        found = [office.index.search(parse_query(word, limit=1000)) for word in WORDS]  # type: ignore[attr-defined]
        return [(sorted((h.entry, h.title, h.snippet, h.status) for h in f.hits), f.total) for f in found]

    office = open_office(workspace)
    try:
        before, numbers = answers(office), office.index.numbers()
        known = {entry.number for entry in office.ledger.entries()}
        office.rebuild_index()
        after = answers(office)
    finally:
        office.close()
    found = [] if numbers == known else [f"I8 the index holds {sorted(numbers)}, the ledger {sorted(known)}"]
    return found + ([] if before == after else ["I8 a rebuilt index gives other answers"])


def _i1_no_loss(workspace: Path, ledger: sqlite3.Connection, dropped: list[Dropped]) -> Iterator[str]:
    """I1 no loss: the inbox is empty of each arrival, and each has one row: as many rows as arrivals, not as hashes."""
    rows = Counter(ledger.execute("SELECT name, sha256 FROM arrivals"))
    for (name, sha256), count in _wanted(dropped).items():
        if rows[name, sha256] != count:
            yield f"I1 {name}: arrived {count} times, {rows[name, sha256]} rows"
    for path in _inbox_files(workspace):
        yield f"I1 {path.name}: still in the inbox"


def _i2_no_alteration(workspace: Path, ledger: sqlite3.Connection, dropped: list[Dropped]) -> Iterator[str]:
    """I2 no alteration: an object hashes to its name, is 0444, and a refused file's two copies are the bytes that came."""
    for path in _objects(workspace):
        if digest(path) != path.name:
            yield f"I2 object {path.name[:12]}: bytes do not hash to the name"
        if stat.S_IMODE(path.stat().st_mode) != 0o444:
            yield f"I2 object {path.name[:12]}: mode is {stat.S_IMODE(path.stat().st_mode):o}"
    refused = {
        (name, sha) for name, sha in ledger.execute("SELECT name, sha256 FROM arrivals WHERE outcome='set_aside'")
    }
    for drop in dropped:
        if (Path(drop.name).name, drop.sha256) in refused:
            folder = workspace / "archive" / "set-aside" / drop.sha256[:16]
            if drop.data not in [p.read_bytes() for p in folder.glob("*") if p.name != "原因.txt"]:
                yield f"I2 {drop.name}: no identical copy is set aside"


def _i4_no_dangling_row(workspace: Path, ledger: sqlite3.Connection) -> Iterator[str]:
    """I4 no dangling row: every hash that a row names is an object."""
    for table in ("entries", "arrivals", "letters"):
        for (sha256,) in ledger.execute(f"SELECT DISTINCT sha256 FROM {table} WHERE sha256 IS NOT NULL"):
            if not _object(workspace, sha256).is_file():
                yield f"I4 {table}: no object {sha256[:12]}"


def _i5_one_effect(ledger: sqlite3.Connection) -> Iterator[str]:
    """I5 exactly one effect: each act has one journal row, each letter one number, nothing is owed any more."""
    rows = Counter(outcome for (outcome,) in ledger.execute("SELECT outcome FROM arrivals"))
    acts = Counter(act for (act,) in ledger.execute("SELECT act FROM journal"))
    for outcome in ("registered", "duplicate", "set_aside"):
        if rows[outcome] != acts[outcome]:
            yield f"I5 {outcome}: {rows[outcome]} arrivals, {acts[outcome]} journal rows"
    (letters,) = ledger.execute("SELECT count(*) FROM letters").fetchone()
    if letters != acts["letter"]:
        yield f"I5 letter: {letters} in the register, {acts['letter']} journal rows"
    twice = ledger.execute("SELECT kind, subject FROM letters GROUP BY kind, subject HAVING count(*) > 1")
    yield from (f"I5 letter {kind} to {subject}: written twice" for kind, subject in twice)
    yield from (f"I5 {entry}: still pending" for (entry,) in ledger.execute("SELECT entry FROM pending"))


def _i6_numbers(ledger: sqlite3.Connection) -> Iterator[str]:
    """I6 numbers: unique and without a gap, entries by year, letters by series and year."""
    for what, query in (
        ("entries", "SELECT year, seq FROM entries ORDER BY year, seq"),
        ("letters", "SELECT series || year, seq FROM letters ORDER BY 1, 2"),
    ):
        series: dict[object, list[int]] = {}
        for key, seq in ledger.execute(query):
            series.setdefault(key, []).append(seq)
        for key, numbers in series.items():
            if numbers != list(range(1, len(numbers) + 1)):
                yield f"I6 {what} {key}: numbers {numbers}"


def _i7_chain(ledger: sqlite3.Connection, head: tuple[int, str] | None) -> Iterator[str]:
    """I7 chain: each journal row follows from the one before, and a head kept outside is still in it."""
    columns = ("seq", "at", "actor", "act", "object", "facts", "previous", "hash")
    previous, hashes = GENESIS, {0: GENESIS}
    for n, values in enumerate(ledger.execute(f"SELECT {','.join(columns)} FROM journal ORDER BY seq"), 1):
        row = dict(zip(columns, values, strict=True))
        seq, claimed = row["seq"], row.pop("hash")
        made = hashlib.sha256(json.dumps(row, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass"))
        if seq != n or row["previous"] != previous or made.hexdigest() != claimed:
            yield f"I7 journal row {n} does not follow"
            return
        previous = hashes[n] = claimed
    if head is not None and hashes.get(head[0]) != head[1]:
        yield f"I7 the journal does not extend the head {head[0]} kept outside"


def _i9_progress(workspace: Path, ledger: sqlite3.Connection, dropped: list[Dropped]) -> Iterator[str]:
    """I9 progress: each file meets its own fate, whatever lies beside it; who is refused finds the file and why."""
    fates: dict[tuple[str, str | None], list[str]] = {}
    for name, sha256, outcome in ledger.execute("SELECT name, sha256, outcome FROM arrivals"):
        fates.setdefault((name, sha256), []).append(outcome)
    for drop in dropped:
        met = fates.get((Path(drop.name).name, drop.sha256), [])
        if not {None, *met}.intersection(_MEANT.get(drop.fate, (drop.fate,))):
            yield f"I9 {drop.name}: wanted {drop.fate}, met {met}"
    query = "SELECT name, sha256, code, reason FROM arrivals WHERE outcome='set_aside'"
    returned = Counter(digest(p) for p in _returned(workspace) if not p.name.endswith(".说明.txt"))
    secret = {drop.sha256 for drop in dropped if drop.secret}
    for name, sha256, code, reason in ledger.execute(query):
        if not (code and re.search("[一-鿿]", reason or "")):
            yield f"I9 {name}: refused without a reason"
        if sha256 is not None and sha256 not in secret and not returned[sha256]:
            yield f"I9 {name}: refused and not given back"
        if sha256 in secret and returned[sha256]:
            yield f"I9 {name}: a secret paper lies in the shared folder"


def _i10_names_and_bytes(ledger: sqlite3.Connection, dropped: list[Dropped]) -> Iterator[str]:
    """I10: the same bytes are one entry however named, other bytes another entry although named the same."""
    entries = Counter(sha for (sha,) in ledger.execute("SELECT sha256 FROM entries"))
    yield from (f"I10 {sha[:12]}: {n} entries of the same bytes" for sha, n in entries.items() if n > 1)
    query = "SELECT a.name, a.sha256, e.sha256 FROM arrivals a JOIN entries e ON e.number = a.entry"
    for name, arrived, registered in ledger.execute(query):
        if arrived != registered:
            yield f"I10 {name}: registered as other bytes"
    for drop in dropped:
        if drop.fate in {"registered", "duplicate", "taken"} and drop.sha256 not in entries:
            yield f"I10 {drop.name}: its bytes have no entry"


def _nothing_half_made(workspace: Path, ledger: sqlite3.Connection) -> Iterator[str]:
    """Under final names everything is whole: receipts open and are as many as entries from the inbox; the spool is empty."""
    receipts = [p for p in (workspace / "inbox" / "回执").glob("*") if not p.name.startswith(".")]
    for path in receipts:
        if not zipfile.is_zipfile(path):
            yield f"half-made receipt {path.name}"
    answered = Counter(path.name[:9] for path in receipts)
    query = (
        "SELECT entry, count(DISTINCT name) FROM arrivals WHERE key LIKE 'inbox:%' AND entry IS NOT NULL GROUP BY entry"
    )
    for entry, names in ledger.execute(query):
        if answered[entry] < names:
            yield f"{names} names of {entry}, {answered[entry]} receipts"
    for path in _returned(workspace):
        if path.name.endswith(".说明.txt") and not path.read_bytes().endswith(b"\r\n"):
            yield f"half-made note {path.name}"
        if not path.name.endswith(".说明.txt") and not path.with_name(f"{path.name}.说明.txt").is_file():
            yield f"no note beside {path.name}"
    for path in (workspace / "archive" / "set-aside").glob("*/原因.txt"):
        if not path.read_bytes().endswith(b"\r\n"):
            yield f"half-made reason {path.parent.name}"
    yield from (f"left in the spool: {path.name}" for path in (workspace / "archive" / "tmp").iterdir())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rows(workspace: Path) -> set[tuple[str, str, str]]:
    """Return (name, sha256, entry) of every arrival in the ledger."""
    with _ledger(workspace) as ledger:
        return set(ledger.execute("SELECT name, sha256, entry FROM arrivals"))


def objects(workspace: Path) -> dict[str, bool]:
    """Return the name of every object and whether its bytes hash to it."""
    return {path.name: digest(path) == path.name for path in _objects(workspace)}


def journal_head(workspace: Path) -> tuple[int, str]:
    """Return the journal's head, for keeping outside."""
    with _ledger(workspace) as ledger:
        row = ledger.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return row or (0, GENESIS)


def _wanted(arrivals: Iterable[Dropped]) -> Counter[tuple[str, str]]:
    return Counter((Path(drop.name).name, drop.sha256) for drop in arrivals)


def _object(workspace: Path, sha256: str) -> Path:
    return workspace / "archive" / "objects" / "sha256" / sha256[:2] / sha256[2:4] / sha256


def _objects(workspace: Path) -> list[Path]:
    return [p for p in (workspace / "archive" / "objects").rglob("*") if p.is_file()]


def _inbox_files(workspace: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(workspace / "inbox"):
        if Path(folder) == workspace / "inbox":
            folders[:] = [name for name in folders if name not in OURS]
        yield from (Path(folder, name) for name in files if not name.startswith((".", "~$")))


def _returned(workspace: Path) -> list[Path]:
    """What was given back; what is too large to be anything but sparse is not looked into."""
    lying = (p for p in (workspace / "inbox" / "退回").glob("*") if not p.name.startswith("."))
    return [p for p in lying if p.stat().st_size < 1 << 30]


def _has_tables(ledger: sqlite3.Connection) -> bool:
    return ledger.execute("SELECT count(*) FROM sqlite_master WHERE name='arrivals'").fetchone()[0] == 1


@contextmanager
def _ledger(workspace: Path) -> Iterator[sqlite3.Connection]:
    """A copy of the ledger with its journal: looking must not do the recovery that the restart has to do."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (workspace / "archive").glob("ledger.sqlite*"):
            shutil.copy(path, folder)
        with closing(sqlite3.connect(Path(folder) / "ledger.sqlite")) as connection:
            yield connection
