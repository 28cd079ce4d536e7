"""考核: the facts of a year in, every point with its reason out, compared with the year before, frozen by who may."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, UploadFile
from fastapi.responses import Response

from pipeline.access import Act, may
from pipeline.archive import safe_name
from pipeline.assessment import Assessed, assess
from pipeline.assessment.facts import facts_book, read_facts
from pipeline.assessment.record import catalogue, freeze, frozen_year
from pipeline.assessment.run import table_of
from pipeline.assessment.shape import by_rank, points_words, rank_words
from pipeline.assessment.sheets import changes, score_workbook
from pipeline.errors import UsageError
from pipeline.leftovers import half_made
from pipeline.office import Office
from pipeline.reading.guards import open_package
from pipeline.web.jobs import Job, Result
from pipeline.web.look import go, page
from pipeline.web.visit import Visit, allowed

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.SEE))]
Write = Annotated[Visit, Depends(allowed(Act.WRITE))]
Review = Annotated[Visit, Depends(allowed(Act.REVIEW))]
Year = Annotated[int, Form(ge=2000, le=2100)]
UnitName = Annotated[str, Query(max_length=200)]
TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Trial:
    """A year scored and not decided yet: who gave the facts, when; ``key`` tells it from the ones before and after."""

    key: str
    by: str
    at: dt.datetime
    name: str
    result: Assessed


class Trials:
    """The last trial of each year. It ends with the program: the facts can be given again."""

    def __init__(self) -> None:
        self._of: dict[int, Trial] = {}
        self._gate = threading.Lock()

    def keep(self, trial: Trial) -> None:
        """This is the trial of its year; the one before is gone."""
        with self._gate:
            self._of[trial.result.year] = trial

    def of(self, year: int) -> Trial | None:
        return self._of.get(year)


def _trials(visit: Visit) -> Trials:
    found: Trials = visit.request.app.state.trials
    return found


def _shown(visit: Visit, year: int, of: str) -> tuple[Assessed | None, Trial | None]:
    """Return what of a year is asked for, as far as this visitor may see it: the trial, or the year as it is frozen."""
    trial = _trials(visit).of(year) if _whole(visit) and (visit.may(Act.WRITE) or visit.may(Act.REVIEW)) else None
    if of == TRIAL:
        return (trial.result if trial else None), trial
    return _own(visit, frozen_year(visit.office, year)), trial


def _whole(visit: Visit) -> bool:
    return visit.within is None


def _own(visit: Visit, result: Assessed | None) -> Assessed | None:
    """Return the units and people of a year whose scores this visitor may see."""
    if result is None or _whole(visit):
        return result
    units = tuple(u for u in result.units if may(visit.viewer, Act.SEE, u["unit"]))
    return replace(
        result, units=units, people=tuple(p for p in result.people if may(visit.viewer, Act.SEE, p["of_unit"]))
    )


@router.get("/assessment")
def assessment(visit: See, year: str = "", of: str = "", job: str = "") -> Response:
    office = visit.office
    this_year = office.today().year
    chosen = int(year) if len(year) == 4 and year.isascii() and year.isdecimal() else this_year
    versions = office.ledger.frozen_versions(chosen)
    result, trial = _shown(visit, chosen, of if versions else of or TRIAL)
    last = _own(visit, frozen_year(office, chosen - 1))
    return page(
        visit,
        "assessment.html",
        "考核",
        year=chosen,
        years=range(this_year, this_year - 8, -1),
        versions=versions,
        trial=trial,
        trying=result is not None and trial is not None and result is trial.result,
        result=result,
        ranking=by_rank(result.units) if result else [],
        before={u["unit"]: u for u in last.units} if last else {},
        points=points_words,
        rank=rank_words,
        whole=_whole(visit),
        job=visit.request.app.state.jobs.get(job, visit.viewer.account),
    )


@router.get("/assessment/sheet")
def sheet(visit: See, year: Annotated[int, Query(ge=2000, le=2100)], unit: UnitName, of: str = "") -> Response:
    """One unit's score sheet: each line with its rule, facts, sources and arithmetic."""
    result, _ = _shown(visit, year, of)
    row = next((u for u in result.units if u["unit"] == unit), None) if result else None
    if result is None or row is None:
        raise HTTPException(404)
    last = _own(visit, frozen_year(visit.office, year - 1))
    visit.noted("see", f"{year} 年度考核 {unit}")
    return page(
        visit,
        "score_sheet.html",
        f"{unit} {year} 年度考核",
        year=year,
        of=of,
        row=row,
        people=[p for p in result.people if p["of_unit"] == unit],
        moved=list(changes([row], last)) if last and row["scored"] else [],
        points=points_words,
        rank=rank_words,
    )


