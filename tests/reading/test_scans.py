"""Scans and photos are recognised, turned upright and looked over for seals and handwriting; what is missing is said."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import docx
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter, Transformation

from pipeline.errors import DamagedDocument, DocumentTooLarge, NoTextFound, PartMissing
from pipeline.model import MarkKind, Origin
from pipeline.reading import Reader, ocr, read_file
from tests.reading.pdfs import PICTURE, simple_pdf

GOLDEN = Path(__file__).parents[1] / "golden"
PRINTED = Path(__file__).parents[2] / "samples" / "documents" / "清源县委书记第一责任人报告.pdf"


def golden(name: str):
    return read_file(GOLDEN / name, name)


def shown(text, kind: MarkKind) -> list[str]:
    return [mark.place for mark in text.marks if mark.kind is kind]


def scanned_page(name: str = "pledge.jpg") -> PdfReader:
    """A golden picture as the only page of a PDF, A4."""
    stream = io.BytesIO()
    Image.open(GOLDEN / name).convert("RGB").save(stream, "PDF", resolution=150)
    return PdfReader(stream)


@pytest.fixture
def without_recognition(monkeypatch):
    monkeypatch.setattr(ocr, "available", lambda: False)


def test_a_photographed_pledge():
    """ensures that print, seal and handwriting of a page that lies askew are told apart, each with its place."""
    text = golden("pledge.jpg")
    lines = text.plain.split("\n")
    assert lines[0] == "落实主体责任“第一责任人”承诺书"
    assert "二、管好班子,带好队伍,严格执行民主集中制。" in lines
    assert "2026年3月5日" in lines  # under the seal
    assert shown(text, MarkKind.SEAL) == ["第1页右部"]
    assert shown(text, MarkKind.HANDWRITING) == ["第1页右部"]
    assert (text.format, text.pages, {p.origin for p in text}) == ("jpg", 1, {Origin.OCR})
    assert all(0.5 < p.confidence < 1 for p in text) and text.recognised > 0.95


@pytest.mark.parametrize(("name", "hands"), [("pledge-scrawled.jpg", 1), ("pledge-unsigned.jpg", 0)])
def test_a_scrawl_is_handwriting_and_a_line_is_not(name, hands):
    """ensures that an empty line to sign on is not taken for a signature, and an illegible one is not overlooked."""
    text = golden(name)
    assert (len(shown(text, MarkKind.HANDWRITING)), shown(text, MarkKind.SEAL)) == (hands, [])


def test_pages_that_lie_the_wrong_way():
    """ensures that a page upside down and a page on its side are read in order, with the heading path."""
    text = golden("report.tif")
    body = {p.text.replace(",", ",").replace(",", ","): p for p in text}
    assert [p.text for p in text if p.level] == [
        "一、压实责任明任务",
        "二、严肃党内生活",
        "三、扎紧制度笼子",
        "四、支持执纪执法",
    ]
    (act,) = [p for words, p in body.items() if words.startswith("修订《公务接待管理办法》")]
    assert (act.page, act.headings) == (2, ("三、扎紧制度笼子",))
    assert [p.text for p in text][-2:] == ["中共汀州市教育局党组", "2026年6月15日"]
    assert text.pages == 2


def test_in_the_limited_worker(tmp_path):
    """ensures that recognition runs within the limits of the office's own parsing process, page after page."""
    writer = PdfWriter(clone_from=scanned_page("pledge-unsigned.jpg"))
    writer.append(scanned_page("pledge-unsigned.jpg"))
    writer.write(tmp_path / "x.pdf")
    with Reader() as reader:
        text = reader.read_path(tmp_path / "x.pdf", "x.pdf")
    assert (text.format, text.pages, text.unread_pages) == ("pdf", 2, ())
    assert [p.page for p in text if p.text.startswith("一、每季度")] == [1, 2]


def test_a_scanned_page_after_printed_ones(tmp_path):
    """ensures that both origins stand in one text, each passage saying which."""
    writer = PdfWriter(clone_from=PdfReader(PRINTED))
    printed = len(writer.pages)
    writer.append(scanned_page())
    writer.add_blank_page()
    writer.write(tmp_path / "x.pdf")
    text = read_file(tmp_path / "x.pdf", "x.pdf")
    origins = {p.page: p.origin for p in text if p.page}
    assert origins == {**dict.fromkeys(range(1, printed + 1), Origin.TYPED), printed + 1: Origin.OCR}
    assert shown(text, MarkKind.SEAL) == [f"第{printed + 1}页右部"]


def test_a_picture_beside_print(tmp_path):
    """ensures that the words of a picture on a printed page stand where the picture stands."""
    (tmp_path / "print.pdf").write_bytes(simple_pdf(b"BT /F 12 Tf 72 800 Td (Printed above the picture) Tj ET"))
    writer = PdfWriter(clone_from=PdfReader(tmp_path / "print.pdf"))
    picture = scanned_page("pledge-unsigned.jpg").pages[0]
    scale = 560 / float(picture.mediabox.height)
    writer.pages[0].merge_transformed_page(picture, Transformation().scale(scale).translate(60, 120))
    writer.write(tmp_path / "x.pdf")
    first, *rest = read_file(tmp_path / "x.pdf", "x.pdf")
    assert (first.text, first.origin) == ("Printed above the picture", Origin.TYPED)
    assert any("严格执行民主集中制" in p.text and p.origin is Origin.OCR for p in rest)


