"""Names on output: whatever came in, Windows opens what goes out."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive.names import LIMIT_BYTES, safe_name, told_apart

HOSTILE = ["CON.docx", "aux.pdf", "COM1", "nul", "a:b.docx", "a/b.docx", "..\\..\\win.ini", "../../etc/passwd", "尾点.", "尾空格 ", " 头空格",
           "换\n行.docx", "\x1b[31m红.docx", "函\u202excod.exe", "a" * 400 + ".docx", "报" * 100 + ".docx", ".", "..", "", "\udce4乱码.docx",
           "?*<>|\".docx", "\u200b零宽.docx", "名\x00字.docx", "CONIN$", "LPT9.txt.docx", "e\u0301.docx",
           "~$报告.docx", "报告.docx\t", "$(rm -rf).docx", "=cmd|x.docx", "<img onerror=x>.docx", "\u2066a\u2069.docx"]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_become_harmless(name, tmp_path):
    """ensures that each can be written, stays in its folder and shows what it is."""
    safe = safe_name(name)
    (tmp_path / safe).write_bytes(b"x")
    assert [p.name for p in tmp_path.iterdir()] == [safe]
    assert not set('\\/:*?"<>|') & set(safe)
    assert safe.split(".")[0].upper() not in {"CON", "AUX", "NUL", "COM1", "CONIN$", "LPT9"}
    assert safe == safe.strip(" ").rstrip(".")


@given(st.text(max_size=300))
def test_any_name_is_short_printable_and_stable(name):
    """ensures that the result is within the limit, in NFC, without control or direction marks, and safe again."""
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= LIMIT_BYTES
    assert unicodedata.is_normalized("NFC", safe)
    assert not {unicodedata.category(c) for c in safe} & {"Cc", "Cf", "Cs", "Co"}
    assert safe_name(safe) == safe


def test_long_names_stay_apart():
    """ensures that cutting does not make two names one."""
    one, two = safe_name("报" * 100 + "甲.docx"), safe_name("报" * 100 + "乙.docx")
    assert one != two
    assert one.endswith(".docx")


def test_twins_are_told_apart():
    """ensures that names that Windows thinks equal do not overwrite each other."""
    taken: set[str] = set()
    names = [told_apart(name, taken) for name in ("A.docx", "a.DOCX", "A.docx", "无后缀", "无后缀")]
    assert len({name.casefold() for name in names}) == 5
    assert names[2] == "A(3).docx"
