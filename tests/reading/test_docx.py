"""A .docx is read as a person reads the page: all of it, in order, once."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import Place
from pipeline.reading import Reader, read_file
from pipeline.reading.numbering import counting
from tests.documents import plain
from tests.reading.packages import STRICT, item, level, numbering, p, package

PRINTED = Path(__file__).parents[2] / "samples" / "documents" / "清源县委书记第一责任人报告.pdf"


@pytest.fixture
def read(tmp_path):
    def reading(body: str, **parts: str):
        path = tmp_path / "x.docx"
        path.write_bytes(package(body, **parts))
        return read_file(path, "x.docx")

    return reading


def lines(text) -> list[str]:
    return [passage.text for passage in text]


def test_paragraphs_tables_and_cells_come_in_order(read):
    """ensures that tables are read where they stand, row by row, nested ones inside their cell."""
    inner = f"<w:tbl><w:tr><w:tc>{p('内')}</w:tc></w:tr></w:tbl>"
    table = f"<w:tbl><w:tr><w:tc>{p('甲')}</w:tc><w:tc>{p('乙')}{inner}</w:tc></w:tr><w:tr><w:tc>{p('丙')}</w:tc></w:tr></w:tbl>"
    text = read(p("前") + table + p("后"))
    assert lines(text) == ["前", "甲", "乙", "内", "丙", "后"]
    assert [x.place for x in text] == [Place.BODY, *[Place.CELL] * 4, Place.BODY]
    assert [x.n for x in text] == list(range(6))


def test_text_boxes_are_read_once(read):
    """ensures that a box that stands as drawing and as fallback counts once, after its paragraph."""
    box = f"<w:txbxContent>{p('盒中')}</w:txbxContent>"
    run = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    text = read(p("正文", runs=run) + p("下文"))
    assert [(x.text, x.place) for x in text] == [("正文", Place.BODY), ("盒中", Place.TEXT_BOX), ("下文", Place.BODY)]


def test_content_controls_at_every_place(read):
    """ensures that filled-in forms are text: block, inline, row and cell controls."""

    def control(content: str) -> str:
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"

    cell = control(f"<w:tc>{p('格')}</w:tc>")
    row = control(f"<w:tr>{cell}</w:tr>")
    inline = p("单位:", runs=control("<w:r><w:t>市教育局</w:t></w:r>"))
    assert lines(read(control(p("块")) + inline + f"<w:tbl>{row}</w:tbl>")) == ["块", "单位:市教育局", "格"]


def test_revisions_as_accepted(read):
    """ensures that insertions and moved-to text count, deletions and moved-from text do not."""
    body = p(
        "改",
        runs="<w:ins><w:r><w:t>增</w:t></w:r></w:ins><w:del><w:r><w:delText>删</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>移出</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>移入</w:t></w:r></w:moveTo>",
    )
    assert lines(read(body)) == ["改增移入"]


def test_a_deleted_paragraph_mark_joins_the_next(read):
    """ensures that two paragraphs whose break was deleted are one."""
    assert lines(read(p("上半", "<w:rPr><w:del/></w:rPr>") + p("下半"))) == ["上半下半"]


def test_a_deleted_row_is_gone(read):
    """ensures that table rows deleted under revision do not count."""
    table = f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{p('删')}</w:tc></w:tr><w:tr><w:tc>{p('留')}</w:tc></w:tr></w:tbl>"
    assert lines(read(table)) == ["留"]


def test_a_deleted_cell_is_gone(read):
    """ensures that a table cell deleted under revision does not count."""
    cells = f"<w:tc><w:tcPr><w:cellDel/></w:tcPr>{p('删')}</w:tc><w:tc>{p('留')}</w:tc>"
    assert lines(read(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>")) == ["留"]


def test_fields_count_by_their_result(read):
    """ensures that a page reference shows its number and not its instruction, nested fields included."""

    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    inner = (
        mark("begin")
        + "<w:r><w:instrText>DATE</w:instrText></w:r>"
        + mark("separate")
        + "<w:r><w:t>6月</w:t></w:r>"
        + mark("end")
    )
    body = p(
        "见",
        runs=mark("begin")
        + "<w:r><w:instrText>REF</w:instrText><w:t>隐</w:t></w:r>"
        + mark("separate")
        + inner
        + mark("end"),
    )
    simple = p("第", runs='<w:fldSimple w:instr="PAGE"><w:r><w:t>3</w:t></w:r></w:fldSimple>')
    assert lines(read(body + simple)) == ["见6月", "第3"]


def test_breaks_symbols_and_phonetics(read):
    """ensures that tabs and breaks are white space, ticked boxes are seen, ruby text is not doubled."""
    runs = (
        '<w:r><w:tab/><w:t>后</w:t><w:br/><w:noBreakHyphen/><w:sym w:char="F0FE"/><w:sym w:char="2611"/><w:sym w:char="D800"/></w:r>'
        "<w:r><w:ruby><w:rt><w:r><w:t>zhāng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>章</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    )
    assert lines(read(p("前", runs=runs))) == ["前\t后\n-☑☑章"]


def test_headers_footers_and_notes(read):
    """ensures that what stands around the body is read, each distinct header once."""
    text = read(
        p("正文") + p("再文"),
        header1=p("市教育局党组"),
        header2=p("市教育局党组"),
        footer1=p("页脚"),
        footnotes=f'<w:footnote w:type="separator">{p("线")}</w:footnote><w:footnote>{p("脚注")}</w:footnote>',
        endnotes=f"<w:endnote>{p('尾注')}</w:endnote>",
        comments=f"<w:comment>{p('批注不算')}</w:comment>",
    )
    assert [(x.text, x.place.value) for x in text] == [
        ("市教育局党组", "header"),
        ("正文", "body"),
        ("再文", "body"),
        ("脚注", "footnote"),
        ("尾注", "footnote"),
        ("页脚", "footer"),
    ]


def test_hidden_text_is_left_out_and_said(read):
    """ensures that what no reader sees is not evidence."""
    text = read(p("见", runs="<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>"))
    assert lines(text) == ["见"]
    assert "含隐藏文字,未计入" in text.notices


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_paragraph_style_that_hides(tmp_path, encoding):
    """ensures that a hiding style takes its text off the page, whatever the part's encoding, and a run may show itself."""
    styles = '<w:style w:type="paragraph" w:styleId="Z"><w:name w:val="z"/><w:rPr><w:vanish/></w:rPr></w:style>'
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>显</w:t></w:r>'
    path = tmp_path / "x.docx"
    path.write_bytes(encoded(package(p("见") + p("隐", '<w:pStyle w:val="Z"/>', shown), styles=styles), encoding))
    text = read_file(path, "x.docx")
    assert lines(text) == ["见", "显"]
    assert "含隐藏文字,未计入" in text.notices


