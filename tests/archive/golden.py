"""One golden bundle of invented papers, and ways to change exactly one thing in a copy of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdf
from lxml import etree
from openpyxl import load_workbook

from pipeline.acceptance import troubles
from pipeline.archive import Act, Archive, BundleItem, BundlePlan, Fonds, Made, Rendered, Witness, build_bundle
from pipeline.archive.bag import read_bag, write_manifests, write_tag_manifests
from pipeline.archive.metadata import NAMESPACE
from tests.documents import plain

HEAD = "7:" + "ab" * 32
SECTION = "data/01-“双报告”"
NOBODY = Witness(opens=troubles)


def pdfa(words: str = "") -> bytes:
    """Return a PDF of one page that says of itself that it is PDF/A-2b."""
    writer, stream = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(stream)
    return stream.getvalue() + f"%<pdfaid:part>2</pdfaid:part>{words}\n".encode()


def golden_plan(root: Path, names: tuple[str, ...] = ("报告一.docx", "报告二.docx", "报告三.docx")) -> BundlePlan:
    """Return a plan of three filed papers, each with a copy in a lasting format, from an archive in ``root``."""
    archive = Archive(root / "archive")
    items = []
    for n, name in enumerate(names, 1):
        paper = archive.keep_bytes(plain(f"第{n}份报告的正文。"), name)
        copy = archive.keep_bytes(pdfa(str(n)), f"{n}.pdf")
        code = f"Z109-WS·2026·D30-BGS-{n:04}"
        items.append(
            BundleItem(
                source=paper.path, sha256=paper.sha256, name=name, section="01-“双报告”", title=f"关于第{n}项工作的报告",
                responsible="甲局", unit="甲局", person="张三", date=dt.date(2026, 6, n), document_number=f"甲发〔2026〕{n}号",
                archival_code=code, pages=1, remark=f"登记号 2026-000{n}", identifier=f"2026-000{n}", format="docx",
                genre="领导班子报告", history=(Act("收到", dt.date(2026, 6, n)), Act("归档", dt.date(2026, 7, 1), code)),
                rendition=Rendered(copy.path, copy.sha256, "PDF/A-2b", 1, "LibreOffice 7"),
            )
        )  # fmt: skip
    numbering = ({"shelf": "Z109-WS·2026·D30-BGS", "last": 3, "missing": []},)
    return BundlePlan("甲局-2026", "甲局2026年度廉政档案", "主体办", dt.date(2026, 11, 2), HEAD, tuple(items),
                      Fonds("Z109", "主体办全宗"), numbering)  # fmt: skip


def golden(root: Path) -> Made:
    """Build the golden bundle."""
    return build_bundle(golden_plan(root), root / "out", witness=NOBODY)


def knowing(made: Made) -> Witness:
    """Return a witness whose journal tells of this bundle."""
    rows = {7: "ab" * 32}
    return replace(
        NOBODY, bag_hashes={made.sha256: "甲局-2026"}, head_hash=rows.get, organization="主体办", fonds="Z109"
    )


def rebag(folder: Path, **labels: str | None) -> None:
    """List everything anew as a forger would, with these labels of bag-info changed (None: gone)."""
    info = {label: values[0] for label, values in read_bag(folder).info.items()}
    info |= {k.replace("_", "-"): v for k, v in labels.items()}
    for name in (*folder.glob("*manifest-*.txt"), *folder.glob("bag*.txt")):
        name.unlink()
    write_manifests(folder, {k: v for k, v in info.items() if v is not None and k != "Payload-Oxum"})
    write_tag_manifests(folder)


def retag(folder: Path, name: str, change: Callable[[str], str]) -> None:
    """Change one tag file and list the tag files anew, the payload manifests left as they are."""
    path = folder / name
    path.write_text(change(path.read_text("utf-8")), "utf-8", newline="")
    write_tag_manifests(folder)


def metadata(folder: Path, change: Callable[[dict], object]) -> None:
    """Change the bundle's JSON and list everything anew."""
    path = folder / "data" / "元数据.json"
    known = json.loads(path.read_text("utf-8"))
    change(known)
    path.write_text(json.dumps(known, ensure_ascii=False), "utf-8")
    rebag(folder)


def item(folder: Path, **fields: object) -> None:
    """Change fields of the first item in the JSON."""
    metadata(folder, lambda known: known["items"][0].update(fields))


def xml(folder: Path, path: str, text: str | None) -> None:
    """Change or remove an element of the first item's XML and list everything anew."""
    file = folder / "data" / "元数据" / "001.xml"
    tree = etree.parse(file)
    found = tree.getroot().find("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))
    if text is None:
        found.getparent().remove(found)
    else:
        found.text = text
    tree.write(file, encoding="UTF-8", xml_declaration=True)
    rebag(folder)


def cell(folder: Path, place: str, text: str) -> None:
    """Change a cell of the catalogue's workbook and list everything anew."""
    path = folder / "data" / "归档文件目录.xlsx"
    book = load_workbook(path)
    book.active[place] = text
    book.save(path)
    rebag(folder)


def paper(folder: Path, data: bytes, name: str = "001-报告一.docx") -> None:
    """Put other bytes, under another name, in the first item's place, and make all metadata agree."""
    old = folder / SECTION / "001-报告一.docx"
    old.chmod(0o644)
    old.unlink()
    (folder / SECTION / name).write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    xml(folder, "电子属性/校验值", sha256)
    xml(folder, "存储位置/当前位置", f"{SECTION}/{name}")
    item(folder, sha256=sha256, size_bytes=len(data), file=f"{SECTION}/{name}")


def copied(made: Made, to: Path) -> Path:
    """Return a copy of a bundle that may be changed."""
    folder = Path(shutil.copytree(made.path, to / "copy"))
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    return folder
