"""Shares and scanners: longer quiet, marks that tell an empty mount point from an empty inbox, arrivals without inodes."""

from __future__ import annotations

import io
import shutil
import time
import zipfile
from pathlib import Path, PurePath

import pytest

from pipeline.archive import safe_name
from pipeline.errors import InboxUnavailable
from pipeline.inbox import Habits, Inbox, Kind, kind_of
from pipeline.mounts import network_of
from tests.documents import plain

DOCX = plain("正文")
SHARE = Habits(Kind.SHARE, share_s=0.05)


def opened(tmp_path, habits=SHARE):
    folder = tmp_path / "收件"
    folder.mkdir(exist_ok=True)
    (tmp_path / "archive").mkdir(exist_ok=True)
    return Inbox(folder, lambda entry: b"", safe_name, tmp_path / "archive" / "lock", habits)


def settled(inbox):
    inbox.settled()
    time.sleep(0.07)
    return inbox.settled()


@pytest.mark.parametrize(
    ("mounts", "path", "found"),
    [
        ("//srv/x /mnt/share cifs rw 0 0", "/mnt/share/inbox", "cifs"),
        ("srv:/x /mnt nfs4 rw 0 0", "/mnt/a/b", "nfs4"),
        ("/dev/sda1 / ext4 rw 0 0\n//srv/x /mnt/my\\040share cifs rw 0 0", "/mnt/my share", "cifs"),
        ("//srv/x /mnt cifs rw 0 0\n/dev/sdb1 /mnt/disk ext4 rw 0 0", "/mnt/disk/inbox", None),
        ("//srv/x /mnt/share cifs rw 0 0", "/mnt/shared", None),
        ("/dev/sdb1 /mnt fuseblk rw 0 0", "/mnt/inbox", None),
        ("//srv/x /mnt cifs rw 0 0\n/dev/sdb1 /mnt ext4 rw 0 0", "/mnt/inbox", None),
    ],
)
def test_a_network_mount_is_known_by_the_nearest_mount_point(tmp_path, mounts, path, found):
    """ensures that a share is told from a local disk, a disk mounted inside or over it too."""
    table = tmp_path / "mounts"
    table.write_text(mounts + "\n", encoding="utf-8")
    assert network_of(Path(path), table) == found


def test_a_person_may_say_what_kind_the_folder_is(tmp_path):
    """ensures that the setting overrides what was seen."""
    assert (kind_of(tmp_path), kind_of(tmp_path, "share"), kind_of(tmp_path, "local")) == ("local", "share", "local")


def test_scanner_folders_are_given_longer(tmp_path):
    """ensures that a scanner's pause between pages is not taken for the end, in its folder and below it only."""
    habits = Habits(Kind.LOCAL, ("扫描",), 1.0, 2.0, 9.0)
    quiet = [habits.quiet_s(PurePath(p)) for p in ("a.pdf", "扫描/a.pdf", "扫描/二楼/a.pdf", "扫描件.pdf")]
    assert quiet == [1.0, 9.0, 9.0, 1.0]
    assert Habits(Kind.SHARE, (), 1.0, 2.0, 9.0).quiet_s(PurePath("a.pdf")) == 2.0


def test_an_empty_mount_point_is_no_empty_inbox(tmp_path):
    """ensures that a share that went away is waited for, and known again when it is back."""
    inbox = opened(tmp_path)
    (inbox.folder / "报告.docx").write_bytes(DOCX)
    assert len(settled(inbox)) == 1
    away = tmp_path / "away"
    inbox.folder.rename(away)
    inbox.folder.mkdir()
    (inbox.folder / "误放.docx").write_bytes(DOCX)
    for again in (inbox, opened(tmp_path)):
        with pytest.raises(InboxUnavailable, match="共享文件夹连接中断"):
            again.settled()
    shutil.rmtree(inbox.folder)
    away.rename(inbox.folder)
    assert [a.name for a in settled(inbox)] == ["报告.docx"]


def test_a_share_that_is_gone_is_away_and_not_empty(tmp_path):
    """ensures that a missing folder is the same trouble as an unmarked one."""
    inbox = opened(tmp_path)
    inbox.settled()
    shutil.rmtree(inbox.folder)
    with pytest.raises(InboxUnavailable, match="等待恢复"):
        inbox.settled()


def test_an_arrival_on_a_share_outlives_its_inode(tmp_path):
    """ensures that a file is the same arrival when the share gives it another inode, and another when its time changes."""
    inbox = opened(tmp_path)
    path = inbox.folder / "报告.docx"
    path.write_bytes(DOCX)
    (first,) = settled(inbox)
    status = path.stat()
    copy = path.with_name("x.docx")
    shutil.copy2(path, copy)
    copy.replace(path)
    assert path.stat().st_ino != status.st_ino
    (again,) = settled(inbox)
    assert (again.key, again.stamp == first.stamp) == (first.key, False)
    path.write_bytes(DOCX)
    (changed,) = settled(inbox)
    assert changed.key != first.key
    assert [a.key for a in settled(opened(tmp_path, Habits(local_s=0.05)))] != [first.key]


def test_holes_in_a_package_on_a_share_wait(tmp_path):
    """ensures that a client that fills a file in any order is waited for: its writer cannot be seen from here."""
    inbox = opened(tmp_path)
    whole = plain("正文" * 2000)
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        at = package.getinfo("word/document.xml").header_offset + 100
    holed = whole[:at] + bytes(40) + whole[at + 40 :]
    (inbox.folder / "报告.docx").write_bytes(holed)
    assert settled(inbox) == []
    assert "内容不完整" in dict(inbox.waiting())["报告.docx"]
    (inbox.folder / "报告.docx").write_bytes(whole)
    assert len(settled(inbox)) == 1


def test_what_is_claimed_is_not_offered_again(tmp_path):
    """ensures that a file that is safe already may lie until it is answered."""
    inbox = opened(tmp_path, Habits(local_s=0.05))
    for name in ("a.docx", "b.docx"):
        (inbox.folder / name).write_bytes(DOCX)
    first, second = settled(inbox)
    assert [a.key for a in inbox.settled(claimed={first.key})] == [second.key]
