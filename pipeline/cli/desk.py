"""``show``, ``review``, ``ledger``: the office at its desk."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.casework import Casebook, with_flows
from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, printable, put, say, table, write_file
from pipeline.errors import UsageError
from pipeline.judging.obligations import Owed
from pipeline.ledger.workbook import LABELS as STANDING_LABELS
from pipeline.ledger.workbook import ledger_workbook
from pipeline.model import WITHDRAW, Entry, ItemVerdict, Status
from pipeline.office import Office
from pipeline.shapes import entry_shape, obligation_shape, with_same_text
from pipeline.words import DECISION_LABELS, STATUS_LABELS, VERDICT_LABELS, withdrawal

STATUS_WORDS = {"covered": Status.COVERED, "mentioned": Status.MENTIONED, "absent": Status.ABSENT}


def entry_of(office: Office, number: str) -> Entry:
    """Return the entry with this number.

    Raises:
        UsageError: there is none.
    """
    entry = office.ledger.entry(number.strip())
    if entry is None:
        raise UsageError(f"没有登记号 {number}", "登记号形如 2026-0001,可用 pipeline search 查找")
    return entry


@click.command(help="显示一份已登记文件的全部情况。")
@click.argument("entry", metavar="登记号")
@with_call
def show(call: Call, entry: str) -> None:
    with call.office() as office:
        found = entry_of(office, entry)
        if call.json:
            emit(entry_shape(found, office))
        else:
            _print_entry(found, office)


def _print_entry(entry: Entry, office: Office) -> None:
    who = entry.identity
    timely = {None: "不计时限", True: "按时", False: "逾期"}[entry.on_time]
    for label, value in (
        ("登记号", entry.number),
        ("文件名", entry.name),
        ("标题", who.title),
        ("文种", office.rulebook.kind_label(who.kind)),
        ("单位", who.unit),
        ("人员", who.person),
        ("时期", who.period),
        ("落款日期", who.signed_date),
        ("收到", f"{entry.received}(期限 {entry.due or '无'},{timely})"),
        ("版本", f"第{entry.version}版" + (f",替换 {entry.previous}" if entry.previous else "")),
        ("SHA-256", entry.sha256),
        ("内容检查", VERDICT_LABELS[entry.verdict.outcome]),
    ):
        put(f"{label}:{printable(str(value)) if value is not None else '(未认出)'}")
    if entry.decision:
        note = office.ledger.note_of(entry.number)
        put(f"人工审阅:{DECISION_LABELS[entry.decision]}" + (f",{note}" if note else ""))
    searched = len(office.ledger.text(entry.number).passages)
    for item in entry.verdict.items:
        words = office.rulebook.item_words(entry.identity.kind, item.item)
        typed = "" if item.item.isdecimal() else f"({item.item})"
        put(f"\n{office.rulebook.item_name(item.item)}{typed} {_standing(item)}{':' if words else ''}{words}")
        for evidence in item.evidence[:3]:
            put(f"    “{evidence.text}”" + (f"——{evidence.heading}" if evidence.heading else ""))
        if item.status is Status.ABSENT:
            near = f",最接近的是“{item.nearest.text}”" if item.nearest else ",没有接近的语句"
            put(f"    已查找全文 {searched} 段{near}")
    for finding in with_same_text(entry, office).findings:
        put(f"\n{finding.message}" + (f"({finding.clause})" if finding.clause else ""))


def _standing(item: ItemVerdict) -> str:
    """Say how an item stands, and by whom: a person's decision and the machine's beside it, or the machine's alone."""
    if item.machine is not None:
        return f"{STATUS_LABELS[item.status]}(人工认定;机器判断:{STATUS_LABELS[item.machine]})"
    return f"{STATUS_LABELS[item.status]}(机器判断,把握 {item.confidence:.0%})"


def _item_decisions(values: tuple[str, ...]) -> dict[str, Status]:
    decisions = {}
    for value in values:
        item, _, word = value.partition("=")
        if not item or word not in STATUS_WORDS:
            raise UsageError(f"“{value}”写法不对", "请写成 4=covered、4=mentioned 或 4=absent")
        decisions[item] = STATUS_WORDS[word]
    return decisions


