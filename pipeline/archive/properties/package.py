"""Checks of the package itself: its hashes, its form, its names, what lies in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

from pipeline.archive.bag import bag_hash, digests
from pipeline.archive.metadata import SHIPPED
from pipeline.archive.names import safe_name
from pipeline.archive.properties.model import Found, Subject, decide, failed, manual, passed, some, unchecked

REPORT = "四性检测报告"
_OXUM = re.compile(r"(\d+)\.(\d+)")
_HEAD = re.compile(r"(\d+):([0-9a-f]{64})")
_SCAN_S = 3600


def hashes(subject: Subject) -> Found:
    """Every listed file is there with its bytes, payload and tag files alike."""
    bag, wrong, count = subject.bag, [], 0
    for listed in (bag.entries, bag.tags):
        for name, expected in listed.items():
            path = subject.files.get(name)
            if path is None or path.is_symlink():
                wrong.append(f"缺少 {name}")
                continue
            sums, _ = digests(path, expected)
            count += 1
            wrong.extend(f"{name} 的 {a} 不符" for a, value in sums.items() if value != expected[a])
    if not bag.entries:
        return failed("没有可核对的校验清单")
    return decide(wrong, f"{count} 个文件逐一重新计算,全部相符")


def listed_alike(subject: Subject) -> Found:
    """Each manifest lists the same files."""
    bag = subject.bag
    wrong = [
        f"{name} 没有 {algorithm}"
        for listed, algorithms in ((bag.entries, bag.algorithms), (bag.tags, bag.tag_algorithms))
        for name, sums in listed.items()
        for algorithm in sorted(algorithms - set(sums))
    ]
    return decide([*bag.faults, *wrong], f"校验清单 {'、'.join(sorted(bag.algorithms))} 写法正确,列出的文件一致")


def known_hash(subject: Subject) -> Found:
    """The bag's own hash is the one that the journal tells of."""
    found = bag_hash(subject.folder)
    known = subject.witness.bag_hashes
    if found is None:
        return failed("没有 tagmanifest-sha256.txt,归档包校验值算不出") if known is not None else unchecked(
            "没有 tagmanifest-sha256.txt,也没有台账可对")  # fmt: skip
    if subject.stage == "归档":
        return unchecked("归档包完成后才有校验值,随后写入操作日志;请用 pipeline bundle check 核对")
    if known is None:
        return unchecked(f"校验值 {found};没有台账可对")
    if found in known:
        return passed(f"校验值 {found} 与操作日志所记一致")
    return _unknown(subject, f"校验值 {found} 在操作日志中没有记录")


def head(subject: Subject) -> Found:
    """The journal's head in bag-info is that of the metadata and, where the journal is at hand, a row of it."""
    said = _HEAD.fullmatch(subject.bag.value("Journal-Head"))
    if said is None:
        return failed("bag-info.txt 的 Journal-Head 写法不对")
    if subject.metadata and subject.metadata.get("journal_head") != said[0]:
        return failed("bag-info.txt 与元数据所记的日志末条不同")
    if subject.witness.head_hash is None:
        return unchecked(f"第 {said[1]} 条 {said[2]};没有台账可对")
    held = subject.witness.head_hash(int(said[1]))
    if held == said[2] or (said[1] == "0" and held is None):
        return passed(f"操作日志第 {said[1]} 条的校验值相同")
    what = "没有" if held is None else "不是"
    return _unknown(subject, f"操作日志{what}第 {said[1]} 条 {said[2]}:日志可能被截短或改动")


def _unknown(subject: Subject, what: str) -> Found:
    """What the journal does not know is a failure in a bag of our own, and nothing to us in one from elsewhere."""
    if subject.ours is None:
        return manual(f"{what};这个归档包写的是本办名称,须由人查明")
    return failed(what) if subject.ours else unchecked("不是本台账生成的归档包,没有台账可对")


