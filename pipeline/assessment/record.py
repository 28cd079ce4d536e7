"""What goes with the scores: the catalogue of material, how 签字背书 was carried out, the year as it was frozen."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.assessment.known import Known
from pipeline.assessment.run import Assessed, assessed, table_of
from pipeline.errors import FrozenYear
from pipeline.judging.inputs import inputs
from pipeline.judging.obligations import owed
from pipeline.ledger import Frozen
from pipeline.office import Office


def frozen_year(office: Office, year: int) -> Assessed | None:
    """Return a year as it was frozen last, None where it is not."""
    found = office.ledger.frozen(year)
    return None if found is None else assessed(dict(found.content))


def freeze(office: Office, result: Assessed, reason: str) -> Frozen:
    """The year is frozen: kept with its journal row, changed by nobody. The same result again is the version there is.

    Raises:
        FrozenYear: facts are missing, or it is frozen otherwise already and no reason was given.
    """
    if result.missing:
        told = ";".join(result.missing[:5]) + (f" 等 {len(result.missing)} 处" if len(result.missing) > 5 else "")
        raise FrozenYear(f"还有待定的事实,不能定稿:{told}", "请补齐数据后再定稿")
    made = office.ledger.freeze(result.year, result.content(), reason, office.today())
    if made is None:
        raise FrozenYear(
            f"{result.year} 年度考核已定稿,内容与这次不同", "要更正请写 --reason 理由,另存为新的一版,原来的保留"
        )
    return made


def material_rows(office: Office, known: Known, unit: str) -> Iterator[tuple[str, ...]]:
    """Yield the material for each score line that the archive holds: line, title, entry, copies.

    Source: 附十·四(三).
    """
    for asked in inputs(known.table).values():
        for proof in known.proofs(asked, unit) if asked.part.proven_by and asked.kind != "value" else ():
            yield f"{asked.line.id} {asked.label}", proof.title, proof.entry or "办公室登记", str(proof.count)


def catalogue(office: Office, result: Assessed) -> tuple[tuple[str, ...], ...]:
    """Return the material of every unit that the roster knows: unit, line, title, entry, copies."""
    known, names = Known(office, table_of(office), result.year), {u.name for u in office.roster.units}
    units = [u["unit"] for u in result.units if u["unit"] in names]
    return tuple((unit, *row) for unit in units for row in material_rows(office, known, unit))


def signing_record(office: Office, unit: str, year: int) -> dict[str, str]:
    """Return how a unit carried out 签字背书 in a year, as the fields of its form.

    Source: 附一·三.
    """
    book, today = office.rulebook, office.today()
    pledges = {kind.id for kind in book.kinds.values() if kind.parties_pairs}
    reviewed = {kind.id for kind in book.kinds.values() if kind.signed_review is not None}
    due = {(thing.kinds, thing.person) for thing in owed(book, office.roster, year, kinds=pledges)
           if thing.unit == unit and thing.due is not None}  # fmt: skip
    entries = [e for e in office.ledger.entries(today, unit=unit, duty_year=year) if e.version == 1]
    signed = [
        e for e in entries if e.identity.kind in pledges and e.verdict.pledge_parts and e.verdict.pledge_parts.signature
    ]
    flows = {flow.id for flow in book.workflows.values() if flow.institution == "signing"}
    steps = [
        s for s in office.ledger.steps(today) if s.workflow in flows and s.unit == unit and s.period[:4] == str(year)
    ]
    published = {s.case_key for s in steps if s.state == "published"}
    reviews = {s.case_key for s in steps if s.state == "signed" and s.workflow == "signed_review_flow"}
    sheets = [e for e in entries if e.identity.kind == "signing_sheet"]
    return {
        "pledges_due": str(len(due)),
        "pledges_signed": str(len(signed)),
        "signed_in_time": str(sum(e.on_time is not False for e in signed)),
        "published": f"已登记公开 {len(published)} 份",
        "reviews_due": str(len(reviewed)),
        "reviews_signed": str(max(len(reviews), len(sheets))),
    }
