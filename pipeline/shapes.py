"""What programs get of the ledger's values: the JSON shapes of the contract, the same from the command line and ``/api``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.errors import SearchUnavailable
from pipeline.judging.obligations import Owed
from pipeline.model import Entry, Evidence, Finding, Identity, ItemVerdict, Receipt, Verdict
from pipeline.office import Office
from pipeline.rulebook import Rulebook
from pipeline.search import Hit, Results
from pipeline.searching import same_text

_OWED = ("obligation", "institution", "unit", "person", "year", "period", "due", "status", "entry", "clause")
_HIT = ("entry", "score", "title", "kind", "unit", "person", "year", "snippet", "status", "received", "passage",
        "heading", "page", "passages")  # fmt: skip


def entry_shape(entry: Entry, office: Office, alone: bool = False) -> dict[str, Any]:
    """Return the contract's object for one entry. ``alone``: without what other units' papers have in common with it."""
    return {
        "file": entry.name,
        "sha256": entry.sha256,
        "outcome": entry.outcome,
        "reason": None,
        "entry": entry.number,
        **identity_shape(entry.identity, office.rulebook),
        "title": entry.identity.title,
        "document_number": entry.identity.document_number,
        "received": entry.received,
        "due": entry.due,
        "on_time": entry.on_time,
        "version": entry.version,
        "previous": entry.previous,
        "decision": entry.decision,
        "note": office.ledger.note_of(entry.number) if entry.decision else "",
        **verdict_shape(entry.verdict if alone else with_same_text(entry, office)),
    }


def with_same_text(entry: Entry, office: Office) -> Verdict:
    """Return the verdict, and with it whether the paper's text is another's."""
    try:
        return replace(entry.verdict, findings=(*entry.verdict.findings, *same_text(office, entry)))
    except SearchUnavailable:
        return entry.verdict  # the index is away: what the ledger holds is shown all the same


def receipt_shape(receipt: Receipt, rulebook: Rulebook) -> dict[str, Any]:
    """Return the contract's object for one file of ``check``, ``ingest`` and ``watch``."""
    entry = receipt.entry
    identity = receipt.identity or (entry.identity if entry else None)
    verdict = receipt.verdict or (entry.verdict if entry else None)
    return {
        "file": receipt.file,
        "sha256": receipt.sha256 or (entry.sha256 if entry else None),
        "outcome": receipt.outcome,
        "reason": receipt.reason,
        "entry": entry.number if entry else None,
        **identity_shape(identity, rulebook),
        "received": entry.received if entry else receipt.received,
        "due": entry.due if entry else receipt.due,
        "on_time": entry.on_time if entry else receipt.on_time,
        **verdict_shape(verdict),
    }


def identity_shape(identity: Identity | None, rulebook: Rulebook) -> dict[str, Any]:
    if identity is None:
        keys = ("kind", "kind_label", "unit", "person", "year", "period", "signed_date")
        return dict.fromkeys(keys)
    return {
        "kind": identity.kind,
        "kind_label": rulebook.kind_label(identity.kind),
        "unit": identity.unit,
        "person": identity.person,
        "year": identity.year,
        "period": identity.period,
        "signed_date": identity.signed_date,
    }


def verdict_shape(verdict: Verdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"verdict": None, "items": [], "pledge_parts": None, "findings": []}
    parts = verdict.pledge_parts
    return {
        "verdict": verdict.outcome,
        "items": [item_shape(i) for i in verdict.items],
        "pledge_parts": None if parts is None else {k: getattr(parts, k) for k in parts.__slots__},
        "findings": [finding_shape(f) for f in verdict.findings],
    }


def item_shape(item: ItemVerdict) -> dict[str, Any]:
    return {
        "item": item.item,
        "status": item.status,
        "confidence": round(item.confidence, 3),
        "evidence": [evidence_shape(e) for e in item.evidence],
        "nearest": evidence_shape(item.nearest) if item.nearest else None,
        "machine": item.machine,
    }


def evidence_shape(evidence: Evidence) -> dict[str, Any]:
    return {"text": evidence.text, "passage": evidence.passage, "heading": evidence.heading}


def finding_shape(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "clause": finding.clause,
    }


def obligation_shape(row: Owed) -> dict[str, Any]:
    """Return the contract's object for one thing owed."""
    return {key: getattr(row, key) for key in _OWED}


def results_shape(results: Results) -> dict[str, Any]:
    """Return the contract's object for a whole search."""
    return {
        "total": results.total,
        "exact": results.exact,
        "facets": results.facets,
        "elapsed_ms": round(results.elapsed_ms, 2),
    }


def hit_shape(hit: Hit) -> dict[str, Any]:
    """Return the contract's object for one paper found."""
    return {key: getattr(hit, key) for key in _HIT}
