"""What the content check finds on a paper of a known kind. Pure."""

from __future__ import annotations

from pipeline.judging.coverage import Asked, judge_items
from pipeline.judging.identity import owner
from pipeline.judging.layout import Layout, squeeze
from pipeline.judging.pledges import Pledge, read_pledge
from pipeline.judging.scanned import signed_by_hand, with_reading
from pipeline.model import Finding, Identity, ItemVerdict, Outcome, Roster, Severity, Status, Text, Verdict
from pipeline.rulebook.model import Rulebook
from pipeline.rulebook.parts import DocumentKind

_UNSURE = 0.5
_PARTS = {
    "addressee": "接受方(抬头)",
    "committing_party": "承诺方(承诺人)",
    "commitments": "承诺事项",
    "consequence": "违诺后果",
    "signature": "签名",
    "date": "签署日期",
}


def judge(text: Text, identity: Identity, roster: Roster, rulebook: Rulebook) -> Verdict:
    """Return how each item of the kind's lists stands, or which parts a pledge shows. Never raises on any text."""
    return with_reading(_judge(text, identity, roster, rulebook), text)


def _judge(text: Text, identity: Identity, roster: Roster, rulebook: Rulebook) -> Verdict:
    kind = rulebook.kinds.get(identity.kind)
    if kind is None:
        return Verdict(Outcome.NOT_APPLICABLE, findings=identity.doubts)
    layout = Layout(text)
    if kind.parties_pairs:
        return _pledge_verdict(read_pledge(layout, identity, roster, kind.required_marks), text, identity, kind)
    person = owner(identity, roster)
    asked = _asked(identity.kind, person.role if person else None, rulebook)
    if asked:
        return _list_verdict(judge_items(layout, asked, rulebook.weights), identity, kind, rulebook)
    if kind.required_marks:
        return _marks_verdict(layout, identity, kind)
    return Verdict(Outcome.NOT_APPLICABLE, findings=identity.doubts)


def _asked(kind: str, role: str | None, rulebook: Rulebook) -> list[Asked]:
    """The items of the kind's lists with their verdict ids and list ids."""
    keyed = rulebook.items_for(kind, role)
    lists = [list_id for list_id, items in rulebook.lists_for(kind, role) for _ in items]
    return [(key, list_id, item) for (key, item), list_id in zip(keyed, lists, strict=True)]


def _list_verdict(
    items: tuple[ItemVerdict, ...], identity: Identity, kind: DocumentKind, rulebook: Rulebook
) -> Verdict:
    texts = {f"{c.list}.{i.n}": i.text for c in kind.content for i in rulebook.list_items(c.list)}
    texts |= {str(i.n): i.text for c in kind.content[:1] for i in rulebook.list_items(c.list)}
    missing = (i for i in items if i.required and i.status is not Status.COVERED)
    findings = [*identity.doubts, *(_missing(i, texts.get(i.item, ""), kind) for i in missing)]
    doubtful = _needs_person(identity) or any(i.required and i.confidence < _UNSURE for i in items)
    lacking = any(i.required and i.status is not Status.COVERED for i in items)
    outcome = Outcome.NEEDS_PERSON if doubtful else Outcome.DEFICIENT if lacking else Outcome.COMPLETE
    return Verdict(outcome, items, findings=tuple(findings))


def _missing(item: ItemVerdict, words: str, kind: DocumentKind) -> Finding:
    number = item.item.rpartition(".")[2]
    short = words if len(words) <= 24 else words[:24] + "…"
    if item.status is Status.MENTIONED:
        said = "只有提及(标题、套话、打算或问题),未见所做的事"
        return Finding("item_mentioned", Severity.WARNING, f"第{number}项{said}:{short}", kind.clause, item.item)
    return Finding("item_absent", Severity.ERROR, f"第{number}项未见:{short}", kind.clause, item.item)


def _pledge_verdict(pledge: Pledge, text: Text, identity: Identity, kind: DocumentKind) -> Verdict:
    parts, unread = signed_by_hand(pledge.parts, text)
    lacking = [label for part, label in _PARTS.items() if not getattr(parts, part)]
    found = [Finding("pledge_part", Severity.ERROR, f"承诺书缺少:{label}", kind.clause) for label in lacking]
    found += [
        Finding("pledge_mark", Severity.WARNING, f"未见应写明的“{mark}”", kind.clause) for mark in pledge.unmarked
    ]
    lacking += list(pledge.unmarked)
    doubtful = bool(unread) or _needs_person(identity)
    outcome = Outcome.NEEDS_PERSON if doubtful else Outcome.DEFICIENT if lacking else Outcome.COMPLETE
    return Verdict(outcome, (), parts, (*identity.doubts, *found, *unread))


def _marks_verdict(layout: Layout, identity: Identity, kind: DocumentKind) -> Verdict:
    said = "".join(squeeze(p.text) for p in layout.text)
    lacking = [mark for mark in kind.required_marks if squeeze(mark) not in said]
    found = [Finding("mark_missing", Severity.ERROR, f"未见“{mark}”", kind.clause) for mark in lacking]
    outcome = Outcome.NEEDS_PERSON if _needs_person(identity) else Outcome.DEFICIENT if lacking else Outcome.COMPLETE
    return Verdict(outcome, (), None, (*identity.doubts, *found))


def _needs_person(identity: Identity) -> bool:
    return any(d.severity is not Severity.NOTICE for d in identity.doubts)
