"""档案: what each unit, person and institution has in a year, its 档号, bundles and their four-property reports."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, UploadFile
from fastapi.responses import FileResponse, Response

from pipeline.acceptance import RECEIVED, judge_bundle, witness_of
from pipeline.access import Act
from pipeline.archive import safe_name
from pipeline.archive.properties import LABELS, Property
from pipeline.archive.properties.package import REPORT
from pipeline.archive.report import as_shape, report_files
from pipeline.codes import retention_label
from pipeline.dossier import Scope, plan_bundle, scope_of
from pipeline.errors import UsageError
from pipeline.filing import file_papers
from pipeline.handover import hand_over
from pipeline.ledger import Letter, Stock
from pipeline.leftovers import half_made
from pipeline.office import Office
from pipeline.web.jobs import Job, Jobs, Result
from pipeline.web.look import disposition, go, page
from pipeline.web.visit import Visit, allowed

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.SEE))]
Bundle = Annotated[Visit, Depends(allowed(Act.BUNDLE))]
By = Literal["unit", "person", "institution"]
Word = Annotated[str, Form(max_length=200)]
BY: Mapping[By, str] = {"unit": "单位", "person": "人员", "institution": "制度"}
PAGE = 50
AT_ONCE = 200  # papers that one form files while its sender waits; more become a job
_YEARS = 12
_LATEST = 10
_TITLES = ("归档包 ", "检验 ", "编号归档 ")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose file of which year. ``name``: of a unit, a person, or an institution's id; ``label``: as people read it."""

    by: By
    name: str
    year: int
    label: str

    @property
    def query(self) -> str:
        return urlencode({"by": self.by, "name": self.name, "year": self.year})

    @property
    def key(self) -> dict[str, str]:
        """As ``plan_bundle`` takes it."""
        return {self.by: self.name}


