"""The four-property report: one golden bundle passes, and of each single defect exactly the one check tells."""

from __future__ import annotations

import io
import json
import os
import unicodedata
import zipfile

import bagit
import docx
import pytest
from openpyxl import load_workbook

from pipeline.acceptance import judge_bundle
from pipeline.archive import Result
from pipeline.archive.properties import CHECKS
from tests.archive import golden as g
from tests.documents import plain

MANUAL = {"A14", "I08", "U06", "U09", "S05", "S06"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return g.golden(tmp_path_factory.mktemp("golden"))


@pytest.fixture
def bundle(made, tmp_path):
    return g.copied(made, tmp_path)


def failing(judged):
    return {check.id for check in judged.checks if check.result is Result.FAILED}


def results(judged, wanted):
    return {check.id for check in judged.checks if check.result is wanted}


def test_the_golden_bundle_passes_all_that_a_program_can_tell(made, monkeypatch):
    """ensures that nothing fails, what needs a person says so, and only time stamps and viruses are left unchecked."""
    monkeypatch.setenv("PATH", "/nowhere")
    judged = judge_bundle(made.path, g.knowing(made))
    assert judged.sound
    assert results(judged, Result.MANUAL) == MANUAL
    assert results(judged, Result.UNCHECKED) == {"A15", "S01"}
    assert results(judged, Result.PASSED) == {c[0] for c in CHECKS} - MANUAL - {"A15", "S01"}
    assert all(check.evidence for check in judged.checks)


def _flip(folder):
    path = folder / "data" / "归档章.docx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _digest_of_profile(folder):
    path = folder / "bagit-profile.json"
    path.write_bytes(path.read_bytes() + b"\n")


def _third_algorithm(folder):
    lines = (folder / "manifest-sha256.txt").read_text("utf-8").splitlines()
    sums = {
        line.split("  ", 1)[1]: g.hashlib.md5((folder / line.split("  ", 1)[1]).read_bytes()).hexdigest()
        for line in lines
    }
    g.retag(folder, "bagit.txt", lambda t: t)
    (folder / "manifest-md5.txt").write_text("".join(f"{v}  {k}\n" for k, v in sums.items()), "utf-8")
    g.write_tag_manifests(folder)


def _fetch(folder):
    (folder / "fetch.txt").write_text("https://example.invalid/x - data/x\n")
    g.write_tag_manifests(folder)


def _bad_code(folder):
    code = "Z109-WS.2026.D30-BGS-1"
    g.xml(folder, "档号/档号全称", code)
    g.cell(folder, "B3", code)
    g.item(folder, archival_code=code)


def _extra_paper(folder):
    (folder / g.SECTION / "009-没有登记.docx").write_bytes(plain("没有登记"))
    g.rebag(folder)


def _lost_paper(folder):
    (folder / g.SECTION / "002-报告二.docx").unlink()
    g.rebag(folder)


def _future(folder):
    g.xml(folder, "内容描述/日期", "2027-01-01")
    g.item(folder, date="2027-01-01")


def _no_date(folder):
    g.xml(folder, "内容描述/日期", None)
    g.item(folder, date=None)


def _not_json(folder):
    (folder / "data" / "元数据.json").write_text("{", "utf-8")
    g.rebag(folder)


def _json_of_another_shape(folder):
    g.metadata(folder, lambda known: known["items"][1].pop("file"))


def _not_xml(folder):
    (folder / "data" / "元数据" / "002.xml").write_text("<文件>", "utf-8")
    g.rebag(folder)


def _no_workbook(folder):
    (folder / "data" / "归档文件目录.xlsx").write_bytes(b"PK\x03\x04no")
    g.rebag(folder)


def _false_pdfa(folder):
    data = b"%PDF-1.7\n"
    (folder / g.SECTION / "001-报告一.版式件.pdf").write_bytes(data)

    def change(known):
        known["items"][0]["rendition"].update(sha256=g.hashlib.sha256(data).hexdigest())

    g.metadata(folder, change)


def _decomposed(folder):
    name = "001-\u00e9.docx"
    g.paper(folder, plain("正文"), name)
    (folder / g.SECTION / name).rename(folder / g.SECTION / unicodedata.normalize("NFD", name))


def _stray(folder):
    (folder / "Thumbs.db").write_bytes(b"x")


def _link(folder):
    (folder / "别处").symlink_to("/etc")


def _program(folder):
    (folder / "data" / "归档章.docx").write_bytes(b"MZ\x90\0")
    g.rebag(folder)


def _macro(folder):
    stream = io.BytesIO(plain("正文"))
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr("word/vbaProject.bin", b"x")
    g.paper(folder, stream.getvalue())


def _locked(folder):
    g.paper(folder, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le"))


def _line_gone(folder):
    g.retag(folder, "manifest-sha512.txt", lambda text: text.partition("\n")[2])


def _line_twice(folder):
    g.retag(folder, "manifest-sha256.txt", lambda text: text + text.splitlines()[0] + "\n")


def _wrong_oxum(folder):
    g.retag(folder, "bag-info.txt", lambda text: text.replace("Payload-Oxum: ", "Payload-Oxum: 1"))


def _wider_title(folder):
    g.metadata(folder, lambda known: known["items"][2].update(title="关于第三项工作的请示"))


def _same_number(folder):
    g.metadata(folder, lambda known: known["items"][1].update(identifier="2026-0001"))


def _gap(folder):
    g.metadata(folder, lambda known: known["numbering"][0].update(missing=[2]))


DEFECTS = [
    ("A01", "one bit of a file", _flip),
    ("A01", "one byte of a tag file", _digest_of_profile),
    ("A02", "a line of one manifest", _line_gone),
    ("A02", "a line twice", _line_twice),
    ("A04", "another head of the journal", lambda f: g.rebag(f, Journal_Head="7:" + "0" * 64)),
    ("A04", "no head of the journal", lambda f: g.rebag(f, Journal_Head="没有")),
    ("A05", "a required label", lambda f: g.rebag(f, External_Description=None)),
    ("A05", "another profile", lambda f: g.rebag(f, BagIt_Profile_Identifier="https://example.invalid/1")),
    ("A05", "another version", lambda f: g.retag(f, "bagit.txt", lambda t: t.replace("1.0", "0.97"))),
    ("A05", "a third algorithm", _third_algorithm),
    ("A05", "something to fetch", _fetch),
    ("A06", "a page count that is no number", lambda f: g.xml(f, "形式特征/页数", "三")),
    ("A07", "a day to come", _future),
    ("A07", "a secrecy that must not be here", lambda f: g.item(f, secrecy="机密")),
    ("A07", "pages below none", lambda f: g.item(f, pages=-1)),
    ("A08", "a control character", lambda f: g.item(f, remark="登记号\x07")),
    ("A08", "a direction mark", lambda f: g.item(f, remark="登记号\u202e")),
    ("A09", "a code that is none", _bad_code),
    ("A10", "one number twice", _same_number),
    ("A11", "another size", lambda f: g.item(f, size_bytes=1)),
    ("A12", "a paper nobody registered", _extra_paper),
    ("A12", "a paper that is gone", _lost_paper),
    ("A13", "another title in the JSON", _wider_title),
    ("A13", "another author in an XML", lambda f: g.xml(f, "内容描述/责任者", "乙局")),
    ("A13", "another number in the catalogue", lambda f: g.cell(f, "C4", "乙发〔2026〕2号")),
    ("I01", "another count", lambda f: g.rebag(f, Item_Count="4")),
    ("I02", "another number of bytes", _wrong_oxum),
    ("I03", "a paper without day", _no_date),
    ("I05", "a 件号 that is missing", _gap),
    ("I06", "a paper of which nobody knows whence", lambda f: g.item(f, history=[])),
    ("I07", "an empty paper", lambda f: g.paper(f, b"")),
    ("U01", "JSON that is cut", _not_json),
    ("U01", "JSON of another shape", _json_of_another_shape),
    ("U01", "XML that is cut", _not_xml),
    ("U01", "a catalogue that does not open", _no_workbook),
    ("U02", "a paper that is cut", lambda f: g.paper(f, plain("正文")[:2000])),
    ("U03", "a format that does not last", lambda f: g.paper(f, plain("正文"), "001-报告一.xyz")),
    ("U04", "a paper with a password", _locked),
    ("U05", "a copy that is no PDF/A", _false_pdfa),
    ("U07", "a name that Windows refuses", lambda f: g.paper(f, plain("正文"), "aux.docx")),
    ("U07", "a decomposed name", _decomposed),
    ("U08", "no word of the system", lambda f: g.xml(f, "电子属性/信息系统描述", None)),
    ("S02", "a file too many", _stray),
    ("S03", "a link", _link),
    ("S04", "a program", _program),
    ("S04", "a macro", _macro),
]


@pytest.mark.parametrize(("id_", "what", "spoil"), DEFECTS, ids=[f"{i}-{w}" for i, w, _ in DEFECTS])
def test_of_a_single_defect_exactly_the_one_check_tells(bundle, id_, what, spoil):
    """ensures that each check sees its own defect, and no other check is misled by it."""
    spoil(bundle)
    judged = judge_bundle(bundle, g.NOBODY)
    assert failing(judged) == {id_}, [c for c in judged.checks if c.result is Result.FAILED]
    assert not judged.sound


def test_every_check_that_can_fail_has_a_defect():
    """ensures that no check passes by never looking; A03, I04 and S01 have tests of their own."""
    assert {id_ for id_, *_ in DEFECTS} | MANUAL | {"A03", "A15", "I04", "S01"} == {c[0] for c in CHECKS}


def test_the_journal_tells_of_another_hash(bundle, made):
    """ensures that a bag in which everything was listed anew agrees with itself, and only the journal shows it."""
    g.retag(bundle, "bagit-profile.json", lambda text: text + "\n")
    assert failing(judge_bundle(bundle, g.knowing(made))) == {"A03"}
    assert failing(judge_bundle(bundle, g.NOBODY)) == set()


def test_a_journal_that_was_cut_shows(made):
    """ensures that a bundle carries a head that a shortened or rewritten journal no longer has."""
    for rows in ({}, {7: "cd" * 32}):
        shortened = g.replace(g.knowing(made), bag_hashes={}, head_hash=rows.get)
        assert failing(judge_bundle(made.path, shortened)) == {"A03", "A04"}
    nameless = g.replace(g.knowing(made), bag_hashes={}, head_hash={}.get, fonds="")
    assert {"A03", "A04"} <= results(judge_bundle(made.path, nameless), Result.MANUAL)
    elsewhere = g.replace(g.knowing(made), bag_hashes={}, head_hash={}.get, fonds="Q001")
    assert {"A03", "A04"} <= results(judge_bundle(made.path, elsewhere), Result.UNCHECKED)


def test_what_is_not_filed_waits_for_a_person(tmp_path):
    """ensures that papers without retention never pass the check of retention, and never fail the bundle."""
    plan = g.golden_plan(tmp_path)
    bare = g.replace(plan, items=tuple(g.replace(i, archival_code="") for i in plan.items), numbering=())
    judged = judge_bundle(g.build_bundle(bare, tmp_path / "out", witness=g.NOBODY).path, g.NOBODY)
    assert judged.sound
    assert "I04" in results(judged, Result.MANUAL)
    assert {"A09", "I05"} <= results(judged, Result.UNCHECKED)


@pytest.mark.parametrize(
    ("code", "said", "result"),
    [(0, "", Result.PASSED), (1, "x: Eicar FOUND", Result.FAILED), (2, "", Result.UNCHECKED)],
)
def test_viruses_are_the_scanners_word(made, tmp_path, monkeypatch, code, said, result):
    """ensures that only a scanner that ran well says passed."""
    scanner = tmp_path / "clamscan"
    scanner.write_text(f"#!/bin/sh\necho '{said}'\nexit {code}\n")
    scanner.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    judged = judge_bundle(made.path, g.NOBODY)
    assert next(c.result for c in judged.checks if c.id == "S01") is result


def _swap(folder):
    one, two = folder / g.SECTION / "001-报告一.docx", folder / g.SECTION / "002-报告二.docx"
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b)
    two.write_bytes(a)


def _without_tag_manifests(folder):
    """Change a paper and the manifests, and delete what would tell."""
    path = folder / g.SECTION / "001-报告一.docx"
    path.write_bytes(plain("改过的正文"))
    g.rebag(folder)
    for name in folder.glob("tagmanifest-*.txt"):
        name.unlink()


def _outside(folder):
    line = f"{'0' * 64}  ../../etc/passwd\n"
    g.retag(folder, "manifest-sha256.txt", lambda text: text + line)


def _rename(folder):
    (folder / g.SECTION / "001-报告一.docx").rename(folder / g.SECTION / "001-报告壹.docx")


def _appended(folder):
    with (folder / g.SECTION / "001-报告一.docx").open("ab") as stream:
        stream.write(b"x")


TAMPERINGS = {
    "one bit": _flip,
    "appended": _appended,
    "removed": lambda f: (f / g.SECTION / "001-报告一.docx").unlink(),
    "added": lambda f: (f / g.SECTION / "多出.docx").write_bytes(b"x"),
    "renamed": _rename,
    "swapped": _swap,
    "label changed and listed anew": lambda f: g.rebag(f, Source_Organization="别处"),
    "paper and all metadata changed, listed anew": lambda f: g.paper(f, plain("改过的正文")),
    "paper and manifests changed, tag manifests deleted": _without_tag_manifests,
    "path out of the bag": _outside,
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_tampering_shows(bundle, made, tampering):
    """ensures that whatever was done to a bag of ours, the ledger's witness does not let it pass."""
    TAMPERINGS[tampering](bundle)
    assert not judge_bundle(bundle, g.knowing(made)).sound


def test_why_the_journal_has_to_know_the_hash(bundle):
    """ensures that the forgery that BagIt itself calls valid is the one that is tested."""
    _without_tag_manifests(bundle)
    assert bagit.Bag(str(bundle)).validate()
    assert "A05" in failing(judge_bundle(bundle, g.NOBODY))


def test_the_report_lies_in_the_bundle_three_times_alike(made):
    """ensures that workbook, Word table and JSON say the same, and what a person must tell is never passed."""
    known = json.loads((made.path / "四性检测报告.json").read_text("utf-8"))
    rows = [(c["id"], c["item"], c["label"], c["evidence"]) for c in known["checks"]]
    assert [row[0] for row in rows] == [c[0] for c in CHECKS]
    table = docx.Document(made.path / "四性检测报告.docx").tables[0]
    written = [[cell.text for cell in row.cells] for row in table.rows][1:]
    assert [(r[0], r[2], r[3], r[4]) for r in written] == rows
    sheet = load_workbook(made.path / "四性检测报告.xlsx").active
    cells = [r for r in sheet.iter_rows(min_row=3, values_only=True) if r[1]]
    assert [(r[0], r[2], r[3], r[4]) for r in cells] == rows
    assert {c["id"] for c in known["checks"] if c["result"] == "manual"} == MANUAL
    assert {c["id"] for c in known["checks"] if c["result"] == "failed"} == set()
    assert known["properties"] == dict.fromkeys(("authenticity", "integrity", "usability", "safety"), "manual")
