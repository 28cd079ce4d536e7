"""The diary: JSON lines that no name can break and that hold no word of a document."""

from __future__ import annotations

import json
import logging

import pytest

from pipeline.diary import FILE, keep_diary


@pytest.fixture
def diary(tmp_path):
    keep_diary(tmp_path)
    logger = logging.getLogger("pipeline")
    yield tmp_path / FILE
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def test_one_event_is_one_line_whatever_a_name_holds(diary):
    """ensures that line breaks, escapes and direction marks stay visible and inside their line."""
    logging.getLogger("pipeline.watch").warning("%s", "报告\n{}\x1b[31m\u202excod\u2028.docx")
    (line,) = diary.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["says"] == "报告\n{}\x1b[31m\u202excod\u2028.docx"
    assert not any(c in line for c in "\x1b\u202e\u2028")
    assert (diary.stat().st_mode & 0o777, diary.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_fault_names_its_places_and_not_its_words(diary):
    """ensures that an error that quotes the document does not carry it into the diary."""
    try:
        raise ValueError("张三的身份证号 110101199003070000")
    except ValueError:
        logging.getLogger("pipeline.walk").exception("fault at %s", "ab12")
    text = diary.read_text(encoding="utf-8")
    assert "张三" not in text and "110101" not in text
    line = json.loads(text)
    assert line["fault"][0] == "ValueError" and line["fault"][1].startswith("test_diary.py:")
