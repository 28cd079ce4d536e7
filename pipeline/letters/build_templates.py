"""Writes the shipped templates: ``python -m pipeline.letters.build_templates FOLDER``.

The result are ordinary Word files that the office edits in Word or WPS; this script only makes their first version.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH

from pipeline.letters.fields import COLUMNS, LINES, ROWS, is_form, is_upward, label, shape, template_fields
from pipeline.letters.layout import (
    BODY,
    FANG,
    HEI,
    KAI,
    SIZE_2,
    SIZE_4,
    SONG,
    TITLE,
    Face,
    imprint,
    new_page,
    red_line,
    signed_by,
    table,
    with_fallbacks,
    write,
)
from pipeline.packing import Package, repacked
from pipeline.rulebook import load_rulebook
from pipeline.rulebook.parts import LetterKind

CENTER, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
_SMALL = Face(FANG, SIZE_4)
_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四")


def _letter(*body: str, upward: bool = False) -> Document:
    """An office letter: version head, title, addressee, body, signature and date, 版记. ``upward``: with 签发人."""
    page = new_page()
    write(page, "{{ office }}", Face(SONG, 30, red=True), CENTER)
    write(page, "")
    if upward:
        # 上行文: the number at the left, who signs at the right, one character in from both sides
        signed_by(write(page, "{{ number }}\t签发人：", BODY, indent=1), "{{ signer }}")
    else:
        write(page, "{{ number }}", BODY, CENTER)
    red_line(page)
    write(page, "")
    write(page, "{{ title }}", TITLE, CENTER)
    write(page, "")
    write(page, "{{ addressee }}：")
    # the last words stay with the signature, which never stands alone on a page; a loop's line where a loop is last
    last = len(body) - (2 if body[-1].startswith("{%p") else 1)
    for n, line in enumerate(body):
        write(page, line, indent=0 if line.startswith("{%p") else 2, keep=n >= last)
    write(page, "{%p for line in attachments %}")
    # 附件说明: one line under the body, no stop at its end
    write(page, "{{ '附件：' if loop.first else '　　　' }}{{ loop.index }}. {{ line }}", indent=2, keep=True)
    write(page, "{%p endfor %}")
    write(page, "", keep=True)
    _signature(page)
    imprint(page, "{{ office }}", "{{ date }}印发")
    return page


def _signature(page: Document) -> None:
    """Organ and day: four characters in where a seal is put over them, else the day two characters in and the organ further.

    Source: GB/T 9704-2012 7.3.5 (加盖印章的公文; 不加盖印章的公文).
    """
    for seal, organ, day in (("sealed", 4, 4), ("unsealed", 4, 2)):
        write(page, f"{{%p for line in {seal} %}}")
        write(page, "{{ line }}", BODY, RIGHT, right=organ, keep=True)
        write(page, "{{ date }}", BODY, RIGHT, right=day)
        write(page, "{%p endfor %}")


def _official(letter: LetterKind) -> Document:
    """A letter of the rulebook that has no wording of its own: its fields by name, one after another."""
    body = ["根据《{{ plan }}》（{{ clause }}），现就有关事项函告如下："]
    for n, field in enumerate((f for f in template_fields(letter) if f not in {"unit", "person", "signer"}), 1):
        body += _said(f"{_NUMERALS[n - 1]}、{label(field)}", field)
    return _letter(*body, upward=is_upward(letter))


def _said(heading: str, field: str) -> list[str]:
    if shape(field) == LINES:
        return [f"{heading}：", f"{{%p for line in {field} %}}", "（{{ loop.index }}）{{ line }}", "{%p endfor %}"]
    return [f"{heading}：{{{{ {field} }}}}"]


def _form(letter: LetterKind) -> Document:
    """A form, list or sheet: title, what is known by name, a table where there are rows; signed with office and day."""
    page = new_page()
    write(page, "{{ title }}", TITLE, CENTER)
    write(page, "编号：{{ number }}", _SMALL, RIGHT)
    write(page, "")
    for field in template_fields(letter):
        if shape(field) == LINES:
            write(page, f"{label(field)}：", Face(HEI))
            write(page, f"{{%p for line in {field} %}}")
            write(page, "{{ loop.index }}．{{ line }}", indent=2)
            write(page, "{%p endfor %}")
        elif shape(field) == ROWS:
            table(page, COLUMNS[letter.id])
        elif field != "date":
            write(page, f"{label(field)}：{{{{ {field} }}}}")
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
    for words, value in (
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
        write(page, f"{words}：{{{{ {value} }}}}", _SMALL)
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


def report_reminder() -> Document:
    """What will be due, to whom, with the list it must follow in the plan's words."""
    return _letter(
        "根据《{{ plan }}》，请于{{ due_date }}前（还有{{ days_left }}天），向{{ recipients }}书面报送{{ period }}{{ document_type }}，"
        "内容应包括：",
        "{%p for line in items %}",
        "{{ loop.index }}．{{ line }}；",
        "{%p endfor %}",
        "班子报告由主要领导主持起草、领导班子会议专题研究；主要领导报告由本人起草完成。",
    )


