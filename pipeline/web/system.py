"""系统: how machine and workspace are; proofs, backups and the index as work that goes on by itself. No paper is seen here."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from pipeline.access import Act
from pipeline.backup import back_up
from pipeline.checkup import INTAKE, check_up
from pipeline.daybook import intake
from pipeline.errors import ArchiveDamaged, UsageError
from pipeline.proving import Proof, prove, troubles
from pipeline.web.jobs import Job, Jobs, Result
from pipeline.web.look import go, page
from pipeline.web.visit import Visit, allowed

router = APIRouter()
See = Annotated[Visit, Depends(allowed(Act.SYSTEM))]
Operate = Annotated[Visit, Depends(allowed(Act.OPERATE))]
PROOF, BACKUP, INDEX = "核验档案", "备份", "重建索引"
_NAMED = 10  # troubles told one by one
_LOOK_S = 120  # a watcher that has not looked for so long is not at work


@router.get("/system")
def system(visit: See) -> Response:
    office = visit.office
    coming = intake(office)
    asleep = coming.seen is None or (office.now() - coming.seen).total_seconds() > _LOOK_S
    # what waits is told by its reasons: names of papers are not for who looks after the machine
    waits = Counter(wait.why for wait in coming.waits).most_common(_NAMED)
    last = office.ledger.last_noted("backup").get("backup")
    return page(visit, "system.html", "系统", looks=[look for look in check_up(office) if look.name != INTAKE],
                coming=coming, waits=waits, asleep=asleep and office.as_of is None, jobs=_jobs(visit),
                folder=str(last[1].get("folder", "")) if last else "")  # fmt: skip


def _jobs_of(visit: Visit) -> Jobs:
    jobs: Jobs = visit.request.app.state.jobs
    return jobs


def _jobs(visit: Visit) -> list[Job]:
    found = _jobs_of(visit).of(visit.viewer.account)
    return [job for job in found if job.title in (PROOF, BACKUP, INDEX)][:5]


@router.post("/system/prove")
def prove_all(visit: Operate) -> Response:
    def work(job: Job) -> Result:
        job.total = len(visit.office.ledger.objects())
        proof = prove(visit.office, (), job.step)
        if not proof.sound:
            raise ArchiveDamaged(f"核验未通过:{_some(troubles(proof))}", "请停止使用,用备份恢复受损的文件")
        return Result(_proof_words(proof))

    _jobs_of(visit).start(Job(PROOF, visit.viewer.account), work)
    return go("/system")


def _proof_words(proof: Proof) -> str:
    stray = f",多余 {len(proof.fixity.stray)} 件" if proof.fixity.stray else ""
    return (f"核验通过:登记 {proof.entries} 份,档案 {proof.fixity.objects} 件{stray};操作日志 {proof.head.seq} 条完好,"
            f"与留存的日志末条核对 {proof.heads} 处相符")  # fmt: skip


@router.post("/system/backup")
def backup(visit: Operate, folder: Annotated[str, Form(max_length=500)]) -> Response:
    chosen = Path(folder.strip())
    if "\0" in folder or not chosen.is_absolute():
        raise UsageError(f"“{folder.strip()[:100]}”不是完整的路径", "请写另一块磁盘上文件夹的完整路径,如 /mnt/backup")

    def work(job: Job) -> Result:
        job.total = len(visit.office.ledger.objects())
        done = back_up(visit.office, chosen, progress=job.step)
        if not done.sound:
            raise ArchiveDamaged(f"备份 {done.name} 已写成,但有问题:{_some(done.troubles)}", "请停止使用并查明原因")
        return Result(f"备份 {done.name}:档案 {done.objects} 件,新复制 {done.copied} 件,保留 {done.kept} 次,"
                      f"用时 {done.seconds:.0f} 秒")  # fmt: skip

    _jobs_of(visit).start(Job(BACKUP, visit.viewer.account), work)
    return go("/system")


@router.post("/system/index")
def rebuild_index(visit: Operate) -> Response:
    def work(job: Job) -> Result:
        job.total = visit.office.ledger.count()
        return Result(f"索引已重建:{visit.office.rebuild_index(job.step)} 份")

    _jobs_of(visit).start(Job(INDEX, visit.viewer.account), work)
    return go("/system")


def _some(things: list[str]) -> str:
    more = f";共 {len(things)} 处" if len(things) > _NAMED else ""
    return ";".join(things[:_NAMED]) + more
