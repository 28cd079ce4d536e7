"""What the way a paper was read adds to its verdict: pages nobody read, doubtful recognition, seals and handwriting. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.model import Finding, Mark, MarkKind, Outcome, PledgeParts, Severity, Text, Verdict

POOR = 0.85  # below this share of sure characters a person must read the picture
_OTHER_SIDE = re.compile(r"接受|监督|受诺|收诺|监诺")


def with_reading(verdict: Verdict, text: Text) -> Verdict:
    """Return the verdict with what the reader saw; what could not be read for sure is left to a person."""
    found = [Finding("reading", Severity.NOTICE, notice) for notice in text.notices]
    doubtful = False
    if text.unread_pages:
        which = "、".join(map(str, text.unread_pages[:20])) + ("等" if len(text.unread_pages) > 20 else "")
        words = f"第{which}页是图片,其中的文字未读取(本机没有安装文字识别组件),请人工查看"
        found.append(Finding("unread_pages", Severity.WARNING, words))
        doubtful = verdict.outcome is Outcome.DEFICIENT
    if (sure := text.recognised) is not None:
        words = f"本件是扫描件,文字由识别得出,平均可信度 {sure:.2f},引文以原件为准"
        found.append(Finding("recognised", Severity.NOTICE, words))
        if sure < POOR:
            doubtful = verdict.outcome is not Outcome.NOT_APPLICABLE
            found.append(Finding("recognised_poorly", Severity.WARNING, "识别质量低,请对照原件人工审阅"))
    found += mark_findings(text, verdict.pledge_parts is not None)
    outcome = Outcome.NEEDS_PERSON if doubtful else verdict.outcome
    return replace(verdict, outcome=outcome, findings=(*verdict.findings, *found)) if found else verdict


def mark_findings(text: Text, is_pledge: bool) -> list[Finding]:
    """Return where seals and handwriting were seen on scanned pages, for a pledge also that none was: hints, no proof."""
    if text.marks is None:
        return []
    found = []
    for kind, seen, unseen in (
        (MarkKind.SEAL, "有红色圆形印记,像是印章", "未见红色圆形印章"),
        (MarkKind.HANDWRITING, "像是手写", "签名处未见手写笔迹"),
    ):
        marks = [mark for mark in text.marks if mark.kind is kind]
        found += [Finding(f"{kind}_seen", Severity.NOTICE, f"{_place(mark)}{seen},请核对原件") for mark in marks]
        if not marks and is_pledge:
            found.append(Finding(f"{kind}_not_seen", Severity.NOTICE, f"扫描件上{unseen}(机器所见,请核对原件)"))
    return found


def _place(mark: Mark) -> str:
    return mark.place + (f"“{mark.near}”处" if mark.near else "")


def signed_by_hand(parts: PledgeParts, text: Text) -> tuple[PledgeParts, tuple[Finding, ...]]:
    """Return the parts with a signature that is there but not legible counted, and the finding that asks a person."""
    hands = (m for m in text.marks or () if m.kind is MarkKind.HANDWRITING and not _OTHER_SIDE.search(m.near))
    mark = next(hands, None)
    if parts.signature or mark is None:
        return parts, ()
    words = f"{_place(mark)}有笔迹,未能认出姓名,请核对是否本人签名"
    return replace(parts, signature=True), (Finding("signature_unread", Severity.WARNING, words),)
