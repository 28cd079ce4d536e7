"""Where a backup may lie and a restoration may go, what is said when there is no room, and the commands for both."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from pipeline.archive import digest
from pipeline.archive.snapshots import _manifest_digest
from pipeline.backup import back_up
from pipeline.errors import ArchiveDamaged, PipelineError, UsageError
from pipeline.restoring import drill, find_snapshot, restore
from pipeline.settings import FILE
from tests.proving.stock import filled, register
from tests.safekeeping.test_backup import object_of, spoil


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    """ensures that neither backup nor restore writes among a person's own files or into the archive."""
    office, _ = filled(tmp_path / "w", 2)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "照片.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match="别的文件"):
        back_up(office, tmp_path / "mine")
    for place in (tmp_path / "w" / "archive" / "b", tmp_path):
        with pytest.raises(UsageError, match="不能放在"):
            back_up(office, place)
    back_up(office, tmp_path / "b")
    for place in (tmp_path / "mine", tmp_path / "w"):
        with pytest.raises(UsageError, match="不是空文件夹"):
            restore(tmp_path / "b", place)
    with pytest.raises(UsageError, match="没有备份"):
        restore(tmp_path / "mine", tmp_path / "r")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["照片.jpg"]
    office.close()


def test_two_backups_at_once_take_turns(tmp_path):
    """ensures that a second run into the same folder is refused, not mixed with the first."""
    office, _ = filled(tmp_path / "w", 2)
    refused = []

    def second() -> None:
        if not refused:
            with pytest.raises(PipelineError, match="另一个备份") as caught:
                back_up(office, tmp_path / "b")
            refused.append(caught.value)

    assert back_up(office, tmp_path / "b", progress=second).sound
    assert len(refused) == 1
    office.close()


def test_a_full_backup_disk_is_said_and_the_backup_before_stays(tmp_path):
    """ensures that running out of room at any size says so, leaves the last snapshot whole, and is made good later."""
    resource = pytest.importorskip("resource")
    office, _ = filled(tmp_path / "w", 4)
    name = back_up(office, tmp_path / "b").name
    large = register(office, "大.docx", os.urandom(1 << 20))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    said = []
    for limit in (1 << 12, 1 << 16, 1 << 19):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(PipelineError) as caught:
                back_up(office, tmp_path / "b")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        said.append(str(caught.value))
        assert find_snapshot(tmp_path / "b").name == name
    assert all("磁盘已满" in words for words in said)
    assert not object_of(tmp_path / "b", large).exists()
    assert back_up(office, tmp_path / "b").sound
    assert list((tmp_path / "b" / "tmp").iterdir()) == []
    office.close()
    assert drill(tmp_path / "b").sound


def test_no_room_to_restore_is_said_before_anything_is_written(tmp_path, monkeypatch):
    """ensures that a restoration does not fill a disk halfway."""
    office, _ = filled(tmp_path / "w", 2)
    back_up(office, tmp_path / "b")
    office.close()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(PipelineError, match="空间不足"):
        restore(tmp_path / "b", tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_path_out_of_its_place_is_not_followed(tmp_path):
    """ensures that a forged list of files cannot make a restoration write elsewhere."""
    office, _ = filled(tmp_path / "w", 2)
    folder = tmp_path / "b" / "snapshots" / back_up(office, tmp_path / "b").name
    office.close()
    forged = json.loads((folder / "files.json").read_text())
    forged["../out.txt"] = forged[FILE]
    (folder / "files.json").write_text(json.dumps(forged))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest.pop("digest")
    manifest["parts"]["files.json"] = digest(folder / "files.json")
    (folder / "manifest.json").write_text(json.dumps({**manifest, "digest": _manifest_digest(manifest)}))
    with pytest.raises(ArchiveDamaged):
        restore(tmp_path / "b", tmp_path / "r")
    assert not (tmp_path / "out.txt").exists()


# --- the command line


def test_the_commands_of_the_contract(cli, workspace, tmp_path):
    """ensures that backup, restore and the drill work as a person calls them, and doctor says when the last one was."""
    paper = tmp_path / "材料.txt"
    paper.write_text("关于落实主体责任情况的材料,共一页。", encoding="utf-8")
    entry = cli("--workspace", workspace, "ingest", paper, "--json").one["entry"]
    assert cli("--workspace", workspace, "backup", tmp_path / "备份").code == 0
    shown = cli("--workspace", workspace, "backup", tmp_path / "备份", "--keep", 1, "--json").one
    assert (shown["entries"], shown["copied"], shown["rotated"], shown["sound"]) == (1, 0, 1, True)
    notes = {line["check"]: line["note"] for line in cli("--workspace", workspace, "doctor", "--json").lines}
    assert "备份" in notes["备份"]
    drilled = cli("restore", tmp_path / "备份", "--drill")
    assert drilled.code == 0
    assert "恢复演练记录" in drilled.out
    assert cli("restore", tmp_path / "备份", "--into", workspace).code == 2
    assert cli("--workspace", tmp_path / "新", "restore", tmp_path / "备份", "--json").one["sound"] is True
    assert cli("--workspace", tmp_path / "新", "show", entry, "--json").one["entry"] == entry
    assert cli("--workspace", tmp_path / "新", "verify").code == 0
    hit = next(p for p in (tmp_path / "备份" / "objects").rglob("?" * 64) if p.read_bytes() == paper.read_bytes())
    spoil(hit)
    assert cli("restore", tmp_path / "备份", "--into", tmp_path / "坏").code == 4
    assert cli("restore", tmp_path / "备份", "--drill").code == 4
    assert cli("--workspace", workspace, "backup", tmp_path / "备份").code == 4


def test_settings_of_a_database_server_do_not_reach_into_it(tmp_path):
    """ensures that a drill or a restored copy never opens the database that is in use, and its password is not shown on."""
    office, _ = filled(tmp_path / "w", 2)
    with (tmp_path / "w" / FILE).open("r+", encoding="utf-8") as stream:
        text = stream.read()
        stream.seek(0)
        stream.write(f'database = "postgresql+psycopg://u:geheim@127.0.0.1:1/x"\n{text}')
    back_up(office, tmp_path / "b")
    office.close()
    assert drill(tmp_path / "b").sound
    protocol = restore(tmp_path / "b", tmp_path / "r")
    assert protocol.sound
    assert "geheim" not in (tmp_path / "r" / FILE).read_text(encoding="utf-8")
    assert any("--database" in step.note for step in protocol.steps)


def test_nothing_of_a_backup_is_readable_by_others(tmp_path):
    """ensures that the second copy is guarded as the first."""
    office, _ = filled(tmp_path / "w", 2)
    folder = tmp_path / "b" / "snapshots" / back_up(office, tmp_path / "b").name
    office.close()
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o077 for p in folder.iterdir()} == {0}
