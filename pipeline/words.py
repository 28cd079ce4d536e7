"""The office's words for how a paper, an item or an arrival stands, the same on the command line, in pages and tables."""

from __future__ import annotations

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
