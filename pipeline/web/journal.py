"""日志: what everybody did, what everybody read, and the journal's head for another's keeping."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from pipeline.access import ROLE_LABELS, Act
from pipeline.ledger import Noted, keep_head, sheet_text
from pipeline.office import Office
from pipeline.proving import day_sheet
from pipeline.roster.workbook import sheet_file
from pipeline.web.jobs import Job, Result
from pipeline.web.look import attachment, go, page
from pipeline.web.readings import last_readings, months
from pipeline.web.visit import Visit, allowed
from pipeline.words import JOURNAL_LABELS

router = APIRouter()
Journal = Annotated[Visit, Depends(allowed(Act.JOURNAL))]
Word = Annotated[str, Form(max_length=200)]
PAGE = 100
MOST = 50_000  # rows of a workbook
EXPORT = "操作日志"
COLUMNS = ("序号", "时间", "谁", "做了什么", "对象", "内容", "校验值")
FACT_LABELS = {
    "from": "来自", "label": "用途", "code": "代码", "items": "件、项", "name": "名称", "sha256": "校验值", "kind": "种类",
    "unit": "单位", "person": "人员", "period": "时期", "verdict": "检查结论", "note": "意见", "reason": "原因", "units": "单位",
    "people": "人员", "roles": "角色", "locked": "停用", "fresh": "未改初始口令", "made": "建立", "grant": "授权", "lock": "停用",
    "unlock": "恢复", "password": "重设口令", "full_name": "姓名", "folder": "文件夹", "head": "日志末条", "objects": "档案件数",
    "copied": "新复制", "rotated": "清理旧备份", "sound": "完好", "troubles": "问题", "checked": "核验件数", "day": "日期",
    "damaged": "损坏", "missing": "缺失", "stray": "多余", "journal": "日志问题", "clause": "依据", "subject": "事由",
    "format": "格式", "maker": "制作", "pages": "页数", "size_bytes": "字节数", "source": "原件", "version": "版次",
    "owner": "谁的", "query": "检索词", "sort": "排序",
}  # fmt: skip
ROLE_WORDS = {role.value: label for role, label in ROLE_LABELS.items()}
READ_LABELS = {"see": "查看", "download": "下载", "search": "检索", "export": "导出"}


@router.get("/journal")
def journal(visit: Journal, actor: str = "", act: str = "", thing: str = "", before: str = "") -> Response:
    below = int(before) if before.isdecimal() and len(before) < 16 else None
    ledger = visit.office.ledger
    rows = ledger.journal(PAGE + 1, below, thing.strip(), actor.strip(), act)
    jobs = [job for job in visit.request.app.state.jobs.of(visit.viewer.account) if job.title == EXPORT]
    return page(visit, "journal.html", "日志", rows=rows[:PAGE], older=rows[PAGE - 1].seq if len(rows) > PAGE else None,
                before=below, actor=actor, act=act, thing=thing, labels=JOURNAL_LABELS, facts=facts_text,
                head=ledger.journal_head(), jobs=jobs[:3])  # fmt: skip


def facts_text(row: Noted) -> str:
    """Return a row's facts in one line, in the office's words where there are some."""
    return _told(row.facts)


def _told(value: object, key: str = "") -> str:
    if key in ("roles", "units") and isinstance(value, str):  # of an account, as its table has them
        names: list[str] | None = json.loads(value)
        return "全部" if names is None else "、".join(ROLE_WORDS.get(one, one) for one in names) or "无"
    match value:
        case Mapping():
            told = ((name, _told(one, name)) for name, one in value.items())
            return ";".join(f"{FACT_LABELS.get(name, name)}:{words}" for name, words in told if words)
        case list():
            return "、".join(map(_told, value))
        case bool():
            return "是" if value else "否"
        case None:
            return ""
        case _:
            return str(value)


@router.post("/journal/export")
def export(visit: Journal, actor: Word = "", act: Word = "", thing: Word = "") -> Response:
    job = Job(EXPORT, visit.viewer.account)

    def work(job: Job) -> Result:
        office = visit.office
        rows = list(_rows(office, job, thing.strip(), actor.strip(), act))
        words = f"{len(rows)} 条" + (f"(只含最近 {MOST} 条)" if len(rows) == MOST else "")
        name = f"操作日志{office.today()}.xlsx"
        return Result(words, file=sheet_file(EXPORT, COLUMNS, rows), name=name)

    visit.noted("export", EXPORT)
    visit.request.app.state.jobs.start(job, work)
    return go("/journal")


def _rows(office: Office, job: Job, thing: str, actor: str, act: str) -> Iterator[tuple[object, ...]]:
    """Yield the newest rows, hash and all, as a workbook shows them."""
    before, zone = None, office.now().tzinfo
    while job.done < MOST and (rows := office.ledger.journal(1000, before, thing, actor, act)):
        for row in rows[: MOST - job.done]:
            job.step()
            yield (row.seq, f"{row.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", row.actor,
                   JOURNAL_LABELS.get(row.act, row.act), row.thing, json.dumps(row.facts, ensure_ascii=False), office.ledger.journal_hash(row.seq))  # fmt: skip
        before = rows[-1].seq


@router.post("/journal/head")
def head(visit: Journal) -> Response:
    """The head for another's keeping, and that it was given out."""
    sheet = day_sheet(visit.office)
    keep_head(visit.office.archive.root, sheet.head, sheet.at, "sheet")
    visit.noted("download", "日志末条")
    return attachment(sheet_text(sheet).encode("utf-8-sig"), f"日志末条{sheet.at:%Y-%m-%d}.txt", "text/plain")


@router.get("/journal/readings")
def readings(visit: Journal, month: str = "", word: str = "", before: str = "") -> Response:
    folder = visit.office.archive.root / "logs"
    there = months(folder)
    chosen = month if re.fullmatch(r"\d{4}-\d{2}", month) else there[0] if there else f"{visit.office.today():%Y-%m}"
    below = int(before) if before.isdecimal() and len(before) < 16 else None
    found = last_readings(folder, chosen, PAGE, below, word.strip())
    return page(visit, "readings.html", "查阅记录", found=found, months=there, month=chosen, word=word, labels=READ_LABELS,
                before=below)  # fmt: skip
