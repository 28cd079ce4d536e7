"""Backup and restore: what comes back is what was there, whoever was writing meanwhile and whatever was damaged."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.archive.snapshots import snapshot_folders
from pipeline.backup import back_up
from pipeline.errors import ArchiveDamaged
from pipeline.proving import prove
from pipeline.restoring import drill, find_snapshot, restore
from pipeline.settings import FILE
from tests.proving.stock import filled, office_in, register


def tables(folder: Path) -> dict[str, list[tuple]]:
    with closing(sqlite3.connect(folder / "archive" / "ledger.sqlite")) as base:
        names = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: base.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in names}


def files(folder: Path) -> dict[str, bytes]:
    kept = [folder / FILE, *(p for part in ("archive/objects", "archive/set-aside", "templates", "规则")
                             for p in (folder / part).rglob("*") if p.is_file())]  # fmt: skip
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in kept}


def object_of(root: Path, sha256: str) -> Path:
    return root / "objects" / "sha256" / sha256[:2] / sha256[2:4] / sha256


def spoil(path: Path) -> bytes:
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    return data


def test_what_was_backed_up_comes_back(tmp_path):
    """ensures that every row, object, template, setting, rule and set-aside file is there again, and the index finds them."""
    office, held = filled(tmp_path / "w", 12)
    (tmp_path / "w" / "templates").mkdir()
    (tmp_path / "w" / "templates" / "回执 (改).docx").write_bytes(b"template")
    (tmp_path / "w" / "archive" / "set-aside" / "坏").mkdir()
    (tmp_path / "w" / "archive" / "set-aside" / "坏" / "原因.txt").write_text("文件已损坏", encoding="utf-8")
    done = back_up(office, tmp_path / "b")
    assert (done.entries, done.objects, done.copied, done.sound) == (12, 12, 12, True)
    office.close()
    protocol = restore(tmp_path / "b", tmp_path / "r")
    assert protocol.sound, protocol.steps
    assert files(tmp_path / "r") == files(tmp_path / "w")
    was, now = tables(tmp_path / "w"), tables(tmp_path / "r")
    assert [row[3] for row in was.pop("journal")[12:]] == ["backup"]
    assert [row[3] for row in now.pop("journal")[12:]] == ["restore"]
    assert now == was
    again = office_in(tmp_path / "r")
    assert again.index.count() == 12
    assert prove(again).sound
    register(again, "之后.docx")
    assert again.ledger.entry(f"{again.today().year}-0013") is not None
    assert (tmp_path / "r" / "archive" / "ledger.sqlite").stat().st_mode & 0o777 == 0o600
    assert object_of(tmp_path / "r" / "archive", held[0]).stat().st_mode & 0o777 == 0o444
    again.close()


def test_a_second_backup_copies_only_what_is_new_and_old_ones_are_rotated(tmp_path):
    """ensures that the folder grows by what came in, keeps as many snapshots as asked, and loses no object."""
    office, held = filled(tmp_path / "w", 5)
    copied = []
    for n in range(5):
        copied.append(back_up(office, tmp_path / "b", keep=3).copied)
        held.append(register(office, f"新{n}.docx"))
    assert copied == [5, 1, 1, 1, 1]
    assert len(snapshot_folders(tmp_path / "b")) == 3
    assert all(object_of(tmp_path / "b", name).is_file() for name in held[:-1])
    office.close()
    for n, folder in enumerate(snapshot_folders(tmp_path / "b")):
        assert restore(folder, tmp_path / f"r{n}").sound
        assert len(list((tmp_path / f"r{n}" / "archive" / "objects").rglob("?" * 64))) == 7 + n


def test_the_object_list_is_checked_without_this_program(tmp_path):
    """ensures that sha256sum alone can prove a backup."""
    office, held = filled(tmp_path / "w", 3)
    name = back_up(office, tmp_path / "b").name
    office.close()
    check = ["sha256sum", "--quiet", "-c", f"snapshots/{name}/objects.sha256"]
    assert subprocess.run(check, cwd=tmp_path / "b", capture_output=True).returncode == 0
    spoil(object_of(tmp_path / "b", held[1]))
    assert held[1] in subprocess.run(check, cwd=tmp_path / "b", capture_output=True, text=True).stdout


WRITER = """
import sys, time
from pathlib import Path
from tests.proving.stock import office_in, register
office = office_in(Path(sys.argv[1]))
print("ready", flush=True)
for n in range(100000):
    register(office, f"{sys.argv[2]}-{n}.docx")
