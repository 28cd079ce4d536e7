"""A ZIP from elsewhere: unpacked within bounds, inside its folder, or refused with a reason."""

from __future__ import annotations

import stat
import zipfile

import pytest

from pipeline.acceptance import judge_bundle
from pipeline.archive import build_bundle
from pipeline.errors import UnprocessableDocument
from tests.archive import golden as g
from tests.archive.test_names import HOSTILE


def packed(path, *entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


def test_a_zip_is_judged_as_its_folder(tmp_path):
    """ensures that the packed golden bundle passes, and nothing is left beside it."""
    made = build_bundle(g.golden_plan(tmp_path), tmp_path / "out", as_zip=True, witness=g.NOBODY)
    judged = judge_bundle(made.path, g.knowing(made))
    assert judged.sound
    assert judged.sha256 == made.sha256
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["甲局-2026.zip"]


@pytest.mark.parametrize(
    ("name", "data", "mode", "words"),
    [
        ("../x", b"1", 0o644, "不安全的路径"),
        ("/etc/x", b"1", 0o644, "不安全的路径"),
        ("a\\b", b"1", 0o644, "不安全的路径"),
        ("bag/link", b"/etc/passwd", stat.S_IFLNK | 0o777, "不安全的路径"),
        ("bag/bomb", b"\0" * (20 << 20), 0o644, "压缩比异常"),
    ],
)
def test_what_would_leave_its_folder_or_flood_the_disk_is_refused(tmp_path, name, data, mode, words):
    """ensures that nothing is written outside, and the person reads why."""
    path = packed(tmp_path / "包.zip", (name, data, mode))
    with pytest.raises(UnprocessableDocument, match=words):
        judge_bundle(path, g.NOBODY)
    assert [p.name for p in tmp_path.iterdir()] == ["包.zip"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip"])
def test_what_is_no_bundle_says_so(tmp_path, data):
    """ensures that any other file, and none at all, ends in a sentence."""
    (tmp_path / "x.zip").write_bytes(data)
    for path in (tmp_path / "x.zip", tmp_path / "没有"):
        with pytest.raises(UnprocessableDocument, match="不是归档包"):
            judge_bundle(path, g.NOBODY)


def test_an_empty_folder_fails_without_trouble(tmp_path):
    """ensures that a folder that is no bag is judged, not crashed on."""
    judged = judge_bundle(tmp_path, g.NOBODY)
    assert not judged.sound
    assert judged.sha256 is None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_go_the_whole_way(tmp_path, name):
    """ensures that whatever papers are called, the packed bundle passes every check of names, links and metadata."""
    plan = g.golden_plan(tmp_path, (name, name, "报告.docx"))
    items = tuple(g.replace(i, title=name or "题名") for i in plan.items)
    made = build_bundle(g.replace(plan, items=items), tmp_path / "out", as_zip=True, witness=g.NOBODY)
    with zipfile.ZipFile(made.path) as archive:
        assert all(info.flag_bits & 0x800 or info.filename.isascii() for info in archive.infolist())
    bad = {c.id: c.evidence for c in judge_bundle(made.path, g.knowing(made)).checks if c.result == "failed"}
    assert set(bad) <= {"A08", "U03"}, bad  # a title with control marks is told; so is a name without its ending
