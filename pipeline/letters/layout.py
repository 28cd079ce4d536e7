"""The page of GB/T 9704-2012 as python-docx calls: what the template builder draws with.

Source: GB/T 9704-2012 as measured in docs/letters.md: A4, type area 156 × 225 mm, 22 lines of 28 characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from lxml import etree

PAGE_MM = (210, 297)
MARGINS_MM = {"top": 37, "bottom": 35, "left": 28, "right": 26}
LINE_PITCH_PT = 28.95  # 225 mm / 22 lines = 28.99; a little less, so that the 22nd line still fits
# 28 characters of 16 pt need 158 mm, the type area has 156: a quarter point less between them. Stated on the runs,
# for a character grid of the page is drawn differently by Word, WPS and LibreOffice.
TIGHTER_TWIPS = -5
RED = RGBColor(0xE6, 0x00, 0x12)

SONG, FANG, HEI, KAI, SIMSUN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
FALLBACKS = {
    SONG: "方正小标宋_GBK,华文中宋,宋体",
    FANG: "仿宋,FangSong",
    HEI: "SimHei",
    KAI: "楷体,KaiTi",
    SIMSUN: "SimSun",
}
SIZE_2, SIZE_3, SIZE_4 = 22.0, 16.0, 14.0  # 二号 三号 四号, points


@dataclass(frozen=True, slots=True)
class Face:
    """A font by its East Asian name, its size in points and whether it is red."""

    font: str = FANG
    size: float = SIZE_3
    red: bool = False


BODY, TITLE, LEVEL_1, LEVEL_2 = Face(), Face(SONG, SIZE_2), Face(HEI), Face(KAI)


def new_page() -> Document:
    """Return an empty document with the standard's page, grid, default font and page numbers."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    section.top_margin, section.bottom_margin = Mm(MARGINS_MM["top"]), Mm(MARGINS_MM["bottom"])
    section.left_margin, section.right_margin = Mm(MARGINS_MM["left"]), Mm(MARGINS_MM["right"])
    section.footer_distance = Mm(26)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    grid = OxmlElement("w:docGrid")
    for key, value in (("type", "lines"), ("linePitch", round(LINE_PITCH_PT * 20))):
        grid.set(qn(f"w:{key}"), str(value))
    section._sectPr.append(grid)
    normal = document.styles["Normal"]
    _set_font(normal.element.get_or_add_rPr(), BODY)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    return document


def write(
    document: Any,
    text: str,
    face: Face = BODY,
    align: WD_ALIGN_PARAGRAPH | None = None,
    indent: float = 0,
    right: float = 0,
    keep: bool = False,
) -> Paragraph:
    """Add a paragraph; ``indent``: first line in characters, ``right``: distance from the right edge in characters.

    ``keep``: on one page with the next, so that a signature never stands alone.
    """
    paragraph: Paragraph = document.add_paragraph()
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(max(LINE_PITCH_PT, face.size * 1.4))
    shape.alignment, shape.keep_with_next, shape.keep_together = align, keep, keep
    if indent:
        shape.first_line_indent = Pt(indent * face.size)
        _indent(paragraph, "firstLineChars", indent)
    if right:
        shape.right_indent = Pt(right * face.size)
        _indent(paragraph, "rightChars", right)
    run = paragraph.add_run(text)
    _set_font(run._element.get_or_add_rPr(), face)
    if face.size == SIZE_3:
        spacing = OxmlElement("w:spacing")
        spacing.set(qn("w:val"), str(TIGHTER_TWIPS))
        run._element.get_or_add_rPr().append(spacing)
    if face.red:
        run.font.color.rgb = RED
    return paragraph


def red_line(document: Any) -> None:
    """Add the separating line of the version head: red, as wide as the type area."""
    paragraph = document.add_paragraph()
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(12)
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "12"), ("space", "1"), ("color", str(RED))):
        bottom.set(qn(f"w:{key}"), value)
    borders.append(bottom)
    paragraph._element.get_or_add_pPr().append(borders)


def with_fallbacks(font_table: bytes) -> bytes:
    """Return a font table that names what serves where a font is not installed, each of the same cut."""
    root = etree.fromstring(font_table)
    for name, others in FALLBACKS.items():
        font = etree.SubElement(root, qn("w:font"))
        font.set(qn("w:name"), name)
        etree.SubElement(font, qn("w:altName")).set(qn("w:val"), others)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def signed_by(paragraph: Paragraph, name: str) -> None:
    """Put the signer's name (楷体) at the right of a line whose number stands at the left. Source: GB/T 9704 签发人."""
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(156) - Pt(SIZE_3), WD_TAB_ALIGNMENT.RIGHT)
    _set_font(paragraph.add_run(name)._element.get_or_add_rPr(), Face(KAI))


