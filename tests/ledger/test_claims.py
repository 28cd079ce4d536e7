"""Claims: papers that are safe and not yet registered, on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

from pipeline.ledger import INTACT
from pipeline.model import Arrival, Identity, Original, Outcome, Passage, Text, Verdict

TEXT = Text((Passage(0, "正文"),), "docx")


def paper(name="报告.docx", sha="a" * 64, key="inbox:" + "1" * 64):
    arrival = Arrival(
        f"/收件/{name}", name, key, dt.datetime(2026, 6, 1, 1, tzinfo=dt.UTC), "市局", True, (1, 2, 3, 4, 5)
    )
    return arrival, Original(sha, 3, f"/objects/{sha}", name)


def queue(ledger, ready=()):
    return ledger.claims.next(10, lambda need: need in ready, lambda sha: f"/objects/{sha}")


def registered(ledger, arrival):
    assert arrival.kept is not None
    return ledger.register(arrival.kept, arrival, TEXT, Identity("other", "题"), Verdict(Outcome.NOT_APPLICABLE))


def test_a_claim_comes_back_as_it_went_in(ledger, reopen):
    """ensures that another process can walk on from a claim: every field, names of stray bytes too."""
    arrival, original = paper("报告\udce4\u202e.docx")
    ledger.claims.add([(arrival, original), paper("二.docx", "b" * 64, "inbox:" + "2" * 64)])
    first, second = queue(reopen())
    assert (first.path, first.name, first.key, first.hint, first.stamp) == (
        arrival.path, arrival.name, arrival.key, "市局", (1, 2, 3, 4, 5))  # fmt: skip
    assert first.kept == original
    assert (second.name, ledger.claims.keys()) == ("二.docx", {"inbox:" + "1" * 64, "inbox:" + "2" * 64})
    assert ledger.objects() == {"a" * 64, "b" * 64}
    assert ledger.journal_head().seq == 1


def test_claiming_twice_is_claiming_once(ledger):
    """ensures that a second watcher or a second start adds nothing."""
    ledger.claims.add([paper()])
    ledger.claims.add([paper()])
    assert len(queue(ledger)) == 1
    assert ledger.journal_head().seq == 1


def test_a_claim_stands_until_it_is_answered(ledger):
    """ensures that a crash between row and receipt leaves the work to be done again, with the same number."""
    ledger.claims.add([paper()])
    (arrival,) = queue(ledger)
    entry = registered(ledger, arrival)
    (again,) = queue(ledger)
    assert registered(ledger, again).number == entry.number
    ledger.done(entry.number, again.key)
    assert (queue(ledger), ledger.pending(), ledger.claims.backlog()) == ([], [], (0, None))


def test_other_bytes_under_a_known_key_are_another_arrival(ledger):
    """ensures that on a share a file of the same name, size and time but other content is not taken for the first."""
    ledger.claims.add([paper()])
    entry = registered(ledger, queue(ledger)[0])
    ledger.done(entry.number, paper()[0].key)
    ledger.claims.add([paper(sha="b" * 64)])
    (second,) = queue(ledger)
    assert registered(ledger, second).number != entry.number
    assert ledger.claims.keys() == {paper()[0].key}
    assert ledger.objects() == {"a" * 64, "b" * 64}


def test_what_waits_says_why_and_is_offered_when_its_need_is_met(ledger):
    """ensures that a missing part holds up one paper only, for as long as it is missing."""
    ledger.claims.add([paper(), paper("二.docx", "b" * 64, "inbox:" + "2" * 64)])
    ledger.claims.wait("inbox:" + "1" * 64, "ocr", "本机没有文字识别")
    assert [a.name for a in queue(ledger)] == ["二.docx"]
    (waiting,) = ledger.claims.waiting()
    assert (waiting.name, waiting.needs, waiting.why) == ("报告.docx", "ocr", "本机没有文字识别")
    assert [a.name for a in queue(ledger, ready=("ocr",))] == ["报告.docx", "二.docx"]
    assert ledger.claims.backlog()[0] == 1


def test_a_paper_whose_object_is_damaged_waits_for_a_sound_one(ledger):
    """ensures that damage is said and not walked over."""
    ledger.claims.add([paper()], damaged={"a" * 64})
    assert queue(ledger) == []
    assert "已损坏" in ledger.claims.waiting()[0].why
    assert len(queue(ledger, ready=(INTACT + "a" * 64,))) == 1


def test_only_what_the_ledger_does_not_know_is_adopted(ledger):
    """ensures that a note of a stopped run brings back what was lost between name and row, and nothing twice."""
    ledger.claims.add([paper()])
    entry = registered(ledger, queue(ledger)[0])
    ledger.done(entry.number, paper()[0].key)
    ledger.claims.adopt([paper(), paper("二.docx", "b" * 64, "inbox:" + "2" * 64)])
    assert [a.name for a in queue(ledger)] == ["二.docx"]
