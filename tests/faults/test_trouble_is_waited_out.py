"""Trouble that passes, and faults of the program: said, waited out, finished without a person's hand."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import office as offices
from pipeline import walk
from pipeline.archive import Archive
from pipeline.errors import ArchiveUnavailable, LedgerUnavailable, PartMissing, UnprocessableDocument
from pipeline.model import Arrival
from pipeline.office import open_office
from pipeline.reading import Reader, reader
from pipeline.watch import follow
from tests.documents import drop, leadership_report


@pytest.fixture
def office(workspace):
    settings = workspace / "pipeline.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("scan_s = 5", "scan_s = 0.2"), encoding="utf-8")
    opened = open_office(workspace)
    yield opened
    opened.close()


def test_what_ails_the_workspace_is_waited_out(cli, workspace, office, monkeypatch):
    """ensures that a full disk, an absent database and an absent share each pause the watcher, say so, and heal alone."""
    spooled, keys, settled = Archive.spooled, type(office.ledger.claims).keys, type(office.inbox).settled
    troubles = {
        "disk": lambda *_: _raise(ArchiveUnavailable("磁盘已满,暂停收件")),
        "database": lambda *_: _raise(LedgerUnavailable("台账暂时不能使用")),
        "share": lambda *_, **__: _raise(OSError(112, "Host is down")),
    }
    said: list[str] = []
    found = []
    running = follow(office, said.append)
    for name, (holder, attribute, whole) in {
        "disk": (Archive, "spooled", spooled),
        "database": (type(office.ledger.claims), "keys", keys),
        "share": (type(office.inbox), "settled", settled),
    }.items():
        drop(workspace / "inbox", f"{name}.docx", leadership_report(year=2020 + len(said)))
        setattr(holder, attribute, troubles[name])
        threading.Timer(1.0, setattr, (holder, attribute, whole)).start()
        threading.Timer(0.7, lambda: found.append(json.loads((office.archive.root / "watch.json").read_text()))).start()
        try:
            receipt = next(running)
        finally:
            setattr(holder, attribute, whole)
        assert (receipt.outcome, Path(receipt.file).name) == ("registered", f"{name}.docx")
    assert [words[:6] for words in said] == ["磁盘已满,暂", "台账暂时不能", "读写文件时出"]
    assert [word["trouble"][:4] for word in found] == ["磁盘已满", "台账暂时", "读写文件"]
    assert all(word["trouble_since"] for word in found)


def _raise(error):
    raise error


def test_too_little_room_pauses_intake_and_nothing_else(cli, workspace):
    """ensures that papers stay in the inbox below the floor, and letters and search still work."""
    settings = workspace / "pipeline.toml"
    whole = settings.read_text(encoding="utf-8")
    settings.write_text(whole.replace("# floor_mb = 1024", "floor_mb = 1000000"), encoding="utf-8")
    lying = drop(workspace / "inbox", "报告.docx", leadership_report())
    ran = cli("--workspace", workspace, "watch", "--once")
    assert ran.code == 3
    assert "暂停收件" in ran.err and "不会丢失" in ran.err
    assert lying.exists()
    checks = {line["check"]: line for line in cli("--workspace", workspace, "doctor", "--json").lines}
    assert (checks["磁盘"]["ok"], checks["台账"]["ok"]) == (False, True)
    settings.write_text(whole, encoding="utf-8")
    assert cli("--workspace", workspace, "watch", "--once", "--json").one["outcome"] == "registered"


def test_a_fault_of_the_program_costs_one_paper_its_turn(cli, workspace, monkeypatch):
    """ensures that its neighbours are done, it waits with a reason, and a newer program finishes it."""
    judge = walk.judge

    def faulty(text, identity, *rest):
        if "2021" in text.plain:
            raise KeyError("a bug")
        return judge(text, identity, *rest)

    monkeypatch.setattr(walk, "judge", faulty)
    for year in (2020, 2021, 2022):
        drop(workspace / "inbox", f"报告{year}.docx", leadership_report(year=year))
    ran = cli("--workspace", workspace, "watch", "--once", "--json")
    assert sorted(Path(line["file"]).name for line in ran.lines) == ["报告2020.docx", "报告2022.docx"]
    assert "仍在等待:报告2021.docx(程序处理时出错(KeyError)" in ran.err
    waiting = cli("--workspace", workspace, "today", "--json").one["inbox"]["waiting"]
    assert [w["name"] for w in waiting] == ["报告2021.docx"]
    monkeypatch.undo()
    assert cli("--workspace", workspace, "watch", "--once", "--json").lines == []
    monkeypatch.setattr(walk, "__version__", "999")
    monkeypatch.setattr(offices, "__version__", "999")
    assert cli("--workspace", workspace, "watch", "--once", "--json").one["outcome"] == "registered"


def test_damage_of_one_object_holds_up_its_twin_only(cli, workspace):
    """ensures that the alarm is raised, nothing is rewritten, and a restored object lets the twin through."""
    data = leadership_report()
    drop(workspace / "inbox", "一.docx", data)
    assert cli("--workspace", workspace, "watch", "--once").code == 0
    (path,) = (p for p in (workspace / "archive" / "objects").rglob("*") if p.is_file())
    path.chmod(0o600)
    path.write_bytes(b"X" + data[1:])
    drop(workspace / "inbox", "二.docx", data)
    drop(workspace / "inbox", "三.docx", leadership_report(year=2022))
    ran = cli("--workspace", workspace, "watch", "--once", "--json")
    assert (ran.code, [Path(line["file"]).name for line in ran.lines]) == (4, ["三.docx"])
    assert "已损坏" in ran.err
    assert path.read_bytes() == b"X" + data[1:]
    path.write_bytes(data)
    assert cli("--workspace", workspace, "watch", "--once", "--json").one["outcome"] == "duplicate"


def test_a_paper_taken_away_while_it_waits_is_not_lost(cli, workspace, monkeypatch):
    """ensures that what was safe is registered once the missing part is there, though its source has gone."""
    read = Reader.read
    monkeypatch.setattr(
        Reader, "read", lambda *_: _raise(PartMissing("ocr", "本机没有安装文字识别", "安装后会自动读取"))
    )
    monkeypatch.setitem(reader.PARTS, "ocr", lambda: False)
    lying = drop(workspace / "inbox", "报告.docx", leadership_report())
    assert "没有安装文字识别" in cli("--workspace", workspace, "watch", "--once").err
    lying.unlink()
    assert cli("--workspace", workspace, "verify", "--json").one["stray"] == []
    monkeypatch.setattr(Reader, "read", read)
    monkeypatch.setitem(reader.PARTS, "ocr", lambda: True)
    assert cli("--workspace", workspace, "watch", "--once", "--json").one["outcome"] == "registered"


def test_what_was_named_and_not_claimed_is_adopted(cli, workspace, tmp_path):
    """ensures that a crash between name and row loses nothing even when the sender takes the file away."""
    source = drop(tmp_path, "报告.docx", leadership_report())
    child = f"""
