"""文书: choose a letter, see the first one, number all of them; the register; templates measured."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, UploadFile
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pipeline.access import Act, may
from pipeline.archive import safe_name
from pipeline.correspondence import Asked, Wanted, asked, drafts, issue, kinds
from pipeline.errors import UnprocessableDocument, UsageError
from pipeline.ledger import Letter
from pipeline.leftovers import half_made
from pipeline.letters import Draft
from pipeline.letters.fields import LINES, ROWS
from pipeline.letters.merge import merged
from pipeline.office import Office
from pipeline.reading.guards import open_package
from pipeline.web.jobs import Job, Result
from pipeline.web.look import DOCX, attachment, go, page
from pipeline.web.preview import Block, blocks
from pipeline.web.visit import Visit, allowed

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.SEE))]
Write = Annotated[Visit, Depends(allowed(Act.WRITE))]
Chosen = Annotated[str, Query(max_length=200)]
PAGE = 50
LISTED = 200  # receivers named under a preview
MERGED = "合并打印.docx"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same letters make the same archive


@router.get("/letters")
def letters(visit: See, kind: Chosen = "", unit: Chosen = "", year: Chosen = "", at: int = 1) -> Response:
    office, at = visit.office, max(at, 1)
    where = {"kind": kind or None, "unit": unit or None, "year": _year(year, 0) or None}
    found, total = office.ledger.newest_letters(PAGE, (at - 1) * PAGE, visit.within, **where)
    return page(visit, "letters.html", "文书", letters=found, total=total, at=at, size=PAGE, kind=kind, unit=unit, year=year,
                kinds=kinds(office), units=_units(visit), years=_years(office))  # fmt: skip


def _years(office: Office) -> range:
    return range(office.today().year + 1, office.today().year - 6, -1)


def _year(text: str, otherwise: int) -> int:
    return int(text) if len(text) == 4 and text.isascii() and text.isdecimal() else otherwise


def _units(visit: Visit) -> list[str]:
    return sorted(u.name for u in visit.office.roster.units if may(visit.viewer, Act.SEE, u.name))


# --- write: what is wanted, the first one to look at, then all of them


@dataclass
class Plan(Job):
    """The letters that are due to be written, worked out apart from the call; what was looked at is what is issued."""

    kind: str = ""
    drafts: list[Draft] = field(default_factory=list)
    first: tuple[Block, ...] = ()


@router.get("/letters/new")
def new(
    visit: Write, kind: Chosen = "", unit: Chosen = "", person: Chosen = "", year: Chosen = "", period: Chosen = ""
) -> Response:
    office = visit.office
    chosen = _year(year, office.today().year)
    known = kinds(office)
    people = sorted({p.name for p in office.roster.people if p.unit == unit and may(visit.viewer, Act.SEE, unit)})
    letter = office.rulebook.letters.get(kind)
    return page(
        visit,
        "letter_new.html",
        "写文书",
        kind=kind if kind in known else "",
        kinds=known,
        clause=letter.clause if letter else "",
        asked=asked(kind, office) if kind in known else (),
        unit=unit,
        units=_units(visit),
        person=person,
        people=people,
        year=chosen,
        years=_years(office),
        period=period,
        periods=(str(chosen), f"{chosen}-H1", f"{chosen}-H2"),
    )


@router.post("/letters/new")
async def plan(visit: Write, request: Request) -> Response:
    form = await request.form(max_fields=200)
    return await run_in_threadpool(_plan, visit, {str(k): str(v) for k, v in form.items()})


def _plan(visit: Visit, form: Mapping[str, str]) -> Response:
    office, kind, unit = visit.office, form.get("kind", ""), form.get("unit") or None
    known = kinds(office)
    if kind not in known:
        raise UsageError("没有选文书", "请选择要写的文书")
    if unit is not None:
        visit.of_unit(unit)
        if office.unit_named(unit) != unit:
            raise HTTPException(404)
    year = _year(form.get("year", ""), office.today().year)
    wanted = Wanted(year, unit, form.get("person") or None, form.get("period") or None)
    given = dict(_given(asked(kind, office), form))

    def work(job: Job) -> Result:
        assert isinstance(job, Plan)
        found = drafts(kind, wanted, office, given)
        job.drafts = [draft for draft in found if may(visit.viewer, Act.WRITE, draft.unit)]
        if job.drafts:
            job.first = tuple(blocks(office.letters.write(job.drafts[0], "(发出时编号)", office.today())))
        return Result(f"共 {len(job.drafts)} 份")

    made = Plan(f"准备文书:{known[kind]}", visit.viewer.account, kind=kind)
    visit.request.app.state.jobs.start(made, work)
    return go(f"/letters/plans/{made.key}")


def _given(fields: Sequence[Asked], form: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """Yield what the office wrote: a text, lines, or rows whose cells ``|`` parts; what is empty was not given.

    Raises:
        UsageError: a field that is needed is empty; names them all.
    """
    lacking = []
    for one in fields:
        lines = [line.strip() for line in form.get(f"field-{one.field}", "").splitlines() if line.strip()]
        if lines and one.shape == ROWS:
            wide = len(one.columns)
            rows = ([cell.strip() for cell in line.replace("|", "|").split("|")] for line in lines)
            yield one.field, [(row + [""] * wide)[:wide] for row in rows]
        elif lines:
            yield one.field, lines if one.shape == LINES else "\n".join(lines)
        elif one.needed:
            lacking.append(one.label)
    if lacking:
        raise UsageError(f"还缺:{'、'.join(lacking)}", "请返回补全")


@router.get("/letters/plans/{key}")
def planned(visit: Write, key: str, job: str = "") -> Response:
    plan = _plan_of(visit, key)
    jobs = visit.request.app.state.jobs
    return page(
        visit,
        "letter_plan.html",
        plan.title,
        plan=plan,
        preview=plan.first,
        listed=list(islice(plan.drafts, LISTED)),
        job=jobs.get(job, visit.viewer.account),
        notice=visit.office.calendar_notice(),
    )


def _plan_of(visit: Visit, key: str) -> Plan:
    found = visit.request.app.state.jobs.get(key, visit.viewer.account)
    if not isinstance(found, Plan):
        raise HTTPException(404)
    return found


@router.post("/letters/plans/{key}")
def issue_all(visit: Write, key: str) -> Response:
    """All letters of the plan are numbered and registered, one by one; those that were before stay as they are."""
    plan, office = _plan_of(visit, key), visit.office
    if not plan.drafts:
        raise UsageError("没有要发的文书", "请重新选择")

    def work(job: Job) -> Result:
        made = []
        for draft in plan.drafts:
            made.append(issue(draft, office))
            job.step()
        fresh = sum(letter.fresh for letter in made)
        words = f"共 {len(made)} 份:新生成 {fresh} 份,原已生成 {len(made) - fresh} 份"
        return Result(words, f"/letters?kind={plan.drafts[0].kind}", *_packed(office, made, plan.kind))

    title = kinds(office).get(plan.kind, plan.kind)
    job = visit.request.app.state.jobs.start(
        Job(f"生成文书:{title}", visit.viewer.account, total=len(plan.drafts)), work
    )
    return go(f"/letters/plans/{key}?job={job.key}")


def _packed(office: Office, made: Sequence[Letter], kind: str) -> tuple[bytes, str]:
    """Return one letter as it is; several as an archive with a file of all pages to print."""
    files = [(_name(letter), office.archive.path_of(letter.sha256).read_bytes()) for letter in made]
    if len(files) == 1:
        return files[0][1], files[0][0]
    files.append((MERGED, merged([data for _, data in files])))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, data in files:
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), data)  # a .docx is packed already
    return stream.getvalue(), safe_name(f"{kinds(office).get(kind, kind)}-{len(made)}份.zip")


def _name(letter: Letter) -> str:
    return safe_name(f"{letter.number}-{letter.name}")


# --- templates that the office edited


@router.get("/letters/check")
def check_page(visit: Write) -> Response:
    return _check_page(visit)


def _check_page(visit: Visit, name: str = "", problems: Sequence[str] | None = None, kind: str = "") -> Response:
    known = [
        k for k in visit.office.letters.kinds() if k in visit.office.rulebook.letters or k in {"pledge", "receipt"}
    ]
    titles = kinds(visit.office) | {"pledge": "承诺书", "receipt": "回执"}
    return page(visit, "letter_check.html", "检查模板", kinds={k: titles.get(k, k) for k in known}, name=name, kind=kind,
                problems=problems)  # fmt: skip


@router.post("/letters/check")
def check(visit: Write, file: UploadFile, kind: Annotated[str, Form(max_length=80)]) -> Response:
    office = visit.office
    if kind not in office.letters.kinds():
        raise UsageError("没有选文书", "请选择这是哪一种文书的模板")
    name = safe_name(file.filename or "模板.docx")
    path = office.archive.spool / f"{half_made()}.docx"
    try:
        path.write_bytes(file.file.read())
        open_package(path).close()
        problems = [problem.replace(path.name, name) for problem in office.letters.check(path, kind)]
    except UnprocessableDocument as error:
        problems = [str(error)]
    finally:
        path.unlink(missing_ok=True)
    return _check_page(visit, name, problems, kind)


# --- one letter of the register; its number may hold any character, so these stand last


@router.get("/letters/files/{letter:path}")
def download(visit: See, letter: str) -> Response:
    found = _letter(visit, letter)
    visit.noted("download", found.number)
    return attachment(visit.office.archive.path_of(found.sha256).read_bytes(), _name(found), DOCX)


@router.get("/letters/{letter:path}")
def letter(visit: See, letter: str) -> Response:
    found = _letter(visit, letter)
    visit.noted("see", found.number)
    data = visit.office.archive.path_of(found.sha256).read_bytes()
    return page(visit, "letter.html", found.number, letter=found, kind_title=kinds(visit.office).get(found.kind, found.kind),
                preview=list(blocks(data)))  # fmt: skip


def _letter(visit: Visit, number: str) -> Letter:
    """Return a letter of the register.

    Raises:
        HTTPException: 404 where there is none, or it is another unit's.
    """
    found = next(iter(visit.office.ledger.letters(number=number)), None)
    if found is None:
        raise HTTPException(404)
    visit.of_unit(found.unit)
    return found
