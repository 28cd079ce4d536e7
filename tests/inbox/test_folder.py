"""The shared folder: what may be taken, what waits and why, receipts and returns, sources removed last."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from pathlib import Path

import pytest

from pipeline.archive import safe_name
from pipeline.errors import DamagedDocument, PipelineError
from pipeline.inbox import Inbox
from pipeline.inbox.completeness import ignored
from pipeline.model import Arrival, Entry, Identity, Outcome, Verdict
from tests.documents import plain

DOCX = plain("正文")


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "收件"
    folder.mkdir()
    opened = Inbox(folder, lambda entry: b"receipt of " + entry.number.encode(), safe_name, tmp_path / "lock", 0.05)
    yield opened
    opened.close()


def settled(inbox, patience_s: float = 1800.0):
    """Look until the quiet time is over."""
    inbox.settled(patience_s)
    time.sleep(0.07)
    return inbox.settled(patience_s)


def entry(number: str = "2026-0001") -> Entry:
    return Entry(number, "报告.docx", "0" * 64, 1, dt.datetime.now(dt.UTC), dt.date(2026, 6, 1), Identity("other", "题"),
                 Verdict(Outcome.NOT_APPLICABLE))  # fmt: skip


def test_a_file_that_lies_still_is_taken_once_quiet(inbox):
    """ensures that a file is not taken at first sight, but after it has lain unchanged."""
    path = inbox.folder / "报告.docx"
    path.write_bytes(DOCX)
    assert inbox.settled() == []
    assert inbox.waiting() == [("报告.docx", "刚放入或刚改动,等待放稳")]
    (arrival,) = settled(inbox)
    assert (arrival.name, arrival.path, arrival.hint, arrival.from_inbox) == ("报告.docx", str(path), "", True)
    assert inbox.waiting() == []


def test_a_sub_folder_is_a_hint(inbox):
    """ensures that dropped folders are gone into and their name travels along, our own folders are not."""
    for folder in ("市教育局/上半年", "回执", "退回"):
        (inbox.folder / folder).mkdir(parents=True)
        (inbox.folder / folder / "报告.docx").write_bytes(DOCX)
    assert [a.hint for a in settled(inbox)] == ["市教育局/上半年"]


@pytest.mark.parametrize(
    "name",
    ["~$报告.docx", "~WRD0001.tmp", "~WRL3.tmp", "报告.tmp", ".~报告.docx", "A1B2C3D4", "备份.wbk", "Thumbs.db", "desktop.ini", ".DS_Store",
     "._报告.docx", "报告.docx.part", "报告.crdownload", ".~lock.报告.docx#", "x.lck"],
)  # fmt: skip
def test_what_programs_leave_beside_documents_is_no_document(inbox, name):
    """ensures that owner, temporary and system files are left in silence."""
    assert ignored(name)
    (inbox.folder / name).write_bytes(b"x")
    assert settled(inbox) == []
    assert inbox.waiting() == []


def test_documents_are_not_taken_for_temporary_files():
    """ensures that ordinary names pass."""
    assert not any(
        map(ignored, ["报告.docx", "2026年报告 (2).docx", "~报告~.docx", "A1B2C3D4.docx", "汇报材料6.19.docx"])
    )


UNFINISHED = {
    "空.docx": (b"", "文件为空"),
    "全零.docx": (bytes(100_000), "尚未复制完成"),
    "预留.docx": (DOCX + bytes(200_000), "尚未复制完成"),
    "半截.docx": (DOCX[: len(DOCX) // 2], "缺少结尾"),
    "半截.pdf": (b"%PDF-1.4\n" + b"x" * 5000, "缺少结尾"),
    "半截.jpg": (b"\xff\xd8\xff" + b"x" * 5000, "缺少结尾"),
}


@pytest.mark.parametrize("name", UNFINISHED)
def test_what_looks_unfinished_waits_then_is_given_up(inbox, name):
    """ensures that a copy under way is not taken half, and one that never ends does not lie there for ever."""
    data, why = UNFINISHED[name]
    (inbox.folder / name).write_bytes(data)
    assert settled(inbox) == []
    assert why in dict(inbox.waiting())[name]
    assert [a.name for a in settled(inbox, patience_s=0.01)] == [name]


def test_a_document_that_is_open_in_word_waits(inbox):
    """ensures that somebody's editing is not interrupted."""
    (inbox.folder / "半年报告.docx").write_bytes(DOCX)
    (inbox.folder / "~$年报告.docx").write_bytes(b"owner")
    assert settled(inbox) == []
    assert "正在被编辑" in dict(inbox.waiting())["半年报告.docx"]
    (inbox.folder / "~$年报告.docx").unlink()
    assert len(inbox.settled()) == 1


