"""BagIt 1.0 (RFC 8493) as bytes: written in one pass and the same order each time, read without trust.

bagit's own maker turns the process to another working folder, which other threads would feel, and writes version 0.97;
so the lines are written here and the finished bag is validated by bagit.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pipeline.durable import sync

ALGORITHMS = ("sha256", "sha512")
DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_CHUNK = 1 << 20
_MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)")
_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag as its tag files describe it. ``entries``: path → algorithm → digest of the payload, ``tags`` of tag files.

    ``faults``: what in the tag files does not follow the format.
    """

    folder: Path
    version: str
    info: Mapping[str, list[str]]
    entries: Mapping[str, Mapping[str, str]]
    tags: Mapping[str, Mapping[str, str]]
    algorithms: frozenset[str]
    tag_algorithms: frozenset[str]
    faults: tuple[str, ...] = ()

    def value(self, label: str) -> str:
        """Return the first value of a label of bag-info.txt, '' when there is none."""
        return next(iter(self.info.get(label, [])), "")

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that lies in the folder, links included, relative and sorted."""
        found = (p for p in self.folder.rglob("*") if p.is_symlink() or not p.is_dir())
        return tuple(sorted(p.relative_to(self.folder).as_posix() for p in found))


@dataclass(slots=True)
class _Read:
    entries: dict[str, dict[str, str]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    algorithms: set[str] = field(default_factory=set)
    tag_algorithms: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def digests(path: Path, algorithms: Iterable[str] = ALGORITHMS) -> tuple[dict[str, str], int]:
    """Return the digests of a file by algorithm, and its size, read once."""
    sums, size = {name: hashlib.new(name) for name in algorithms}, 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            for each in sums.values():
                each.update(chunk)
    return {name: each.hexdigest() for name, each in sums.items()}, size


def write_manifests(folder: Path, info: Mapping[str, str]) -> None:
    """What lies in ``data/`` is listed in manifests with its Payload-Oxum; the tag manifests are still to be written."""
    lines: dict[str, list[str]] = {name: [] for name in ALGORITHMS}
    total, count = 0, 0
    for path in sorted(p for p in (folder / "data").rglob("*") if p.is_file()):
        sums, size = digests(path)
        total, count = total + size, count + 1
        for name, value in sums.items():
            lines[name].append(f"{value}  {path.relative_to(folder).as_posix()}\n")
    for name, text in lines.items():
        _write(folder / f"manifest-{name}.txt", "".join(text))
    _write(folder / "bagit.txt", DECLARATION)
    pairs = {**info, "Payload-Oxum": f"{total}.{count}"}
    _write(folder / "bag-info.txt", "".join(f"{label}: {_one_line(value)}\n" for label, value in pairs.items()))


def write_tag_manifests(folder: Path) -> str:
    """Every tag file is listed in tag manifests; returns the bag's own hash."""
    lines: dict[str, list[str]] = {name: [] for name in ALGORITHMS}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(("data/", "tagmanifest-")):
            for algorithm, value in digests(path)[0].items():
                lines[algorithm].append(f"{value}  {name}\n")
    for algorithm, text in lines.items():
        _write(folder / f"tagmanifest-{algorithm}.txt", "".join(text))
    return str(bag_hash(folder))


def bag_hash(folder: Path) -> str | None:
    """Return the hash that stands for a whole bag: SHA-256 of its ``tagmanifest-sha256.txt``, None without one.

    That file lists the manifests, which list every file: no byte of a valid bag can change without it.
    """
    try:
        return hashlib.sha256((folder / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    except OSError:
        return None


def make_durable(folder: Path) -> None:
    """Every file and folder of a finished bag would survive a power cut."""
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def read_bag(folder: Path) -> Bag:
    """Return what a bag says of itself; nothing in it is trusted, and faults are told rather than raised."""
    read = _Read()
    declared = _labels(_text(folder / "bagit.txt", read.faults), read.faults)
    for path in sorted(folder.glob("*manifest-*.txt")):
        found = _MANIFEST.fullmatch(path.name)
        if found is None or found[2] not in _LENGTHS:
            read.faults.append(f"不认识的校验清单 {path.name}")
            continue
        (read.tag_algorithms if found[1] else read.algorithms).add(found[2])
        _read_manifest(path, found[2], read.tags if found[1] else read.entries, bool(found[1]), read.faults)
    info = _labels(_text(folder / "bag-info.txt", read.faults), read.faults)
    version = next(iter(declared.get("BagIt-Version", [])), "")
    return Bag(
        folder,
        version,
        info,
        read.entries,
        read.tags,
        frozenset(read.algorithms),
        frozenset(read.tag_algorithms),
        tuple(read.faults),
    )


def _read_manifest(
    path: Path, algorithm: str, into: dict[str, dict[str, str]], is_tag: bool, faults: list[str]
) -> None:
    for n, line in enumerate(_text(path, faults).splitlines(), 1):
        found = _LINE.fullmatch(line.rstrip())
        if found is None or len(found[1]) != _LENGTHS[algorithm]:
            faults.append(f"{path.name} 第 {n} 行写法不对")
            continue
        name = found[2].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        if not _inside(name) or name.startswith("data/") == is_tag:
            faults.append(f"{path.name} 第 {n} 行的路径不在该在的地方:{name}")
            continue
        if algorithm in into.setdefault(name, {}):
            faults.append(f"{path.name} 第 {n} 行重复列出 {name}")
        into[name][algorithm] = found[1].lower()


def _inside(name: str) -> bool:
    """Whether a path stays within the bag on every system."""
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name)


def _labels(text: str, faults: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    last = ""
    for line in text.splitlines():
        if line[:1] in (" ", "\t") and last:
            found[last][-1] += " " + line.strip()
            continue
        label, colon, value = line.partition(":")
        if not colon:
            if line.strip():
                faults.append(f"标签文件中有一行不是“名称: 内容”:{line[:40]}")
            continue
        last = label.strip()
        found.setdefault(last, []).append(value.strip())
    return found


def _text(path: Path, faults: list[str]) -> str:
    try:
        if path.is_symlink():
            raise OSError
        return unicodedata.normalize("NFC", path.read_bytes().decode("utf-8-sig"))
    except OSError:
        faults.append(f"缺少 {path.name}")
    except UnicodeDecodeError:
        faults.append(f"{path.name} 不是 UTF-8")
    return ""


def _one_line(value: str) -> str:
    """Return a value that cannot begin a line of its own."""
    return " ".join(value.encode("utf-8", "replace").decode("utf-8").split())


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))
