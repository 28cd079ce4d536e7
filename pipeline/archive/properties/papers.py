"""Checks of the papers: whether they open, in a format that lasts, with nothing dangerous in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.archive.properties.model import Found, Subject, decide, failed, manual, passed, some, unchecked

PERMITTED = ("docx", "doc", "wps", "rtf", "odt", "txt", "pdf", "ofd", "jpg", "jpeg", "png", "tif", "tiff", "gif", "bmp")
_MARK = re.compile(rb"pdfaid:part\s*(?:>|=\s*[\"'])\s*([1-4])")
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!/")


def pdfa_part(path: Path) -> int | None:
    """Return which part of PDF/A a file says it is; its XMP must not be packed, so the bytes are looked through."""
    data = path.read_bytes()
    found = _MARK.search(data)
    return int(found[1]) if found and data.startswith(b"%PDF") else None


def present(subject: Subject) -> Found:
    """No paper is empty."""
    if subject.metadata is None:
        return unchecked("没有可读的元数据")
    paths = {item["file"]: subject.files.get(item["file"]) for item in subject.items}
    empty = [name for name, path in paths.items() if path is not None and path.is_file() and not path.stat().st_size]
    return decide([f"{name} 是空文件" for name in empty], f"{len(paths)} 件内容均不为空")


def opens(subject: Subject) -> Found:
    """Every paper opens; passwords and macros are told by checks of their own."""
    if subject.troubles is None:
        return unchecked("没有逐件打开")
    wrong = [f"{n}({t.reason})" for n, t in subject.troubles.items() if t.code not in ("encrypted", "macro")]
    return decide(wrong, f"{len(subject.items)} 件逐一打开,均能打开")


def formats(subject: Subject) -> Found:
    """Every paper has a format that may be kept."""
    if subject.metadata is None:
        return unchecked("没有可读的元数据")
    wrong = [item["file"] for item in subject.items if _ending(item) not in PERMITTED]
    return decide([f"{name} 的格式不在允许之列" for name in wrong], f"格式均在允许之列({'、'.join(_held(subject))})")


def unlocked(subject: Subject) -> Found:
    """No paper asks for a password."""
    if subject.troubles is None:
        return unchecked("没有逐件打开")
    wrong = [name for name, trouble in subject.troubles.items() if trouble.code == "encrypted"]
    return decide([f"{name} 有密码" for name in wrong], "没有加密或带口令的文件")


def lasting(subject: Subject) -> Found:
    """Every paper has a PDF/A copy beside it whose mark says so; only the mark is looked at."""
    wrong, without = [], []
    for item, copy in subject.rendered():
        path = subject.files.get(copy["file"]) if copy else None
        if copy is None:
            without.append(f"第 {item.get('n')} 件:{item.get('rendition_note') or '没有制作'}")
        elif path is not None and path.is_file() and not path.is_symlink() and pdfa_part(path) is None:
            wrong.append(f"{copy['file']} 没有 PDF/A 标记")
    if wrong:
        return failed(some(wrong))
    if without:
        return unchecked(f"{len(without)} 件没有 PDF/A 版式件({some(without)});其余标记相符")
    return (
        passed("每件都有 PDF/A 版式件(仅核对标记,未作完整的标准符合性检验)") if subject.items else unchecked("没有件")
    )


def harmless(subject: Subject) -> Found:
    """No paper is a program or holds macros."""
    wrong = [name for name, trouble in (subject.troubles or {}).items() if trouble.code == "macro"]
    for name, path in subject.files.items():
        if name.startswith("data/") and path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                if stream.read(4).startswith(_PROGRAMS):
                    wrong.append(name)
    return decide([f"{name} 含程序或宏" for name in wrong], "没有程序文件和宏")


def faithful(subject: Subject) -> Found:
    """Whether a copy looks like its original is for eyes."""
    made = sum(copy is not None for _, copy in subject.rendered())
    return manual(f"{made} 份版式件与原件的版面是否一致须由人抽查") if made else unchecked("没有版式件")


def _ending(item: Mapping[str, Any]) -> str:
    return Path(item["file"]).suffix.lower().lstrip(".")


def _held(subject: Subject) -> list[str]:
    return sorted({_ending(item) for item in subject.items})
