"""The words of a four-property report (DA/T 70-2018) and what is looked at."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree

from pipeline.archive.bag import Bag, read_bag
from pipeline.archive.metadata import METADATA, NAMESPACE


class Property(StrEnum):
    AUTHENTICITY = "authenticity"
    INTEGRITY = "integrity"
    USABILITY = "usability"
    SAFETY = "safety"


class Result(StrEnum):
    """``MANUAL``: only a person can tell. ``UNCHECKED``: it could be checked, but not here or not now."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "unchecked"
    MANUAL = "manual"


LABELS: Mapping[StrEnum, str] = {
    Property.AUTHENTICITY: "真实性",
    Property.INTEGRITY: "完整性",
    Property.USABILITY: "可用性",
    Property.SAFETY: "安全性",
    Result.PASSED: "通过",
    Result.FAILED: "不通过",
    Result.UNCHECKED: "未检测",
    Result.MANUAL: "待人工核验",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What one check came to, and why one may believe it."""

    result: Result
    evidence: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One line of the report."""

    id: str
    property: Property
    title: str
    result: Result
    evidence: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a paper does not open. ``code``: of the error (encrypted, hostile, damaged …)."""

    code: str
    reason: str


@dataclass(frozen=True)
class Witness:
    """What is known outside the bag; None: there is nobody to ask.

    ``bag_hashes``: bag hash → bundle name, of every bundle the journal tells of. ``head_hash``: the hash of a journal
    row. ``organization``, ``fonds``: whose journal that is. ``opens``: tries to open papers and returns the trouble with those that do not.
    """

    bag_hashes: Mapping[str, str] | None = None
    organization: str = ""
    fonds: str = ""
    head_hash: Callable[[int], str | None] | None = None
    opens: Callable[[Mapping[str, Path]], Mapping[str, Trouble]] | None = None


@dataclass
class Subject:
    """A bag under examination; each part is read when first asked for, and what cannot be read is None."""

    folder: Path
    witness: Witness
    stage: str
    faults: dict[str, str] = field(default_factory=dict)

    @cached_property
    def bag(self) -> Bag:
        return read_bag(self.folder)

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """Every file that lies there, by its path in NFC."""
        return {unicodedata.normalize("NFC", name): self.folder / name for name in self.bag.files}

    @cached_property
    def metadata(self) -> Mapping[str, Any] | None:
        """The bundle's JSON, None (and why, in ``faults``) when it cannot be read or has another shape."""
        try:
            found = json.loads((self.folder / "data" / METADATA).read_bytes())
            items = found["items"]
            for item in items:
                _shape(item)
            return dict(found) if items is not None else None
        except OSError:
            self.faults["metadata"] = f"没有 data/{METADATA}"
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            self.faults["metadata"] = f"data/{METADATA} 读不出({type(error).__name__}:{error})"
        return None

    @property
    def items(self) -> list[Mapping[str, Any]]:
        return list(self.metadata["items"]) if self.metadata else []

    @cached_property
    def xmls(self) -> Mapping[str, etree._Element | str]:
        """Each item's XML by its path, or the reason why it cannot be read."""
        return {item["xml"]: self._xml(item["xml"]) for item in self.items}

    def _xml(self, name: str) -> etree._Element | str:
        path = self.files.get(name)
        if path is None or path.is_symlink():
            return "没有这个文件"
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
            return etree.fromstring(path.read_bytes(), parser)
        except (OSError, etree.XMLSyntaxError, ValueError) as error:
            return f"读不出({error})"

    def xml_of(self, item: Mapping[str, Any]) -> etree._Element | None:
        found = self.xmls.get(item["xml"])
        return None if isinstance(found, str) else found

    @cached_property
    def troubles(self) -> Mapping[str, Trouble] | None:
        """The papers that do not open, the empty ones apart; None where nobody can try."""
        if self.witness.opens is None:
            return None
        papers = {item["file"]: self.files[item["file"]] for item in self.items if self._plain(item["file"])}
        return self.witness.opens(papers)

    def _plain(self, name: str) -> bool:
        path = self.files.get(name)
        return path is not None and path.is_file() and not path.is_symlink() and path.stat().st_size > 0

    @property
    def ours(self) -> bool | None:
        """Whether the bag says that the witness's own office made it: by its 全宗号, None (perhaps) by its name alone."""
        if self.bag.value("External-Identifier") in (self.witness.bag_hashes or {}).values():
            return True
        fonds = (self.metadata or {}).get("fonds")
        code = fonds.get("code") if isinstance(fonds, dict) else ""
        if code and self.witness.fonds:
            return bool(code == self.witness.fonds)
        same = self.bag.value("Source-Organization") == self.witness.organization
        return None if same and self.witness.organization else False

    def rendered(self) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
        """Yield each item with its copy in a lasting format."""
        for item in self.items:
            yield item, item.get("rendition")


def words(root: etree._Element, path: str) -> str:
    """Return the text of a descendant (``内容描述/题名``), '' where there is none."""
    return root.findtext("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))) or ""


def some(names: list[str]) -> str:
    """Return the first few of many names, and how many there are."""
    return "、".join(names[:5]) + (f" 等 {len(names)} 处" if len(names) > 5 else "")


def passed(evidence: str) -> Found:
    return Found(Result.PASSED, evidence)


def failed(evidence: str) -> Found:
    return Found(Result.FAILED, evidence)


def unchecked(evidence: str) -> Found:
    return Found(Result.UNCHECKED, evidence)


def manual(evidence: str) -> Found:
    return Found(Result.MANUAL, evidence)


def decide(wrong: list[str], well: str) -> Found:
    """Passed where nothing is wrong."""
    return failed(some(wrong)) if wrong else passed(well)


def day(text: object) -> dt.date | None:
    """Return a date written 2026-06-05, None for anything else."""
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None


_TEXTS = ("file", "xml", "sha256", "title", "archival_code", "name", "responsible", "identifier", "document_number")


def _shape(item: Mapping[str, Any]) -> None:
    """Raises: TypeError: a field that others build on has another type."""
    for key in _TEXTS:
        if not isinstance(item[key], str):
            raise TypeError(key)
    if not isinstance(item["size_bytes"], int) or not isinstance(item.get("rendition"), dict | None):
        raise TypeError("rendition")
    if (copy := item.get("rendition")) and not all(isinstance(copy[k], str) for k in ("file", "sha256", "format")):
        raise TypeError("rendition")
