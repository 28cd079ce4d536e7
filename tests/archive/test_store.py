"""The archive keeps bytes: durable, read-only, once, under their own hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from pathlib import Path

import pytest

from pipeline.archive import Archive, check_fixity
from pipeline.errors import ArchiveDamaged, DamagedDocument, DocumentTooLarge, NotAFile, NotReady, PipelineError
from pipeline.model import Arrival

DATA = b"bytes of a paper" * 1000
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


def arrive(path) -> Arrival:
    return Arrival(str(path), path.name, "k", dt.datetime.now(dt.UTC))


def dropped(tmp_path, data=DATA, name="报告.docx"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_kept_bytes_lie_read_only_under_their_hash(archive, tmp_path):
    """ensures that an original can be found without this program and is nobody's to change."""
    original = archive.keep(arrive(dropped(tmp_path)))
    kept = tmp_path / "archive" / "objects" / "sha256" / SHA[:2] / SHA[2:4] / SHA
    assert (original.sha256, original.size_bytes, original.path) == (SHA, len(DATA), str(kept))
    assert kept.read_bytes() == DATA
    assert kept.stat().st_mode & 0o777 == 0o444
    assert (tmp_path / "archive").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "archive" / "tmp").iterdir()) == []


def test_the_same_bytes_are_kept_once(archive, tmp_path):
    """ensures that keeping is safe to repeat and does not rewrite."""
    first = archive.keep(arrive(dropped(tmp_path)))
    before = Path(first.path).stat()
    assert archive.keep(arrive(dropped(tmp_path, name="又一份.docx"))).sha256 == first.sha256
    after = Path(first.path).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_damaged_object_is_not_taken_for_the_new_bytes(archive, tmp_path):
    """ensures that the second arrival of rotten bytes raises the alarm instead of hiding it."""
    original = archive.keep(arrive(dropped(tmp_path)))
    Path(original.path).chmod(0o644)
    Path(original.path).write_bytes(b"X" + DATA[1:])
    with pytest.raises(ArchiveDamaged, match=SHA):
        archive.keep(arrive(dropped(tmp_path)))


def test_what_is_no_file_is_refused_without_hanging(archive, tmp_path):
    """ensures that links, pipes and folders are named, never followed or waited on."""
    secret = dropped(tmp_path, b"secret", "别人的.docx")
    (tmp_path / "链接.docx").symlink_to(secret)
    os.mkfifo(tmp_path / "管道.docx")
    (tmp_path / "文件夹.docx").mkdir()
    for name in ("链接.docx", "管道.docx", "文件夹.docx"):
        with pytest.raises(NotAFile, match="请放入文件本身"):
            archive.keep(arrive(tmp_path / name))
    assert check_fixity(archive, ()).objects == 0


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path):
    """ensures that a sparse giant costs nothing."""
    giant = tmp_path / "大.docx"
    with giant.open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(DocumentTooLarge, match="上限"):
        Archive(tmp_path / "archive", max_bytes=1 << 20).keep(arrive(giant))


def test_a_file_that_is_gone_is_waited_for(archive, tmp_path):
    """ensures that a vanished file is no finding about the document."""
    with pytest.raises(NotReady):
        archive.keep(arrive(tmp_path / "没有.docx"))


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="没有 /proc")
def test_a_file_that_cannot_be_read_is_waited_for(archive, tmp_path):
    """ensures that a share that goes away in the middle is not taken for a broken archive."""
    with pytest.raises(NotReady, match="暂时不能读取"):
        archive.keep(arrive(Path("/proc/self/mem")))  # a regular file whose first byte is an I/O error
    assert list((tmp_path / "archive" / "tmp").iterdir()) == []


def test_a_file_that_changes_while_it_is_read_is_not_kept(archive, tmp_path, monkeypatch):
    """ensures that half of the old and half of the new never become an original."""
    path = dropped(tmp_path)
    copy = Archive._copy

    def slow(self, stream):
        done = copy(self, stream)
        path.write_bytes(DATA + b"more")
        return done

    monkeypatch.setattr(Archive, "_copy", slow)
    with pytest.raises(NotReady, match="改动"):
        archive.keep(arrive(path))
    monkeypatch.undo()
    assert check_fixity(archive, ()).objects == 0
    assert list((tmp_path / "archive" / "tmp").iterdir()) == []