import datetime as dt, os
from pathlib import Path
from pipeline.archive import Archive
from pipeline.model import Arrival
archive = Archive(Path({str(workspace)!r}) / "archive")
arrival = Arrival({str(source)!r}, "报告.docx", "inbox:x", dt.datetime(2026, 6, 1, tzinfo=dt.UTC), "市局")
papers = [(arrival, archive.spooled(arrival))]
with archive.claiming(papers):
    archive.settle([spooled for _, spooled in papers])
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", child], check=False).returncode == 9
    source.unlink()
    ran = cli("--workspace", workspace, "watch", "--once", "--json").one
    assert (ran["outcome"], Path(ran["file"]).name) == ("registered", "报告.docx")
    assert list((workspace / "archive" / "tmp").iterdir()) == []
    assert cli("--workspace", workspace, "verify", "--json").one["stray"] == []


def test_a_note_torn_by_a_power_cut_is_forgotten(tmp_path):
    """ensures that half a note stops nobody."""
    archive = Archive(tmp_path / "archive")
    (archive.spool / "999999999-x.claim").write_bytes(b'[{"arrival"')
    assert list(archive.unclaimed()) == []
    assert list(archive.spool.iterdir()) == []


def test_a_refused_paper_keeps_its_bytes_when_its_source_is_gone(tmp_path):
    """ensures that setting aside works from the archive's copy."""
    archive = Archive(tmp_path / "archive")
    path = tmp_path / "坏.docx"
    path.write_bytes(b"bytes")
    arrival = Arrival(str(path), path.name, "k", dt.datetime.now(dt.UTC))
    arrival = replace(arrival, kept=archive.keep(arrival))
    path.unlink()
    archive.set_aside(arrival, UnprocessableDocument("坏"))
    assert next(archive.refused.glob("*/坏.docx")).read_bytes() == b"bytes"


def test_temporary_folders_of_dead_processes_are_swept(tmp_path):
    """ensures that no half-read paper lies about, and a living process keeps its own."""
    archive = Archive(tmp_path / "archive")
    (archive.spool / "999999999-abc").mkdir()
    (archive.spool / "999999999-abc" / "source.doc").write_bytes(b"x")
    (archive.spool / f"{os.getpid()}-abc").mkdir()
    assert archive.sweep() == 1
    assert [p.name for p in archive.spool.iterdir()] == [f"{os.getpid()}-abc"]
    shutil.rmtree(archive.spool)
