"""Rosters come in from Excel and JSON; every fault is named at once with its place."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from pipeline.errors import PipelineError, RosterError
from pipeline.model import Person, Roster, Unit
from pipeline.roster import read_roster, write_roster, write_template
from pipeline.rulebook import load_rulebook

SHIPPED = load_rulebook()
OTHER = load_rulebook(Path(__file__).parents[1] / "rulebook" / "yunxi-2026.yaml")
WORD = st.text(st.characters(codec="utf-8", categories=("Lo", "Lu", "Nd")), min_size=1, max_size=12)
UNITS = ("正式名称", "简称", "类别", "上级单位")
PEOPLE = ("姓名", "单位", "职务", "角色", "分管范围", "任职起", "任职止")


def workbook(
    path: Path, units: list[tuple], people: list[tuple] = (), sheets: tuple[str, str] = ("单位", "人员")
) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, header, rows in zip(sheets, (UNITS, PEOPLE), (units, people), strict=True):
        sheet = book.create_sheet(name)
        for row in (header, *rows):
            sheet.append(list(row))
    book.save(path)
    return path


def problems(path: Path, rulebook=SHIPPED) -> tuple[str, ...]:
    with pytest.raises(RosterError) as caught:
        read_roster(path, rulebook)
    return caught.value.problems


@settings(max_examples=25, deadline=None)
@given(
    names=st.lists(WORD, min_size=1, max_size=6, unique=True),
    people=st.lists(WORD, max_size=6),
    day=st.none() | st.dates(dt.date(1990, 1, 1)),
)
def test_what_was_written_is_read(tmp_path_factory, names, people, day):
    """ensures that export and import are each other's inverse, dates and scopes included."""
    units = tuple(Unit(name, "city_unit", (f"{name}的简称",), names[0] if n else None) for n, name in enumerate(names))
    roster = Roster(
        units, tuple(Person(p, names[0], "局长", "member", (p, "审计") if p != "审计" else (p,), day) for p in people)
    )
    path = tmp_path_factory.mktemp("roster") / "名册.xlsx"
    write_roster(roster, path, SHIPPED)
    assert read_roster(path, SHIPPED) == roster


def test_json_and_excel_say_the_same(tmp_path):
    """ensures that both doors lead to one roster, short names resolved, labels and ids alike."""
    content = {
        "units": [
            {"name": "甲局", "aliases": ["甲"], "class": "city_unit"},
            {"name": "院党组", "class": "city_party_group"},
        ],
        "people": [
            {
                "name": "某某",
                "unit": "甲",
                "post": "局长",
                "role": "principal",
                "scope": "一科、二科",
                "since": "2026-01-01",
            }
        ],
    }
    (tmp_path / "名册.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8-sig")
    book = workbook(
        tmp_path / "名册.xlsx",
        [("甲局", "甲", "市直单位党委(党组)", None), (), ("院党组", None, "city_party_groups", "")],
        [("某某", "甲局", "局长", "主要负责人", "一科,二科", dt.datetime(2026, 1, 1), None)],
    )
    expected = Roster(
        (Unit("甲局", "city_unit", ("甲",)), Unit("院党组", "city_party_groups")),
        (Person("某某", "甲局", "局长", "principal", ("一科", "二科"), dt.date(2026, 1, 1)),),
    )
    assert read_roster(tmp_path / "名册.json", SHIPPED) == expected
    assert read_roster(book, SHIPPED) == expected


def test_every_fault_is_named_at_once_with_its_place(tmp_path):
    """ensures that one round of corrections is enough."""
    path = workbook(
        tmp_path / "名册.xlsx",
        [("甲局", "甲", "不知道", None), ("", "乙", "city_unit", None), ("甲局", "丙", "city_unit", "没有的委"), ("丁局", "甲", "city_unit", None)],
        [("", "甲局", "x", "principal"), ("某", "无此局", "x", "皇帝"), ("某", "甲局", "x", "member", "", "昨天", ""), ("某", "甲局", "x", "member", "", "2026-02-01", "2026-01-01")],
    )  # fmt: skip
    said = problems(path)
    for place, words in (
        ("单位 第2行“类别”", "不知道"),
        ("单位 第3行“正式名称”", "没有填写"),
        ("单位 第4行“正式名称”", "重复"),
        ("单位 第4行“上级单位”", "没有的委"),
        ("单位 第5行“简称”", "与单位 第2行重复"),
        ("人员 第2行“姓名”", "没有填写"),
        ("人员 第3行“角色”", "皇帝"),
        ("人员 第3行“单位”", "无此局"),
        ("人员 第4行“任职起”", "昨天"),
        ("人员 第5行“任职止”", "早于"),
    ):
        assert any(line.startswith(place) and words in line for line in said), (place, said)
    assert len(said) == 10


