"""What the commands print: the JSON shapes of the contract, and tables for people."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError
from pipeline.model import Evidence, Finding, Identity, ItemVerdict, Receipt, Verdict
from pipeline.rulebook import Rulebook


def emit(value: object) -> None:
    """Print one JSON object on one line of stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def say(message: str) -> None:
    """Print a message for people on stderr."""
    sys.stderr.write(f"{_harmless(message)}\n")


def put(line: str = "") -> None:
    """Print one line of the result on stdout."""
    sys.stdout.write(f"{_harmless(line)}\n")


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print columns that line up where Chinese characters are two cells wide."""
    cells = [[printable("" if c is None else str(c)) for c in row] for row in (headers, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        put("  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip())


def write_file(path: Path, data: bytes) -> None:
    """Write a result to the file a person named.

    Raises:
        PipelineError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise PipelineError(f"无法写入 {path}({error.strerror})", "如文件正打开着,请先关闭") from error


def printable(text: str) -> str:
    """Return ``text`` with control and direction characters shown as escapes, so that a name cannot drive a terminal."""
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in {"Cc", "Cf", "Cs"} else c for c in text)


def _harmless(text: str) -> str:
    """Return ``text`` without what could drive a terminal; our own lines and tabs stay."""
    return "".join(c if c in "\n\t" else printable(c) for c in text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


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
