"""Writes the sample roster and documents: ``python samples/make_samples.py``. The same bytes every time.

The PDF with a text layer was printed once from ``texts.PRINCIPAL_SHORT`` by LibreOffice and is kept as it is.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from openpyxl import Workbook

sys.path.insert(0, str(Path(__file__).resolve().parent))
import texts

_FIXED = (2026, 1, 1, 0, 0, 0)
_CHINESE_LIST = """<w:abstractNum xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:abstractNumId="90">
<w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>
<w:suff w:val="nothing"/><w:lvlText w:val="%1、"/><w:lvlJc w:val="left"/></w:lvl></w:abstractNum>"""


def new_document() -> Any:
    """An A4 page with the margins of official papers and Chinese fonts."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )
    document.core_properties.created = document.core_properties.modified = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    document.core_properties.author = ""
    return document


def line(
    document: Any, text: str, font: str = "仿宋_GB2312", size: float = 16, align: Any = None, indent: bool = True
) -> Any:
    """Add one paragraph in an East Asian font."""
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    paragraph.alignment = align
    if indent and align is None:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    return paragraph


def report(content: Mapping[str, Any], automatic: bool = False) -> Any:
    """A report: title, receivers, sections, signature. ``automatic``: its headings are numbered by Word."""
    document = new_document()
    line(document, content["title"], "方正小标宋简体", 22, WD_ALIGN_PARAGRAPH.CENTER)
    line(document, "市委、市纪委:", indent=False)
    line(document, content["opening"])
    if automatic:
        add_list(document)
    numerals = "一二三四五六七八九十"
    for n, (heading, body) in enumerate(content["sections"]):
        typed = heading[0].isdigit() or automatic
        number = "十一" if n == 10 else numerals[n % 10]
        paragraph = line(document, heading if typed else f"{number}、{heading}", "黑体")
        if automatic:
            numbered(paragraph)
        if body:
            line(document, body)
    line(document, content["unit"], align=WD_ALIGN_PARAGRAPH.RIGHT)
    line(document, content["date"], align=WD_ALIGN_PARAGRAPH.RIGHT)
    return document


def add_list(document: Any) -> None:
    """Define the list 一、二、三、 that Word counts by itself."""
    numbering = document.part.numbering_part.element
    numbering.insert(0, docx.oxml.parse_xml(_CHINESE_LIST))
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "90")
    reference = OxmlElement("w:abstractNumId")
    reference.set(qn("w:val"), "90")
    number.append(reference)
    numbering.append(number)


def numbered(paragraph: Any) -> None:
    """Make a paragraph an item of that list."""
    properties = OxmlElement("w:numPr")
    for tag, value in (("w:ilvl", "0"), ("w:numId", "90")):
        element = OxmlElement(tag)
        element.set(qn("w:val"), value)
        properties.append(element)
    paragraph._element.get_or_add_pPr().append(properties)


def pledge() -> Any:
    """A signed pledge of the head of a county committee."""
    document = new_document()
    line(document, "落实主体责任“第一责任人”承诺书", "方正小标宋简体", 22, WD_ALIGN_PARAGRAPH.CENTER)
    line(document, "(2026年度)", "楷体_GB2312", 16, WD_ALIGN_PARAGRAPH.CENTER)
    line(document, "市委书记:", indent=False)
    line(document, "我作为柳河区委书记、第一责任人,郑重承诺:")
    for n, duty in enumerate(texts.PLEDGE_DUTIES, 1):
        line(document, f"{n}.{duty}。")
    line(document, "如违反以上承诺,愿接受组织处理,并承担相应责任。")
    line(document, "承诺人:季怀川(中共汀洲市柳河区委书记)")
    line(document, "接受人:市委书记")
    line(document, "2026年2月10日", align=WD_ALIGN_PARAGRAPH.RIGHT)
    return document


def talk() -> Any:
    """A talk record in a table."""
    document = new_document()
    line(document, "廉政谈话记录表", "方正小标宋简体", 22, WD_ALIGN_PARAGRAPH.CENTER)
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for label, value in texts.TALK_ROWS:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, value
    return document


def workbook() -> bytes:
    """A workbook where a report was wanted."""
    book = Workbook()
    book.active.append(["单位", "上半年支出"])
    book.properties.created = book.properties.modified = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - openpyxl writes naive times
    stream = io.BytesIO()
    book.save(stream)
    return repacked(stream.getvalue())


def repacked(data: bytes) -> bytes:
    """Return the package with fixed times."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            fresh = zipfile.ZipInfo(info.filename, _FIXED)
            fresh.compress_type = zipfile.ZIP_DEFLATED
            content = source.read(info)
            if info.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-01T00:00:00Z", content)
            target.writestr(fresh, content)
    return out.getvalue()


def docx_bytes(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return repacked(stream.getvalue())


def samples() -> dict[str, bytes]:
    """Return every sample that this script makes: name → bytes."""
    education = docx_bytes(report(texts.EDUCATION, automatic=True))
    return {
        "市教育局党组2026年上半年主体责任报告.docx": education,
        "教育局报告(再送一份).docx": education,
        "市水利局党组报告.docx": docx_bytes(report(texts.WATER)),
        "公交集团半年报告.docx": docx_bytes(report(texts.BUS)),
        "住建局石为民第一责任人报告.docx": docx_bytes(report(texts.PRINCIPAL)),
        "述责述廉(裴敬之).docx": docx_bytes(report(texts.PLENARY)),
        "水利局整改回复.docx": docx_bytes(report(texts.REPLY)),
        "在工作会议上的讲话.docx": docx_bytes(report(texts.SPEECH)),
        "柳河区委书记承诺书.docx": docx_bytes(pledge()),
        "谈话记录-陶知行.docx": docx_bytes(talk()),
        "没传完的报告.docx": education[: len(education) // 2],
        "支出表.xlsx": workbook(),
    }


def main(folder: Path) -> None:
    """Write roster and documents."""
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    roster = json.dumps(texts.ROSTER, ensure_ascii=False, indent=1) + "\n"
    (folder / "roster.json").write_text(roster, encoding="utf-8")
    for name, data in samples().items():
        (folder / "documents" / name).write_bytes(data)


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