def test_a_file_somebody_writes_to_waits(inbox):
    """ensures that an open writer is seen even when size and time stand still."""
    path = inbox.folder / "报告.docx"
    path.write_bytes(DOCX)
    with path.open("ab"):
        assert settled(inbox) == []
        assert dict(inbox.waiting()) == {"报告.docx": "正在写入"}
    assert len(inbox.settled()) == 1


def test_a_slow_writer_is_never_taken_half(inbox):
    """ensures that appending in pieces restarts the wait each time."""
    path = inbox.folder / "报告.docx"
    taken = []
    for end in range(100, len(DOCX), len(DOCX) // 12):
        path.write_bytes(DOCX[:end])
        time.sleep(0.03)
        taken += inbox.settled()
    assert taken == []
    path.write_bytes(DOCX)
    assert len(settled(inbox)) == 1


def test_links_and_pipes_are_shown_once_and_left(inbox, tmp_path):
    """ensures that what is no file is refused once and neither followed, moved nor reported for ever."""
    (tmp_path / "别处.docx").write_bytes(DOCX)
    link = inbox.folder / "链接.docx"
    link.symlink_to(tmp_path / "别处.docx")
    os.mkfifo(inbox.folder / "管道")
    assert {a.name for a in inbox.settled()} == {"链接.docx", "管道"}
    assert settled(inbox) == []
    (arrival,) = [
        a for a in Inbox(inbox.folder, lambda e: b"", safe_name, tmp_path / "lock").settled() if a.name == "链接.docx"
    ]
    inbox.refuse(arrival, DamagedDocument("这是一个链接"))
    assert link.is_symlink()


def test_the_key_is_the_arrival(inbox):
    """ensures that a second look, or another watcher, gives the same key, and a new drop another."""
    path = inbox.folder / "报告.docx"
    path.write_bytes(DOCX)
    (first,) = settled(inbox)
    other = Inbox(inbox.folder, lambda e: b"", safe_name, inbox.folder.with_name("lock"), 0.0)
    other.settled()
    assert other.settled()[0].key == first.key
    path.unlink()
    path.write_bytes(DOCX)
    assert settled(inbox)[0].key != first.key


def test_the_answer_is_there_before_the_source_is_gone(inbox):
    """ensures that the sender always finds file or receipt, and answering twice is safe."""
    (inbox.folder / "报告.docx").write_bytes(DOCX)
    (arrival,) = settled(inbox)
    for _ in range(2):
        receipt = inbox.answer(arrival, entry())
        assert receipt.entry.number == "2026-0001"
    assert [p.name for p in (inbox.folder / "回执").iterdir()] == ["2026-0001-报告-回执.docx"]
    assert not (inbox.folder / "报告.docx").exists()


def test_a_source_that_changed_meanwhile_stays(inbox):
    """ensures that a version saved while the first was being read is an arrival of its own."""
    path = inbox.folder / "报告.docx"
    path.write_bytes(DOCX)
    (arrival,) = settled(inbox)
    path.write_bytes(plain("另一版"))
    inbox.answer(arrival, entry())
    inbox.refuse(arrival, DamagedDocument("x"))
    assert path.exists()
    assert len(settled(inbox)) == 1


def test_refused_files_are_returned_whole_with_the_reason(inbox):
    """ensures that nothing is overwritten, and Notepad shows the reason."""
    for content in (b"first", b"second"):
        (inbox.folder / "坏:文件.docx").write_bytes(content)
        (arrival,) = settled(inbox)
        inbox.refuse(arrival, DamagedDocument("文件已损坏", "请重新报送"))
    returned = inbox.folder / "退回"
    assert {p.name: p.read_bytes() for p in returned.glob("*.docx")} == {
        "坏_文件.docx": b"first",
        "坏_文件(2).docx": b"second",
    }
    note = (returned / "坏_文件.docx.说明.txt").read_bytes()
    assert note.startswith(b"\xef\xbb\xbf")
    assert "文件已损坏。请重新报送\r\n" in note.decode("utf-8-sig")


def test_a_returned_file_is_never_taken_for_a_note(inbox):
    """ensures that a file called like another's note is not overwritten by that note."""
    for name, content in (("坏.docx.说明.txt", b"mine"), ("坏.docx", b"bad")):
        (inbox.folder / name).write_bytes(content)
        (arrival,) = settled(inbox)
        inbox.refuse(arrival, DamagedDocument("文件已损坏"))
    returned = inbox.folder / "退回"
    assert (returned / "坏.docx.说明.txt").read_bytes() == b"mine"
    assert (returned / "坏(2).docx").read_bytes() == b"bad"
    assert (returned / "坏(2).docx.说明.txt").exists()


def test_a_refusal_stopped_half_way_is_finished_not_doubled(inbox, monkeypatch):
    """ensures that death between the note and the move leaves one note and one file after the second walk."""
    (inbox.folder / "坏.docx").write_bytes(b"bad")
    (arrival,) = settled(inbox)

    def dies(self: Path, target: Path) -> Path:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as fault:
        fault.setattr(Path, "rename", dies)
        with pytest.raises(PipelineError, match="无法写入"):
            inbox.refuse(arrival, DamagedDocument("文件已损坏"))
    assert (inbox.folder / "坏.docx").exists()
    for _ in range(2):
        inbox.refuse(arrival, DamagedDocument("文件已损坏"))
    assert sorted(p.name for p in (inbox.folder / "退回").iterdir()) == ["坏.docx", "坏.docx.说明.txt"]


def test_no_half_receipt_is_ever_seen(inbox, monkeypatch):
    """ensures that a full disk leaves the source, no part of a receipt, and a message that says what to do."""
    path = inbox.folder / "报告.docx"
    path.write_bytes(DOCX)
    (arrival,) = settled(inbox)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PipelineError, match="文件不会丢失"):
        inbox.answer(arrival, entry())
    monkeypatch.undo()
    assert path.exists()
    assert list((inbox.folder / "回执").iterdir()) == []
    inbox.answer(arrival, entry())
    assert not path.exists()


