"""The facts workbook (考核数据): made by the program with what the ledger knows, filled in by the office, read back.

One sheet for each source; drop-downs, ranges and comments with the clause. Faults are named by sheet, row and column.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.assessment.given import Checker, Given
from pipeline.assessment.known import Known
from pipeline.assessment.shape import fact_words
from pipeline.errors import FactsError, RosterError
from pipeline.judging.assessing import Ballots, PersonFacts, UnitFacts, team_rate
from pipeline.judging.inputs import Input, inputs
from pipeline.judging.marking import Fact
from pipeline.model import Person, Roster
from pipeline.roster.workbook import fill_sheet, open_workbook, sheet_rows
from pipeline.rulebook.assessment import Assessment

VOTES, RANKS, REASONS, DEDUCTIONS, NOTES = "民主测评", "排名", "改动理由", "扣分", "填写说明"
TEAM = "领导班子"
_REASON_COLUMNS = ("单位", "数据", "理由")
_DEDUCTION_COLUMNS = ("单位", "事由", "台账事实", "扣几分", "理由", "依据")
_EXPLAINED = (
    "空着的就是“待定”,不当作零分;一项没有就写 0 或“否”。",
    "浅色的格是程序按台账填的,批注里是登记号或日期。改动它要在“改动理由”里写明单位、数据(表头)和理由。",
    "民主测评按对象填各等次票数,没有票写 0;无效票另填,不计入有效票。",
    "排名:有名次的填名次,没有名次的填数值,由程序在全部单位中排;两样都填时以名次为准。",
    "扣分:方案只写“相应分数”,程序列出事实,分数和理由由人填写;不填就不扣。",
)


def sheet_of(asked: Input) -> str:
    """Return the sheet in which an input is asked."""
    if asked.kind == "bands":
        return VOTES
    return RANKS if asked.kind in {"rank", "value"} else asked.line.source


def heading(asked: Input) -> str:
    """Return an input's column: its line and what it is called."""
    return f"{asked.line.id} {asked.label}"


