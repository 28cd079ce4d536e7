"""Makes an archive bundle: plans it, makes the lasting copies, builds it, and notes its hash in the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.acceptance import witness_of
from pipeline.archive import BundlePlan, Made, build_bundle
from pipeline.copies import lasting_copies
from pipeline.dossier import with_copies
from pipeline.office import Office


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A bundle that stands. ``copies``: how many of its papers have a lasting copy; ``why_not``: why others have none,
    by hash.
    """

    made: Made
    plan: BundlePlan
    copies: int
    why_not: Mapping[str, str]


def hand_over(
    office: Office,
    plan: BundlePlan,
    out: Path | None = None,
    as_zip: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> HandedOver:
    """The planned bundle stands in ``out`` (``archive/bundles``) and its hash in the journal. ``progress``: each copy made.

    Raises:
        ArchiveDamaged: an original no longer has its hash; no bundle is made.
        PipelineError: the folder cannot be written.
    """
    copies, why_not = lasting_copies(office, plan.items, progress)
    whole = with_copies(plan, copies, why_not)
    made = build_bundle(whole, out or office.workspace / "archive" / "bundles", as_zip, witness_of(office))
    facts = {"items": len(whole.items), "name": made.path.name, "sha256": made.sha256}
    office.ledger.note("bundle", whole.key, facts)
    return HandedOver(made, whole, len(copies), why_not)