def test_formulas_and_error_cells_are_not_guessed(tmp_path):
    """ensures that a cell that Excel would compute is named by row and column."""
    said = problems(workbook(tmp_path / "名册.xlsx", [("=A1", "", "city_unit", ""), ("甲局", "#N/A", "city_unit", "")]))
    assert said == ("单位 第2行 A列:是公式,请改为文字", "单位 第3行 B列:是错误值 #N/A,请改为文字")


@pytest.mark.parametrize(
    ("sheets", "words"), [(("单位", "人员表"), "缺少“人员”工作表"), (("Sheet1", "Sheet2"), "缺少“单位”工作表")]
)
def test_missing_sheets_are_named(tmp_path, sheets, words):
    """ensures that a workbook of another shape says what it lacks."""
    assert any(
        words in line
        for line in problems(workbook(tmp_path / "名册.xlsx", [("甲局", "", "city_unit", "")], sheets=sheets))
    )


def test_a_sheet_without_header(tmp_path):
    """ensures that rows are not taken for a header."""
    book = Workbook()
    book.active.title = "单位"
    book.active.append(["甲局", "甲"])
    book.create_sheet("人员").append(list(PEOPLE))
    book.save(tmp_path / "名册.xlsx")
    assert any("没有表头" in line for line in problems(tmp_path / "名册.xlsx"))


@pytest.mark.parametrize(
    ("name", "data"),
    [("名册.xlsx", b"not a workbook"), ("名册.json", b"{"), ("名册.json", b"[]"), ("名册.json", b'{"units": [1], "people": []}'),
     ("名册.csv", b"x"), ("名册.xlsx", b"\xd0\xcf\x11\xe0" + bytes(2000)), ("名册.json", b"[" * 100_000), ("名册.json", b"\xff\xfe\x00")],
)  # fmt: skip
def test_files_that_are_no_roster(tmp_path, name, data):
    """ensures that each ends as a Chinese sentence."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RosterError, match=r"请|应为"):
        read_roster(tmp_path / name, SHIPPED)


def test_an_empty_roster_is_not_imported(tmp_path):
    """ensures that a template that nobody filled in does not erase the roster."""
    write_template(tmp_path / "模板.xlsx", SHIPPED)
    assert problems(tmp_path / "模板.xlsx") == ("名册里没有单位,请至少填写一个",)


@pytest.mark.parametrize("rulebook", [SHIPPED, OTHER], ids=["shipped", "other"])
def test_the_template_offers_the_rulebook_s_words(tmp_path, rulebook):
    """ensures that drop-downs hold the classes and roles of the rulebook in use."""
    write_template(tmp_path / "模板.xlsx", rulebook)
    book = load_workbook(tmp_path / "模板.xlsx")
    (choice,) = book["单位"].data_validations.dataValidation
    values = [row[0] for row in book[choice.formula1.split("'")[1]].iter_rows(values_only=True)]
    assert values == [p.name for p in rulebook.parties.values() if p.kind == "unit_class"]
    assert book["单位"].freeze_panes == "A2"
    assert book["单位"]["A1"].comment is not None


def test_names_that_look_like_formulas_stay_names(tmp_path):
    """ensures that an exported roster is inert in Excel."""
    roster = Roster((Unit("=HYPERLINK(1)", "city_unit", ("+甲", "@乙")),))
    write_roster(roster, tmp_path / "名册.xlsx", SHIPPED)
    sheet = load_workbook(tmp_path / "名册.xlsx")["单位"]
    assert {sheet.cell(row=2, column=c).data_type for c in (1, 2)} == {"s"}


def test_an_unwritable_place_is_said(tmp_path):
    """ensures that a folder that is not there ends in a sentence."""
    with pytest.raises(PipelineError, match="无法写入"):
        write_roster(Roster(), tmp_path / "没有" / "名册.xlsx", SHIPPED)
