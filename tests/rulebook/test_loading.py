"""What a loaded rulebook offers, the shipped one and that of another city."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pydantic
import pytest

import pipeline
from pipeline.rulebook import check_rulebook, load_rulebook
from pipeline.rulebook.due import DueDates, DueTerm, DueWindow, MonthDay
from pipeline.rulebook.loader import SHIPPED

YUNXI = Path(__file__).with_name("yunxi-2026.yaml")


def test_shipped_rulebook_is_whole() -> None:
    r = load_rulebook()
    score, archives = r.assessment, r.archives
    assert score and archives
    counts = {
        "institutions": len(r.institutions),
        "terms": len(r.terms),
        "parties": len(r.parties),
        "lists": len(r.lists),
        "items": sum(len(c.items) for c in r.lists.values()),
        "hints": sum(len(i.strong) + len(i.weak) for c in r.lists.values() for i in c.items),
        "kinds": len(r.kinds),
        "matched kinds": sum(k.match is not None for k in r.kinds.values()),
        "obligations": len(r.obligations),
        "workflows": len(r.workflows),
        "transitions": sum(len(w.transitions) for w in r.workflows.values()),
        "letters": len(r.letters),
        "letter bodies": sum(bool(x.body) for x in r.letters.values()),
        "score lines": sum(len(s.lines) for s in score.sections),
        "score parts": sum(len(n.parts) for s in score.sections for n in s.lines),
        "adjustments": len(score.adjustments),
        "unit sections": len(archives.unit_sections),
        "person sections": len(archives.person_sections),
        "ambiguities": len(r.ambiguities),
    }
    assert counts == {
        "institutions": 11,
        "terms": 16,
        "parties": 46,
        "lists": 21,
        "items": 116,
        "hints": 163,
        "kinds": 93,
        "matched kinds": 63,
        "obligations": 129,
        "workflows": 9,
        "transitions": 90,
        "letters": 49,
        "letter bodies": 8,
        "score lines": 33,
        "score parts": 50,
        "adjustments": 2,
        "unit sections": 10,
        "person sections": 7,
        "ambiguities": 65,
    }


def test_shipped_rulebook_is_laid_out_by_institution() -> None:
    r = load_rulebook()
    for number, name in ((i.n, i.id) for i in r.institutions.values()):
        (file,) = SHIPPED.glob(f"{10 + number}-*.yaml")
        text = file.read_text(encoding="utf-8")
        assert set(re.findall(r"^    institution: (\w+)$", text, re.M)) == {name}


def test_shipped_rulebook_is_read_once() -> None:
    assert load_rulebook() is load_rulebook(None)


@pytest.mark.parametrize("source", [SHIPPED, YUNXI], ids=["shipped", "yunxi"])
def test_rulebook_has_no_fault(source: Path) -> None:
    assert check_rulebook(source) == ()


def test_nothing_in_a_rulebook_changes() -> None:
    r = load_rulebook()
    with pytest.raises(FrozenInstanceError):
        r.head = r.head  # type: ignore[misc]
    with pytest.raises(pydantic.ValidationError):
        r.kinds["plenary_report"].title = "x"


def test_labels() -> None:
    r = load_rulebook()
    assert r.kind_label("pledge_main") == "落实主体责任承诺书"
    assert r.kind_label("other") == r.kind_label("no_such_kind") == "其他材料"


def test_item_ids_carry_the_list_where_several_judge() -> None:
    r = load_rulebook()
    assert [i for i, _ in r.items_for("leadership_report")] == [str(n) for n in range(1, 12)]
    member = [i for i, _ in r.items_for("plenary_report", "member")]
    assert len(member) == 10
    assert member[0] == "duty_statement_items.1"
    assert [r.item_name(i) for i in ("4", member[0])] == ["第 4 项", "述责主要内容第 1 项"]
    principal = [i for i, _ in r.items_for("plenary_report", "principal")]
    assert principal == [*member, *(f"integrity_principal_extra.{n}" for n in (1, 2, 3))]
    assert r.lists_for("other") == r.items_for("other") == ()


def test_items_that_never_count_as_missing() -> None:
    r = load_rulebook()
    optional = {(name, i.n) for name, c in r.lists.items() for i in c.items if i.optional}
    assert optional == {
        ("leadership_report_items", 11),
        ("principal_report_items", 7),
        ("duty_statement_items", 6),
        ("inspection_tasks", 11),
    }


def test_terms_become_days() -> None:
    r = load_rulebook()
    pledge = r.obligations["S-02"].due
    assert isinstance(pledge, DueTerm)
    window = r.timing(pledge)
    assert isinstance(window, DueWindow)
    assert (window.window[0].on(2026), window.window[1].on(2026)) == (date(2026, 1, 1), date(2026, 3, 31))
    plenary = r.timing(r.obligations["Z-01"].due)
    assert isinstance(plenary, DueWindow)
    assert plenary.window[1].on(2026) == date(2027, 3, 31)


def test_every_due_of_a_term_is_in_the_terms() -> None:
    r = load_rulebook()
    assert all(not isinstance(r.timing(o.due), DueTerm) for o in r.obligations.values())


def test_month_day() -> None:
    assert MonthDay.parse("02-29").on(2025) == date(2025, 2, 28)
    assert str(MonthDay.parse("+01-20")) == "+01-20"
    with pytest.raises(ValueError, match="不是日历上有的日期"):
        MonthDay.parse("02-30")


def test_another_city_works_and_shares_nothing() -> None:
    ours, theirs = load_rulebook(), load_rulebook(YUNXI)
    for section in ("institutions", "parties", "lists", "kinds", "terms", "obligations", "workflows", "letters"):
        assert not set(getattr(ours, section)) & set(getattr(theirs, section)), section
    assert not {k.title for k in ours.kinds.values()} & {k.title for k in theirs.kinds.values()}
    assert [i for i, _ in theirs.items_for("site_statement")] == ["1", "2", "3", "4"]
    assert [i for i, _ in theirs.items_for("chief_statement", "deputy")] == ["chief_points.1", "chief_points.2"]
    assert [i for i, _ in theirs.items_for("chief_statement", "chief")][-1] == "chief_of_works_points.1"
    due = theirs.obligations["Q1"].due
    assert isinstance(due, DueDates)
    assert not due.inclusive
    assert [d.on(2026) for d in due.dates] == [date(2026, 7, 10), date(2027, 1, 10)]


def test_a_folder_and_one_file_say_the_same(tmp_path: Path) -> None:
    text = YUNXI.read_text(encoding="utf-8")
    cut = text.index("\nlists:")
    (tmp_path / "1.yaml").write_text(text[:cut], encoding="utf-8")
    (tmp_path / "2.yaml").write_text(text[cut:], encoding="utf-8")
    (tmp_path / "README.md").write_text("not a rule", encoding="utf-8")
    assert load_rulebook(tmp_path) == load_rulebook(YUNXI)


def test_no_code_names_the_city_of_the_shipped_plan() -> None:
    city = "".join(map(chr, (0x5ECA, 0x574A)))
    named = [f for f in Path(pipeline.__file__).parent.rglob("*.py") if city in f.read_text(encoding="utf-8")]
    assert named == []


def test_what_the_office_reads_is_chinese() -> None:
    r = load_rulebook()
    said = [text for a in r.ambiguities.values() for text in (a.problem, a.resolve)]
    said += [text for w in r.workflows.values() for text in (w.one, *(t.event for t in w.transitions))]
    assert [text for text in said if not re.search(r"[\u4e00-\u9fff]", text)] == []
