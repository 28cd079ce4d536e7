"""A machine without LibreOffice or recognition: what needs them waits in the inbox and is taken once they are there."""

from __future__ import annotations

import shutil

import pytest

from pipeline.reading import reader
from tests.documents import drop, leadership_report

WITH_OFFICE = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice 未安装")
RTF = rb"{\rtf1\ansi Report of the year 2026.\par}"


@WITH_OFFICE
def test_a_file_waits_for_the_part_it_needs(cli, workspace, monkeypatch):
    """ensures that it is neither refused nor lost meanwhile, its neighbour goes on, and it is taken by itself later."""
    lying = drop(workspace / "inbox", "旧格式.rtf", RTF)
    drop(workspace / "inbox", "报告.docx", leadership_report())
    path = monkeypatch.setenv("PATH", "/nowhere")
    first = cli("--workspace", workspace, "watch", "--once", "--json")
    assert [(line["file"].rpartition("/")[2], line["outcome"]) for line in first.lines] == [("报告.docx", "registered")]
    assert "仍在等待:旧格式.rtf(本机没有安装 LibreOffice" in first.err
    assert lying.read_bytes() == RTF
    assert path is None
    monkeypatch.undo()
    second = cli("--workspace", workspace, "watch", "--once", "--json")
    assert [line["outcome"] for line in second.lines] == ["registered"]
    assert not lying.exists()


def test_without_it_the_command_line_says_so(cli, workspace, tmp_path, monkeypatch):
    """ensures that ``ingest`` and ``check`` name the part and register nothing."""
    path = drop(tmp_path, "旧格式.rtf", RTF)
    monkeypatch.setenv("PATH", "/nowhere")
    for command in ("check", "ingest"):
        ran = cli("--workspace", workspace, command, path, "--json")
        assert (ran.code, ran.one["outcome"], ran.one["entry"]) == (1, "set_aside", None)
        assert "没有安装 LibreOffice" in ran.one["reason"]


@pytest.mark.parametrize(("part", "words"), [("ocr", "文字识别"), ("libreoffice", "LibreOffice")])
def test_the_doctor_names_what_is_missing(cli, workspace, monkeypatch, part, words):
    """ensures that the office learns once what this machine cannot read and how to change that."""
    monkeypatch.setitem(reader.PARTS, part, lambda: False)
    checks = {line["check"]: line["note"] for line in cli("--workspace", workspace, "doctor", "--json").lines}
    assert "未安装" in checks[words] and "等待" in checks[words]
