"""The office's words for how a paper, an item or an arrival stands, the same on the command line, in pages and tables."""

from __future__ import annotations

import re
import unicodedata

from pipeline.model import Outcome, Status

STANDING_LABELS = {
    "complete": "齐全",
    "deficient": "缺项",
    "needs_person": "待人工核对",
    "not_applicable": "无内容清单",
    "accept": "受理",
    "return": "退回补充",
    "withdraw": "已撤回",
}
OUTCOME_LABELS = {"registered": "已登记", "duplicate": "重复", "set_aside": "已退回", "checked": "已检查"}
VERDICT_LABELS = {outcome: STANDING_LABELS[outcome.value] for outcome in Outcome}
DECISION_LABELS = {decision: STANDING_LABELS[decision] for decision in ("accept", "return", "withdraw")}
STATUS_LABELS = {Status.COVERED: "已写", Status.MENTIONED: "仅提及", Status.ABSENT: "未见"}
JOURNAL_LABELS = {
    "claimed": "收妥",
    "registered": "登记",
    "duplicate": "重复报送",
    "set_aside": "退回报送",
    "accept": "受理",
    "return": "退回补充",
    "withdraw": "撤回",
    "letter": "发文",
    "filed": "编档号",
    "rendition": "制作版式件",
    "bundle": "生成归档包",
    "roster": "导入名册",
    "step": "流程环节",
    "event": "登记的事",
    "freeze": "考核定稿",
    "search_saved": "存检索",
    "search_forgotten": "删检索",
    "account": "账号变动",
    "login": "登录",
    "logout": "退出登录",
    "key": "生成密钥",
    "key_ended": "停用密钥",
    "fixity": "每日核验",
    "backup": "备份",
    "restore": "恢复",
}

_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """Return ``text`` with characters that turn the writing's direction shown as what they are."""
    return _TURNING.sub(lambda c: f"\\u{ord(c[0]):04x}", text)


def odd_name(name: str) -> tuple[str, ...]:
    """Say how a file's name deceives the eye."""
    found = ["文件名含特殊方向字符,看上去的扩展名可能是假的"] if _TURNING.search(name) else []
    if unicodedata.normalize("NFC", name) != name:
        found.append("文件名的字符是分开编码的,与另一种编码的文件名看起来相同,请留意是否是两份文件")
    return tuple(found)


def withdrawal(who: str, reason: str) -> str:
    """Return what a withdrawal's note says: who decided it, and why."""
    return f"{who}决定撤回:{reason}"
