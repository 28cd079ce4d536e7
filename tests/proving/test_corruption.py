"""The corruption drill: six kinds of damage, fifty objects each, all named and nothing else; and the checker's own proof."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.archive import Archive, check_fixity, fixity
from pipeline.ledger import Break, Head, KeptHead
from pipeline.proving import prove
from tests.proving.stock import filled, office_in, register

OBJECTS = 300
HIT = 50


def rewrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def flip(archive: Archive, name: str, other: str) -> set[str]:
    data = bytearray(archive.path_of(name).read_bytes())
    data[int(name, 16) % len(data)] ^= 1 << int(name[0], 16) % 8
    rewrite(archive.path_of(name), bytes(data))
    return {name}


def cut(archive: Archive, name: str, other: str) -> set[str]:
    data = archive.path_of(name).read_bytes()
    rewrite(archive.path_of(name), data[: int(name, 16) % len(data)])
    return {name}


def zero(archive: Archive, name: str, other: str) -> set[str]:
    rewrite(archive.path_of(name), bytes(archive.path_of(name).stat().st_size))
    return {name}


def swap(archive: Archive, name: str, other: str) -> set[str]:
    one, two = archive.path_of(name), archive.path_of(other)
    data = one.read_bytes()
    rewrite(one, two.read_bytes())
    rewrite(two, data)
    return {name, other}


def delete(archive: Archive, name: str, other: str) -> set[str]:
    archive.path_of(name).unlink()
    return {name}


def add(archive: Archive, name: str, other: str) -> set[str]:
    """Something that nobody registered: an object, a note, a wrong place, a link."""
    data = name[::-1].encode()
    stray = hashlib.sha256(data).hexdigest()
    match int(name, 16) % 4:
        case 0:
            path = archive.path_of(stray)
        case 1:
            path, stray = archive.objects / f"{name}.txt", f"objects/sha256/{name}.txt"
        case 2:
            path, stray = archive.objects / "00" / stray, f"objects/sha256/00/{stray}"
        case _:
            path, stray = archive.path_of(stray), f"objects/sha256/{stray[:2]}/{stray[2:4]}/{stray}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(archive.path_of(other))
            return {stray}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return {stray}


KINDS = {flip: "damaged", cut: "damaged", zero: "damaged", swap: "damaged", delete: "missing", add: "stray"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_corruption_is_named_and_nothing_else(tmp_path, kind):
    """ensures that fifty hits of a kind among three hundred objects are all named, none too many, and nothing is written."""
    archive = Archive(tmp_path / "archive")
    kept = [archive.keep_bytes(f"paper {n} ".encode() * 30, "x").sha256 for n in range(OBJECTS)]
    hit = [name for n in range(HIT) for name in kind(archive, kept[5 * n], kept[5 * n + 2])]
    before = {p: (p.lstat().st_mtime_ns, p.lstat().st_size) for p in tmp_path.rglob("*")}
    found = check_fixity(archive, kept)
    named = {"damaged": found.damaged, "missing": found.missing, "stray": found.stray}
    assert named.pop(KINDS[kind]) == tuple(sorted(hit))
    assert list(named.values()) == [(), ()]
    assert found.sound == (kind is add)
    assert before == {p: (p.lstat().st_mtime_ns, p.lstat().st_size) for p in tmp_path.rglob("*")}


def test_many_good_objects_raise_no_alarm(tmp_path):
    """ensures that four thousand good objects are four thousand good objects."""
    archive = Archive(tmp_path / "archive")
    kept = []
    for n in range(4_000):  # put down as the archive would, without waiting for the disk each time
        data = n.to_bytes(4, "big") * (n % 50)
        kept.append(hashlib.sha256(data).hexdigest())
        path = archive.path_of(kept[-1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    found = check_fixity(archive, kept)
    assert (found.damaged, found.missing, found.stray) == ((), (), ())
    assert found.objects == len(set(kept))


def test_an_object_that_cannot_be_read_is_damaged(tmp_path, monkeypatch):
    """ensures that what cannot be read is never called good."""
    archive = Archive(tmp_path / "archive")
    kept = archive.keep_bytes(b"paper", "x").sha256

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fixity, "digest", refuse)
    assert check_fixity(archive, [kept]).damaged == (kept,)


def test_a_full_proof_writes_nothing(tmp_path):
    """ensures that looking for damage changes no byte and no time of anything in the workspace, sound or not."""
    office, (first, *_) = filled(tmp_path / "w", 5)
    office.close()
    cut(office.archive, first, first)
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in sorted(tmp_path.rglob("*")) if p.is_file()}
    office = office_in(tmp_path / "w")
    assert not prove(office).sound
    office.close()
    assert before == {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in sorted(tmp_path.rglob("*")) if p.is_file()}


# --- three stores whose faults are known: the checker is checked against them


def test_the_good_store(tmp_path):
    """ensures that a store without fault is found without fault."""
    office, _ = filled(tmp_path / "w", 12)
    found = prove(office, [KeptHead(office.ledger.journal_head(), "sheet")])
    assert (found.entries, found.fixity.objects, found.fixity.checked, found.head.seq) == (12, 12, 12, 12)
    assert (found.fixity.damaged, found.fixity.missing, found.fixity.stray, found.breaks, found.lost) == ((),) * 5
    assert found.sound
    office.close()


def test_the_store_of_known_faults(tmp_path):
    """ensures that seven faults at once give exactly the seven findings."""
    office, held = filled(tmp_path / "w", 12)
    archive = office.archive
    sheet = KeptHead(Head(40, "ab" * 32), "sheet")
    damaged = flip(archive, held[0], "") | cut(archive, held[1], "") | zero(archive, held[2], "")
    delete(archive, held[3], "")
    orphan = archive.keep_bytes(b"orphan", "x").sha256
    (archive.objects / "thumbs.db").write_bytes(b"x")
    with office.ledger._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_update")
        connection.exec_driver_sql("UPDATE journal SET actor = '别人' WHERE seq = 6")
    found = prove(office, [sheet])
    assert found.fixity.damaged == tuple(sorted(damaged))
    assert found.fixity.missing == (held[3],)
    assert found.fixity.stray == tuple(sorted((orphan, "objects/sha256/thumbs.db")))
    assert found.breaks == (Break("changed", 6, 6),)
    assert found.lost == (sheet,)
    office.close()


def test_the_store_of_an_older_program(tmp_path):
    """ensures that a ledger begun under the first schema is brought up to date and proved, history and all."""
    office, held = filled(tmp_path / "w", 4)
    head = office.ledger.journal_head()
    office.close()
    with closing(sqlite3.connect(tmp_path / "w" / "archive" / "ledger.sqlite")) as base, base:
        for table in (
            "fixity_checks",
            "steps",
            "events",
            "claims",
            "items",
            "renditions",
            "saved_searches",
            "assessments",
        ):
            base.execute(f"DROP TABLE {table}")
        base.execute("UPDATE alembic_version SET version_num = '0001'")
    office = office_in(tmp_path / "w")
    found = prove(office, [KeptHead(head, "sheet")])
    assert (found.entries, found.fixity.objects, found.sound) == (4, 4, True)
    cut(office.archive, held[2], "")
    assert prove(office).fixity.damaged == (held[2],)
    register(office, "之后.docx")
    assert prove(office, [KeptHead(head, "sheet")]).intact
    office.close()