def encoded(data: bytes, encoding: str) -> bytes:
    """The same package with its parts in another encoding."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            declared = f'<?xml version="1.0" encoding="{encoding}"?>' + source.read(name).decode()
            target.writestr(name, declared.encode(encoding))
    return out.getvalue()


def test_the_worker_hands_over_the_same(tmp_path):
    """ensures that nothing of a text changes on its way from the parsing process."""
    box = "<w:r><w:pict><v:textbox><w:txbxContent>" + p("盒") + "</w:txbxContent></v:textbox></w:pict></w:r>"
    body = styled("学习", "1") + p("甲\u2028乙", runs=box) + f"<w:tbl><w:tr><w:tc>{p('格')}</w:tc></w:tr></w:tbl>"
    (tmp_path / "x").write_bytes(package(body, styles=STYLES, header1=p("头")))
    with Reader() as reader:
        assert reader.read_path(tmp_path / "x", "x") == read_file(tmp_path / "x", "x")
    with Reader() as reader:
        assert reader.read_path(PRINTED, PRINTED.name) == read_file(PRINTED, PRINTED.name)


def test_the_strict_form_reads_alike(read):
    """ensures that ISO strict files are told by their namespace."""
    assert lines(read(p("严格"), w=STRICT)) == ["严格"]


def test_outside_content_is_not_fetched(read):
    """ensures that links to outside are named and not followed."""
    text = read(
        p("正文"),
        external='<Relationship Id="e" Type="x/attachedTemplate" Target="http://127.0.0.1:9/t.dotm" TargetMode="External"/>',
    )
    assert "含外部链接内容,未访问" in text.notices


STYLES = (
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="A"><w:name w:val="章"/><w:basedOn w:val="1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="节"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
)


def styled(text: str, style: str) -> str:
    return p(text, f'<w:pStyle w:val="{style}"/>')


def test_headings_by_style_make_the_path(read):
    """ensures that styles, inherited ones too, say what stands under what."""
    body = styled("题目", "T") + styled("学习", "A") + styled("传达", "B") + p("甲") + styled("责任", "1") + p("乙")
    text = read(body, styles=STYLES)
    assert [(x.text, x.headings) for x in text if x.level is None] == [
        ("题目", ()),
        ("甲", ("学习", "传达")),
        ("乙", ("责任",)),
    ]


def test_headings_by_typed_numbers(read):
    """ensures that papers without styles have their path from 一、 and （一）, and sentences head nothing."""
    body = (
        p("一、学习部署")
        + p("（一）传达精神")
        + p("甲")
        + p("二、存在问题")
        + p("1.检查不够深入,有的单位没有查到。")
        + p("乙")
    )
    text = read(body)
    assert {x.text: x.headings for x in text}["甲"] == ("一、学习部署", "（一）传达精神")
    assert {x.text: x.headings for x in text}["乙"] == ("二、存在问题",)


# --- automatic numbers

CHINESE = numbering(level(0, "%1、", "chineseCounting"), level(1, "（%2）", "chineseCounting"), level(2, "%3."))


def test_automatic_numbers_stand_in_the_text(read):
    """ensures that 一、（一）1. that Word draws are read, deeper levels beginning anew."""
    body = (
        item("学习")
        + item("传达", 1)
        + item("一项", 2)
        + item("二项", 2)
        + item("研究", 1)
        + item("责任")
        + item("分解", 1)
    )
    text = read(body, numbering=CHINESE)
    assert lines(text) == ["一、学习", "（一）传达", "1.一项", "2.二项", "（二）研究", "二、责任", "（一）分解"]


def test_an_empty_paragraph_of_a_list_takes_a_number(read):
    """ensures that the numbers after an empty list paragraph are those on the page."""
    assert lines(read(item("学习") + item("") + item("责任"), numbering=CHINESE)) == ["一、学习", "三、责任"]


def test_numbers_through_a_style(read):
    """ensures that a heading style linked to a list is numbered without a mark on the paragraph."""
    styles = '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    linked = numbering(level(0, "第%1章", "chineseCounting", more='<w:pStyle w:val="H"/><w:suff w:val="space"/>'))
    assert lines(read(styled("总则", "H") + styled("责任", "H"), styles=styles, numbering=linked)) == [
        "第一章 总则",
        "第二章 责任",
    ]


def test_overrides_restarts_and_legal_numbers(read):
    """ensures that a second list may begin anew, a level may run on, and isLgl shows digits."""
    nums = (
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    levels = (
        level(0, "%1、", "chineseCounting"),
        level(1, "%1.%2", more="<w:isLgl/>"),
        level(2, "%3)", more='<w:lvlRestart w:val="0"/>'),
    )
    body = (
        item("甲") + item("子", 1) + item("孙", 2) + item("乙") + item("孙", 2) + item("丙", num=2) + item("丁", num=2)
    )
    text = read(body, numbering=numbering(*levels, nums=nums))
    assert lines(text) == ["一、甲", "1.1子", "1)孙", "二、乙", "2)孙", "五、丙", "六、丁"]


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("chineseCountingThousand", "一百二十三"),
        ("japaneseCounting", "一百二十三"),
        ("chineseLegalSimplified", "壹佰贰拾叁"),
        ("ideographDigital", "一二三"),
        ("decimalFullWidth", "１２３"),
        ("decimalZero", "123"),
        ("upperRoman", "CXXIII"),
        ("lowerLetter", "s" * 5),
        ("decimalEnclosedCircle", "123"),
        ("ideographTraditional", "丙"),
        ("numberInDash", "- 123 -"),
        ("bullet", ""),
        ("neverHeardOf", "123"),
    ],
)
def test_number_formats(read, number_format, shown):
    """ensures that each format is drawn as Word draws it."""
    assert lines(read(item("项"), numbering=numbering(level(0, "%1", number_format, start=123)))) == [f"{shown}项"]


def test_a_number_beyond_reason_is_capped(read):
    """ensures that a start of two thousand million neither hangs nor fails."""
    (line,) = lines(read(item("项"), numbering=numbering(level(0, "%1", "upperRoman", start=2_000_000_000))))
    assert line.endswith("项")


@pytest.mark.parametrize(("n", "words"), [(0, "零"), (10, "十"), (11, "十一"), (20, "二十"), (105, "一百零五"), (110, "一百一十"), (1010, "一千零一十"),
                                          (10_001, "一万零一"), (12_345, "一万二千三百四十五")])  # fmt: skip
def test_counting_in_chinese(n, words):
    """ensures that zeros and tens are said as people say them."""
    assert counting(n) == words


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice 未安装")
@pytest.mark.parametrize("seed", [1, 2])
def test_numbers_agree_with_libreoffice(tmp_path, seed):
    """ensures that well-formed lists are numbered as another program numbers them."""
    dice, folder, levels = random.Random(seed), tmp_path, [0]
    while len(levels) < 60:
        levels.append(dice.randint(0, min(levels[-1] + 1, 2)))
    said = ["" if dice.random() < 0.1 else f"第{n}段" for n in range(len(levels))]
    spaced = [level(n, text, form, more='<w:suff w:val="nothing"/>') for n, (text, form) in enumerate(
        [("%1、", "chineseCounting"), ("（%2）", "chineseCounting"), ("%3．", "decimal")])]  # fmt: skip
    (folder / "a.docx").write_bytes(
        package("".join(item(said[n], depth) for n, depth in enumerate(levels)), numbering=numbering(*spaced))
    )
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={folder.as_uri()}/profile",
            "--headless",
            "--convert-to",
            "txt:Text (encoded):UTF8",
            "a.docx",
        ],
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=120,
    )
    theirs = (folder / "a.txt").read_text(encoding="utf-8-sig").split("\n")
    assert lines(read_file(folder / "a.docx", "a.docx")) == [line.replace(" ", "") for line in theirs if "段" in line]


@settings(max_examples=50, deadline=None)
@given(
    paragraphs=st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=30), max_size=8
    )
)
def test_what_was_written_is_read(tmp_path_factory, paragraphs):
    """ensures that any printable paragraphs come back as they are, in order."""
    path = tmp_path_factory.mktemp("round") / "x.docx"
    path.write_bytes(plain("始", *paragraphs))
    assert lines(read_file(path, "x.docx")) == ["始", *paragraphs]


@pytest.mark.parametrize(
    ("inside", "want"),
    [
        ('<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r>', "甲\n乙"),
        ('<w:r><w:t>甲</w:t></w:r><w:del w:id="1"><w:r><w:delText>丙</w:delText></w:r></w:del><w:r><w:t>乙</w:t></w:r>', "甲乙"),
        ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r>'
         '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>甲乙</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>', "甲乙"),
        ('<w:pPr><w:tabs><w:tab w:val="left" w:pos="400"/></w:tabs></w:pPr><w:r><w:t>甲乙</w:t></w:r>', "甲乙"),
        ('<w:r><w:drawing><wp:inline xmlns:wp="urn:wp"><wp:posOffset>12345</wp:posOffset></wp:inline></w:drawing><w:t>甲乙</w:t></w:r>', "甲乙"),
        ('<w:ins w:id="1"><w:r><w:t>甲</w:t></w:r></w:ins><w:hyperlink><w:r><w:t xml:space="preserve"> 乙</w:t></w:r></w:hyperlink>', "甲 乙"),
        ('<w:r><w:rPr><w:vanish/></w:rPr><w:t>丙</w:t></w:r><w:r><w:t>甲乙</w:t></w:r>', "甲乙"),
    ],
    ids=["break", "deleted", "field", "tab stops", "drawing", "inserted", "hidden"],
)  # fmt: skip
def test_among_plain_paragraphs_the_others_are_walked(read, inside, want):
    """ensures that the short way for plain paragraphs is never taken by one that is more than its characters."""
    text = read(p("前") + f"<w:p>{inside}</w:p>" + p("后"))
    assert [passage.text for passage in text] == ["前", want, "后"]


def test_xml_laid_out_for_people_adds_no_blanks(read):
    """ensures that line breaks and indents between elements are not taken for text."""
    body = "<w:p>\n  <w:r>\n    <w:t>甲</w:t>\n  </w:r>\n  <w:r>\n    <w:t>乙</w:t>\n  </w:r>\n</w:p>"
    assert read(body).plain == "甲乙"
