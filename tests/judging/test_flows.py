"""Workflows as state machines: what facts do by themselves, what people note, what is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.judging.flows import Case, Fact, FactKind, history, refusal, steps_from
from pipeline.rulebook import WorkingDays, load_rulebook

RULEBOOK = load_rulebook()
REPORT = RULEBOOK.workflows["double_report_flow"]
DUE = dt.date(2026, 6, 20)
CASE = Case("c", REPORT.id, "市教育局", None, "2026-H1", DUE, "leadership_report")
DAYS = WorkingDays()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


def fact(on: str, kind: str, what: str = "", entry: str | None = "2026-0001") -> Fact:
    return Fact(day(on), FactKind(kind), what, entry)


def at(today: str, *facts: Fact):
    return history(REPORT, CASE, facts, day(today), DAYS.add)


WHOLE = (
    fact("06-18", "paper"),
    fact("06-23", "returned"),
    fact("06-26", "letter", "review_feedback_letter"),
    fact("07-03", "reply", entry="2026-0002"),
    fact("07-06", "reply_accepted", entry="2026-0002"),
)


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ("06-17", "due"),
        ("06-18", "received"),
        ("06-22", "received"),
        ("06-23", "incomplete"),
        ("06-26", "feedback_sent"),
        ("07-02", "feedback_sent"),
        ("07-03", "replied"),
        ("07-06", "closed"),
        ("12-31", "closed"),
    ],
)
def test_a_report_walks_its_way_and_any_day_can_be_seen_again(today, state):
    """ensures that the state on a day follows from what had happened by then, whatever came after."""
    assert at(today, *WHOLE).state == state


def test_the_order_in_which_facts_are_told_does_not_matter():
    """ensures that the ledger may hand them over in any order."""
    assert at("12-31", *reversed(WHOLE)) == at("12-31", *WHOLE)


def test_a_late_report_stays_late():
    """ensures that the mark of lateness is not lost when the paper comes and is accepted."""
    found = at("08-01", fact("06-22", "paper"), fact("06-24", "accepted"))
    assert [(m.transition.to, m.on) for m in found.moves] == [
        ("late", day("06-21")),
        ("received", day("06-22")),
        ("accepted", day("06-24")),
    ]
    assert found.marks == ("逾期报告",)


def test_the_day_itself_is_still_in_time():
    """ensures that a paper of 20 June is in time and one of the 21st is not."""
    assert at("06-25", fact("06-20", "paper")).marks == ()
    assert at("06-25", fact("06-21", "paper")).marks == ("逾期报告",)


def test_clocks_run_in_working_days_and_stop_when_answered():
    """ensures that 30 and 7 working days are counted from the day after, over the make-up days of October."""
    assert dict(at("06-23", *WHOLE).clocks) == {"review_30wd": DAYS.add(day("06-23"), 30)}
    assert dict(at("06-26", *WHOLE).clocks) == {"reply_7wd": day("07-07")}
    assert at("07-03", *WHOLE).clocks == ()
    october = (fact("06-18", "paper"), fact("09-28", "accepted"), fact("09-29", "letter", "review_feedback_letter"))
    assert dict(at("09-30", *october).clocks)["reply_7wd"] == DAYS.add(day("09-29"), 7)


def test_a_reply_that_does_not_come_in_time():
    """ensures that the case falls late by itself the day after its clock, and goes on when the reply comes."""
    facts = (*WHOLE[:3], fact("07-10", "reply"))
    assert at("07-07", *facts).state == "feedback_sent"
    assert at("07-08", *facts).state == "reply_late"
    assert at("07-10", *facts).state == "replied"


def test_a_letter_implies_the_steps_before_it():
    """ensures that feedback written straight after the paper means that it was accepted and reviewed."""
    found = at("07-01", fact("06-18", "paper"), fact("06-25", "letter", "review_feedback_letter"))
    assert [m.transition.to for m in found.moves] == ["received", "accepted", "reviewed", "feedback_sent"]


def test_a_person_may_take_any_step_that_the_flow_knows():
    """ensures that what no fact does is done by a noted step, with its note."""
    step = Fact(day("12-31"), FactKind.STEP, "not_reported", None, "全年未报")
    found = at("12-31", step)
    assert (found.state, found.marks, found.moves[-1].note) == ("not_reported", ("报告制度不落实",), "全年未报")


@pytest.mark.parametrize(
    ("state", "to", "words"),
    [
        ("due", "replied", "不能直接到“已回复”;下一步可以是:received 已收、late 逾期未报"),
        ("closed", "received", "流程已结束"),
        ("due", "nonsense", "没有“nonsense”这个环节"),
    ],
)
def test_what_the_flow_does_not_know_is_refused_with_the_reason(state, to, words):
    """ensures that an illegal step says where the case stands and where it can go."""
    assert words in str(refusal(REPORT, state, to))


@pytest.mark.parametrize("workflow", RULEBOOK.workflows.values(), ids=lambda w: w.id)
def test_every_flow_of_the_rulebook_can_be_walked(workflow):
    """ensures that every state is reached from the start, every end is one, and every step is allowed."""
    reached, pending = {workflow.start}, [workflow.start]
    while pending:
        state = pending.pop()
        for step in steps_from(workflow, state):
            assert refusal(workflow, state, step.to) is None or state in workflow.end
            if step.to not in reached:
                reached.add(step.to)
                pending.append(step.to)
    assert reached == set(workflow.states)
    assert all(not steps_from(workflow, end) for end in workflow.end)
    for step in workflow.transitions:
        case = Case("x", workflow.id, "单位", None, "2026", None)
        start = [Fact(day("01-05"), FactKind.STEP, s) for s in _path(workflow, step.from_)]
        found = history(workflow, case, [*start, Fact(day("01-06"), FactKind.STEP, step.to)], day("01-06"), DAYS.add)
        assert found.state == step.to


def _path(workflow, target: str) -> list[str]:
    """The states on a shortest way from the start, the start left out."""
    ways, pending = {workflow.start: []}, [workflow.start]
    while pending:
        state = pending.pop(0)
        for step in steps_from(workflow, state):
            if step.to not in ways:
                ways[step.to] = [*ways[state], step.to]
                pending.append(step.to)
    return ways[target]
