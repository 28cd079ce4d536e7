"""``today``, ``event``, ``draw``: the office's day, what it records by hand, whom it draws."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from pipeline.cli.common import Call, Day, with_call
from pipeline.cli.flow import shape as case_shape
from pipeline.cli.output import emit, printable, put, table, write_file
from pipeline.daybook import Intake, drawn_units, intake
from pipeline.daybook import today as digest
from pipeline.errors import UsageError
from pipeline.eventbook import event_template, named_unit, noted_event, read_event_book
from pipeline.judging.deadlines import last_day
from pipeline.judging.obligations import DEADLINE, Owed
from pipeline.ledger import Event
from pipeline.proving import alarms


@click.command(help="今天要办的:本周到期、已逾期、待人核对、时限将到、扣分建议。")
@with_call
def today(call: Call) -> None:
    with call.office() as office:
        found = digest(office)
        coming = intake(office)
        head = office.ledger.journal_head()
        troubles = alarms(office)
        if call.json:
            emit(
                {
                    "date": office.today(),
                    "inbox": _inbox_shape(coming),
                    "alarms": troubles,
                    "journal_head": {"seq": head.seq, "hash": head.hash},
                    "due": [_owed(row) for row in found.due],
                    "overdue": [_owed(row) for row in found.overdue],
                    "waiting": [{"entry": e.number, "title": e.identity.title, "unit": e.identity.unit} for e in found.waiting],
                    "clocks": [{"case": h.case.key, "clock": name, "until": day} for h, name, day in found.clocks],
                    "proposals": [{**case_shape(h, office), "grounds": list(h.marks)} for h in found.proposals],
                }
            )  # fmt: skip
            return
        put(f"{office.today()}")
        for trouble in troubles:
            put(f"警报:{trouble}。请停止使用,运行 pipeline verify")
        if coming.trouble:
            put(f"收件暂停:{printable(coming.trouble)}(自 {coming.trouble_since:%Y-%m-%d %H:%M})")
        put(f"\n收件箱里等待的 {len(coming.waits)} 份" + (f",待处理 {coming.backlog} 份" if coming.backlog else ""))
        for wait in coming.waits[:40]:
            put(printable(f"  {wait.name}:{wait.why}(自 {wait.since})"))
        for label, rows in (("本周到期", found.due), ("已逾期", found.overdue)):
            put(f"\n{label} {len(rows)} 项")
            table(("事项", "单位", "人员", "时期", "期限"),
                  [(r.obligation, r.unit or "", r.person or "", r.period, r.due or "") for r in rows[:40]])  # fmt: skip
        put(f"\n待人核对 {len(found.waiting)} 份")
        for entry in found.waiting:
            put(f"  {entry.number}  {entry.identity.title}  {entry.identity.unit or ''}")
        put(f"\n时限将到 {len(found.clocks)} 项")
        for history, _, day in found.clocks:
            put(f"  {day}  {history.case.key}")
        put(f"\n扣分建议 {len(found.proposals)} 项(分数由人定)")
        for history in found.proposals:
            put(f"  {history.case.unit or ''} {history.case.period}:{'、'.join(history.marks)}")
        put(f"\n操作日志末条:第 {head.seq} 条 {head.hash}(打印本页存档,以后可用 pipeline verify --head 核对)")


def _inbox_shape(coming: Intake) -> dict[str, object]:
    waits = [{"name": w.name, "why": w.why, "since": w.since} for w in coming.waits]
    since = coming.trouble_since and coming.trouble_since.isoformat()
    return {"trouble": coming.trouble or None, "since": since, "backlog": coming.backlog, "waiting": waits}


def _owed(row: Owed) -> dict[str, object]:
    return {"obligation": row.obligation, "unit": row.unit, "person": row.person, "period": row.period, "due": row.due}


@click.group(help="由办公室登记的事项:会议、谈话、讲课、督查、宣传、警示教育等。")
def event() -> None:
    pass


@event.command(help="登记一件事,计入一项应办事项(编号见 ledger 或 rulebook show)。")
@click.argument("obligation", metavar="事项编号")
@click.option("--on", type=Day(), help="日期(默认今天)")
@click.option("--unit", help="单位")
@click.option("--person", help="人员")
@click.option("--count", type=click.IntRange(1, 1000), default=1, show_default=True, help="次数")
@click.option("--note", default="", help="说明")
@with_call
def record(
    call: Call, obligation: str, on: dt.date | None, unit: str | None, person: str | None, count: int, note: str
) -> None:
    with call.office() as office:
        made = noted_event(office, obligation, on, unit, person, count, note)
        office.ledger.record_events([made])
        _report(call, [made])


@event.command(help="给方案没有定日期的事项定一个期限。")
@click.argument("obligation", metavar="事项编号")
@click.option("--due", type=Day(), required=True, help="期限")
@click.option("--unit", help="只给一个单位(默认全部)")
@click.option("--note", default="", help="说明")
@with_call
def deadline(call: Call, obligation: str, due: dt.date, unit: str | None, note: str) -> None:
    with call.office() as office:
        found = office.rulebook.obligations.get(obligation)
        if found is None:
            raise UsageError(f"规则里没有“{obligation}”这个事项", "可用 pipeline rulebook show 查看编号")
        if last_day(found.due, due.year, 1, office.rulebook) is not None:
            raise UsageError(f"“{obligation}”的期限由方案规定,不能另定", f"依据:{found.clause}")
        facts = {"act": DEADLINE, "due": due.isoformat()}
        made = Event(obligation, office.today(), named_unit(office, unit), None, 0, note, facts)
        office.ledger.record_events([made])
        _report(call, [made])


@event.command("import", help="从 Excel 成批登记;有错会指出行和列,一件也不登记。")
@click.argument("file", metavar="文件.xlsx", type=click.Path(path_type=Path, dir_okay=False))
@with_call
def import_(call: Call, file: Path) -> None:
    with call.office() as office:
        found = read_event_book(file, office.rulebook, office.roster)
        office.ledger.record_events(found)
        _report(call, found)


@event.command(help="得到登记用的 Excel 空表。")
@click.argument("file", metavar="文件.xlsx", type=click.Path(path_type=Path, dir_okay=False))
@with_call
def template(call: Call, file: Path) -> None:
    with call.office() as office:
        write_file(file, event_template(office.rulebook))
        put(f"空表已写到 {file}")


@event.command("list", help="列出一年里登记的事。")
@click.option("--year", type=int, help="年度(默认今年)")
@with_call
def list_(call: Call, year: int | None) -> None:
    with call.office() as office:
        chosen = year or office.today().year
        found = office.ledger.events(dt.date(chosen, 1, 1), dt.date(chosen, 12, 31))
        if call.json:
            for one in found:
                emit(_shape(one))
            return
        table(("事项", "日期", "单位", "人员", "次数", "说明"), [tuple(_shape(e).values())[:6] for e in found])


@click.command(help="抽取向全委会报告的单位:按比例、可复核、轮到久未抽到的。")
@click.option("--year", type=int, help="年度(默认今年)")
@click.option("--seed", help="抽签用的种子(写下来,谁都可以重算)")
@with_call
def draw(call: Call, year: int | None, seed: str | None) -> None:
    with call.office() as office:
        chosen = year or office.today().year
        event, fresh = drawn_units(office, chosen, seed)
        if call.json:
            emit({**event.facts, "fresh": fresh})
            return
        put(f"{chosen} 年度抽取 {len(event.facts['drawn'])} 个单位(共 {event.facts['of']} 个),种子“{event.facts['seed']}”"
            + ("" if fresh else ",此前已抽取"))  # fmt: skip
        for one in event.facts["drawn"]:
            waited = "从未抽到" if one["waited"] is None else f"已隔 {one['waited']} 年"
            put(f"  {one['unit']}({waited},签号 {one['lot'][:12]})")
        put("签号 = SHA-256(种子 换行 单位全称);先取久未抽到的,再按签号从小到大。")


def _report(call: Call, found: list[Event]) -> None:
    if call.json:
        for one in found:
            emit(_shape(one))
    else:
        put(f"已登记 {len(found)} 件")


def _shape(event: Event) -> dict[str, object]:
    return {"obligation": event.obligation, "on": event.happened_on, "unit": event.unit, "person": event.person,
            "count": event.count, "note": event.note, "facts": dict(event.facts)}  # fmt: skip
