"""Writes the shipped templates: ``python -m pipeline.letters.build_templates FOLDER``.

The result are ordinary Word files that the office edits in Word or WPS; this script only makes their first version.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
from collections.abc import Callable
from pathlib import Path

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH

from pipeline.letters.layout import BODY, FANG, KAI, SIZE_2, SIZE_4, SONG, TITLE, Face, new_page, red_line, write
from pipeline.packing import repacked

CENTER, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
_SMALL = Face(FANG, SIZE_4)


def _letter(*body: str) -> Document:
    """An office letter: version head, title, addressee, body, signature and date."""
    page = new_page()
    write(page, "{{ office }}", Face(SONG, 30, red=True), CENTER)
    write(page, "")
    write(page, "{{ number }}", BODY, CENTER)
    red_line(page)
    write(page, "")
    write(page, "{{ title }}", TITLE, CENTER)
    write(page, "")
    write(page, "{{ addressee }}：")
    for line in body:
        write(page, line, indent=0 if line.startswith("{%p") else 2, keep=line is body[-1])
    write(page, "", keep=True)
    write(page, "{{ office }}", BODY, RIGHT, right=4, keep=True)
    write(page, "{{ date }}", BODY, RIGHT, right=4)
    return page


def pledge() -> Document:
    """The three pledges share one sheet; lists and parties come from the rulebook and the roster."""
    page = new_page()
    write(page, "编号：{{ number }}", _SMALL, RIGHT)
    write(page, "{{ title }}", TITLE, CENTER)
    write(page, "（{{ year }}年度）", Face(KAI), CENTER)
    write(page, "")
    write(page, "{{ upper }}：")
    write(
        page,
        "为认真落实党风廉政建设主体责任，根据《{{ plan }}》，{{ lower }}{{ lower_post }}郑重承诺，"
        "{{ year }}年度{{ scope }}认真履行以下责任：",
        indent=2,
    )
    write(page, "{%p for duty in duties %}")
    write(page, "{{ loop.index }}．{{ duty }}。", indent=2)
    write(page, "{%p endfor %}")
    write(
        page,
        "以上承诺作为责任考核和问责的依据，向社会公开，主动接受监督。如违反承诺，愿意接受组织处理。",
        indent=2,
        keep=True,
    )
    write(page, "", keep=True)
    write(page, "{{ upper_label }}：{{ upper }}（签名）", indent=2, keep=True)
    write(page, "", keep=True)
    write(page, "{{ lower_label }}：{{ lower }}（签名）", indent=2, keep=True)
    write(page, "", keep=True)
    write(page, "{{ year }}年    月    日", BODY, RIGHT, right=4)
    return page


def supplement_notice() -> Document:
    """What is missing from a report, item by item in the plan's words."""
    return _letter(
        "经核对，你单位{{ received }}报送的{{ period }}{{ document }}（登记号{{ entry }}）缺少以下内容：",
        "{%p for item in missing %}",
        "第{{ item.n }}项 {{ item.text }}（{{ item.state }}）；",
        "{%p endfor %}",
        "请于{{ reply_by }}前补报。报告内容不完备的，按规定在年度党风廉政建设目标责任考核中扣除相应分数。",
    )


def review_feedback_letter() -> Document:
    """The reviewer's findings and demands."""
    return _letter(
        "你单位{{ received }}报送的{{ period }}{{ document }}（登记号{{ entry }}）已经审阅，现将需要整改的问题和要求反馈如下：",
        "{%p for problem in problems %}",
        "{{ loop.index }}．{{ problem }}。",
        "{%p endfor %}",
        "整改要求：{{ requirements }}",
        "请于{{ reply_by }}前书面报送情况说明和改进措施。",
    )


def overdue_notice() -> Document:
    """A report that was due and has not come."""
    return _letter(
        "{{ owner }}{{ period }}{{ document }}应于{{ due }}前报送，现已逾期{{ days_late }}天。请即报送并说明原因。",
        "逾期报告的，按规定在年度党风廉政建设目标责任考核中扣除相应分数。",
    )


def receipt() -> Document:
    """A short sheet beside the sender's file."""
    page = new_page()
    write(page, "收件回执", Face(SONG, SIZE_2), CENTER)
    write(page, "")
    for label, value in (
        ("登记号", "entry"),
        ("文件名", "name"),
        ("收到时间", "received"),
        ("文种", "kind"),
        ("单位", "unit"),
        ("人员", "person"),
        ("时期", "period"),
        ("期限", "due"),
        ("结果", "result"),
        ("内容检查", "verdict"),
    ):
        write(page, f"{label}：{{{{ {value} }}}}", _SMALL)
    write(page, "{%p for item in missing %}")
    write(page, "第{{ item.n }}项 {{ item.text }}（{{ item.state }}）", _SMALL, indent=2)
    write(page, "{%p endfor %}")
    write(page, "{%p for finding in findings %}")
    write(page, "提示：{{ finding }}", _SMALL, indent=2)
    write(page, "{%p endfor %}")
    write(page, "SHA-256：{{ sha256 }}", Face(FANG, 9))
    write(page, "内容检查由程序作出，供核对；以人工审阅为准。", Face(KAI, 10.5))
    write(page, "{{ office }}", _SMALL, RIGHT, right=2)
    write(page, "{{ date }}", _SMALL, RIGHT, right=2)
    return page


TEMPLATES: dict[str, Callable[[], Document]] = {
    "pledge": pledge,
    "supplement_notice": supplement_notice,
    "review_feedback_letter": review_feedback_letter,
    "overdue_notice": overdue_notice,
    "receipt": receipt,
}


def template_bytes(kind: str) -> bytes:
    """Return one template as .docx, the same bytes every time."""
    document = TEMPLATES[kind]()
    properties = document.core_properties
    properties.author, properties.title = "", kind
    properties.created = properties.modified = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    stream = io.BytesIO()
    document.save(stream)
    return repacked(stream.getvalue())


def main(folder: Path) -> None:
    """Write every template into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in TEMPLATES:
        (folder / f"{kind}.docx").write_bytes(template_bytes(kind))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
