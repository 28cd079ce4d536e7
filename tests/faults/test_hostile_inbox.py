"""What people and machines really put into a shared folder, all at once among ten good papers, through the whole program.

The reading level is in ``test_hostile_documents.py``; here each input's own end is asserted: outcome, words, the bytes that
are kept, the rows. Each case has the number of the list it comes from.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import socket
import sqlite3
import struct
import subprocess
import sys
import unicodedata
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from pipeline.archive import safe_name
from tests.documents import leadership_report, plain, roster_json
from tests.faults.invariants import Dropped, violations
from tests.faults.test_hostile_documents import CASES, PRINTED, changed
from tests.reading.pdfs import simple_pdf

pytestmark = pytest.mark.xdist_group("hostile")
SETTINGS = "[inbox]\nquiet_s = 0.1\n[reading]\nseconds = 15\nmemory_mb = 1024\n"
GOOD = {f"好{n}.docx": leadership_report(year=2015 + n, extra=f"第{n}份。") for n in range(10)}
WORDS = b"BT /F 12 Tf 72 700 Td (Report of the year %d) Tj ET"


@dataclass(frozen=True)
class Case:
    """``words``: in the reason of a refusal, or in a notice of what was taken. ``shown``: the name in the ledger."""

    name: str
    data: bytes
    fate: str  # registered | set_aside
    words: str = ""
    shown: str = ""

    @property
    def row(self) -> str:
        return self.shown or Path(self.name).name


def paper(name: str) -> bytes:
    """A paper of its own for each name."""
    return plain("正文在此", f"此件名为{name.encode('utf-8', 'replace').decode()!r}")


def refused(name: str, words: str, there: str = "") -> Case:
    """One of the reading level's files, told apart by what cannot matter to it."""
    return Case(name, CASES[there or name][0], "set_aside", words)


def taken(name: str, shown: str = "", words: str = "") -> Case:
    return Case(name, paper(name), "registered", words, shown)


def locked(user: str, owner: str) -> bytes:
    out = io.BytesIO()
    writer = PdfWriter(clone_from=PdfReader(PRINTED))
    writer.encrypt(user, owner_password=owner, algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def vast_picture() -> bytes:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def many_frames(count: int = 5000) -> bytes:
    """A TIFF of so many frames of one grey point, which all share it."""
    tags = ((256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1))
    frame = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    size = len(frame) + 4
    nexts = (16 + (n + 1) * size if n + 1 < count else 0 for n in range(count))
    return struct.pack("<2sHI8s", b"II", 42, 16, b"\x80") + b"".join(
        frame + struct.pack("<I", place) for place in nexts
    )


def cut_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "JPEG")
    return out.getvalue()[:-200]


