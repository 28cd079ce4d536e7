"""The flows of the office that must survive a fault anywhere: how each begins, what is run, what must stand after it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import bagit

from pipeline.archive.snapshots import read_snapshot_folder, snapshot_folders
from pipeline.archive.vault import Vault
from tests.documents import leadership_report, plain, roster_json
from tests.faults.invariants import Dropped

UNIT = "中共汀州市教育局党组"
HALF = b"PK\x03\x04 half PK\x05\x06 of it" + bytes(30) + b"end"
GOOD = leadership_report(without=(3, 4))
SETTINGS = """\
[inbox]
quiet_s = 0
[reading]
workers = 1
"""
INTAKE = (
    Dropped("报告.docx", GOOD, "taken"),
    Dropped("坏.docx", HALF, "set_aside"),
    Dropped("市教育局/报告副本.docx", GOOD, "taken"),
)
REFUSED = (
    Dropped("坏.docx", HALF, "set_aside"),
    Dropped("空文.docx", plain(), "set_aside"),
    Dropped("密件.docx", plain("机密★1年", "市教育局党组报告", "此段文字绝不可外传。"), "set_aside", secret=True),
)
WATCH = ("watch", "--once")
Run = Callable[..., object]


@dataclass(frozen=True)
class Flow:
    """``arrivals``: dropped before the command. ``steps``: commands run without faults before it, to have something.

    ``effects``: what is wrong with the flow's own results afterwards.
    """

    command: tuple[str, ...]
    arrivals: tuple[Dropped, ...] = ()
    steps: tuple[tuple[str, ...], ...] = ()
    taken: tuple[Dropped, ...] = ()
    begin: Callable[[Path], None] = lambda workspace: None
    effects: Callable[[Path], list[str]] = field(default=lambda workspace: [])


def one_letter(workspace: Path) -> list[str]:
    """The letter is registered once, with number 1, and its copy for people is an object's bytes."""
    with closing(sqlite3.connect(workspace / "archive" / "ledger.sqlite")) as ledger:
        rows = ledger.execute("SELECT seq, sha256 FROM letters").fetchall()
    found = [] if [seq for seq, _ in rows] == [1] else [f"letters {rows}"]
    copies = [p for p in (workspace / "出").glob("*.docx") if not p.name.startswith(".")]
    objects = workspace / "archive" / "objects" / "sha256"
    bytes_kept = {(objects / sha[:2] / sha[2:4] / sha).read_bytes() for _, sha in rows}
    found += [f"half-made letter {p.name}" for p in copies if p.read_bytes() not in bytes_kept]
    return found + ([] if copies else ["no letter for people"])


def whole_bags(workspace: Path) -> list[str]:
    """Whatever stands under a final name is a whole bag, and there is one."""
    bags = [p for p in (workspace / "包").iterdir() if not p.name.startswith(".")]
    found = [] if bags else ["no bag"]
    for bag in bags:
        try:
            bagit.Bag(str(bag)).validate()
        except bagit.BagError as error:
            found.append(f"half-made bag {bag.name}: {error}")
    return found


def whole_backup(workspace: Path) -> list[str]:
    """Whatever counts as a snapshot is whole with all it names, and there is one."""
    place = workspace / "备份"
    vault = Vault(place)
    folders = list(snapshot_folders(place))
    found = [] if folders else ["no snapshot"]
    for folder in folders:
        snapshot = read_snapshot_folder(folder)
        snapshot.prove()
        names = (*snapshot.objects(), *snapshot.files().values())
        found += [f"{folder.name}: {name} {state}" for name in names if (state := vault.state(name)) != "good"]
    return found


def grown_old(workspace: Path) -> None:
    """Make the ledger one of the first schema."""
    with closing(sqlite3.connect(workspace / "archive" / "ledger.sqlite")) as ledger:
        for (table,) in ledger.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
            if table not in FIRST_TABLES:
                ledger.execute(f"DROP TABLE {table}")
        ledger.execute("UPDATE alembic_version SET version_num = '0001'")
        ledger.commit()


FIRST_TABLES = {
    "entries",
    "arrivals",
    "texts",
    "pending",
    "decisions",
    "letters",
    "rosters",
    "journal",
    "alembic_version",
}


def grown_up(workspace: Path) -> list[str]:
    """The ledger has every table of today."""
    with closing(sqlite3.connect(workspace / "archive" / "ledger.sqlite")) as ledger:
        tables = {name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        (version,) = ledger.execute("SELECT version_num FROM alembic_version").fetchone()
    return [] if {"steps", "events"} <= tables and version != "0001" else [f"schema {version} with {sorted(tables)}"]


TAKEN = (Dropped("报告.docx", GOOD, "registered"),)
BUNDLE = ("bundle", "--unit", UNIT, "--year", "2026", "--out")
FLOWS = {
    "intake": Flow(WATCH, INTAKE),
    "keeping": Flow(WATCH, (Dropped("报告.docx", GOOD, "registered"),)),
    "set-aside": Flow(WATCH, REFUSED),
    "letter": Flow(
        ("letter", "supplement_notice", "--year", "2026", "--all", "--out", "{workspace}/出"),
        steps=(WATCH,), taken=TAKEN, effects=one_letter,
    ),
    "copies": Flow((*BUNDLE, "{workspace}/包"), steps=(WATCH,), taken=TAKEN, effects=whole_bags),
    # with its PDF/A copies made before: LibreOffice takes most of the time of a strike
    "bundle": Flow((*BUNDLE, "{workspace}/包"), steps=(WATCH, (*BUNDLE, "{workspace}/前")), taken=TAKEN, effects=whole_bags),
    "backup": Flow(
        ("backup", "{workspace}/备份"), steps=(WATCH,), taken=TAKEN, effects=whole_backup
    ),
    "index": Flow(("rebuild", "index"), steps=(WATCH,), taken=TAKEN),
    "migration": Flow(("ledger", "--year", "2026", "--json"), steps=(WATCH,), taken=TAKEN, begin=grown_old, effects=grown_up),
}  # fmt: skip


def prepare(flow: Flow, workspace: Path, run: Run) -> None:
    """Make the workspace in which the flow's command is run."""
    run(workspace, "init", workspace)
    shutil.rmtree(workspace / "templates")
    (workspace / "pipeline.toml").write_text(SETTINGS, encoding="utf-8")
    roster = workspace / "名册.json"
    roster.write_text(roster_json(), encoding="utf-8")
    run(workspace, "--workspace", workspace, "roster", "import", roster)
    put(flow.taken, workspace)
    for step in flow.steps:
        run(workspace, "--workspace", workspace, *step)
    flow.begin(workspace)
    put(flow.arrivals, workspace)


def put(arrivals: tuple[Dropped, ...], workspace: Path) -> None:
    """Put files into the inbox, as people do."""
    for drop in arrivals:
        path = workspace / "inbox" / drop.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(drop.data)


def arguments(command: tuple[str, ...], workspace: Path) -> list[str]:
    return ["--workspace", str(workspace), *(word.format(workspace=workspace) for word in command)]