def test_a_file_outside_the_inbox_is_left_alone(inbox, tmp_path):
    """ensures that what the command line took in stays where it is, without receipt or return."""
    path = tmp_path / "别处.docx"
    path.write_bytes(DOCX)
    arrival = Arrival(str(path), path.name, "cli:1", dt.datetime.now(dt.UTC), from_inbox=False)
    assert inbox.answer(arrival, entry()).outcome == "registered"
    assert inbox.refuse(arrival, DamagedDocument("x")).outcome == "set_aside"
    assert path.read_bytes() == DOCX
    assert list(inbox.folder.iterdir()) == []


def test_names_of_stray_bytes_are_shown_readable(inbox):
    """ensures that a GBK name from an old system is repaired for display and its file is found."""
    raw = Path(os.fsdecode(os.fsencode(inbox.folder) + b"/" + "报告.docx".encode("gb18030")))
    raw.write_bytes(DOCX)
    (arrival,) = settled(inbox)
    assert arrival.name == "报告.docx"
    inbox.answer(arrival, entry())
    assert not raw.exists()


def test_a_share_that_is_away_is_waited_for(inbox):
    """ensures that a vanished folder is neither an error nor an empty inbox."""
    away = inbox.folder.with_name("断开")
    inbox.folder.rename(away)
    assert inbox.settled() == []
    assert "等待恢复" in inbox.waiting()[0][1]
    inbox.wait(0.01)
    away.rename(inbox.folder)
    (inbox.folder / "报告.docx").write_bytes(DOCX)
    assert len(settled(inbox)) == 1


def test_two_watchers_take_turns(inbox):
    """ensures that the claim keeps a second watcher out while the first holds it."""
    other = Inbox(inbox.folder, lambda e: b"", safe_name, inbox.folder.with_name("lock"))
    order: list[str] = []

    def second() -> None:
        with other.claim():
            order.append("second")

    with inbox.claim():
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.1)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_thousands_are_all_seen(inbox):
    """ensures that one look finds everything, however much was dropped while nobody watched."""
    for n in range(3000):
        (inbox.folder / f"{n}.docx").write_bytes(b"x")
    assert len({a.key for a in settled(inbox)}) == 3000


def test_looking_at_what_waits_wakes_nobody(inbox):
    """ensures that a half-copied paper is looked at now and then, and not without a pause."""
    (inbox.folder / "半份.docx").write_bytes(DOCX[:-30])
    settled(inbox)
    assert "缺少结尾" in dict(inbox.waiting())["半份.docx"]
    inbox.wait(0.01)  # begins to listen
    inbox.settled()
    assert not inbox.wait(0.3)


@pytest.mark.parametrize("place", ["", "新文件夹"])
def test_what_comes_wakes_the_watcher(inbox, place):
    """ensures that a paper is seen before the pause is over, also in a folder that was not there before."""
    inbox.wait(0.01)
    (inbox.folder / place).mkdir(exist_ok=True)
    if place:
        assert inbox.wait(30)
    (inbox.folder / place / "报告.docx").write_bytes(DOCX)
    assert inbox.wait(30)