def facts_template(table: Assessment, roster: Roster, known: Known) -> bytes:
    """Return the workbook for the roster's units and people that are scored, with what the ledger knows filled in."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = VOTES
    classes = table.subject_classes or (table.subjects,)
    units = [u.name for u in roster.units if u.unit_class in classes]
    people = [p for p in roster.people if p.unit in units]
    _vote_sheet(first, table, units, people)
    facts = {unit: known.facts(unit) for unit in units}
    sheets = defaultdict(list)
    for asked in inputs(table).values():
        sheets[sheet_of(asked)].append(asked)
    ranks = sheets.pop(RANKS, [])
    for name, wanted in [*sheets.items(), (RANKS, ranks)]:
        if name != VOTES and wanted:
            _input_sheet(book.create_sheet(name), wanted, facts)
    proposed = [(unit, "、".join(a.grounds), ";".join(known.marks.get((a.id, unit), ())), None, None, f"{a.phrase}({a.clause})")
                for unit in units for a in table.adjustments]  # fmt: skip
    fill_sheet(book.create_sheet(DEDUCTIONS), _DEDUCTION_COLUMNS, proposed, {"事由": ["、".join(a.grounds) for a in table.adjustments]},
               {"扣几分": "写 0 或正数;不填就不扣"})  # fmt: skip
    told = [heading(i) for i in known.proven]
    fill_sheet(
        book.create_sheet(REASONS), _REASON_COLUMNS, (), {"单位": units, "数据": told} if units and told else {}, {}
    )
    notes = book.create_sheet(NOTES)
    for line in (NOTES, *_EXPLAINED):
        notes.append([line])
    notes.column_dimensions["A"].width = 100
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read_workbook(path: Path, table: Assessment, roster: Roster, known: Known) -> Given:
    """Return the facts of a filled-in workbook.

    Raises:
        FactsError: it does not open, or something does not fit; names every sheet, row and column at once.
    """
    try:
        book = open_workbook(path)
    except RosterError as error:
        raise FactsError(error.what, error.do) from error
    check = Checker(table, roster)
    facts: dict[str, dict[str, Fact]] = defaultdict(dict)
    where: dict[tuple[str, str], str] = {}
    reasons = _reasons(book, check)
    sheets = defaultdict(list)
    for asked in check.asked.values():
        sheets[sheet_of(asked)].append(asked)
    for name, wanted in sheets.items():
        if name != VOTES:
            _read_inputs(book, name, wanted, check, facts, where, reasons)
    people = _read_votes(book, check, facts)
    deducted = _read_deductions(book, check)
    in_roster = {u.name for u in roster.units}
    for unit in facts:
        told = known.facts(unit) if unit in in_roster else {}
        for name, fact in facts[unit].items():
            before = told.get(name)
            if before is not None and before.value != fact.value and not fact.reason:
                said = f"“{heading(check.asked[name])}”台账为“{fact_words(before.value)}”,改动要在“{REASONS}”里写理由"
                check.fault(where[unit, name], said)
    check.finish(path.name)
    return Given(tuple(UnitFacts(unit, facts[unit], deducted.get(unit, {})) for unit in facts), people)


# --- writing


def _vote_sheet(sheet: Worksheet, table: Assessment, units: list[str], people: list[Person]) -> None:
    rule = table.vote_rule
    columns = ("单位", "对象", "类别", *rule.grades, "无效票")
    kinds = {k.id: k.title for k in table.persons.kinds} | {
        "gov_party_principal": next((k.title for k in table.persons.kinds if k.id == "principal"), "")
    }
    empty = (None,) * (len(rule.grades) + 1)
    rows = [(unit, body, TEAM, *empty) for unit in units for body in rule.bodies]
    rows += [(p.unit, p.name, kinds[p.role], *empty) for p in people if kinds.get(p.role)]
    hints = {"对象": f"领导班子写 {'、'.join(rule.bodies)};个人写姓名", "无效票": "不计入有效票"}
    hints |= dict.fromkeys(rule.good_grades, f"{rule.rate};{table.sections[0].clause}")
    fill_sheet(sheet, columns, rows, {"类别": [TEAM, *(k.title for k in table.persons.kinds)]}, hints)
    for n in range(4, len(columns) + 1):
        _whole_numbers(sheet, n, 0)
        for row in range(2, len(rows) + 2):
            sheet.cell(row=row, column=n).value = None


def _input_sheet(sheet: Worksheet, wanted: list[Input], facts: dict[str, dict[str, Fact]]) -> None:
    columns = ("单位", *(heading(i) for i in wanted))
    rows = [
        (unit, *(fact_words(told[i.name].value) if i.name in told else None for i in wanted))
        for unit, told in facts.items()
    ]
    flags = {heading(i): ["是", "否"] for i in wanted if i.kind in {"flag", "veto"}}
    hints = {heading(i): f"{i.asks}\n{i.line.text}\n{i.clause}" for i in wanted}
    fill_sheet(sheet, columns, rows, {}, hints)
    for n, asked in enumerate(wanted, 2):
        sheet.column_dimensions[get_column_letter(n)].width = 18
        if heading(asked) in flags:
            choice = DataValidation(type="list", formula1='"是,否"', allow_blank=True)
            choice.error, choice.errorTitle = "请填“是”或“否”", "填写"
            sheet.add_data_validation(choice)
            choice.add(f"{get_column_letter(n)}2:{get_column_letter(n)}5000")
        elif asked.kind in {"quota", "count", "rank"}:
            _whole_numbers(sheet, n, 1 if asked.kind == "rank" else 0)
        for row, told in enumerate(facts.values(), 2):
            cell = sheet.cell(row=row, column=n)
            fact = told.get(asked.name)
            if fact is None:
                cell.value = None
            else:
                cell.value = int(said) if (said := str(cell.value)).isdecimal() else said
                cell.fill = PatternFill("solid", fgColor="E2EFDA")
                cell.comment = Comment("台账:\n" + "\n".join(fact.evidence), "主体办")
            if asked.kind == "value":
                cell.number_format = "@"  # as text, 95% stays 95% and does not become 0.95


def _whole_numbers(sheet: Worksheet, column: int, least: int) -> None:
    whole = DataValidation(type="whole", operator="between", formula1=str(least), formula2="999999", allow_blank=True)
    whole.error, whole.errorTitle = f"请填 {least} 或更大的整数", "填写"
    sheet.add_data_validation(whole)
    whole.add(f"{get_column_letter(column)}2:{get_column_letter(column)}5000")


# --- reading


def _unit_rows(
    book: Workbook, name: str, columns: tuple[str, ...], check: Checker
) -> Iterator[tuple[str, str, dict[str, str]]]:
    for place, row in sheet_rows(book, name, columns, {"单位"}, check.problems):
        yield place, check.unit_name(f"{place} 单位", row["单位"]), row


def _reasons(book: Workbook, check: Checker) -> dict[tuple[str, str], str]:
    if REASONS not in book.sheetnames:
        return {}
    named = {heading(i): i.name for i in check.asked.values()}
    found = {}
    for place, unit, row in _unit_rows(book, REASONS, _REASON_COLUMNS, check):
        if row["数据"] not in named:
            check.fault(f"{place} 数据", f"没有“{row['数据']}”这项数据,请写表头")
        elif not row["理由"]:
            check.fault(f"{place} 理由", "没有写理由")
        else:
            found[unit, named[row["数据"]]] = row["理由"]
    return found


def _read_inputs(
    book: Workbook,
    name: str,
    wanted: list[Input],
    check: Checker,
    facts: dict[str, dict[str, Fact]],
    where: dict[tuple[str, str], str],
    reasons: dict[tuple[str, str], str],
) -> None:
    seen: list[tuple[str, str]] = []
    for place, unit, row in _unit_rows(book, name, ("单位", *(heading(i) for i in wanted)), check):
        seen.append((place, unit))
        told = facts[unit]
        for asked in wanted:
            here = f"{place} “{heading(asked)}”列"
            reason = reasons.get((unit, asked.name), "")
            fact = check.fact(here, asked.name, row[heading(asked)], f"填报({name})", reason)
            if fact is not None:
                told[asked.name] = fact
                where[unit, asked.name] = here
    check.only_once(seen, "单位")


def _read_votes(book: Workbook, check: Checker, facts: dict[str, dict[str, Fact]]) -> tuple[PersonFacts, ...]:
    rule = check.table.vote_rule
    bodies: dict[str, list[Ballots | None]] = defaultdict(list)
    people, seen = [], []
    for place, unit, row in _unit_rows(book, VOTES, ("单位", "对象", "类别", *rule.grades, "无效票"), check):
        seen.append((place, f"{unit} {row['对象']}"))
        ballots = _ballots(place, row, check)
        if row["类别"] == TEAM:
            bodies[unit].append(ballots)
            continue
        kind = check.person_kind(f"{place} 类别", unit, row["对象"], row["类别"])
        good, valid = (ballots.good(rule), ballots.valid) if ballots else (None, None)
        source = f"民主测评(无效{ballots.invalid}票)" if ballots else ""
        people.append(PersonFacts(row["对象"], unit, kind, good, valid, source))
    check.only_once(seen, "对象")
    name = next((i.name for i in check.asked.values() if i.kind == "bands"), "")
    for unit, counted in bodies.items():
        told = facts[unit]
        fact = team_rate(rule, [b for b in counted if b is not None]) if None not in counted else None
        if fact is not None:
            told[name] = fact
    return tuple(people)


def _ballots(place: str, row: dict[str, str], check: Checker) -> Ballots | None:
    rule = check.table.vote_rule
    if not any(row[grade] for grade in rule.grades):
        return None
    counts = {}
    for grade in rule.grades:
        if not row[grade]:
            check.fault(f"{place} “{grade}”列", "没有填票数,没有票写 0")
        counts[grade] = check.count(f"{place} “{grade}”列", "票数", row[grade]) or 0
    return Ballots(row["对象"], counts, check.count(f"{place} “无效票”列", "票数", row["无效票"]) or 0)


def _read_deductions(book: Workbook, check: Checker) -> dict[str, dict[str, Fact]]:
    found: dict[str, dict[str, Fact]] = defaultdict(dict)
    if DEDUCTIONS in book.sheetnames:
        for place, unit, row in _unit_rows(book, DEDUCTIONS, _DEDUCTION_COLUMNS, check):
            fact = check.deduction(f"{place} “扣几分”列", row["事由"], row["扣几分"], row["理由"])
            if fact is not None:
                found[unit][check.adjustment(row["事由"])] = fact
    return found