def test_a_full_disk_is_the_workspace_s_trouble(archive, tmp_path, monkeypatch):
    """ensures that no document is refused because the disk is full, and nothing half-made stays."""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PipelineError, match="磁盘已满") as caught:
        archive.keep(arrive(dropped(tmp_path)))
    assert caught.value.exit_code == 3
    assert list((tmp_path / "archive" / "tmp").iterdir()) == []
    assert (tmp_path / "报告.docx").exists()


def test_refused_bytes_are_kept_with_their_reason(archive, tmp_path):
    """ensures that a refusal can be looked into later, byte for byte."""
    path = dropped(tmp_path, name="坏:文件?.docx")
    original = archive.set_aside(arrive(path), DamagedDocument("文件已损坏", "请重新报送"))
    (folder,) = (tmp_path / "archive" / "set-aside").iterdir()
    assert (folder / "坏_文件_.docx").read_bytes() == DATA
    assert "文件已损坏" in (folder / "原因.txt").read_text(encoding="utf-8-sig")
    assert original.sha256 == SHA
    assert archive.set_aside(arrive(path), DamagedDocument("文件已损坏")).sha256 == SHA


def test_two_refusals_of_one_name_lie_apart(archive, tmp_path):
    """ensures that what was set aside is never overwritten, hostile names stay inside, what is no file has no bytes."""
    names = ["坏.docx", "坏.docx", "..\\坏.docx", "原因.txt.docx"]
    for n, name in enumerate(names):
        arrived = Arrival(str(dropped(tmp_path, f"bad {n}".encode(), "in")), name, "k", dt.datetime.now(dt.UTC))
        archive.set_aside(arrived, DamagedDocument("文件已损坏"))
    held = {p.read_bytes() for p in (tmp_path / "archive" / "set-aside").glob("*/*.docx")}
    assert held == {f"bad {n}".encode() for n in range(len(names))}
    assert archive.set_aside(arrive(tmp_path), NotAFile("这是一个文件夹")) is None


def test_leftovers_of_a_dead_process_are_swept(archive, tmp_path):
    """ensures that a crash leaves nothing behind for ever and a living neighbour's file is left alone."""
    spool = tmp_path / "archive" / "tmp"
    (spool / "99999999-dead").write_bytes(b"x")
    (spool / f"{os.getpid()}-alive").write_bytes(b"x")
    assert archive.sweep() == 1
    assert [p.name for p in spool.iterdir()] == [f"{os.getpid()}-alive"]


def _flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGE = {
    "bit": _flip,
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "zero": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "empty": lambda path: path.write_bytes(b""),
    "swap": lambda path: path.write_bytes(b"another original altogether"),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_every_damage_is_named_and_nothing_else(archive, tmp_path, kind):
    """ensures that fixity names exactly the objects hit, and never writes."""
    kept = [archive.keep_bytes(f"paper {n}".encode(), "x") for n in range(50)]
    hit = kept[7::13]
    for original in hit:
        Path(original.path).chmod(0o644)
        DAMAGE[kind](archive.path_of(original.sha256))
    before = sorted((p, p.stat().st_mtime_ns) for p in tmp_path.rglob("*"))
    result = check_fixity(archive, [o.sha256 for o in kept])
    named = result.missing if kind == "gone" else result.damaged
    assert sorted(named) == sorted(o.sha256 for o in hit)
    assert (len(result.damaged) + len(result.missing), result.sound) == (len(hit), False)
    assert before == sorted((p, p.stat().st_mtime_ns) for p in tmp_path.rglob("*"))


def test_a_good_archive_raises_no_alarm_and_strays_are_named(archive, tmp_path):
    """ensures that what nobody registered is told apart from damage."""
    kept = archive.keep_bytes(b"registered", "x")
    orphan = archive.keep_bytes(b"orphan", "x")
    (tmp_path / "archive" / "objects" / "sha256" / "note.txt").write_text("x")
    result = check_fixity(archive, [kept.sha256])
    assert result.sound
    assert set(result.stray) == {orphan.sha256, "objects/sha256/note.txt"}
