"""What must hold between the entries of a rulebook. Each check yields every fault it finds; none stops at the first."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pipeline.rulebook.assessment import Assessment
from pipeline.rulebook.base import Period, Way
from pipeline.rulebook.draft import Draft, Step, meant
from pipeline.rulebook.due import DueDates
from pipeline.rulebook.parts import ArchiveSection, Workflow
from pipeline.rulebook.references import references
from pipeline.rulebook.yaml_source import Problem

_LABELS = {
    "institutions": "制度",
    "parties": "主体",
    "lists": "清单",
    "document_types": "文种",
    "letters": "公文",
    "terms": "时间用语",
    "ambiguities": "疑义",
    "events": "事件",
    "files": "档案",
    "score lines": "计分项",
}


def cross_check(draft: Draft) -> Iterator[Problem]:
    """Every fault between the entries of a draft."""
    yield from _unknown_ids(draft)
    yield from _list_numbers(draft)
    yield from _workflows(draft)
    yield from _letters(draft)
    yield from _periods(draft)
    yield from _archives(draft)
    yield from _scores(draft)


def _unknown_ids(draft: Draft) -> Iterator[Problem]:
    known = dict(draft.ids)
    r = draft.rulebook
    unchecked = set() if known["events"] else {"events"}
    # a faulty section has been reported already, and what it would have named is unknown
    known["files"] = frozenset(f.id for f in r.archives.files) if r.archives else frozenset()
    if "archives" in draft.raw and not r.archives:
        unchecked.add("files")
    known["score lines"] = _line_ids(r.assessment)
    if "assessment" in draft.raw and not r.assessment:
        unchecked.add("score lines")
    for section, entry, (path, name, target) in references(r):
        if target not in unchecked and name not in known[target]:
            message = f"没有编号为“{name}”的{_LABELS[target]}{meant(name, known[target])}"
            yield draft.problem(section, entry, path, message)


def _line_ids(assessment: Assessment | None) -> frozenset[str]:
    return frozenset(line.id for s in assessment.sections for line in s.lines) if assessment else frozenset()


def _list_numbers(draft: Draft) -> Iterator[Problem]:
    for name, content in draft.rulebook.lists.items():
        for position, item in enumerate(content.items):
            if item.n != position + 1:
                message = f"条目应从 1 起依次编号:这里应为 {position + 1},写成了 {item.n}"
                yield draft.problem("lists", name, ("items", position, "n"), message)


def _workflows(draft: Draft) -> Iterator[Problem]:
    for name, flow in draft.rulebook.workflows.items():
        faults = [*_unknown_states(flow)]
        # reachability says something only once every named state exists
        for path, message in faults or _stranded_states(flow):
            yield draft.problem("workflows", name, path, message)


def _unknown_states(flow: Workflow) -> Iterator[tuple[tuple[Step, ...], str]]:
    named: list[tuple[tuple[Step, ...], str]] = [(("start",), flow.start)]
    named += [(("end", n), state) for n, state in enumerate(flow.end)]
    for n, step in enumerate(flow.transitions):
        named += [(("transitions", n, "from"), step.from_), (("transitions", n, "to"), step.to)]
    for path, state in named:
        if state not in flow.states:
            yield path, f"没有“{state}”这个状态{meant(state, frozenset(flow.states))}"


def _stranded_states(flow: Workflow) -> Iterator[tuple[tuple[Step, ...], str]]:
    steps = [(t.from_, t.to) for t in flow.transitions]
    reached = _closure({flow.start}, steps)
    ending = _closure(set(flow.end), [(b, a) for a, b in steps])
    for state, label in flow.states.items():
        if state not in reached:
            yield ("states", state), f"从起始状态“{flow.start}”走不到状态“{state}”({label})"
        elif state not in ending:
            yield ("states", state), f"状态“{state}”({label})走不到任何结束状态"


def _closure(states: set[str], steps: list[tuple[str, str]]) -> set[str]:
    while more := {b for a, b in steps if a in states} - states:
        states = states | more
    return states


def _letters(draft: Draft) -> Iterator[Problem]:
    r = draft.rulebook
    made = {kind for letter in r.letters.values() for kind in letter.makes}
    if len(r.letters) == len(draft.ids["letters"]):
        for name, kind in r.kinds.items():
            if kind.way is Way.GENERATED and name not in made:
                yield draft.problem("document_types", name, ("way",), "文种由办公室制作,却没有公文的 makes 写明它")
    for name, letter in r.letters.items():
        for n, field in enumerate(letter.required):
            if field not in letter.fields:
                message = f"必填项“{field}”不在 fields 里{meant(field, frozenset(letter.fields))}"
                yield draft.problem("letters", name, ("required", n), message)


def _periods(draft: Draft) -> Iterator[Problem]:
    r = draft.rulebook
    for name, obligation in r.obligations.items():
        due = obligation.due if isinstance(obligation.due, DueDates) else None
        if due and obligation.period is Period.HALF_YEAR and len(due.dates) != 2:
            yield draft.problem("obligations", name, ("due", "dates"), "每半年一次的事项要写上、下半年两个日期")


def _archives(draft: Draft) -> Iterator[Problem]:
    """A kind that goes into a unit's or a person's file has its place in a section of that file, and only one."""
    archives = draft.rulebook.archives
    if archives:
        yield from _filed(draft, "unit", "unit_sections", archives.unit_sections)
        yield from _filed(draft, "person", "person_sections", archives.person_sections)


def _filed(draft: Draft, file: str, key: str, sections: tuple[ArchiveSection, ...]) -> Iterator[Problem]:
    kinds = draft.rulebook.kinds
    taken: set[str] = set()
    for s, section in enumerate(sections):
        for n, name in enumerate(section.takes):
            fault = ""
            if name in taken:
                fault = f"文种“{name}”在 {key} 里收了不止一处"
            elif name in kinds and file not in {f.file for f in kinds[name].archive}:
                fault = f"收了文种“{name}”,但该文种的 archive 没有写“{file}”"
            if fault:
                yield draft.problem("archives", "archives", (key, s, "takes", n), fault)
            taken.add(name)
    for name, kind in kinds.items():
        for n, filing in enumerate(kind.archive):
            if filing.file == file and name not in taken:
                fault = f"归入“{file}”档案,但 {key} 的各类都没有收它"
                yield draft.problem("document_types", name, ("archive", n, "file"), fault)


def _scores(draft: Draft) -> Iterator[Problem]:
    assessment = draft.rulebook.assessment
    if not assessment:
        return
    inputs: set[str] = set()
    lines: set[str] = set()
    for s, section in enumerate(assessment.sections):
        marks = sum((line.max for line in section.lines), Decimal(0))
        stated = section.max if section.base_sum is None else section.base_sum
        if marks != stated:
            message = f"各项满分之和是 {marks},与{'满分' if section.base_sum is None else ' base_sum '} {stated} 不符"
            yield draft.problem("assessment", "assessment", ("sections", s, "max"), message)
        for n, line in enumerate(section.lines):
            here: tuple[Step, ...] = ("sections", s, "lines", n)
            if line.id in lines:
                yield draft.problem("assessment", "assessment", (*here, "id"), f"计分项编号“{line.id}”重复")
            lines.add(line.id)
            for p, part in enumerate(line.parts):
                if part.input in inputs:
                    message = f"计分数据“{part.input}”重复"
                    yield draft.problem("assessment", "assessment", (*here, "parts", p, "input"), message)
                inputs.add(part.input)
