"""The frozen year as fields of letters and forms: score sheets, feedback with every deduction, the hand-over list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.assessment.known import Known
from pipeline.assessment.record import material_rows, signing_record
from pipeline.assessment.run import Assessed, assessed, table_of
from pipeline.assessment.sheets import losses, transfer_rows
from pipeline.office import Office

Filled = tuple[str | None, str, dict[str, object]]
"""The unit (None: a letter about all), what tells this letter from others of its kind, its fields."""


def filled(letter: str, office: Office, year: int, unit: str | None) -> Iterator[Filled]:
    """Yield a letter's fields for each unit that it concerns; none where the year is not frozen yet."""
    if letter == "material_catalogue_form":
        known = Known(office, table_of(office), year)
        for name in _scored_units(office, unit):
            rows = [list(row) for row in material_rows(office, known, name)]
            if rows:
                yield name, f"{year}:{name}:{len(rows)}:{office.today()}", {"rows": rows}
        return
    if letter == "signing_execution_sheet":
        for one in office.roster.units:
            if unit in (None, one.name):
                yield one.name, f"{year}:{one.name}:{office.today()}", dict(signing_record(office, one.name, year))
        return
    frozen = office.ledger.frozen(year)
    if frozen is None:
        return
    result = assessed(dict(frozen.content))
    if letter == "result_transfer":
        rows = [list(row) for row in transfer_rows(result, table_of(office))]
        yield None, f"{year}:{frozen.version}", {"rows": rows}
        return
    for row in result.units:
        if row["scored"] and unit in (None, row["unit"]):
            yield row["unit"], f"{year}:{row['unit']}:{frozen.version}", _of_a_unit(letter, row, result)


def _of_a_unit(letter: str, row: Mapping[str, Any], result: Assessed) -> dict[str, object]:
    scores = {"total": row["score"], "ten_point": row["score_ten"]}
    people = [f"{p['person']}({p['kind']}):{p['score']}分,{p['why']}" for p in result.people
              if p["scored"] and p["of_unit"] == row["unit"]]  # fmt: skip
    if letter == "score_sheet_form":
        lines = [
            f"{line['id']} 满分{line['max']},得{line['points']}:{line['why']}({line['clause']})"
            for line in row["lines"]
        ]
        return {**scores, "sections": [*_sections(row), *lines], "persons": people or ["无"]}
    if letter == "daily_rating_form":
        daily = [line for line in row["lines"] if line["source"] == "日常评定"]
        return {"facts": [f"{line['id']} {line['why']}" for line in daily]}
    lost = [
        f"{line or '执行情况'} 少得{points}分:{why}({clause})" for _, line, _, _, points, why, clause in losses([row])
    ]
    facts = [fact for taken in row["adjustments"] for fact in taken["facts"]]
    return {**scores, "section_scores": _sections(row), "deductions": lost or ["无"], "problems": facts or ["见扣分事项"],
            "requirements": ["请对照扣分事项逐项整改"]}  # fmt: skip


def _sections(row: Mapping[str, Any]) -> list[str]:
    return [f"{s['title']}:{s['points']}分(满分{s['max']}分),{s['why']}" for s in row["sections"]]


def _scored_units(office: Office, unit: str | None) -> list[str]:
    table = table_of(office)
    classes = table.subject_classes or (table.subjects,)
    return [u.name for u in office.roster.units if u.unit_class in classes and unit in (None, u.name)]