def test_a_scan_with_its_own_text_layer(tmp_path):
    """ensures that a scanner's invisible text is taken as recognised, not read twice, and the seal still seen."""
    layer = tmp_path / "layer.pdf"
    layer.write_bytes(simple_pdf(b"BT 3 Tr /F 12 Tf 72 700 Td (Words of the text layer) Tj ET"))
    writer = PdfWriter(clone_from=scanned_page())
    writer.pages[0].merge_page(PdfReader(layer).pages[0])
    writer.write(tmp_path / "x.pdf")
    text = read_file(tmp_path / "x.pdf", "x.pdf")
    assert text.plain == "Words of the text layer"
    assert (text.passages[0].origin, shown(text, MarkKind.SEAL)) == (Origin.OCR, ["第1页右部"])


def test_page_numbers_under_scanned_pages_are_not_their_text(tmp_path):
    """ensures that numbers put under scanned pages do not pass for what they say."""
    (tmp_path / "number.pdf").write_bytes(simple_pdf(b"BT /F 12 Tf 290 20 Td (- 1234 -) Tj ET"))
    writer = PdfWriter(clone_from=scanned_page("pledge-unsigned.jpg"))
    writer.pages[0].merge_page(PdfReader(tmp_path / "number.pdf").pages[0])
    writer.write(tmp_path / "x.pdf")
    assert "严格执行民主集中制" in read_file(tmp_path / "x.pdf", "x.pdf").plain


def test_without_recognition_a_scan_waits(tmp_path, without_recognition):
    """ensures that a scan or photo is no bad document where only a part of the machine is missing."""
    scanned_page_file = tmp_path / "x.pdf"
    PdfWriter(clone_from=scanned_page()).write(scanned_page_file)
    shutil.copy(GOLDEN / "pledge.jpg", tmp_path / "x.jpg")
    for name in ("x.pdf", "x.jpg"):
        with pytest.raises(PartMissing, match="没有安装文字识别组件") as caught:
            read_file(tmp_path / name, name)
        assert caught.value.part == "ocr"


def test_without_recognition_a_scanned_page_among_printed_ones_is_said(tmp_path, without_recognition):
    """ensures that nobody takes the text for the whole paper when a page of it is a picture."""
    writer = PdfWriter(clone_from=PdfReader(PRINTED))
    printed = len(writer.pages)
    (tmp_path / "picture.pdf").write_bytes(simple_pdf(PICTURE))
    writer.append(PdfReader(tmp_path / "picture.pdf"))
    writer.add_blank_page()
    writer.write(tmp_path / "x.pdf")
    text = read_file(tmp_path / "x.pdf", "x.pdf")
    assert "一、履行总责" in text.plain
    assert text.unread_pages == (printed + 1,)
    assert read_file(PRINTED, PRINTED.name).unread_pages == ()


def image(mode: str = "L", size: tuple[int, int] = (300, 300), **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, 255).save(stream, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (image(format="PNG"), NoTextFound, "没有识别出文字"),
        (image(format="PNG")[:80], DamagedDocument, "打不开"),
        (image(size=(11000, 11000), format="PNG"), DocumentTooLarge, "尺寸过大"),
        (image("1", (20000, 20000), format="PNG"), DocumentTooLarge, "尺寸过大"),
        (b"II*\0" + bytes(100), DamagedDocument, "打不开"),
        (b"\xff\xd8\xff\xe0" + bytes(100) + b"\xff\xd9", DamagedDocument, "打不开"),
        (b"GIF89a" + bytes(40), DamagedDocument, "打不开"),
        (image(size=(40, 40), format="TIFF", save_all=True, append_images=[Image.new("L", (40, 40))] * 301), DocumentTooLarge, "302 页"),
    ],
    ids=["empty", "cut", "huge", "bomb", "tiff of nothing", "jpeg of nothing", "gif of nothing", "many pages"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_pictures_that_are_no_papers(tmp_path, data, error, words):
    """ensures that each ends as its own Chinese reason that says what to do."""
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(error, match=words) as caught:
        read_file(tmp_path / "x", "x")
    assert "请" in caught.value.do


def test_a_scan_pasted_into_word(tmp_path, monkeypatch):
    """ensures that a .docx that holds only a picture of the paper is read as the scan it is, or waits."""
    document = docx.Document()
    document.add_picture(str(GOLDEN / "pledge-unsigned.jpg"))
    document.save(str(tmp_path / "x.docx"))
    text = read_file(tmp_path / "x.docx", "x.docx")
    assert "严格执行民主集中制" in text.plain
    assert (text.format, text.pages, text.passages[0].origin) == ("docx", 1, Origin.OCR)
    monkeypatch.setattr(ocr, "available", lambda: False)
    with pytest.raises(PartMissing, match="只有图片"):
        read_file(tmp_path / "x.docx", "x.docx")


def test_what_a_pdf_carries_beside_its_pages_is_said(tmp_path):
    """ensures that attachments and scripts are neither opened nor run, nor passed over in silence."""
    writer = PdfWriter(clone_from=PdfReader(PRINTED))
    writer.add_attachment("附表.xlsx", b"x")
    writer.write(tmp_path / "x.pdf")
    assert read_file(tmp_path / "x.pdf", "x.pdf").notices == ("含 1 个附件,未读取,请人工查看",)
    script = b"/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (app.alert\\(1\\)) >>] >> >> "
    words = b"BT /F 12 Tf 72 700 Td (Report of the year 2026) Tj ET"
    (tmp_path / "x.pdf").write_bytes(simple_pdf(words, catalogue=script))
    assert read_file(tmp_path / "x.pdf", "x.pdf").notices == ("含脚本,未执行",)