def profile(subject: Subject) -> Found:
    """The bag keeps the shipped profile: version, algorithms, required labels and files, nothing to fetch."""
    rules: dict[str, Any] = json.loads((SHIPPED / "bagit-profile.json").read_bytes())
    bag, wrong = subject.bag, []
    if bag.version not in rules["Accept-BagIt-Version"]:
        wrong.append(f"BagIt 版本是“{bag.version}”")
    for kind, held in (("Manifests", bag.algorithms), ("Tag-Manifests", bag.tag_algorithms)):
        wrong += [f"缺少 {kind} {name}" for name in rules[f"{kind}-Required"] if name not in held]
        wrong += [f"不应有 {kind} {name}" for name in sorted(held) if name not in rules[f"{kind}-Allowed"]]
    for label, rule in rules["Bag-Info"].items():
        values = bag.info.get(label, [])
        if not any(values):
            wrong.append(f"bag-info.txt 缺少 {label}")
        elif len(values) > 1 or ("values" in rule and values[0] not in rule["values"]):
            wrong.append(f"bag-info.txt 的 {label} 不合规")
    if (subject.folder / "fetch.txt").exists():
        wrong.append("有 fetch.txt(内容不在包内)")
    reports = REPORT if subject.stage == "归档" else ""  # written after this check
    wrong += [f"缺少 {name}" for name in rules["Tag-Files-Required"]
              if name not in subject.files and not (reports and name.startswith(reports))]  # fmt: skip
    return decide(wrong, "版本、校验算法、标签和必备文件均符合规范")


def oxum(subject: Subject) -> Found:
    """Number and bytes of the payload are those that bag-info states."""
    said = _OXUM.fullmatch(subject.bag.value("Payload-Oxum"))
    if said is None:
        return failed("bag-info.txt 没有写明 Payload-Oxum")
    payload = [p for name, p in subject.files.items() if name.startswith("data/") and not p.is_symlink()]
    size = sum(path.stat().st_size for path in payload)
    if (size, len(payload)) != (int(said[1]), int(said[2])):
        return failed(f"应有 {said[2]} 个文件 {said[1]} 字节,实有 {len(payload)} 个 {size} 字节")
    return passed(f"{len(payload)} 个文件,{size} 字节")


def names(subject: Subject) -> Found:
    """Every name opens on Windows: NFC, no reserved name or character, and no two that Windows thinks equal."""
    wrong = []
    for name in subject.bag.files:
        parts = name.split("/")
        if any(part != safe_name(part) for part in parts) or not unicodedata.is_normalized("NFC", name):
            wrong.append(name)
    folded: dict[str, str] = {}
    for name in subject.bag.files:
        twin = folded.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if twin != name:
            wrong.append(f"{twin} 与 {name}")
    return decide(wrong, f"{len(subject.bag.files)} 个文件名在 Windows 上都能打开")


def stray(subject: Subject) -> Found:
    """Nothing lies in the folder that no manifest lists."""
    extra = strays(subject)
    return decide(extra, "没有清单以外的文件")


def strays(subject: Subject) -> list[str]:
    """Return the files that no manifest lists; the tag manifests list all but themselves."""
    listed = {*subject.bag.entries, *subject.bag.tags}
    return [
        name
        for name, path in subject.files.items()
        if name not in listed and not path.is_symlink() and not re.fullmatch(r"tagmanifest-[a-z0-9]+\.txt", name)
    ]


def links(subject: Subject) -> Found:
    """No link, device or pipe lies in it."""
    odd = [n for n, p in subject.files.items() if p.is_symlink() or not p.is_file()]
    odd += [
        p.relative_to(subject.folder).as_posix() for p in subject.folder.rglob("*") if p.is_symlink() and p.is_dir()
    ]
    return decide(sorted(set(odd)), "都是普通文件")


def viruses(subject: Subject) -> Found:
    """A virus scanner found nothing; without one, nobody looked."""
    program = shutil.which("clamscan")
    if program is None:
        return unchecked("本机没有 ClamAV(clamscan);移交前请用杀毒软件扫描")
    try:
        ran = subprocess.run([program, "--recursive", "--infected", "--no-summary", str(subject.folder)],
                             capture_output=True, text=True, errors="replace", check=False, timeout=_SCAN_S)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return unchecked(f"ClamAV 没有完成({type(error).__name__})")
    if ran.returncode == 1:
        infected = [Path(line.rpartition(":")[0]).name for line in ran.stdout.splitlines() if line.endswith("FOUND")]
        return failed(f"ClamAV 报告:{some(infected)}")
    if ran.returncode != 0:
        return unchecked(f"ClamAV 没有完成(返回 {ran.returncode})")
    return passed("ClamAV 未发现病毒")


def carrier(_: Subject) -> Found:
    return manual("载体外观、读取速度、光盘质量须由人查看")


def process(_: Subject) -> Found:
    return manual("归档和移交过程的管理制度、操作人员须由人核对")


def backup(_: Subject) -> Found:
    return manual("另存的一份能否恢复须由人演练")