OUTSIDE = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    b'Id="r1" Type="http://x/attachedTemplate" Target="http://127.0.0.1:9/x.dotm" TargetMode="External"/></Relationships>'
)
GBK = os.fsdecode("关于报告.docx".encode("gbk"))
LISTED: dict[str, Case] = {
    "1 empty": refused("空.docx", "文件为空"),
    "2 zeros": refused("全零.docx", "空白字节"),
    "3 half a docx": refused("半截.docx", "不完整"),
    "4 pdf without end": refused("无结尾.pdf", "缺少结尾"),
    "4 pdf without table": refused("无目录.pdf", "损坏"),
    "5 bad checksum": refused("坏部分.docx", "损坏"),
    "6 pdf named docx": Case("其实是.docx", simple_pdf(WORDS % 2021), "registered", "实际是 pdf 文件"),
    "6 program": refused("程序.docx", "程序文件"),
    "6 web page": refused("网页.docx", "网页"),
    "8 docx with password": refused("密码.docx", "密码"),
    "9 pdf with password": Case("密码.pdf", locked("user", "boss"), "set_aside", "密码"),
    "10 owner password": Case("限制.pdf", locked("", "boss"), "registered"),
    "11 macros": refused("宏.docm", "文件含宏"),
    "12 entity": refused("实体.docx", "结构异常"),
    "12 entity in utf-16": refused("实体16.docx", "结构异常"),
    "13 billion laughs": refused("大笑.docx", "结构异常"),
    "14 bomb by ratio": refused("炸弹.docx", "压缩比异常"),
    "15 overlapping": refused("重叠.docx", "重叠"),
    "16 thousands of parts": refused("五千部分.docx", "结构异常"),
    "17 outside links": Case(
        "外链.docx", changed({"word/_rels/document.xml.rels": OUTSIDE}, paper("外链")), "registered", "含外部链接内容,未访问"
    ),
    "18 pdf bomb": refused("炸弹.pdf", "请"),
    "20 loop": refused("环.pdf", "超过上限"),
    "20 deep tree": refused("深.pdf", "损坏"),
    "21 ten thousand pages": refused("万页.pdf", "10000 页"),
    "23 script": Case(
        "脚本.pdf",
        simple_pdf(WORDS % 2023, catalogue=b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> "),
        "registered",
        "含脚本,未执行",
    ),
    "24 vast picture": Case("巨图.png", vast_picture(), "set_aside", "请"),
    "25 five thousand frames": Case("多帧.tif", many_frames(), "set_aside", "超过上限"),
    "26 cut picture": Case("半张.jpg", cut_picture(), "set_aside", "请"),
    "27 two formats": Case("双面.pdf", simple_pdf(WORDS % 2027) + paper("双面"), "registered", "文件尾部有多余数据"),
    "32 shortcut": refused("快捷方式.lnk", "快捷方式"),
    "32 web shortcut": Case("网址.url", b"[InternetShortcut]\r\nURL=http://127.0.0.1:9/\r\n", "set_aside", "快捷方式"),
    "33 long name": taken("长" * 82 + "abcd.docx"),
    "34 control characters": taken("换\n行\t制表\x1b[31m.docx"),
    "35 direction marks": Case("函\u202excod.exe", b"MZ" + bytes(201), "set_aside", "程序文件,不是文书;文件名含特殊方向字符"),
    "35 direction marks on a paper": taken("函\u202excod.docx", words="文件名含特殊方向字符"),
    "36 reserved": taken("CON.docx"),
    "36 trailing dot": taken("报告.docx. "),
    "37 composed": taken("Caf\u00e9.docx"),
    "37 decomposed": taken(unicodedata.normalize("NFD", "Caf\u00e9") + ".docx", words="看起来相同"),
    "38 bytes of GBK": taken(GBK, shown="关于报告.docx"),
    "39 formula": taken("=cmd|'calc'!A0.docx"),
    "40 markup": taken("<img src=x onerror=alert(1)>.docx"),
    "41 template": taken("{{7*7}}{% for %}.docx"),
    "42 ampersand": taken("A&B公司<测试>.docx"),
    "47 deep folder": taken("/".join("深" for _ in range(300)) + "/深处.docx"),
}  # fmt: skip


def a_socket(path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind(str(path))


NO_FILES: dict[str, Callable[[Path], object]] = {
    "管道.docx": os.mkfifo,
    "插座.docx": a_socket,
    "链接.docx": lambda path: path.symlink_to("/etc/passwd"),
    "断链.docx": lambda path: path.symlink_to("/nowhere"),
}


@dataclass(frozen=True)
class Office:
    """What came of it all: arrivals by name, and the workspace."""

    folder: Path
    rows: dict[str, list[sqlite3.Row]]
    code: int
    err: str


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Office:
    """Everything is put down at once and taken in by one real drain."""
    top = tmp_path_factory.mktemp("敌")
    folder = top / "w"
    run = [sys.executable, "-m", "pipeline"]
    subprocess.run([*run, "init", str(folder)], check=True, capture_output=True)
    (folder / "pipeline.toml").write_text(SETTINGS, encoding="utf-8")
    (top / "名册.json").write_text(roster_json(), encoding="utf-8")
    subprocess.run(
        [*run, "--workspace", str(folder), "roster", "import", str(top / "名册.json")], check=True, capture_output=True
    )
    inbox = folder / "inbox"
    for name, data in [*list(GOOD.items())[:5], *((c.name, c.data) for c in LISTED.values()), *list(GOOD.items())[5:]]:
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(data)
    here = Path.cwd()
    os.chdir(inbox)  # a socket's name must be short
    try:
        for name, make in NO_FILES.items():
            make(Path(name))
    finally:
        os.chdir(here)
    (inbox / "巨大.docx").write_bytes(b"PK\x03\x04")
    os.truncate(inbox / "巨大.docx", 2 << 40)
    drained = subprocess.run(
        [*run, "--workspace", str(folder), "watch", "--once"], cwd=folder, capture_output=True, check=False
    )
    with closing(sqlite3.connect(folder / "archive" / "ledger.sqlite")) as ledger:
        ledger.row_factory = sqlite3.Row
        rows: dict[str, list[sqlite3.Row]] = {}
        for row in ledger.execute("SELECT * FROM arrivals"):
            rows.setdefault(row["name"], []).append(row)
    return Office(folder, rows, drained.returncode, drained.stderr.decode())


def test_all_good_neighbours_are_done(office):
    """ensures that no hostile file blocks, delays or spoils one of the ten that lie among them, nor the drain itself."""
    assert office.code == 1, office.err  # done, and some were refused
    assert "程序内部出错" not in office.err
    assert [[row["outcome"] for row in office.rows[name]] for name in GOOD] == [["registered"]] * 10


def test_every_invariant_holds(office):
    """ensures that bytes, rows, receipts, reasons and the journal of all of them together are sound."""
    dropped = [Dropped(c.row, c.data, c.fate) for c in LISTED.values()]
    dropped += [Dropped(name, data, "registered") for name, data in GOOD.items()]
    # what is no regular file stays where it lies
    left = {f"I1 {name}: still in the inbox" for name in NO_FILES}
    assert set(violations(office.folder, dropped)) <= left


@pytest.mark.parametrize("number", LISTED)
def test_each_meets_its_own_end(office, number):
    """ensures its outcome, a message that says what to do, its bytes in the archive, and one row."""
    case = LISTED[number]
    mine = [row for row in office.rows[case.row] if row["sha256"] == hashlib.sha256(case.data).hexdigest()]
    (row,) = mine
    assert row["outcome"] == case.fate, row["reason"]
    sha256 = row["sha256"]
    kept = office.folder / "archive" / "objects" / "sha256" / sha256[:2] / sha256[2:4] / sha256
    assert kept.read_bytes() == case.data
    if case.fate == "set_aside":
        assert case.words in row["reason"]
        assert re.search("请|已隔离", row["reason"])
        returned = office.folder / "inbox" / "退回" / safe_name(case.row)
        assert returned.read_bytes() == case.data
    elif case.words:
        assert case.words in notices(office.folder, sha256)
    if case.fate == "registered":
        stem = safe_name(f"{row['entry']}-{Path(case.row).stem}-回执")
        assert (office.folder / "inbox" / "回执" / f"{stem}.docx").is_file()


def notices(folder: Path, sha256: str) -> str:
    with closing(sqlite3.connect(folder / "archive" / "ledger.sqlite")) as ledger:
        (packed,) = ledger.execute("SELECT passages FROM texts WHERE sha256 = ?", (sha256,)).fetchone()
    return zlib.decompress(packed).decode()


@pytest.mark.parametrize("name", NO_FILES)
def test_what_is_no_file_is_told_once_and_left(office, name):
    """ensures that a pipe or socket hangs nobody, that a link is not followed, and that each is on record with its reason."""
    (row,) = office.rows[name]
    assert (row["outcome"], row["code"], row["sha256"]) == ("set_aside", "not_a_file", None)
    assert "请放入文件本身" in row["reason"]
    assert (office.folder / "inbox" / name).lstat()
    assert not (office.folder / "inbox" / "退回" / name).exists()


def test_two_terabytes_of_nothing_are_refused_unread(office):
    """ensures that the limit on size is asked before the first byte is read, and the file is given back."""
    (row,) = office.rows["巨大.docx"]
    assert (row["outcome"], row["code"]) == ("set_aside", "too_large")
    assert "超过上限 200 MB" in row["reason"]
    assert (office.folder / "inbox" / "退回" / "巨大.docx").stat().st_size == 2 << 40


def works_in(place: Path, folder: Path) -> bool:
    try:
        return place.readlink() == folder
    except OSError:
        return False  # ended meanwhile, or somebody else's


def test_nothing_is_left_behind(office):
    """ensures that no parsing process lives on and no half-made file lies in the program's own folder."""
    assert [place for place in Path("/proc").glob("[0-9]*/cwd") if works_in(place, office.folder)] == []
    assert list((office.folder / "archive" / "tmp").iterdir()) == []


def test_a_name_cannot_steer_the_terminal(cli, office):
    """ensures that control characters of a name are shown, not sent."""
    (row,) = office.rows["换\n行\t制表\x1b[31m.docx"]
    shown = cli("--workspace", office.folder, "show", row["entry"])
    assert shown.code == 0
    assert "\x1b[31m" not in shown.out