def imprint(document: Any, left: str, right: str) -> None:
    """Add 版记 at the foot of the page's type area: between rules, one character in from both sides, 四号.

    抄送 stands above 印发机关 and 印发日期 where there are ``copies``.

    Source: GB/T 9704-2012 7.4 (first and last rule 0.35 mm, those between 0.25 mm, 156 mm wide).
    """
    _imprint_line(document, "{%p for line in copies %}")
    _imprint_line(document, "抄送：{{ line }}")
    _imprint_line(document, "{%p endfor %}")
    _imprint_line(document, f"{left}\t{right}")


def _imprint_line(document: Any, text: str) -> None:
    paragraph = document.add_paragraph()
    properties = paragraph._element.get_or_add_pPr()
    frame = OxmlElement("w:framePr")
    for key, value in (("w", str(round(156 * 56.7))), ("hRule", "auto"), ("wrap", "around"), ("vAnchor", "margin"),
                       ("hAnchor", "margin"), ("xAlign", "center"), ("yAlign", "bottom")):  # fmt: skip
        frame.set(qn(f"w:{key}"), value)
    properties.insert(0, frame)
    borders = OxmlElement("w:pBdr")
    for edge, eighths in (("top", "8"), ("bottom", "8"), ("between", "6")):
        line = OxmlElement(f"w:{edge}")
        for key, value in (("val", "single"), ("sz", eighths), ("space", "4"), ("color", "000000")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    frame.addnext(borders)
    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = Pt(SIZE_4)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE_PITCH_PT)
    tabs = shape.tab_stops
    tabs.add_tab_stop(Mm(156) - Pt(SIZE_4), WD_TAB_ALIGNMENT.RIGHT)
    _set_font(paragraph.add_run(text)._element.get_or_add_rPr(), Face(FANG, SIZE_4))


def table(document: Any, columns: Sequence[str]) -> None:
    """Add a table: headings, then one line for each of ``rows`` (lists of as many cells)."""
    made = document.add_table(rows=4, cols=len(columns))
    made.style = "Table Grid"
    for n, heading in enumerate(columns):
        _cell(made.cell(0, n), heading, Face(HEI, SIZE_4))
        _cell(made.cell(2, n), f"{{{{ row[{n}] }}}}", Face(FANG, SIZE_4))
    _cell(made.cell(1, 0), "{%tr for row in rows %}", Face(FANG, SIZE_4))
    _cell(made.cell(3, 0), "{%tr endfor %}", Face(FANG, SIZE_4))


def _cell(cell: Any, text: str, face: Face) -> None:
    paragraph = cell.paragraphs[0]
    _set_font(paragraph.add_run(text)._element.get_or_add_rPr(), face)


def _indent(paragraph: Paragraph, key: str, characters: float) -> None:
    """State an indent in characters too: Word and WPS then keep it when the font size is changed."""
    indent = paragraph._element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn(f"w:{key}"), str(round(characters * 100)))


def _set_font(properties: Any, face: Face) -> None:
    fonts = properties.get_or_add_rFonts()
    for key in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{key}"), face.font)
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{key}"), None)
    half_points = str(round(face.size * 2))
    for tag in ("w:sz", "w:szCs"):
        size = properties.find(qn(tag))
        if size is None:
            size = OxmlElement(tag)
            properties.append(size)
        size.set(qn("w:val"), half_points)


def _page_number(paragraph: Paragraph, align: WD_ALIGN_PARAGRAPH) -> None:
    """``— 1 —`` in 四号 half-width digits, one character in from the outer edge."""
    paragraph.alignment = align
    shape = paragraph.paragraph_format
    if align is WD_ALIGN_PARAGRAPH.RIGHT:
        shape.right_indent = Pt(SIZE_4)
    else:
        shape.left_indent = Pt(SIZE_4)
    face = Face(SIMSUN, SIZE_4)
    for kind, text in (
        (None, "— "),
        ("begin", ""),
        ("code", " PAGE "),
        ("separate", ""),
        (None, "1"),
        ("end", ""),
        (None, " —"),
    ):
        run = paragraph.add_run(text if kind is None else "")
        _set_font(run._element.get_or_add_rPr(), face)
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = text
            run._element.append(code)
        elif kind is not None:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)