# --- facts in


def _for_all(visit: Visit) -> None:
    """Raises: HTTPException: a year is scored and decided for all units, by who sees them all."""
    if not _whole(visit):
        raise HTTPException(403, "考核涉及全部单位,您只能查看本单位的结果")


@router.post("/assessment/blank")
def blank(visit: Write, year: Year) -> Response:
    """The workbook to fill in, with what the ledger knows."""
    _for_all(visit)
    office = visit.office

    def work(_: Job) -> Result:
        return Result("台账已知的数据已填好", file=facts_book(office, year), name=f"考核数据-{year}.xlsx")

    job = visit.request.app.state.jobs.start(Job(f"{year} 年度考核数据表", visit.viewer.account), work)
    return go(f"/assessment?year={year}&job={job.key}")


@router.post("/assessment/facts")
def score(visit: Write, year: Year, file: UploadFile) -> Response:
    """The year is scored from a filled-in workbook, as a trial."""
    _for_all(visit)
    office, trials = visit.office, _trials(visit)
    name = safe_name(Path((file.filename or "").replace("\\", "/")).name)
    if not name.lower().endswith(".xlsx"):
        raise UsageError(f"“{name}”不是考核数据表", "请上传填好的 .xlsx 文件")
    path = office.archive.spool / f"{half_made()}.xlsx"
    path.write_bytes(file.file.read())

    def work(_: Job) -> Result:
        try:
            open_package(path).close()
            result = assess(office, year, read_facts(office, year, path))
        finally:
            path.unlink(missing_ok=True)
        trials.keep(Trial(secrets.token_urlsafe(8), visit.viewer.name, office.now(), name, result))
        return Result(f"已按“{name}”计分", f"/assessment?year={year}&of={TRIAL}")

    try:
        job = visit.request.app.state.jobs.start(Job(f"{year} 年度考核计分", visit.viewer.account), work)
    except UsageError:
        path.unlink(missing_ok=True)
        raise
    return go(f"/assessment?year={year}&of={TRIAL}&job={job.key}")


# --- results out


@router.post("/assessment/workbook")
def workbook(visit: See, year: Year, of: Annotated[str, Form(max_length=10)] = "") -> Response:
    office = visit.office
    result, _ = _shown(visit, year, of)
    if result is None:
        raise HTTPException(404)
    last, names = _own(visit, frozen_year(office, year - 1)), [u["unit"] for u in result.units]

    def work(_: Job) -> Result:
        data = score_workbook(result, table_of(office), last, _material(office, result, names))
        return Result(f"{len(names)} 个单位", file=data, name=f"考核结果-{year}{'(试算)' if of == TRIAL else ''}.xlsx")

    job = visit.request.app.state.jobs.start(Job(f"{year} 年度考核 Excel", visit.viewer.account), work)
    visit.noted("export", f"{year} 年度考核")
    return go(f"/assessment?year={year}&of={of if of == TRIAL else ''}&job={job.key}")


def _material(office: Office, result: Assessed, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(row for row in catalogue(office, result) if row[0] in names)


@router.post("/assessment/freeze")
def freeze_year(
    visit: Review,
    year: Year,
    trial: Annotated[str, Form(max_length=40)] = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """The trial that was looked at is the year as decided; a correction is a further version with its reason."""
    _for_all(visit)
    found = _trials(visit).of(year)
    if found is None or found.key != trial:
        raise UsageError("试算结果已经更新或不在了", "请重新查看试算结果后再定稿")
    made = freeze(visit.office, found.result, reason.strip())
    said = f"{year} 年度考核已定稿,第 {made.version} 版" + ("" if made.fresh else ",内容与已定稿的相同")
    return go(f"/assessment?year={year}", said)
