"""A bundle is a valid bag that can be read, and checked, without this program."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
import zipfile
from dataclasses import replace

import bagit
import docx
import pytest
from openpyxl import load_workbook

from pipeline.archive import Archive, BundleItem, BundlePlan, build_bundle
from pipeline.archive.catalogue import COLUMNS
from pipeline.errors import ArchiveDamaged
from tests.archive.test_names import HOSTILE


@pytest.fixture
def plan(tmp_path):
    archive = Archive(tmp_path / "archive")
    items = []
    for n, name in enumerate(["报告:一.docx", "CON.docx", "报告:一.docx"]):
        kept = archive.keep_bytes(f"paper {n}".encode(), name)
        items.append(
            BundleItem(
                kept.path,
                kept.sha256,
                name,
                "01-“双报告”",
                "=HYPERLINK(1)" if n == 1 else f"题名{n}",
                responsible="甲局",
                date=dt.date(2026, 6, 5),
                document_number="甲发〔2026〕5号",
                pages=3,
                remark="登记号 2026-0001",
            )
        )
    return BundlePlan("甲局-2026", "甲局2026年度廉政档案", "主体办", dt.date(2026, 11, 2), "7:abc", tuple(items))


def test_the_bag_is_valid_and_complete(plan, tmp_path):
    """ensures that another implementation of BagIt agrees, and that every original is in it byte for byte."""
    folder = build_bundle(plan, tmp_path / "out").path
    bag = bagit.Bag(str(folder))
    bag.validate()
    assert set(bag.algorithms) == {"sha256", "sha512"}
    assert bag.info["Source-Organization"] == "主体办"
    assert bag.info["External-Identifier"] == "甲局-2026"
    assert bag.info["Journal-Head"] == "7:abc"
    papers = sorted((folder / "data" / "01-“双报告”").iterdir())
    assert [p.read_bytes() for p in papers] == [b"paper 0", b"paper 1", b"paper 2"]
    assert [p.name for p in papers] == ["001-报告_一.docx", "002-CON.docx", "003-报告_一.docx"]


def test_the_catalogue_has_the_nine_columns(plan, tmp_path):
    """ensures that workbook and Word table say the same, dates as 20260605, and a formula stays text."""
    data = build_bundle(plan, tmp_path / "out").path / "data"
    sheet = load_workbook(data / "归档文件目录.xlsx").active
    rows = [
        [str(cell) if cell is not None else "" for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)
    ]
    assert tuple(rows[0]) == COLUMNS == ("序号", "档号", "文号", "责任者", "题名", "日期", "密级", "页数", "备注")
    assert rows[1] == ["1", "", "甲发〔2026〕5号", "甲局", "题名0", "20260605", "", "3", "登记号 2026-0001"]
    assert sheet["E4"].value == "=HYPERLINK(1)"
    assert sheet["E4"].data_type == "s"
    table = docx.Document(data / "归档文件目录.docx").tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == rows


def test_machines_find_the_same_facts(plan, tmp_path):
    """ensures that the metadata name each file of the bag with its hash."""
    folder = build_bundle(plan, tmp_path / "out").path
    metadata = json.loads((folder / "data" / "元数据.json").read_text(encoding="utf-8"))
    assert metadata["journal_head"] == "7:abc"
    assert [item["sha256"] for item in metadata["items"]] == [item.sha256 for item in plan.items]
    assert all((folder / item["file"]).is_file() for item in metadata["items"])


def test_one_plan_gives_one_payload(plan, tmp_path, monkeypatch):
    """ensures that the same plan at another hour gives the same payload manifests, under a name of its own."""
    first = build_bundle(plan, tmp_path / "out").path
    later = time.time() + 3 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    second = build_bundle(plan, tmp_path / "out").path
    assert first.name != second.name
    for manifest in ("manifest-sha256.txt", "manifest-sha512.txt"):
        assert (first / manifest).read_bytes() == (second / manifest).read_bytes()
    book = load_workbook(first / "data" / "归档文件目录.xlsx")
    assert book.properties.created.date() == book.properties.modified.date() == plan.made_on


@pytest.mark.parametrize("name", [*HOSTILE, "a%0Ab.docx", "100%25.docx", "100%.docx", "x\ufffe.docx"])
def test_hostile_names_make_a_valid_bag(plan, tmp_path, name):
    """ensures that whatever a paper and its section are called, the bag holds, and the catalogue opens."""
    item = replace(plan.items[0], name=name, section=name, title=name)
    folder = build_bundle(replace(plan, key=name, title=name, items=(item, item)), tmp_path / "out").path
    bagit.Bag(str(folder)).validate()
    metadata = json.loads((folder / "data" / "元数据.json").read_text(encoding="utf-8"))
    assert [(folder / i["file"]).read_bytes() for i in metadata["items"]] == [b"paper 0"] * 2
    load_workbook(folder / "data" / "归档文件目录.xlsx")
    assert not any("%" in path for path in bagit.Bag(str(folder)).payload_files())


def test_the_zip_opens_with_its_names(plan, tmp_path):
    """ensures that names are UTF-8 with the flag that Windows reads, and the bag inside is valid."""
    packed = build_bundle(plan, tmp_path / "out", as_zip=True).path
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["甲局-2026.zip"]
    with zipfile.ZipFile(io.BytesIO(packed.read_bytes())) as archive:
        assert all(info.flag_bits & 0x800 or info.filename.isascii() for info in archive.infolist())
        archive.extractall(tmp_path / "unpacked")
    bagit.Bag(str(tmp_path / "unpacked" / "甲局-2026")).validate()


@pytest.mark.parametrize("tampering", ["change", "remove", "add"])
def test_tampering_shows(plan, tmp_path, tampering):
    """ensures that full validation finds a changed, missing or added paper."""
    folder = build_bundle(plan, tmp_path / "out").path
    paper = folder / "data" / "01-“双报告”" / "002-CON.docx"
    if tampering == "change":
        paper.chmod(0o644)
        paper.write_bytes(b"Paper 1")
    elif tampering == "remove":
        paper.unlink()
    else:
        paper.with_name("多出.docx").write_bytes(b"x")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(folder)).validate()


def test_an_original_that_is_gone_is_damage(plan, tmp_path):
    """ensures that a lost original is not taken for a full disk."""
    gone = replace(plan, items=(replace(plan.items[0], source=str(tmp_path / "没有")),))
    with pytest.raises(ArchiveDamaged, match="没有原件“报告:一") as caught:
        build_bundle(gone, tmp_path / "out")
    assert caught.value.exit_code == 4
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_original_makes_no_bag(plan, tmp_path):
    """ensures that rot is not carried into a bundle, and nothing half-made is left."""
    bad = replace(plan, items=(replace(plan.items[0], sha256="0" * 64), *plan.items[1:]))
    with pytest.raises(ArchiveDamaged, match="报告:一"):
        build_bundle(bad, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
