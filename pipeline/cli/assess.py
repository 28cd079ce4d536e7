"""``assess``: the yearly assessment, every point with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline.assessment import Assessed
from pipeline.assessment import assess as scored
from pipeline.assessment.facts import facts_book, read_facts
from pipeline.assessment.record import catalogue, freeze, frozen_year
from pipeline.assessment.run import table_of
from pipeline.assessment.shape import by_rank, points_words, rank_words
from pipeline.assessment.sheets import score_workbook
from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, put, say, table, write_file
from pipeline.errors import UsageError
from pipeline.office import Office


@click.command(
    help="年度考核:按评分表逐项计分,每一分都写明依据、事实和算法;缺的事实列为待定。不写 --facts 就看已定稿的。"
)
@click.option("--year", type=click.IntRange(2000, 2100), required=True, help="年度")
@click.option("--facts", type=click.Path(path_type=Path, dir_okay=False), help="数据文件,.xlsx 或 .json")
@click.option(
    "--template", type=click.Path(path_type=Path, dir_okay=False), help="得到填数据用的 Excel 表,台账已知的已填好"
)
@click.option(
    "--xlsx", type=click.Path(path_type=Path, dir_okay=False), help="写成 Excel:排名、评分表、扣分明细、移送清单等"
)
@click.option("--set", "sets", multiple=True, metavar="数据=值", help="假设某项数据是另一个值,看得分怎么变;可写多次")
@click.option("--unit", help="只看一个单位,--set 也只用于它(排名仍在全部单位中)")
@click.option("--freeze", "freezing", is_flag=True, help="定稿:存入台账,以后不能改,更正另存新版")
@click.option("--reason", default="", help="更正已定稿年度的理由")
@with_call
def assess(
    call: Call,
    year: int,
    facts: Path | None,
    template: Path | None,
    xlsx: Path | None,
    sets: tuple[str, ...],
    unit: str | None,
    freezing: bool,
    reason: str,
) -> None:
    if freezing and (sets or facts is None):
        raise UsageError("定稿要按数据文件的原样", "请写 --facts 文件,不要写 --set")
    with call.office() as office:
        if template is not None:
            write_file(template, facts_book(office, year))
            say(f"数据表已写到 {template}")
            if facts is None:
                return
        named = unit and (office.unit_named(unit) or unit)
        result = _frozen(office, year) if facts is None else scored(office, year, read_facts(office, year, facts),
                                                                   [_pair(s) for s in sets], named or None)  # fmt: skip
        if facts is None and sets:
            raise UsageError("假设要按数据文件计算", "请写 --facts 文件")
        if freezing:
            made = freeze(office, result, reason)
            said = "" if made.fresh else ",内容与已定稿的相同"
            say(f"{year} 年度考核已定稿,第 {made.version} 版{said}")
        elif facts is not None and (before := office.ledger.frozen(year)):
            say(f"{year} 年度考核已定稿(第 {before.version} 版,{before.frozen_on});这次只是试算,不影响定稿")
        last = frozen_year(office, year - 1)
        if xlsx is not None:
            write_file(xlsx, score_workbook(result, table_of(office), last, catalogue(office, result)))
        _report(call, result, last, named)


def _frozen(office: Office, year: int) -> Assessed:
    versions = office.ledger.frozen_versions(year)
    found = frozen_year(office, year)
    if found is None:
        raise UsageError(f"{year} 年度考核没有定稿", "请写 --facts 文件;空表用 --template 得到")
    for version in versions:
        say(
            f"第 {version.version} 版,{version.frozen_on} 定稿"
            + (f",更正理由:{version.reason}" if version.reason else "")
        )
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"“{text}”的写法不对", "应写成 数据=值")
    return name.strip(), value.strip()


def _report(call: Call, result: Assessed, last: Assessed | None, unit: str | None) -> None:
    units = [u for u in result.units if unit in (None, u["unit"])]
    people = [p for p in result.people if unit in (None, p["of_unit"])]
    for notice in result.notices:
        say(notice)
    before = {u["unit"]: u for u in last.units} if last else {}
    if call.json:
        for row in units:
            old = before.get(row["unit"])
            emit(row | {"readings": dict(result.readings),
                        "last_year": {"score": old["score"], "rank": old["rank"]} if old else None})  # fmt: skip
        for row in people:
            emit(row)
        return
    table(("名次", "单位", "得分", "十分制", "上年", "待定"),
          [(rank_words(u), u["unit"], points_words(u, "score"), u["score_ten"] or "", (before.get(u["unit"]) or {}).get("score") or "",
            len(u["missing"]) or "") for u in by_rank(units)])  # fmt: skip
    if people:
        put()
        table(
            ("人员", "单位", "类别", "得分"),
            [(p["person"], p["of_unit"], p.get("kind", ""), points_words(p, "score")) for p in people],
        )
    for row in units:
        if supposed := row.get("what_if"):
            was = supposed["score"] or f"待定({supposed['low']}至{supposed['high']})"
            moved = ";".join(f"{m['id']} {m['before'] or '待定'} → {m['after'] or '待定'}" for m in supposed["lines"])
            put(f"\n{row['unit']}:{was} → {points_words(row, 'score')}" + (f"({moved})" if moved else ""))
        if unit is not None:
            _lines(row)


def _lines(row: dict[str, Any]) -> None:
    for line in row["lines"]:
        put(
            f"\n{line['id']}  {points_words(line)}分(满分{line['max']})  {line['clause']}\n  {line['text']}\n  {line['why']}"
        )
        for one in line["inputs"]:
            proof = f":{';'.join(one['evidence'])}" if one["evidence"] else ""
            put(
                f"  · {one['label']} = {one['value'] or '待定'}"
                + (f"({one['source']}{proof})" if one["source"] else "")
            )
        for reading in line["readings"]:
            put(f"  · 读法 {reading}")
    for taken in row["adjustments"]:
        put(f"\n{'、'.join(taken['grounds'])}:{'、'.join(taken['facts']) or '没有记录在案的问题'};"
            f"扣分{taken['points'] or '由人确定'}  {taken['clause']}")  # fmt: skip
    if row["scored"]:
        put(f"\n{row['why']}")
