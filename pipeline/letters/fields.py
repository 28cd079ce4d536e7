"""The fields of the rulebook's letters: how each is called in Chinese and what shape its value has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.rulebook.parts import LetterKind

TEXT, LINES, ROWS = "text", "lines", "rows"

LABELS: Mapping[str, str] = {
    "accepted_at": "受理时间", "addressee": "报送对象", "basis": "依据", "bodies": "测评范围", "by_date": "完成期限",
    "cases": "典型案例", "check_summary": "内容核对", "compiled_by": "整理人", "complete": "内容是否完备",
    "contents": "谈话内容", "dates": "时间安排", "days_late": "逾期天数", "days_left": "剩余天数", "deadline": "期限",
    "decision": "处理决定", "deductions": "扣分事项", "document_kind": "文种", "document_title": "文件名称",
    "document_type": "文种", "due_date": "期限", "facts": "事实", "fairly_good": "较好票", "feedback_date": "反馈日期",
    "feedback_number": "反馈文号", "good": "好票", "grades": "评议等次", "ground": "扣分事由", "group": "督查组",
    "handed_by": "移交人", "in_time": "是否按时", "issue": "问题", "issue_number": "通报期号", "items": "内容要点",
    "late_days": "逾期天数", "leadership_received": "班子报告收到日期", "materials": "准备材料", "methods": "方式方法",
    "missing_items": "缺少的内容", "mode": "方式", "modes": "督查方式", "months": "月份安排", "objects": "考核对象",
    "open_problems": "未解决的问题", "opinion": "审阅意见", "opinions": "意见建议", "pages": "页数", "pairs": "谈话安排",
    "period": "时期", "person": "姓名", "persons": "人员", "place": "地点", "plan_due": "整改方案报送期限",
    "pledge_list": "应签承诺书", "pledges_due": "应签份数", "pledges_signed": "已签份数", "points": "建议扣分",
    "post": "职务", "principal_received": "主要领导报告收到日期", "problems": "问题", "progress": "进展",
    "proposal": "处理意见", "proposals": "改进建议", "proposed_deduction": "建议扣分", "published": "公开情况",
    "question": "需说明的问题", "raised_by": "提出人", "rate": "满意率", "received_at": "收到时间", "received_by": "接收人",
    "recipients": "报送对象", "rectification_result": "整改结果", "rectify_by": "整改期限", "register_number": "登记号",
    "reply_date": "回复日期", "reply_deadline": "回复期限", "report_due": "报告提交期限", "reports": "报告名称",
    "requirement": "处理要求", "requirements": "要求", "responsibility_scope": "分管范围",
    "responsible_person": "责任人", "return_to": "送交地点", "review_deadline": "审阅期限", "reviews_due": "应审阅份数",
    "reviews_signed": "已审阅签名份数", "rows": "明细", "section_scores": "各部分得分", "sections": "报告内容",
    "session_date": "会议日期", "sign_by": "签订期限", "signature": "签名", "signatures": "签名", "signed_in_time": "按时签订份数",
    "signed_pledges": "已签承诺书", "signer": "签发人", "source": "问题来源", "source_kind": "案例来源", "subject": "案卷",
    "supplement_by": "补报期限", "talk_date": "谈话日期", "talked_to": "谈话对象", "talker": "谈话人", "task": "任务",
    "tasks": "督查任务", "teams": "班子", "ten_point": "十分制得分", "time_limit": "时限", "topic": "主题", "total": "得分",
    "unit": "单位", "units": "督查单位", "upper": "接受方", "lower": "承诺方", "valid": "有效票", "voter_group": "评议人员类别",
    "year": "年度", "date_": "日期", "attachments": "附件", "copies": "抄送",
}  # fmt: skip

_LINES = {
    "attachments", "cases", "copies", "contents", "deductions", "facts", "items", "materials", "methods", "missing_items", "open_problems", "opinions",
    "pairs", "persons", "pledge_list", "problems", "proposals", "requirements", "section_scores", "sections", "tasks",
    "topic_items", "units",
}  # fmt: skip

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "archive_bundle_cover": ("序号", "题名", "日期", "页数"),
    "publication_list": ("承诺书", "承诺方", "接受方", "签订日期"),
    "progress_bulletin_form": ("单位", "应签", "已签", "进展"),
    "cadre_archive_transfer": ("序号", "材料名称", "份数", "备注"),
    "culture_catalogue_form": ("序号", "成果名称", "作者单位", "类别"),
    "material_catalogue_form": ("评分项目", "材料名称", "登记号", "份数"),
    "result_transfer": ("单位或人员", "得分", "十分制", "备注"),
}
_OF_A_DAY = {"talk_record_form", "signing_sheet_form"}
_FORMS = ("_form", "_form_letter", "_sheet", "_list", "_transfer", "_cover")


def is_form(letter: LetterKind) -> bool:
    """Whether people fill it in by hand where nothing is known: a form, a list, a sheet."""
    return letter.id.endswith(_FORMS)


# who stands above the office: a letter to them says who signs it (上行文)
_ABOVE = {"assessment_group", "leading_group", "city_org_dept", "inspection_group", "higher_committee", "higher_cdi"}


def is_upward(letter: LetterKind) -> bool:
    """Whether a letter goes up, so that it names 签发人. Source: GB/T 9704-2012 7.2.6."""
    return bool(_ABOVE & set(letter.to)) and not is_form(letter)


def shape(field: str) -> str:
    """Return what a field's value is: a text, lines, or rows of a table."""
    return ROWS if field == "rows" else LINES if field in _LINES else TEXT


def label(field: str) -> str:
    return LABELS.get(field, field)


def named(word: str, fields: Sequence[str]) -> str | None:
    """Return the field that somebody means by its id or its Chinese label, None where there is none."""
    if word in fields:
        return word
    return next((field for field in fields if label(field) == word), None)


def template_fields(letter: LetterKind) -> tuple[str, ...]:
    """Return the fields of a letter that its template prints by name.

    A letter's own day has a place of its own; the day it speaks of (a talk, an inspection) is ``date_``.
    """
    named_day = not is_form(letter) or letter.id in _OF_A_DAY
    return tuple("date_" if field == "date" else field for field in letter.fields if field != "date" or named_day)
