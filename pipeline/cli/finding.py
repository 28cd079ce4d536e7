"""``search``, ``searches``, ``similar``: what the archive holds, found again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from pipeline.cli.common import Call, Day, with_call
from pipeline.cli.desk import entry_of
from pipeline.cli.output import emit, printable, put, say, table, write_file
from pipeline.errors import UsageError
from pipeline.ledger import SavedSearch
from pipeline.office import Office
from pipeline.search import Query, Results, Sort, parse_query
from pipeline.search.workbook import hits_workbook, plain_snippet
from pipeline.searching import FACETS, Alike, advice, alike, complete, facet_labels, keep, vocabulary
from pipeline.searching import search as find
from pipeline.shapes import finding_shape, hit_shape, results_shape

MOST = 10_000
SHARED_SHOWN = 5  # shared passages shown side by side; --json gives all


@click.command(help="全文检索。可写词语、“短语”、-排除、或、单位:名称、年度:2026、日期:2026-01..2026-06 等。")
@click.argument("query", metavar="检索词", required=False)
@click.option("--kind", help="文种编号")
@click.option("--unit", help="单位")
@click.option("--person", help="人员")
@click.option("--year", type=int, help="年度")
@click.option("--since", type=Day(), help="收到日期起")
@click.option("--until", type=Day(), help="收到日期止")
@click.option("--limit", type=click.IntRange(1, MOST), help="最多显示几条(默认 20;写成 Excel 时 10000)")
@click.option(
    "--sort", type=click.Choice([sort.value for sort in Sort]), help="date 新的在前(默认),relevance 最相关的在前"
)
@click.option("--facets", is_flag=True, help="一并列出各文种、制度、单位、年度、状态各有几份")
@click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False), help="写成 Excel 文件")
@click.option("--save", metavar="名称", help="把这次检索存下来,以后用 --saved 再查")
@click.option("--saved", metavar="名称", help="用存下的检索再查一次")
@click.option("--complete", "completing", is_flag=True, help="不检索,只列出最后一个条件可以怎么写")
@with_call
def search(
    call: Call,
    query: str | None,
    kind: str | None,
    unit: str | None,
    person: str | None,
    year: int | None,
    since: dt.date | None,
    until: dt.date | None,
    limit: int | None,
    sort: str | None,
    facets: bool,
    xlsx: Path | None,
    save: str | None,
    saved: str | None,
    completing: bool,
) -> None:
    if query is None and saved is None and not completing:
        raise UsageError("缺少 检索词", "请写上要找的词语,或用 --saved 名称")
    query = query or ""
    with call.office() as office:
        office.finish_pending()
        if completing:
            _print_completions(call, office, query)
            return
        if saved is not None:
            kept = _kept(office, saved)
            query, sort = f"{kept.query} {query}".strip(), sort or kept.sort
        asked = parse_query(
            query,
            kind=kind,
            unit=unit and (office.unit_named(unit) or unit),
            person=person,
            year=year,
            since=since,
            until=until,
            sort=Sort(sort or Sort.DATE),
            limit=limit or (MOST if xlsx else 20),
            known=vocabulary(office),
            today=office.today(),
        )
        if save is not None:
            _keep(office, save, query, {"文种": kind, "单位": unit, "人员": person, "年度": year}, asked)
        results = find(office, asked)
        for hint in (*asked.hints, *(advice(office, asked) if not results.total else ())):
            say(hint)
        _give(call, office, results, facets, xlsx)


def _give(call: Call, office: Office, results: Results, facets: bool, xlsx: Path | None) -> None:
    if xlsx is not None:
        write_file(xlsx, hits_workbook(results.hits, vocabulary(office).label))
        say(f"检索结果已写入 {xlsx}({len(results.hits)} 份)")
    elif call.json:
        _emit(results)
    else:
        _print(office, results, facets)


def _emit(results: Results) -> None:
    emit(results_shape(results))
    for hit in results.hits:
        emit(hit_shape(hit))


def _print(office: Office, results: Results, facets: bool) -> None:
    about = "" if results.exact else "约 "
    put(f"{about}{results.total} 份({results.elapsed_ms:.0f} 毫秒)")
    if facets:
        labelled = facet_labels(office, results.facets)
        for name, title in FACETS.items():
            put(f"{title}:" + "、".join(f"{label} {count}" for label, count in labelled.get(name, ())))
    label = vocabulary(office).label
    for hit in results.hits:
        owner = " ".join(filter(None, (hit.unit, hit.person, str(hit.year or ""))))
        put(f"\n{hit.entry}  {printable(hit.title)}  [{label('kind', hit.kind)}] {owner} {label('status', hit.status)}")
        page = f"第{hit.page}页 " if hit.page else ""
        put(f"    {page}第{hit.passage + 1}段" + (f" {printable(hit.heading)}" if hit.heading else ""))
        put("    " + printable(plain_snippet(hit, "*", "*")))


def _print_completions(call: Call, office: Office, typed: str) -> None:
    found = complete(office, typed)
    for completion in found:
        if call.json:
            emit({"text": completion.text, "label": completion.label, "count": completion.count})
        else:
            put(f"{completion.text}" + (f"  {completion.count} 份" if completion.count else ""))
    if not found:
        say("没有可以补全的,条件可写:单位: 人员: 年度: 文种: 制度: 状态: 登记号: 日期:")


def _kept(office: Office, name: str) -> SavedSearch:
    found = next((kept for kept in office.ledger.searches() if kept.name == name), None)
    if found is None:
        raise UsageError(f"没有存过名为“{name}”的检索", "可用 pipeline searches 查看存下的检索")
    return found


def _keep(office: Office, name: str, query: str, options: dict[str, object], asked: Query) -> None:
    """What was asked is kept as one line of the query language, the options in it as conditions."""
    conditions = [f'{filter_name}:"{value}"' for filter_name, value in options.items() if value is not None]
    if asked.since or asked.until:
        conditions.append(f"日期:{asked.since or ''}..{asked.until or ''}")
    named = keep(office, name, " ".join((query, *conditions)).strip(), asked)
    say(f"已存为“{named}”")


@click.command(help="列出存下的检索。")
@click.option("--forget", metavar="名称", help="删去一个")
@with_call
def searches(call: Call, forget: str | None) -> None:
    with call.office() as office:
        if forget is not None:
            _kept(office, forget)
            office.ledger.forget_search(forget)
            say(f"已删去“{forget}”")
        kept = office.ledger.searches()
        if call.json:
            for one in kept:
                emit({"name": one.name, "query": one.query, "sort": one.sort})
        else:
            table(("名称", "检索词", "排序"), ((k.name, k.query, k.sort) for k in kept))


@click.command(help="找出与一份文件文字相同的其他文件,把相同的段落并排列出。")
@click.argument("entry", metavar="登记号")
@click.option("--limit", type=click.IntRange(1, 20), default=5, show_default=True, help="最多显示几份")
@with_call
def similar(call: Call, entry: str, limit: int) -> None:
    with call.office() as office:
        office.finish_pending()
        asked = entry_of(office, entry)
        found = alike(office, asked, limit=limit)
        for other in found:
            if call.json:
                emit(_alike_shape(other))
            else:
                _print_alike(other)
        if not found and not call.json:
            put("没有文字相同的文件")


def _alike_shape(other: Alike) -> dict[str, object]:
    identity, likeness = other.entry.identity, other.likeness
    return {
        "entry": other.entry.number,
        "title": identity.title,
        "kind": identity.kind,
        "unit": identity.unit,
        "person": identity.person,
        "year": identity.year,
        "share": round(likeness.left, 3),
        "share_of_other": round(likeness.right, 3),
        "shared": [
            {"passage": s.left, "other_passage": s.right, "text": s.left_text, "other_text": s.right_text}
            for s in likeness.shared
        ],
        "finding": finding_shape(other.finding) if other.finding else None,
    }


def _print_alike(other: Alike) -> None:
    identity, likeness = other.entry.identity, other.likeness
    put(f"\n{other.entry.number}  {printable(identity.title)}  {identity.unit or ''} {identity.year or ''}")
    put(f"    本件 {likeness.left:.0%} 的文字见于该件,该件 {likeness.right:.0%} 的文字见于本件")
    if other.finding:
        put(f"    {other.finding.message}")
    for shared in likeness.shared[:SHARED_SHOWN]:
        put(f"    本件第{shared.left + 1}段:{printable(shared.left_text)}")
        put(f"    该件第{shared.right + 1}段:{printable(shared.right_text)}")
    if len(likeness.shared) > SHARED_SHOWN:
        put(f"    …共 {len(likeness.shared)} 段有相同文字")