@click.command(help="审阅:由人作出结论,覆盖程序的判断。")
@click.argument("entry", metavar="登记号")
@click.option("--accept", "decision", flag_value="accept", help="受理")
@click.option("--return", "decision", flag_value="return", help="退回补充")
@click.option(
    "--item", "items", multiple=True, metavar="N=状态", help="改定某一项:covered 已写、mentioned 仅提及、absent 未见"
)
@click.option("--note", default="", help="审阅意见")
@with_call
def review(call: Call, entry: str, decision: str | None, items: tuple[str, ...], note: str) -> None:
    if decision is None:
        raise UsageError("没有写明结论", "请加上 --accept(受理)或 --return(退回补充)")
    decided = _item_decisions(items)
    with call.office() as office:
        found = entry_of(office, entry)
        known = {i.item for i in found.verdict.items}
        if unknown := sorted(set(decided) - known):
            raise UsageError(
                f"{found.number} 没有第 {'、'.join(unknown)} 项", f"它的各项是:{'、'.join(sorted(known)) or '无'}"
            )
        after = office.decide(found.number, decision, decided, note)
        if call.json:
            emit(entry_shape(after, office))
        else:
            put(
                f"{after.number} 已{'受理' if decision == 'accept' else '退回补充'}:{VERDICT_LABELS[after.verdict.outcome]}"
            )


@click.command(help="撤回一份误报的文件:不再计入应报事项,原件和记录都留在档案里,不删除。")
@click.argument("entry", metavar="登记号")
@click.option("--reason", required=True, help="撤回的原因")
@click.option("--by", "who", required=True, metavar="姓名", help="谁决定撤回")
@with_call
def withdraw(call: Call, entry: str, reason: str, who: str) -> None:
    with call.office() as office:
        found = entry_of(office, entry)
        if found.withdrawn:
            raise UsageError(f"{found.number} 已经撤回", "如需恢复,请用 review --accept 重新受理")
        after = office.decide(found.number, WITHDRAW, {}, withdrawal(who, reason))
        if call.json:
            emit(entry_shape(after, office))
        else:
            put(f"{after.number} 已撤回;原件仍在档案中")


@click.command(help="台账:应做的事项和各项的状态。")
@click.option("--year", type=int, help="年度(默认今年)")
@click.option("--institution", help="只看一项制度(编号)")
@click.option("--unit", help="只看一个单位")
@click.option("--overdue", is_flag=True, help="只看逾期未办的")
@click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False), help="写成 Excel 文件")
@with_call
def ledger(
    call: Call, year: int | None, institution: str | None, unit: str | None, overdue: bool, xlsx: Path | None
) -> None:
    with call.office() as office:
        if institution is not None and institution not in office.rulebook.institutions:
            raise UsageError(f"没有“{institution}”这项制度", f"可用的编号:{'、'.join(office.rulebook.institutions)}")
        unit = unit and (office.unit_named(unit) or unit)
        chosen = year or office.today().year
        rows = with_flows(office.obligations(chosen, institution, unit, overdue), Casebook(office, chosen))
        if xlsx is not None:
            titles = {i.id: i.title for i in office.rulebook.institutions.values()}
            actions = {o.id: o.action for o in office.rulebook.obligations.values()}
            write_file(xlsx, ledger_workbook(rows, titles, actions))
            say(f"台账已写入 {xlsx}({len(rows)} 项)")
        elif call.json:
            for row in rows:
                emit(obligation_shape(row))
        else:
            table(("事项", "单位", "人员", "时期", "期限", "状态", "登记号"), map(_obligation_line, rows))
            put(f"共 {len(rows)} 项")


def _obligation_line(row: Owed) -> tuple[object, ...]:
    return row.obligation, row.unit, row.person, row.period, row.due, STANDING_LABELS[row.status], row.entry
