"""Copies in a lasting format (版式件): made once, kept as objects beside their originals."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline.archive import Archive, BundleItem, Rendered
from pipeline.archive.properties.papers import pdfa_part
from pipeline.ledger import Rendition
from pipeline.office import Office
from pipeline.reading import pdfa

_NO_OFFICE = "本机没有 LibreOffice"
_FAILED = "LibreOffice 未能转换,或结果没有 PDF/A 标记"


def lasting_copies(
    office: Office, items: tuple[BundleItem, ...], progress: Callable[[], object] = lambda: None
) -> tuple[dict[str, Rendered], dict[str, str]]:
    """Every original that has no copy yet has one, where this machine can make it.

    Returns the copies by the hash of their original, and why the others have none.
    """
    known = office.ledger.renditions()
    wanted: dict[str, tuple[Path, str]] = {}
    why_not: dict[str, str] = {}
    for item in items:
        if item.sha256 in known or item.sha256 in wanted:
            continue
        path = Path(item.source)
        if item.format not in pdfa.SOURCES:
            why_not[item.sha256] = _reason(path, item.format)
        elif not office.reader.has("libreoffice"):
            why_not[item.sha256] = _NO_OFFICE
        elif path.is_file():
            wanted[item.sha256] = path, item.format
    known |= _make(office, wanted, progress)
    why_not |= {sha256: _FAILED for sha256 in wanted if sha256 not in known}
    held = {item.sha256 for item in items}
    return {sha: _rendered(office.archive, made) for sha, made in known.items() if sha in held}, why_not


def _make(
    office: Office, wanted: Mapping[str, tuple[Path, str]], progress: Callable[[], object]
) -> dict[str, Rendition]:
    made: dict[str, Rendition] = {}
    if not wanted:
        return made
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=office.archive.spool) as folder:
        for copy in pdfa.make_copies(wanted, Path(folder)):
            progress()
            if pdfa_part(copy.path) != 2:
                continue
            kept = office.archive.keep_bytes(copy.path.read_bytes(), f"{copy.key}.pdf")
            made[copy.key] = Rendition(copy.key, kept.sha256, kept.size_bytes, pdfa.FORMAT, copy.pages, pdfa.maker())
            office.ledger.add_rendition(made[copy.key])
    return made


def _reason(path: Path, kind: str) -> str:
    if kind == "pdf":
        part = pdfa_part(path) if path.is_file() else None
        return f"原件自称 PDF/A-{part}" if part else "原件是 PDF,未另制"
    return f"原件是 {kind or '其他'} 格式,未另制"


def _rendered(archive: Archive, made: Rendition) -> Rendered:
    return Rendered(str(archive.path_of(made.sha256)), made.sha256, made.format, made.pages, made.maker)
