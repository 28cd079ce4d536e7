"""日志: what everybody did, what everybody read, and the journal's head for another's keeping."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from pipeline.access import Act
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
    """Return a row's facts in one line."""
    return json.dumps(dict(row.facts), ensure_ascii=False, default=str)


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
                   JOURNAL_LABELS.get(row.act, row.act), row.thing, facts_text(row), office.ledger.journal_hash(row.seq))  # fmt: skip
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
