"""Every letter of the rulebook is made from data, measured, and opened; what the office edits is checked."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile

import docx
import pytest
from docx.shared import Mm, Pt

from pipeline.errors import UsageError
from pipeline.letters import SHIPPED_TEMPLATES, Letters, OfficeName, compose
from pipeline.letters.fields import (
    COLUMNS,
    LABELS,
    LINES,
    ROWS,
    is_form,
    is_upward,
    label,
    named,
    shape,
    template_fields,
)
from pipeline.letters.merge import merged
from pipeline.reading import read_file
from pipeline.rulebook import load_rulebook
from tests.letters.test_letters import TODAY

RULEBOOK = load_rulebook()
OF_THE_LEDGER = {"pledge", "receipt", "supplement_notice", "overdue_notice", "review_feedback_letter"}
TOLD = [letter for letter in RULEBOOK.letters.values() if letter.id not in OF_THE_LEDGER]


@pytest.fixture
def letters(tmp_path):
    return Letters(tmp_path, RULEBOOK, OfficeName("汀州市主体办", "汀主体办"))


def value(field: str, letter) -> object:
    if shape(field) == ROWS:
        return [[f"{column}甲{n}" for column in COLUMNS[letter.id]] for n in range(3)]
    return [f"{label(field)}之一", f"{label(field)}之二"] if shape(field) == LINES else f"{label(field)}如此"


def everything(letter) -> dict[str, object]:
    given = {
        field: value(field, letter)
        for field in template_fields(letter)
        if field not in {"unit", "person", "year", "period"}
    }
    if letter.id == "report_reminder":
        given["document_type"] = "半年报告"
    return {**given, "signer": "文思远"} if is_upward(letter) else given


def made(letter, letters, **given: object) -> bytes:
    draft = compose(
        letter, {**everything(letter), **given}, RULEBOOK, "中共汀州市教育局党组", "闻人杰", 2026, "2026-H1"
    )
    return letters.write(draft, "汀主体办〔2026〕5号", TODAY)


def test_every_letter_has_a_template_and_every_field_a_name():
    """ensures that none of the rulebook's letters is without a template, and a clerk can name each field in Chinese."""
    assert set(RULEBOOK.letters) <= {path.stem for path in SHIPPED_TEMPLATES.glob("*.docx")}
    fields = {field for letter in RULEBOOK.letters.values() for field in template_fields(letter)}
    assert sorted(fields - set(LABELS)) == []
    for letter in RULEBOOK.letters.values():
        own = template_fields(letter)
        assert all(named(label(field), own) for field in own)


@pytest.mark.parametrize("letter", TOLD, ids=lambda x: x.id)
def test_what_was_given_is_printed_and_nothing_else(letter, letters, tmp_path):
    """ensures that each field stands in its letter, the title is filled, and the page is that of the standard."""
    path = tmp_path / f"{letter.id}.docx"
    path.write_bytes(made(letter, letters))
    words = read_file(path, path.name).plain
    for field, said in everything(letter).items():
        flat = (
            [cell for row in said for cell in (row if isinstance(row, list) else [row])]
            if isinstance(said, list)
            else [said]
        )
        assert all(str(piece) in words for piece in flat), field
    assert "{{" not in words and "None" not in words
    assert not re.search(r"L\d{2,}", words)  # the clause is cited as people do
    assert letters.check(path, letter.id) == []


def test_a_letter_that_lacks_fields_names_them_all(letters):
    """ensures that nothing is invented: what is missing is asked for at once, by its Chinese name."""
    letter = RULEBOOK.letters["talk_notice_letter"]
    with pytest.raises(UsageError, match="还缺:谈话人、日期、地点、谈话内容"):
        compose(letter, {}, RULEBOOK, None, "闻人杰", 2026)


def test_a_form_is_left_open_for_the_pen(letters, tmp_path):
    """ensures that a form may be printed before anything is known, lines and rows left blank."""
    for name in ("talk_record_form", "material_catalogue_form"):
        draft = compose(RULEBOOK.letters[name], {}, RULEBOOK, "中共汀州市教育局党组", None, 2026)
        (tmp_path / "x.docx").write_bytes(letters.write(draft, "5号", TODAY))
        assert is_form(RULEBOOK.letters[name])
        assert len(docx.Document(str(tmp_path / "x.docx")).tables) == (name == "material_catalogue_form")


