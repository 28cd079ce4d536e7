"""Measures a letter or a template that the office edited: its fields, its tags, its page. Everything wrong is said at once.

Source of the numbers: GB/T 9704-2012, in ``docs/letters.md``.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn

from pipeline.errors import TemplateError
from pipeline.letters.layout import BODY, LINE_PITCH_PT, MARGINS_MM, PAGE_MM, RED, SIZE_2, SIZE_3, SIZE_4, TITLE
from pipeline.letters.render import Template

_NUMBER = re.compile(r"^\S+〔\d{4}〕[1-9]\d*号$")
_BAD_NUMBER = re.compile(r"^\S+[\[【(（]\d{4}[\]】)）]第?0*\d+号$")
_DATE = re.compile(r"\d{4}年0?\d{1,2}月0?\d{1,2}日")
_PADDED = re.compile(r"年0\d月|月0\d日")
_FONTS = {
    "方正小标宋简体",
    "仿宋_GB2312",
    "仿宋",
    "FangSong",
    "黑体",
    "SimHei",
    "楷体_GB2312",
    "楷体",
    "KaiTi",
    "宋体",
    "SimSun",
    "方正小标宋_GBK",
}
_SMALL = 0.6  # millimetres and points that rounding may cost


def check_letter(path: Path, known: frozenset[str], required: Sequence[str], headed: bool) -> list[str]:
    """Return in Chinese everything that is wrong with a template or letter; empty where nothing is.

    ``known``: fields that its context supplies. ``required``: fields that must be printed. ``headed``: whether it has the
    head of an official letter (发文机关标志, 发文字号).
    """
    try:
        data = path.read_bytes()
        document = docx.Document(io.BytesIO(data))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return [f"打不开 {path.name}:应是 .docx 文件"]
    problems = [*_fields(path, document, known, required), *_page(document), *_page_numbers(document)]
    if headed:
        problems += _head(document)
    return [*problems, *_lines(document)]


def _fields(path: Path, document: Document, known: frozenset[str], required: Sequence[str]) -> Iterator[str]:
    text = "\n".join(p.text for p in _paragraphs(document))
    for wide, narrow in (("｛", "{"), ("｝", "}"), ("％", "%")):
        if wide in text:
            yield f"有全角的“{wide}”:花括号标记要用半角 {narrow}"
    for opening, closing in (("{{", "}}"), ("{%", "%}")):
        if text.count(opening) != text.count(closing):
            yield f"“{opening}”有 {text.count(opening)} 个,“{closing}”有 {text.count(closing)} 个:标记没有写完整"
    loops, ends = len(re.findall(r"\{%p?\s*for\b", text)), len(re.findall(r"\{%p?\s*endfor\b", text))
    if loops != ends:
        yield f"循环有 {loops} 处开头、{ends} 处结尾,不成对"
    for paragraph in _paragraphs(document):
        if "{%p" in paragraph.text and (rest := re.sub(r"\{%.*?%\}", "", paragraph.text).strip()):
            yield f"“{rest[:12]}”与 {{%p 标记写在同一段,不会印出来,请另起一段"
    try:
        used = Template(path).fields
    except TemplateError as error:
        yield str(error)
        return
    is_template = "{{" in text or "{%" in text
    for field in sorted(used - known):
        yield f"没有“{field}”这个名称,程序不提供它的内容"
    if is_template:
        for field in sorted(set(required) - used):
            yield f"缺少必须写明的“{field}”"


def _page(document: Document) -> Iterator[str]:
    for n, section in enumerate(document.sections, 1):
        size = (_mm(section.page_width), _mm(section.page_height))
        if any(abs(a - b) > _SMALL for a, b in zip(size, PAGE_MM, strict=True)):
            yield f"第{n}节纸张是 {size[0]:.0f}×{size[1]:.0f} 毫米,应为 A4(210×297)"
        for label, side in (("上", "top"), ("下", "bottom"), ("左", "left"), ("右", "right")):
            want = MARGINS_MM[side]
            got = _mm(getattr(section, f"{side}_margin"))
            if abs(got - want) > _SMALL + (1 if side in {"top", "left"} else 0):
                yield f"第{n}节{label}边距是 {got:.1f} 毫米,应为 {want} 毫米"


def _page_numbers(document: Document) -> Iterator[str]:
    if not document.settings.odd_and_even_pages_header_footer:
        yield "页码没有分单双页:应单页居右、双页居左"
    for label, footer in (("单", document.sections[0].footer), ("双", document.sections[0].even_page_footer)):
        code = "".join(e.text or "" for e in footer._element.iter(qn("w:instrText")))
        if "PAGE" not in code:
            yield f"{label}页没有页码"


def _head(document: Document) -> Iterator[str]:
    paragraphs = [p for p in document.paragraphs if p.text.strip()]
    first = paragraphs[0] if paragraphs else None
    if first is None or not any(run.font.color is not None and run.font.color.rgb == RED for run in first.runs):
        yield "第一行应是红色的发文机关标志"
    if not any(e.get(qn("w:color")) == str(RED) for e in document.element.iter(qn("w:bottom"))):
        yield "缺少版头的红色分隔线"
    head = [p.text.split("\t")[0].strip() for p in paragraphs[:4]]
    if bad := next((h for h in head if _BAD_NUMBER.match(h)), None):
        yield f"发文字号“{bad}”的写法不对:年份用六角括号〔〕,序号不加“第”、不补零,如 X〔2026〕5号"
    elif not any(_NUMBER.match(h) or "number" in h for h in head):
        yield "缺少发文字号(形如 X〔2026〕5号)"
    titles = [p for p in paragraphs if any(_size(run, p) == SIZE_2 for run in p.runs)]
    if not titles:
        yield "没有 2 号字的标题"
    elif _font(titles[0].runs[0], titles[0]) not in {TITLE.font, "方正小标宋_GBK"}:
        yield f"标题字体是“{_font(titles[0].runs[0], titles[0])}”,应为小标宋"


def _lines(document: Document) -> Iterator[str]:
    """Fonts, sizes, line pitch and dates of the body, each kind of fault once with its first place."""
    said: set[str] = set()
    for n, paragraph in enumerate(document.paragraphs, 1):
        if not paragraph.text.strip():
            continue
        for fault in _faults(paragraph):
            if fault not in said:
                said.add(fault)
                yield f"第{n}段:{fault}(“{paragraph.text.strip()[:12]}”)"


def _faults(paragraph: Any) -> Iterator[str]:
    for run in paragraph.runs:
        if run.text.strip() and (font := _font(run, paragraph)) not in _FONTS:
            yield f"中文字体是“{font}”,不是公文用字体"
    sizes = {_size(run, paragraph) for run in paragraph.runs if run.text.strip()}
    pitch = paragraph.paragraph_format.line_spacing
    exact = pitch.pt if hasattr(pitch, "pt") else None
    if sizes == {SIZE_3} and (exact is None or abs(exact - LINE_PITCH_PT) > 1):
        shown = f"{exact:.1f} 磅" if exact is not None else "不是固定值"
        yield f"行距{shown},应为固定值 28.95 磅(每页 22 行)"
    if any(size is not None and size < SIZE_4 - 5 for size in sizes):
        yield "字号小于小五,不便阅读"
    if _PADDED.search(paragraph.text) and _DATE.search(paragraph.text):
        yield "日期补了零,应写成 2026年6月5日"


def _paragraphs(document: Document) -> Iterator[Any]:
    yield from document.paragraphs
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from cell.paragraphs
    for section in document.sections:
        for part in (section.header, section.footer, section.even_page_header, section.even_page_footer):
            yield from part.paragraphs


def _font(run: Any, paragraph: Any) -> str:
    """The East Asian font of a run: its own, its style's, or the document's."""
    for properties in (run._element.rPr, *(style.element.rPr for style in _styles(run, paragraph))):
        fonts = properties.find(qn("w:rFonts")) if properties is not None else None
        if fonts is not None and (name := fonts.get(qn("w:eastAsia"))):
            return str(name)
    return BODY.font


def _size(run: Any, paragraph: Any) -> float | None:
    for font in (run.font, *(style.font for style in _styles(run, paragraph))):
        if font.size is not None:
            return float(font.size.pt)
    return None


def _styles(run: Any, paragraph: Any) -> Iterator[Any]:
    for style in (run.style, paragraph.style):
        while style is not None:
            yield style
            style = style.base_style


def _mm(length: Any) -> float:
    return length.mm if length is not None else 0.0