def no_problem_letter() -> Document:
    """A report in which the review found nothing to mend."""
    return _letter("你单位于{{ accepted_at }}报送的{{ reports }}已经审阅，未发现需要整改的问题，存档备查。")


def reply_receipt() -> Document:
    """A reply has come."""
    return _letter(
        "你单位报送的《{{ document_title }}》已于{{ received_at }}收到，登记号{{ register_number }}。逾期天数：{{ late_days }}。"
    )


def reply_overdue_notice() -> Document:
    """A reply that was due and has not come."""
    return _letter(
        "{{ feedback_number }}反馈意见要求于{{ reply_deadline }}前书面报送情况说明和改进措施，现已逾期{{ days_late }}天。请即报送并说明原因。"
    )


def deduction_proposal() -> Document:
    """Facts and clause for those who assess; the points are theirs to set."""
    return _letter(
        "经查，{{ unit }}{{ year }}年度“双报告”制度执行中有以下情况：",
        "{%p for line in facts %}",
        "{{ loop.index }}．{{ line }}；",
        "{%p endfor %}",
        "事由：{{ ground }}。依据：{{ clause }}。",
        "建议扣分：{{ points }}。",
        upward=True,
    )


def result_feedback_letter() -> Document:
    """The year's result, its deductions and what is demanded."""
    return _letter(
        "{{ year }}年度落实党风廉政建设责任制考核得分{{ total }}分（换算为十分制{{ ten_point }}分）。各部分得分：",
        "{%p for line in section_scores %}",
        "{{ loop.index }}．{{ line }}；",
        "{%p endfor %}",
        "扣分事项：",
        "{%p for line in deductions %}",
        "{{ loop.index }}．{{ line }}；",
        "{%p endfor %}",
        "存在问题：",
        "{%p for line in problems %}",
        "{{ loop.index }}．{{ line }}；",
        "{%p endfor %}",
        "整改要求：",
        "{%p for line in requirements %}",
        "{{ loop.index }}．{{ line }}；",
        "{%p endfor %}",
    )


_SPOKEN: dict[str, Callable[[], Document]] = {
    "report_reminder": report_reminder,
    "no_problem_letter": no_problem_letter,
    "reply_receipt": reply_receipt,
    "reply_overdue_notice": reply_overdue_notice,
    "deduction_proposal": deduction_proposal,
    "result_feedback_letter": result_feedback_letter,
    "pledge": pledge,
    "supplement_notice": supplement_notice,
    "review_feedback_letter": review_feedback_letter,
    "overdue_notice": overdue_notice,
    "receipt": receipt,
}


TEMPLATES: dict[str, Callable[[], Document]] = {
    **{
        letter.id: partial(_form if is_form(letter) else _official, letter)
        for letter in load_rulebook().letters.values()
        if letter.id not in _SPOKEN
    },
    **_SPOKEN,
}


def template_bytes(kind: str) -> bytes:
    """Return one template as .docx, the same bytes every time."""
    document = TEMPLATES[kind]()
    properties = document.core_properties
    properties.author, properties.title = "", kind
    properties.created = properties.modified = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    stream = io.BytesIO()
    document.save(stream)
    package = Package(repacked(stream.getvalue()))
    return package.with_parts({"word/fontTable.xml": with_fallbacks(package.parts["word/fontTable.xml"])})


def main(folder: Path) -> None:
    """Write every template into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in TEMPLATES:
        (folder / f"{kind}.docx").write_bytes(template_bytes(kind))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
