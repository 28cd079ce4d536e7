"""An archive bundle (归档包): a BagIt bag made from copies, with its catalogue and metadata, readable without us.

The bag is built and validated in a folder of its own and then renamed, so that a stopped run leaves no half bag under
a final name, and never touches an original.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import bagit

from pipeline.archive.catalogue import Row, catalogue_docx, catalogue_xlsx
from pipeline.archive.names import safe_name, told_apart
from pipeline.archive.store import digest
from pipeline.errors import ArchiveDamaged, PipelineError

CATALOGUE = "归档文件目录"
METADATA = "元数据.json"
_RESTORE = "请运行 pipeline verify 检查档案,用备份恢复后再归档"
PROFILE = "https://pipeline.invalid/profiles/archive-bundle/1"

logging.getLogger("bagit").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class BundleItem:
    """One 件 of the bundle. ``section``: its folder (``01-双报告``). ``source``: where the original lies.

    ``archival_code``, ``secrecy`` stay empty until the office sets them; ``date`` is the document's own.
    ``facts``: what the ledger knows beyond the nine columns, for machines.
    """

    source: str
    sha256: str
    name: str
    section: str
    title: str
    responsible: str = ""
    date: dt.date | None = None
    document_number: str = ""
    archival_code: str = ""
    secrecy: str = ""
    pages: int | None = None
    remark: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BundlePlan:
    """What goes into a bundle. ``key``: its name on disk and its External-Identifier."""

    key: str
    title: str
    organization: str
    made_on: dt.date
    journal_head: str
    items: tuple[BundleItem, ...]


def build_bundle(plan: BundlePlan, out: Path, as_zip: bool = False) -> Path:
    """A valid bag stands in ``out`` under the plan's key; returns its folder, or the .zip beside which none is left.

    Raises:
        ArchiveDamaged: an original no longer has its hash; no bag is made.
        PipelineError: the folder cannot be written.
    """
    work = out / f".{uuid.uuid4().hex}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        taken = {p.name.casefold() for p in out.iterdir()}
        final = out / told_apart(safe_name(plan.key) + (".zip" if as_zip else ""), taken)
        work.mkdir(mode=0o700)
        _fill(plan, work)
        bag = bagit.make_bag(str(work), _bag_info(plan), checksums=["sha256", "sha512"])
        bag.validate()
        if as_zip:
            packed = out / f".{uuid.uuid4().hex}.zip"
            _pack(work, packed, safe_name(plan.key))
            packed.replace(final)
        else:
            work.chmod(0o755)
            work.rename(final)
    except OSError as error:
        raise PipelineError(f"归档包无法写入 {out}({error.strerror})", "请检查磁盘空间和权限") from error
    except bagit.BagError as error:
        raise ArchiveDamaged(f"归档包自检未通过:{error}", "请运行 pipeline verify 检查档案") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return final


def _fill(plan: BundlePlan, folder: Path) -> None:
    """Copy the originals under readable names and write catalogue and metadata beside them."""
    rows: list[Row] = []
    metadata: list[dict[str, object]] = []
    taken: dict[str, set[str]] = {}
    for n, item in enumerate(plan.items, 1):
        section = _payload_name(item.section)
        name = told_apart(_payload_name(f"{n:03}-{item.name}"), taken.setdefault(section, set()))
        target = folder / section / name
        target.parent.mkdir(exist_ok=True)
        _copy(item, target)
        rows.append(_row(n, item))
        metadata.append({"n": n, "file": f"data/{section}/{name}", **asdict(item), "source": None})
    title = f"{plan.title}{CATALOGUE}"
    (folder / f"{CATALOGUE}.xlsx").write_bytes(catalogue_xlsx(title, rows, plan.made_on))
    (folder / f"{CATALOGUE}.docx").write_bytes(catalogue_docx(title, rows))
    whole = {"schema": 1, "key": plan.key, "title": plan.title, "journal_head": plan.journal_head, "items": metadata}
    text = json.dumps(whole, ensure_ascii=False, indent=1, default=str)
    (folder / METADATA).write_bytes(text.encode("utf-8", "replace") + b"\n")


def _payload_name(name: str) -> str:
    """Return a name for the bag; BagIt programs disagree on how a percent sign stands in a manifest."""
    return safe_name(name.replace("%", "％"))


def _copy(item: BundleItem, target: Path) -> None:
    try:
        shutil.copyfile(item.source, target)
    except FileNotFoundError as error:
        raise ArchiveDamaged(f"档案中没有原件“{item.name}”", _RESTORE) from error
    if digest(target) != item.sha256:
        raise ArchiveDamaged(f"原件“{item.name}”与登记的校验值不符", _RESTORE)


def _row(n: int, item: BundleItem) -> Row:
    day = f"{item.date:%Y%m%d}" if item.date else ""
    pages = "" if item.pages is None else str(item.pages)
    return (str(n), item.archival_code, item.document_number, item.responsible, item.title, day, item.secrecy, pages,
            item.remark)  # fmt: skip


def _bag_info(plan: BundlePlan) -> dict[str, str]:
    info = {
        "Source-Organization": plan.organization,
        "Bagging-Date": plan.made_on.isoformat(),
        "External-Identifier": plan.key,
        "External-Description": plan.title,
        "BagIt-Profile-Identifier": PROFILE,
        "Journal-Head": plan.journal_head,
    }
    return {label: value.encode("utf-8", "replace").decode("utf-8") for label, value in info.items()}


def _pack(folder: Path, target: Path, top: str) -> None:
    """Zip a bag; names are UTF-8 with the flag set, which Windows Explorer opens right."""
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.write(path, f"{top}/{path.relative_to(folder).as_posix()}")
