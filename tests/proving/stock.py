"""An office with papers in its archive and rows in its ledger, made without reading a document."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from pathlib import Path

from pipeline.ledger import Ledger
from pipeline.model import Arrival, Identity, Original, Outcome, Passage, Text, Verdict
from pipeline.office import Office
from pipeline.rulebook import load_rulebook
from pipeline.settings import DEFAULT_TOML, Settings

RULEBOOK = load_rulebook()


def office_in(folder: Path, as_of: dt.date | None = None, database: str = "") -> Office:
    """Open a workspace that may not exist yet."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "pipeline.toml").exists():
        (folder / "pipeline.toml").write_text(DEFAULT_TOML, encoding="utf-8")
    office = Office(folder, Settings(database=database), as_of)
    office.__dict__["rulebook"] = RULEBOOK  # loaded once for all tests
    return office


def on_day(office: Office, day: dt.date) -> Office:
    """Return the same open workspace on another day."""
    later = replace(office, as_of=day)
    later.__dict__.update({part: getattr(office, part) for part in ("rulebook", "archive", "ledger")})
    return later


def register(office: Office, name: str, data: bytes = b"") -> str:
    """One paper is kept and registered; returns its hash."""
    return enter(office.ledger, office.archive.keep_bytes(data or name.encode(), name), name)


def enter(ledger: Ledger, kept: Original, name: str) -> str:
    arrival = Arrival("/inbox/" + name, name, hashlib.sha256(name.encode()).hexdigest(), dt.datetime.now(dt.UTC))
    text = Text((Passage(0, f"正文{name}"),), "docx")
    entry = ledger.register(kept, arrival, text, Identity("other", name), Verdict(Outcome.NOT_APPLICABLE))
    ledger.done(entry.number)
    return kept.sha256


def filled(folder: Path, papers: int, as_of: dt.date | None = None) -> tuple[Office, list[str]]:
    """Return an open office with so many papers, and their hashes."""
    office = office_in(folder, as_of)
    return office, [register(office, f"报告{n}.docx", f"paper {n} ".encode() * 50) for n in range(papers)]