@router.get("/archives")
def archives(visit: See, by: By = "unit", year: str = "", q: str = "", at: int = 1) -> Response:
    office, chosen = visit.office, _year(visit, year)
    rows = [row for row in _stocks(visit, by, chosen) if q.strip() in row[0].label]
    at = min(max(at, 1), max((len(rows) + PAGE - 1) // PAGE, 1))
    whole = visit.within is None
    made = [row for row in office.ledger.journal(_LATEST, act="bundle") if _bundle(office, row.facts.get("name"))]
    return page(visit, "archives.html", "档案", by=by, kinds=BY, year=chosen, years=_years(visit), q=q.strip(), at=at,
                size=PAGE, total=len(rows), rows=rows[(at - 1) * PAGE : at * PAGE], jobs=_jobs(visit),
                shelves=office.ledger.shelves() if whole else [], retention=retention_label,
                made=made if whole and visit.may(Act.BUNDLE) else [])  # fmt: skip


def _stocks(visit: Visit, by: By, year: int) -> list[tuple[Owner, Stock]]:
    """Return everybody's stock of a year: units and people by name, institutions in the rulebook's order."""
    rules, ledger = visit.office.rulebook, visit.office.ledger
    if by != "institution":
        found = ledger.stock(by, year, visit.within)
        return [(Owner(by, name, year, name), found[name]) for name in sorted(found)]
    by_kind = ledger.stock("kind", year, visit.within)
    totals: dict[str, Stock] = {}
    for kind, stock in by_kind.items():
        owner = rules.kinds.get(kind) or rules.letters.get(kind)
        if owner is not None:
            totals[owner.institution] = totals.get(owner.institution, Stock()) + stock
    return [(Owner(by, i.id, year, i.title), totals[i.id]) for i in rules.institutions.values() if i.id in totals]


@router.get("/archives/file")
def file_page(visit: See, by: By, name: str, year: str = "", at: int = 1) -> Response:
    owner = _owner(visit, by, name, _year(visit, year))
    office = visit.office
    at = max(at, 1)
    entries, total = office.ledger.newest(
        PAGE, (at - 1) * PAGE, visit.within, duty_year=owner.year, **_columns(visit, owner)
    )
    letters = _letters(visit, owner) if at == 1 else []
    numbers = tuple([entry.number for entry in entries] + [letter.number for letter in letters])
    codes = {item.subject: item for item in office.ledger.items(subject=numbers)}
    visit.noted("see", f"档案 {owner.label} {owner.year}")
    chosen = office.settings.archive
    return page(visit, "archive_file.html", f"{owner.label} {owner.year}年", owner=owner, entries=entries, total=total,
                at=at, size=PAGE, letters=letters, codes=codes, kind_label=office.rulebook.kind_label,
                retention=retention_label, retentions=chosen.retentions, fonds=chosen.fonds, jobs=_jobs(visit),
                may_bundle=visit.may(Act.BUNDLE) and _bundles_whole(visit, owner))  # fmt: skip


def _owner(visit: Visit, by: By, name: str, year: int) -> Owner:
    """Return whose file it is.

    Raises:
        HTTPException: 404 where there is no such file, or it is not for this visitor.
    """
    office = visit.office
    if by == "institution":
        found = office.rulebook.institutions.get(name)
        if found is None:
            raise HTTPException(404)
        return Owner(by, name, year, found.title)
    if by == "unit":
        visit.of_unit(name)
        known = office.roster.unit(name) is not None
    else:
        known = any(p.name == name and (visit.within is None or p.unit in visit.within) for p in office.roster.people)
    if not known and not office.ledger.newest(1, 0, visit.within, **{by: name})[1]:
        raise HTTPException(404)
    return Owner(by, name, year, name)


def _columns(visit: Visit, owner: Owner) -> dict[str, object]:
    if owner.by != "institution":
        return {owner.by: owner.name}
    return {"kind": tuple(k.id for k in visit.office.rulebook.kinds.values() if k.institution == owner.name)}


def _letters(visit: Visit, owner: Owner) -> list[Letter]:
    where: dict[str, object] = {owner.by: owner.name}
    if owner.by == "institution":
        where = {"kind": tuple(x.id for x in visit.office.rulebook.letters.values() if x.institution == owner.name)}
    found = (letter for letter in visit.office.ledger.letters(**where) if letter.made_on.year == owner.year)
    return [letter for letter in found if visit.within is None or letter.unit in visit.within]


def _bundles_whole(visit: Visit, owner: Owner) -> bool:
    """Whether this visitor sees all that a bundle must hold: of an institution only who sees every unit."""
    return owner.by != "institution" or visit.within is None


# --- 档号


@router.post("/archives/filed")
def file_some(
    visit: Bundle,
    by: Annotated[By, Form()],
    name: Word,
    year: Word,
    retention: Word,
    number: Annotated[list[str] | None, Form()] = None,
    all_of: Word = "",
) -> Response:
    owner = _owner(visit, by, name, _year(visit, year))
    back = f"/archives/file?{owner.query}"
    if all_of:
        _jobs_of(visit).start(
            Job(f"编号归档 {owner.label} {owner.year}年", visit.viewer.account), _filing(visit, owner, retention)
        )
        return go(back)
    if not number or len(number) > AT_ONCE:
        raise UsageError("没有选定要归档的件" if not number else f"一次最多选 {AT_ONCE} 件", "请勾选,或归全部未归档件")
    for one in number:
        visit.of_unit(_unit_of(visit.office, one))
    done = file_papers(visit.office, number, retention)
    return go(back, f"已编档号 {sum(item.fresh for item in done)} 个")


def _unit_of(office: Office, number: str) -> str | None:
    entry = office.ledger.entry(number)
    if entry is not None:
        return entry.identity.unit
    letter = next(iter(office.ledger.letters(number=number)), None)
    if letter is None:
        raise HTTPException(404)
    return letter.unit


def _filing(visit: Visit, owner: Owner, retention: str) -> Callable[[Job], Result]:
    def work(job: Job) -> Result:
        scope = scope_of(visit.office, owner.year, within=visit.within, **owner.key)
        filed = {item.subject for item in visit.office.ledger.items()}
        numbers = [number for number in _in_order(scope) if number not in filed]
        done = file_papers(visit.office, numbers, retention)
        return Result(f"新编档号 {sum(item.fresh for item in done)} 个", f"/archives/file?{owner.query}")

    return work


def _in_order(scope: Scope) -> list[str]:
    """Return the numbers of a file's papers and letters by day."""
    papers = [(entry.identity.signed_date or entry.received, entry.number) for entry in scope.entries]
    return [number for _, number in sorted([*papers, *((x.made_on, x.number) for x in scope.letters)])]


# --- bundles


@dataclass(frozen=True, slots=True)
class Report:
    """A bundle's four-property report as its page shows it. ``bundle``: its file where it is ours."""

    title: str
    sha256: str | None
    items: int
    stray: tuple[str, ...]
    properties: Mapping[str, str]
    checks: list[Mapping[str, str]]
    bundle: str = ""
    notes: tuple[str, ...] = ()


@router.post("/archives/bundle")
def bundle(visit: Bundle, by: Annotated[By, Form()], name: Word, year: Word) -> Response:
    owner = _owner(visit, by, name, _year(visit, year))
    if not _bundles_whole(visit, owner):
        raise UsageError("只能看部分单位的账号不能归一项制度的档", "请由能看全部单位的经办人办理")
    job = Job(f"归档包 {owner.label} {owner.year}年", visit.viewer.account)

    def work(job: Job) -> Result:
        plan = plan_bundle(visit.office, owner.year, within=visit.within, **owner.key)
        done = hand_over(visit.office, plan, as_zip=True, progress=job.step)
        why = f"有 {len(done.why_not)} 件没有 PDF/A 版式件:{'、'.join(sorted(set(done.why_not.values())))}"
        report = _own_report(done.made.path, done.made.sha256, len(plan.items), (why,) if done.why_not else ())
        return Result(f"已生成,{len(plan.items)} 件", f"/archives/reports/{job.key}", facts=report)

    _jobs_of(visit).start(job, work)
    return go(f"/archives/file?{owner.query}")


def _own_report(path: Path, sha256: str, items: int, notes: tuple[str, ...]) -> Report:
    with zipfile.ZipFile(path) as packed:
        name = next(n for n in packed.namelist() if n.count("/") == 1 and n.endswith(f"/{REPORT}.json"))
        facts = json.loads(packed.read(name))
    return Report(facts["title"], sha256, items, (), facts["properties"], facts["checks"], path.name, notes)


@router.post("/archives/check")
def check(visit: Bundle, file: UploadFile) -> Response:
    office = visit.office
    given = Path((file.filename or "").replace("\\", "/")).name or "归档包.zip"
    spooled = office.archive.spool / half_made()
    try:
        with spooled.open("xb") as stream:
            shutil.copyfileobj(file.file, stream, 1 << 20)

        def work(job: Job) -> Result:
            try:
                return _checked(office, spooled, given, job.key)
            finally:
                spooled.unlink(missing_ok=True)

        _jobs_of(visit).start(Job(f"检验 {given[:60]}", visit.viewer.account), work)
    except BaseException:
        spooled.unlink(missing_ok=True)
        raise
    return go("/archives")


def _checked(office: Office, path: Path, given: str, key: str) -> Result:
    judged = judge_bundle(path, witness_of(office))
    title = given if judged.title == path.name else judged.title
    shape = as_shape(judged.checks)
    report = Report(title, judged.sha256, judged.items, judged.stray, shape["properties"], shape["checks"])  # type: ignore[arg-type]
    sheet = report_files(title, office.today(), RECEIVED, judged.checks)[f"{REPORT}.xlsx"]
    words = "没有发现不通过的项目" if judged.sound else "检验不通过:请与移交方核对,不要接收"
    return Result(f"{title}:{words}", f"/archives/reports/{key}", sheet, f"{safe_name(title)}{REPORT}.xlsx", report)


@router.get("/archives/reports/{key}")
def report_page(visit: Bundle, key: str) -> Response:
    job = _jobs_of(visit).get(key, visit.viewer.account)
    if job is None or job.result is None or not isinstance(job.result.facts, Report):
        raise HTTPException(404)
    return page(visit, "report.html", REPORT, job=job, report=job.result.facts, labels=LABELS, properties=Property)


@router.get("/archives/reports/{key}/bundle")
def own_bundle(visit: Bundle, key: str) -> Response:
    """A bundle that this visitor has made today."""
    job = _jobs_of(visit).get(key, visit.viewer.account)
    if job is None or job.result is None or not isinstance(job.result.facts, Report):
        raise HTTPException(404)
    return _sent(visit, job.result.facts.bundle)


@router.get("/archives/bundles/{name}")
def any_bundle(visit: Bundle, name: str) -> Response:
    """A bundle of another day or maker, for who sees every unit."""
    if visit.within is not None:
        raise HTTPException(404)
    return _sent(visit, name)


def _sent(visit: Visit, name: str) -> Response:
    path = _bundle(visit.office, name)
    if path is None:
        raise HTTPException(404)
    visit.noted("download", path.name)
    return FileResponse(path, media_type="application/zip", headers={"Content-Disposition": disposition(path.name)})


def _bundle(office: Office, name: object) -> Path | None:
    """Return the finished bundle of this name, None where there is none."""
    folder = office.workspace / "archive" / "bundles"
    if not isinstance(name, str) or Path(name).name != name or "\\" in name or not name.endswith(".zip"):
        return None
    path = folder / name
    return path if not name.startswith(".") and path.is_file() and not path.is_symlink() else None


def _jobs_of(visit: Visit) -> Jobs:
    jobs: Jobs = visit.request.app.state.jobs
    return jobs


def _jobs(visit: Visit) -> list[Job]:
    return [job for job in _jobs_of(visit).of(visit.viewer.account) if job.title.startswith(_TITLES)][:5]


def _years(visit: Visit) -> range:
    this_year = visit.office.today().year
    return range(this_year, this_year - _YEARS, -1)


def _year(visit: Visit, text: str) -> int:
    return int(text) if text.isdecimal() and 1990 <= int(text) <= 2200 else visit.office.today().year