def test_a_letter_upwards_says_who_signs(letters, tmp_path):
    """ensures that 上行文 has 签发人 beside its number."""
    path = tmp_path / "x.docx"
    path.write_bytes(made(RULEBOOK.letters["deduction_proposal"], letters))
    assert any("签发人：文思远" in p.text for p in docx.Document(str(path)).paragraphs)
    downward = made(RULEBOOK.letters["inspection_notice"], letters)
    assert not any("签发人" in p.text for p in docx.Document(io.BytesIO(downward)).paragraphs)


def test_many_letters_in_one_file_to_print(letters, tmp_path):
    """ensures that every letter stands in it, in order, each as a section whose pages count from 1."""
    letter = RULEBOOK.letters["inspection_notice"]
    one_by_one = [made(letter, letters, mode=f"第{n}种方式") for n in range(5)]
    (tmp_path / "x.docx").write_bytes(merged(one_by_one))
    words = read_file(tmp_path / "x.docx", "x.docx").plain
    assert re.findall(r"第(\d)种方式", words) == list("01234")
    document = docx.Document(str(tmp_path / "x.docx"))
    starts = [s._sectPr.find("{*}pgNumType").get(docx.oxml.ns.qn("w:start")) for s in document.sections]
    assert starts == ["1"] * 5


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice 未安装")
def test_libreoffice_opens_all_of_them(letters, tmp_path):
    """ensures that every letter, and the file to print, becomes pages."""
    for letter in TOLD:
        (tmp_path / f"{letter.id}.docx").write_bytes(made(letter, letters))
    (tmp_path / "merged.docx").write_bytes(merged([made(RULEBOOK.letters["inspection_notice"], letters)] * 3))
    files = sorted(tmp_path.glob("*.docx"))
    command = ["soffice", f"-env:UserInstallation={tmp_path.as_uri()}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, *map(str, files)], cwd=tmp_path, capture_output=True, check=False, timeout=300)
    assert {p.stem for p in tmp_path.glob("*.pdf")} == {p.stem for p in files}


def _wide_margin(document):
    document.sections[0].left_margin = Mm(20)


def _letter_paper(document):
    document.sections[0].page_width = Mm(216)


def _strange_field(document):
    document.paragraphs[-1].add_run("{{ nonsense }}")


def _full_width_tag(document):
    document.paragraphs[-1].add_run("｛｛ office ｝｝")


def _half_a_tag(document):
    document.paragraphs[-1].add_run("{{ office")  # nobody closes it


def _half_a_loop(document):
    document.add_paragraph("{%p for x in problems %}")


def _words_beside_a_loop(document):
    next(p for p in document.paragraphs if "endfor" in p.text).add_run("特此通知")


def _wrong_font(document):
    run = document.paragraphs[-1].add_run("正文")
    run._element.get_or_add_rPr().get_or_add_rFonts().set(docx.oxml.ns.qn("w:eastAsia"), "华文彩云")


def _loose_lines(document):
    body = next(p for p in document.paragraphs if "根据" in p.text)
    body.paragraph_format.line_spacing = Pt(20)


def _no_page_numbers(document):
    document.settings.odd_and_even_pages_header_footer = False


def _black_mark(document):
    for run in document.paragraphs[0].runs:
        run.font.color.rgb = docx.shared.RGBColor(0, 0, 0)


FAULTS = {
    _wide_margin: "左边距是 20.0 毫米,应为 28 毫米",
    _letter_paper: "纸张是 216×297",
    _strange_field: "没有“nonsense”这个名称",
    _full_width_tag: "全角的“｛”",
    _half_a_tag: "标记没有写完整",
    _half_a_loop: "不成对",
    _words_beside_a_loop: "“特此通知”与 {%p 标记写在同一段",
    _wrong_font: "华文彩云",
    _loose_lines: "行距20.0 磅",
    _no_page_numbers: "页码没有分单双页",
    _black_mark: "红色的发文机关标志",
}


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda f: f.__name__)
def test_each_fault_of_a_template_is_said(spoil, letters, tmp_path):
    """ensures that a change the office made against the rules is named in Chinese."""
    document = docx.Document(str(SHIPPED_TEMPLATES / "inspection_notice.docx"))
    spoil(document)
    document.save(str(tmp_path / "x.docx"))
    problems = letters.check(tmp_path / "x.docx", "inspection_notice")
    assert any(FAULTS[spoil] in problem for problem in problems), problems


