"""Judges an archive bundle, whoever made it: everything is computed anew, and the ledger is asked where it knows the bundle."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.archive.bag import bag_hash
from pipeline.archive.properties import Checked, Result, Subject, Trouble, Witness, lines_on
from pipeline.archive.properties.package import strays
from pipeline.archive.unpacking import bag_folder
from pipeline.office import Office
from pipeline.reading.opening import first_troubles

RECEIVED = "移交接收"


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of a bundle. ``sha256``: its own hash, None where its tag manifest is missing."""

    title: str
    sha256: str | None
    items: int
    stray: tuple[str, ...]
    checks: tuple[Checked, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing failed; what nobody checked is no failure."""
        return not any(check.result is Result.FAILED for check in self.checks)


def witness_of(office: Office | None) -> Witness:
    """Return what may be asked: whether papers open, and what the ledger knows where there is one."""
    if office is None:
        return Witness(opens=troubles)
    known = {str(f["sha256"]): key for key, f in office.ledger.noted("bundle") if "sha256" in f}
    own = office.settings
    return Witness(known, own.office.name, own.archive.fonds, office.ledger.journal_hash, troubles)


def judge_bundle(path: Path, witness: Witness) -> Judged:
    """Return what can be said of the bundle that lies there, a folder or a ZIP.

    Raises:
        UnprocessableDocument: it is none, or cannot be unpacked safely.
    """
    with tempfile.TemporaryDirectory(prefix="pipeline-bundle-") as work, bag_folder(path, Path(work)) as folder:
        subject = Subject(folder, witness, RECEIVED)
        checks = lines_on(subject)
        return Judged(
            title=subject.bag.value("External-Description") or path.name,
            sha256=bag_hash(folder),
            items=len(subject.items),
            stray=tuple(strays(subject)),
            checks=tuple(checks),
        )


def troubles(papers: Mapping[str, Path]) -> dict[str, Trouble]:
    """Return why papers do not open, by name; each is tried in a limited process."""
    return {name: Trouble(code, reason) for name, code, reason in first_troubles(papers)}
