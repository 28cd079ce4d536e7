"""An archive bundle (归档包): a BagIt bag made from copies, with catalogue, metadata and report, readable without us.

The bag is built, validated and made durable in a folder of its own and then renamed, so that a stopped run leaves no half
bag under a final name, and never touches an original.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path

import bagit

from pipeline.archive.bag import make_durable, write_manifests, write_tag_manifests
from pipeline.archive.catalogue import NAME as CATALOGUE
from pipeline.archive.catalogue import catalogue
from pipeline.archive.metadata import FOLDER, METADATA, SCHEMA, SHIPPED, Placed, item_xml, metadata_json
from pipeline.archive.names import safe_name, told_apart
from pipeline.archive.plan import BundlePlan
from pipeline.archive.properties import Witness, examine
from pipeline.archive.report import report_files
from pipeline.archive.stamps import STAMPS, Stamp, stamp_sheet
from pipeline.archive.store import digest
from pipeline.archive.tables import as_docx, as_xlsx
from pipeline.durable import sync
from pipeline.errors import ArchiveDamaged, PipelineError

_RESTORE = "请运行 pipeline verify 检查档案,用备份恢复后再归档"
PROFILE = "https://pipeline.invalid/profiles/archive-bundle/2"
PROFILE_FILE = "bagit-profile.json"
_WORK = re.compile(r"\.bundle-(\d+)-[0-9a-f]{32}(\.zip)?")

logging.getLogger("bagit").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle that stands. ``sha256``: the bag's own hash, which covers every byte in it."""

    path: Path
    sha256: str


def build_bundle(plan: BundlePlan, out: Path, as_zip: bool = False, witness: Witness | None = None) -> Made:
    """A valid bag stands in ``out`` under the plan's key, as a folder or as a .zip beside which none is left.

    ``witness``: what the four-property report may ask.

    Raises:
        ArchiveDamaged: an original no longer has its hash; no bag is made.
        PipelineError: the folder cannot be written.
    """
    work = out / f".bundle-{os.getpid()}-{uuid.uuid4().hex}"
    packed = work.with_name(work.name + ".zip")
    try:
        out.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        taken = {p.name.casefold() for p in out.iterdir()}
        final = out / told_apart(safe_name(plan.key) + (".zip" if as_zip else ""), taken)
        work.mkdir(mode=0o700)
        sha256 = _make_bag(plan, work, witness or Witness())
        if as_zip:
            pack(work, packed, safe_name(plan.key))
            sync(packed)
            packed.replace(final)
        else:
            work.chmod(0o755)
            make_durable(work)
            work.rename(final)
        sync(out)
    except OSError as error:
        raise PipelineError(f"归档包无法写入 {out}({error.strerror})", "请检查磁盘空间和权限") from error
    except bagit.BagError as error:
        raise ArchiveDamaged(f"归档包自检未通过:{error}", "请运行 pipeline verify 检查档案") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
        packed.unlink(missing_ok=True)
    return Made(final, sha256)


def _make_bag(plan: BundlePlan, work: Path, witness: Witness) -> str:
    """Fill, list, examine, report, validate; returns the bag's hash."""
    (work / "data").mkdir()
    _fill(plan, work)
    write_manifests(work, _bag_info(plan))
    shutil.copyfile(SHIPPED / "bagit-profile.json", work / PROFILE_FILE)
    write_tag_manifests(work)
    checks = examine(work, witness, stage="归档")
    for name, data in report_files(plan.title, plan.made_on, "归档", checks).items():
        (work / name).write_bytes(data)
    sha256 = write_tag_manifests(work)
    bagit.Bag(str(work)).validate()
    return sha256


def _fill(plan: BundlePlan, bag: Path) -> None:
    """Copy the originals under readable names and write catalogue and metadata beside them."""
    data = bag / "data"
    placed: list[Placed] = []
    taken: dict[str, set[str]] = {}
    for n, item in enumerate(plan.items, 1):
        section = _payload_name(item.section)
        names = taken.setdefault(section.casefold(), set())
        (data / section).mkdir(exist_ok=True)
        file = f"data/{section}/{told_apart(_payload_name(f'{n:03}-{item.name}'), names)}"
        _copy(item.source, item.sha256, item.name, bag / file)
        rendition = ""
        if item.rendition is not None:
            beside = told_apart(_payload_name(f"{n:03}-{Path(item.name).stem}.版式件.pdf"), names)
            rendition = f"data/{section}/{beside}"
            _copy(item.rendition.source, item.rendition.sha256, f"{item.name}的版式件", bag / rendition)
        placed.append(Placed(item, n, file, (bag / file).stat().st_size, rendition))
    listed = catalogue(plan.title, plan.items)
    (data / f"{CATALOGUE}.xlsx").write_bytes(as_xlsx(listed, plan.made_on))
    (data / f"{CATALOGUE}.docx").write_bytes(as_docx(listed))
    if stamps := [Stamp(i.archival_code, i.title, i.pages) for i in plan.items if i.archival_code]:
        (data / f"{STAMPS}.docx").write_bytes(stamp_sheet(f"{plan.title}{STAMPS}", stamps))
    _write_metadata(plan, placed, bag)


def _write_metadata(plan: BundlePlan, placed: list[Placed], bag: Path) -> None:
    data = bag / "data"
    (data / METADATA).write_bytes(metadata_json(plan, placed))
    (data / FOLDER).mkdir(exist_ok=True)
    shutil.copyfile(SHIPPED / "metadata.xsd", data / FOLDER / SCHEMA)
    for each in placed:
        (bag / each.xml).write_bytes(item_xml(plan, each))


def _payload_name(name: str) -> str:
    """Return a name for the bag; BagIt programs disagree on how a percent sign stands in a manifest."""
    return safe_name(name.replace("%", "％"))


def _copy(source: str, sha256: str, name: str, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError as error:
        raise ArchiveDamaged(f"档案中没有原件“{name}”", _RESTORE) from error
    if digest(target) != sha256:
        raise ArchiveDamaged(f"原件“{name}”与登记的校验值不符", _RESTORE)


def _bag_info(plan: BundlePlan) -> dict[str, str]:
    return {
        "Source-Organization": plan.organization,
        "Bagging-Date": plan.made_on.isoformat(),
        "External-Identifier": plan.key,
        "External-Description": plan.title,
        "BagIt-Profile-Identifier": PROFILE,
        "Journal-Head": plan.journal_head,
        "Item-Count": str(len(plan.items)),
    }


def pack(folder: Path, target: Path, top: str) -> None:
    """Zip a bag; names are UTF-8 with the flag set, which Windows Explorer opens right."""
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.write(path, f"{top}/{path.relative_to(folder).as_posix()}")


def _sweep(out: Path) -> None:
    """What a stopped process left half-made is gone."""
    for path in out.iterdir():
        found = _WORK.fullmatch(path.name)
        if found and Path("/proc/self").exists() and not Path("/proc", found[1]).exists():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