def test_all_faults_are_said_at_once(letters, tmp_path):
    """ensures that nobody mends one fault to be told of the next."""
    document = docx.Document(str(SHIPPED_TEMPLATES / "inspection_notice.docx"))
    for spoil in (_wide_margin, _strange_field, _wrong_font, _no_page_numbers):
        spoil(document)
    document.save(str(tmp_path / "x.docx"))
    problems = "\n".join(letters.check(tmp_path / "x.docx", "inspection_notice"))
    assert all(FAULTS[spoil] in problems for spoil in (_wide_margin, _strange_field, _wrong_font, _no_page_numbers))


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("汀主体办[2026]5号", True),
        ("汀主体办〔2026〕05号", True),
        ("汀主体办〔2026〕第5号", True),
        ("汀主体办〔2026〕5号", False),
    ],
)
def test_a_letter_number_written_wrongly(number, fault, letters, tmp_path):
    """ensures that brackets, leading zeros and 第 in 发文字号 are found."""
    draft = compose(
        RULEBOOK.letters["inspection_notice"],
        everything(RULEBOOK.letters["inspection_notice"]),
        RULEBOOK,
        "单位",
        None,
        2026,
    )
    (tmp_path / "x.docx").write_bytes(letters.write(draft, number, TODAY))
    assert any("发文字号" in problem for problem in letters.check(tmp_path / "x.docx", "inspection_notice")) is fault


def test_attachments_are_numbered_under_the_body(letters, tmp_path):
    """ensures that 附件说明 stands where there are attachments and nowhere else."""
    for named_files, want in ((["督查方案", "单位名单"], ["附件：1. 督查方案", "　　　2. 单位名单"]), ([], [])):
        path = tmp_path / "x.docx"
        path.write_bytes(made(RULEBOOK.letters["inspection_notice"], letters, attachments=named_files))
        texts = [p.text for p in docx.Document(str(path)).paragraphs]
        assert [t for t in texts if re.search(r"^(附件：|　　　)\d\. ", t)] == want


def test_a_missing_font_has_others_that_serve():
    """ensures that the font table names a substitute for each of the standard's fonts."""
    with zipfile.ZipFile(SHIPPED_TEMPLATES / "inspection_notice.docx") as package:
        fonts = package.read("word/fontTable.xml").decode()
    for name, other in (("方正小标宋简体", "华文中宋"), ("仿宋_GB2312", "仿宋"), ("楷体_GB2312", "楷体")):
        assert re.search(f'w:name="{name}".{{0,40}}altName w:val="[^"]*{other}', fonts)


@pytest.mark.parametrize(("seal", "indents"), [(True, [400, 400]), (False, [400, 200])])
def test_the_signature_with_and_without_a_seal(seal, indents, tmp_path):
    """ensures that organ and day stand once, set in as the standard has it for either."""
    letters = Letters(tmp_path, RULEBOOK, OfficeName("汀州市主体办", "汀主体办", seal=seal))
    (tmp_path / "x.docx").write_bytes(made(RULEBOOK.letters["inspection_notice"], letters))
    paragraphs = docx.Document(str(tmp_path / "x.docx")).paragraphs
    ends = [p for p in paragraphs if p.text in {"汀州市主体办", "2026年6月30日"}][1:]  # the first is the head
    chars = [int(p._element.pPr.ind.get(docx.oxml.ns.qn("w:rightChars"))) for p in ends]
    assert ([p.text for p in ends], chars) == (["汀州市主体办", "2026年6月30日"], indents)


def test_copies_stand_in_the_imprint(letters, tmp_path):
    """ensures that 抄送 stands above 印发 where there is one, and only there."""
    for copies in (["市纪委", "市委组织部"], []):
        (tmp_path / "x.docx").write_bytes(made(RULEBOOK.letters["inspection_notice"], letters, copies=copies))
        texts = [p.text for p in docx.Document(str(tmp_path / "x.docx")).paragraphs]
        assert texts[-1 - len(copies) :] == [f"抄送：{c}" for c in copies] + ["汀州市主体办\t2026年6月30日印发"]
