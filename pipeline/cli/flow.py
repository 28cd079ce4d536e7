"""``flow``: the cases of the rulebook's workflows, where each stands and what may happen next."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from pipeline.casework import Casebook, advance, open_case
from pipeline.cli.common import Call, Day, with_call
from pipeline.cli.output import emit, put, table, write_file
from pipeline.judging.flows import History, steps_from
from pipeline.office import Office
from pipeline.roster.workbook import sheet_file


@click.group(help="流程:每一项办到哪一步、下一步是什么。")
def flow() -> None:
    pass


@flow.command("list", help="列出各项和所处的环节。")
@click.option("--workflow", help="只看一个流程(编号)")
@click.option("--unit", help="只看一个单位")
@click.option("--state", help="只看处于这个环节的")
@click.option("--year", type=int, help="年度(默认今年)")
@click.option("--marked", is_flag=True, help="只看记录在案的(扣分建议)")
@click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False), help="写成 Excel 文件")
@with_call
def list_(
    call: Call,
    workflow: str | None,
    unit: str | None,
    state: str | None,
    year: int | None,
    marked: bool,
    xlsx: Path | None,
) -> None:
    with call.office() as office:
        book = Casebook(office, year or office.today().year)
        named = unit and (office.unit_named(unit) or unit)
        found = [h for h in book.cases(workflow, named) if state in (None, h.state) and (h.marks or not marked)]
        if xlsx is not None:
            write_file(xlsx, sheet_file("扣分建议" if marked else "流程", COLUMNS, (_cells(h, office) for h in found)))
        if call.json:
            for history in found:
                emit(shape(history, office))
            return
        rows = [(h.case.key, _label(h, office), h.since or "", h.case.due or "", _clock_words(h)) for h in found]
        table(("事项", "环节", "自", "期限", "时限"), rows)
        put(f"\n共 {len(rows)} 项")


@flow.command(help="看一项的经过、时限和下一步。事项可只写一段。")
@click.argument("case", metavar="事项")
@click.option("--year", type=int, help="年度(默认今年)")
@with_call
def show(call: Call, case: str, year: int | None) -> None:
    with call.office() as office:
        _report(call, Casebook(office, year or office.today().year).find(case), office)


@flow.command("open", help="新立一项(责成点题报告、谈话、督查等不由期限产生的)。")
@click.argument("workflow", metavar="流程")
@click.option("--unit", help="单位")
@click.option("--person", help="人员")
@click.option("--due", type=Day(), help="限期")
@click.option("--on", type=Day(), help="日期(默认今天)")
@click.option("--note", default="", help="说明")
@with_call
def open_(
    call: Call, workflow: str, unit: str | None, person: str | None, due: dt.date | None, on: dt.date | None, note: str
) -> None:
    with call.office() as office:
        named = unit and (office.unit_named(unit) or unit)
        _report(call, open_case(office, workflow, named, person, due, note, on), office)


@flow.command("advance", help="把一项推进到某个环节;不合流程的会说明原因。")
@click.argument("case", metavar="事项")
@click.argument("state", metavar="环节")
@click.option("--on", type=Day(), help="日期(默认今天)")
@click.option("--due", type=Day(), help="新的限期")
@click.option("--entry", help="有关文件的登记号")
@click.option("--note", default="", help="说明")
@with_call
def advance_(
    call: Call, case: str, state: str, on: dt.date | None, due: dt.date | None, entry: str | None, note: str
) -> None:
    with call.office() as office:
        _report(call, advance(office, case, state, on, due, entry, note), office)


def shape(history: History, office: Office) -> dict[str, object]:
    """Return a case as JSON values."""
    workflow, case = office.rulebook.workflows[history.case.workflow], history.case
    return {
        "case": case.key,
        "workflow": case.workflow,
        "unit": case.unit,
        "person": case.person,
        "period": case.period,
        "due": case.due,
        "state": history.state,
        "state_label": workflow.states[history.state],
        "since": history.since,
        "clocks": dict(history.clocks),
        "marks": list(history.marks),
        "moves": [
            {"from": m.transition.from_, "to": m.transition.to, "on": m.on, "event": m.transition.event, "entry": m.entry,
             "letter": m.transition.letter, "note": m.note, "clause": m.transition.clause}
            for m in history.moves
        ],
        "next": [
            {"to": t.to, "label": workflow.states[t.to], "event": t.event, "letter": t.letter}
            for t in steps_from(workflow, history.state)
        ],
    }  # fmt: skip


def _report(call: Call, history: History, office: Office) -> None:
    if call.json:
        emit(shape(history, office))
        return
    workflow = office.rulebook.workflows[history.case.workflow]
    put(f"{history.case.key}\n现在:{_label(history, office)}" + (f"(自 {history.since})" if history.since else ""))
    if history.case.due:
        put(f"期限:{history.case.due}")
    for name, day in history.clocks:
        put(f"时限:{day}({name})")
    for mark in history.marks:
        put(f"记录在案:{mark}")
    for move in history.moves:
        words = f"{move.on}  {workflow.states[move.transition.to]}:{move.transition.event}"
        put("  " + words + (f" {move.entry}" if move.entry else "") + (f"({move.note})" if move.note else ""))
    for step in steps_from(workflow, history.state):
        letter = f",文书 {step.letter}" if step.letter else ""
        put(f"  下一步 {step.to}({workflow.states[step.to]}):{step.event}{letter}")


COLUMNS = ("事项", "单位", "人员", "时期", "环节", "自", "期限", "记录在案", "事实", "依据")


def _cells(history: History, office: Office) -> tuple[object, ...]:
    """A row for those who decide: what is on record, the facts with their days, the clauses; the points are theirs."""
    case, marked = history.case, [m for m in history.moves if m.transition.mark]
    facts = ";".join(f"{m.on} {m.transition.event}" + (f"({m.entry})" if m.entry else "") for m in marked)
    clauses = ";".join(dict.fromkeys(m.transition.clause for m in marked))
    return (case.key, case.unit, case.person, case.period, _label(history, office), history.since, case.due,
            "、".join(history.marks), facts, clauses)  # fmt: skip


def _label(history: History, office: Office) -> str:
    return office.rulebook.workflows[history.case.workflow].states[history.state]


def _clock_words(history: History) -> str:
    return "、".join(str(day) for _, day in history.clocks)
