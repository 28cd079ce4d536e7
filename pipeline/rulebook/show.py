"""The rulebook as Chinese text for people: institutions, document kinds, lists, obligations, letters."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.rulebook.base import Publish, Standing, Way
from pipeline.rulebook.due import (
    Due,
    DueAfter,
    DueBefore,
    DueDates,
    DueMonths,
    DueOpen,
    DueTerm,
    DueUpon,
    DueWindow,
    MonthDay,
)
from pipeline.rulebook.model import Rulebook
from pipeline.rulebook.parts import DocumentKind, LetterKind, Obligation, Workflow

WAYS = {Way.RECEIVED: "收文", Way.GENERATED: "办公室制作", Way.RECORD: "记录"}
STANDINGS = {Standing.EXPLICIT: "方案写明", Standing.IMPLIED: "由方案推出", Standing.PROPOSED: "本办补充"}
PUBLISH = {Publish.MUST: "应公开", Publish.MAY: "可公示", Publish.NONE_STATED: ""}
PERIODS = {
    "year": "每年",
    "half_year": "每半年",
    "term": "每届",
    "once": "一次性",
    "event": "遇事时",
    "continuous": "经常",
    "unspecified": "次数未定",
}
MODALITIES = {"must": "", "principle": "(原则上)", "may": "(可)"}
Block = tuple[str, list[str]]


def show_rulebook(rulebook: Rulebook, word: str | None = None) -> str:
    """Return the whole rulebook as text, or only the entries whose id or text holds ``word``."""
    if not word or not word.strip():
        return "\n".join([*_head(rulebook), *_overview(rulebook)])
    wanted = word.strip()
    if wanted in rulebook.institutions:
        return "\n".join(_institution(rulebook, wanted))
    blocks = list(_blocks(rulebook))
    found = [lines for name, lines in blocks if name == wanted] or [
        lines for _, lines in blocks if any(wanted in line for line in lines)
    ]
    if not found:
        return f"规则里没有与“{wanted}”有关的内容。可只写编号或一个词,例如一个文种的名称。"
    return "\n\n".join("\n".join(lines) for lines in found)


def _head(rulebook: Rulebook) -> list[str]:
    r = rulebook
    return [
        f"{r.title}({r.id})",
        f"制度 {len(r.institutions)} 项,文种 {len(r.kinds)} 种,清单 {len(r.lists)} 份,应办事项 {len(r.obligations)} 项,"
        f"流程 {len(r.workflows)} 个,公文 {len(r.letters)} 种,疑义 {len(r.ambiguities)} 条",
    ]


def _overview(rulebook: Rulebook) -> Iterator[str]:
    for name in rulebook.institutions:
        yield ""
        yield from _institution(rulebook, name)
    for title, names in (("其他清单", set(loose_lists(rulebook))), ("疑义及处理", set(rulebook.ambiguities))):
        blocks = [lines for name, lines in _blocks(rulebook) if name in names]
        if blocks:
            yield from ("", title)
        for lines in blocks:
            yield from lines


def loose_lists(rulebook: Rulebook) -> list[str]:
    """The lists that judge no kind of document."""
    judged = {content.list for kind in rulebook.kinds.values() for content in kind.content}
    return [name for name in rulebook.lists if name not in judged]


def _institution(rulebook: Rulebook, name: str) -> Iterator[str]:
    r = rulebook
    institution = r.institutions[name]
    leads = "、".join(party_text(r, p) for p in institution.lead)
    yield f"【{institution.n}】{institution.title}({name})  {institution.clause}"
    yield f"  牵头:{leads}"
    kinds = [k for k in r.kinds.values() if k.institution == name]
    shown: set[str] = set()
    for kind in kinds:
        yield from _kind(r, kind)
        for content in kind.content:
            if content.list not in shown:
                shown.add(content.list)
                yield from _list(r, content.list)
    for obligation in r.obligations.values():
        if obligation.institution == name:
            yield from _obligation(r, obligation)
    for flow in r.workflows.values():
        if flow.institution == name:
            yield from _workflow(flow)
    for letter in r.letters.values():
        if letter.institution == name:
            yield from _letter(letter)


def _blocks(rulebook: Rulebook) -> Iterator[Block]:
    r = rulebook
    for name, kind in r.kinds.items():
        lists = [line for content in kind.content for line in _list(r, content.list)]
        yield name, [*_kind(r, kind), *lists]
    for name in loose_lists(r):
        yield name, list(_list(r, name))
    for name, obligation in r.obligations.items():
        yield name, list(_obligation(r, obligation))
    for name, flow in r.workflows.items():
        yield name, list(_workflow(flow))
    for name, letter in r.letters.items():
        yield name, list(_letter(letter))
    for name, party in r.parties.items():
        yield name, [f"  主体 {party.name}({name})  {party.clause}"]
    for name, doubt in r.ambiguities.items():
        yield name, [f"  疑义 {name}  {doubt.clause}", f"    问题:{doubt.problem}", f"    处理:{doubt.resolve}"]


def party_text(rulebook: Rulebook, name: str) -> str:
    """The name of a party."""
    party = rulebook.parties.get(name)
    return party.name if party else name


def parties_text(rulebook: Rulebook, names: tuple[str, ...]) -> str:
    """The names of several parties."""
    return "、".join(party_text(rulebook, n) for n in names) or "(未写明)"


def _kind(rulebook: Rulebook, kind: DocumentKind) -> Iterator[str]:
    said = ",".join(w for w in (WAYS[kind.way], STANDINGS[kind.status], PUBLISH[kind.publish]) if w)
    yield f"  文种 {kind.title}({kind.id})  {said}  {kind.clause}"
    if kind.parties_pairs:
        pairs = ";".join(
            f"{party_text(rulebook, p.upper)}与{party_text(rulebook, p.lower)}" for p in kind.parties_pairs
        )
        yield f"    签订双方:{pairs}"
    else:
        yield f"    {parties_text(rulebook, kind.maker)} → {parties_text(rulebook, kind.to)}"
    if kind.required_marks:
        yield f"    必须写明:{'、'.join(kind.required_marks)}"
    for condition in kind.conditions:
        yield f"    要求:{condition.phrase}  {condition.clause}"


def _list(rulebook: Rulebook, name: str) -> Iterator[str]:
    content = rulebook.lists[name]
    yield f"    清单 {content.title or name}({name})  {content.clause}"
    for item in content.items:
        line = f"  L{item.line}" if item.line else ""
        yield f"      {item.n}. {item.text}{'(可不写)' if item.optional else ''}{line}"


def _obligation(rulebook: Rulebook, obligation: Obligation) -> Iterator[str]:
    o = obligation
    yield f"  事项 {o.id} {parties_text(rulebook, o.actor)}:{o.action}{MODALITIES[o.modality]}  {o.clause}"
    yield f"    {often_text(o)};期限:{due_text(rulebook, o.due)}"
    if o.doc:
        yield f"    凭据:{'、'.join(rulebook.kind_label(d) for d in o.doc)}"


def often_text(obligation: Obligation) -> str:
    """How often in words: ``每半年不少于 1 次``."""
    least = obligation.min
    number = f"不少于 {least} 次" if isinstance(least, int) else f"按 {least.share} 的比例" if least else ""
    return f"{PERIODS[obligation.period]}{number}"


def due_text(rulebook: Rulebook, due: Due) -> str:
    """The due in words: ``6月20日前、12月20日前``."""
    match due:
        case DueDates():
            return "、".join(f"{_day(d)}前" for d in due.dates) + ("" if due.inclusive else "(不含当日)")
        case DueWindow():
            return f"{_day(due.window[0])}至{_day(due.window[1])}"
        case DueMonths():
            return "、".join(f"{m}月" for m in due.months)
        case DueTerm():
            inner = rulebook.timing(due)
            return due.term if isinstance(inner, DueOpen) else f"{due.term}({due_text(rulebook, inner)})"
        case DueAfter():
            event = rulebook.events.get(due.after, due.after)
            return f"{event}后 {due.workdays} 个工作日内" if due.workdays else f"{event}所定日期"
        case DueBefore():
            return f"{rulebook.events.get(due.before, due.before)}前 {due.days} 天"
        case DueUpon():
            return due.upon
        case DueOpen():
            return due.open


def _day(day: MonthDay) -> str:
    return f"{'次年' * day.years_ahead}{day.month}月{day.day}日"


def _workflow(flow: Workflow) -> Iterator[str]:
    yield f"  流程 {flow.id}:{flow.one}"
    for step in flow.transitions:
        letter = f",发 {step.letter}" if step.letter else ""
        yield f"    {flow.states[step.from_]} → {flow.states[step.to]}:{step.event}{letter}  {step.clause}"


def _letter(letter: LetterKind) -> Iterator[str]:
    yield f"  公文 {letter.title}({letter.id})  {STANDINGS[letter.status]}  {letter.clause}"