"""


def test_twenty_backups_while_two_programs_register(tmp_path):
    """ensures that each backup made in the midst of writing restores to one moment: whole chain, all rows, all objects."""
    office, _ = filled(tmp_path / "w", 3)
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "w"), str(n)], cwd=root, stdout=subprocess.PIPE)
        for n in range(2)
    ]
    try:
        for writer in writers:
            writer.stdout.readline()
        made = [back_up(office, tmp_path / "b", keep=100) for _ in range(20)]
        assert [writer.poll() for writer in writers] == [None, None]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
            writer.stdout.close()
    assert [report.troubles for report in made] == [[]] * 20
    entries = [report.entries for report in made]
    assert entries == sorted(set(entries))
    assert entries[-1] - entries[0] > 20
    for n in (0, 9, 19):
        protocol = restore(tmp_path / "b" / "snapshots" / made[n].name, tmp_path / f"r{n}")
        assert protocol.sound, protocol.steps
        restored = office_in(tmp_path / f"r{n}")
        assert restored.ledger.count() == made[n].entries
        # one row a paper, one a backup before, one for the restoration
        assert restored.ledger.journal_head().seq == made[n].entries + n + 1
        restored.close()
    office.close()


def test_backups_side_by_side_with_a_writing_thread(tmp_path):
    """ensures that the program that takes papers in can be asked for a backup itself."""
    office, _ = filled(tmp_path / "w", 3)
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            register(office, f"线程{n}.docx")
            n += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = [back_up(office, tmp_path / "b") for _ in range(5)]
    finally:
        stop.set()
        thread.join()
    assert [report.troubles for report in made] == [[]] * 5
    office.close()
    assert drill(tmp_path / "b").sound


# --- damage on one side or the other


def test_damage_in_the_archive_stops_rotation_and_spares_the_good_copy(tmp_path):
    """ensures that rot in the archive is named, never copied over a good copy, and deletes no older backup."""
    office, held = filled(tmp_path / "w", 4)
    for _ in range(3):
        back_up(office, tmp_path / "b", keep=2)
    good = spoil(office.archive.path_of(held[0]))
    office.archive.path_of(held[1]).unlink()
    done = back_up(office, tmp_path / "b", keep=2)
    assert not done.sound
    assert {name for name in held for words in done.troubles if name in words} == {held[0], held[1]}
    assert (done.rotated, len(snapshot_folders(tmp_path / "b"))) == (0, 3)
    assert object_of(tmp_path / "b", held[0]).read_bytes() == good
    office.close()
    assert restore(tmp_path / "b", tmp_path / "r").sound


def test_an_object_lost_on_both_sides_is_named_and_the_rest_is_restored_on_demand(tmp_path):
    """ensures that a backup never claims what it does not hold."""
    office, held = filled(tmp_path / "w", 4)
    spoil(office.archive.path_of(held[2]))
    done = back_up(office, tmp_path / "b")
    assert (done.sound, done.objects) == (False, 3)
    office.close()
    with pytest.raises(ArchiveDamaged, match=held[2]):
        restore(tmp_path / "b", tmp_path / "r")
    assert not (tmp_path / "r").exists()
    protocol = restore(tmp_path / "b", tmp_path / "r", despite_damage=True)
    assert not protocol.sound
    assert held[2] in "".join(step.note for step in protocol.steps)
    assert sum(p.is_file() for p in (tmp_path / "r" / "archive" / "objects").rglob("*")) == 3


def test_a_rotten_backup_is_healed_from_the_archive_and_says_so(tmp_path):
    """ensures that a failing backup disk is found by the next backup, and its damaged copy is kept for a look."""
    office, held = filled(tmp_path / "w", 4)
    back_up(office, tmp_path / "b", keep=1)
    spoil(object_of(tmp_path / "b", held[0]))
    done = back_up(office, tmp_path / "b", keep=1)
    assert (done.sound, done.rotated, len(snapshot_folders(tmp_path / "b"))) == (False, 0, 2)
    assert held[0] in done.troubles[0]
    assert len(list((tmp_path / "b" / "damaged").iterdir())) == 1
    assert back_up(office, tmp_path / "b", keep=1).sound
    assert len(snapshot_folders(tmp_path / "b")) == 1
    office.close()
    assert drill(tmp_path / "b").sound


PARTS = ("manifest.json", "ledger.sqlite", "objects.sha256", "files.json")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("how", ["spoilt", "gone"])
def test_a_damaged_snapshot_is_refused_and_an_older_one_named(tmp_path, part, how):
    """ensures that nothing is restored from a snapshot that is not what it was, and nothing is rotated after it."""
    office, _ = filled(tmp_path / "w", 3)
    first, second = (back_up(office, tmp_path / "b").name for _ in range(2))
    hit = tmp_path / "b" / "snapshots" / second / part
    spoil(hit) if how == "spoilt" else hit.unlink()
    with pytest.raises(ArchiveDamaged, match=first):
        restore(tmp_path / "b", tmp_path / "r")
    assert not (tmp_path / "r").exists()
    assert restore(tmp_path / "b" / "snapshots" / first, tmp_path / "r").sound
    done = back_up(office, tmp_path / "b", keep=1)
    assert (done.sound, done.rotated) == (False, 0)
    assert second in done.troubles[0]
    office.close()


def test_a_damaged_object_in_the_backup_is_refused(tmp_path):
    """ensures that a restored workspace never silently lacks or alters a paper, and a drill says which."""
    office, held = filled(tmp_path / "w", 5)
    back_up(office, tmp_path / "b")
    office.close()
    spoil(object_of(tmp_path / "b", held[3]))
    with pytest.raises(ArchiveDamaged, match=held[3]):
        restore(tmp_path / "b", tmp_path / "r")
    assert not (tmp_path / "r").exists()
    protocol = drill(tmp_path / "b", tmp_path)
    assert not protocol.sound
    assert held[3] in "".join(step.note for step in protocol.steps if not step.well)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b", "w"]


def test_a_manifest_that_was_edited_is_refused(tmp_path):
    """ensures that the head in a manifest cannot be changed to fit another ledger."""
    office, _ = filled(tmp_path / "w", 2)
    name = back_up(office, tmp_path / "b").name
    office.close()
    manifest = tmp_path / "b" / "snapshots" / name / "manifest.json"
    value = json.loads(manifest.read_text())
    value["head"]["seq"] = 1
    manifest.write_text(json.dumps(value))
    with pytest.raises(ArchiveDamaged, match="清单"):
        find_snapshot(tmp_path / "b")


def test_an_exchanged_ledger_does_not_push_out_the_true_backups(tmp_path):
    """ensures that a ledger whose history was cut, or another workspace, stops rotation and is named."""
    office, _ = filled(tmp_path / "w", 6)
    back_up(office, tmp_path / "b", keep=1)
    other, _ = filled(tmp_path / "other", 9)
    done = back_up(other, tmp_path / "b", keep=1)
    assert (done.sound, done.rotated) == (False, 0)
    assert any("没有曾经留存的第 6 条" in words for words in done.troubles)
    office.close()
    other.close()
