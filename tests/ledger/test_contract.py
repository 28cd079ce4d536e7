"""What every ledger holds to, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.errors import DamagedDocument, LedgerUnavailable
from pipeline.ledger import LetterRequest, SavedSearch, dialect
from pipeline.model import (
    Arrival,
    Evidence,
    Identity,
    ItemVerdict,
    Original,
    Outcome,
    Passage,
    Person,
    Roster,
    Status,
    Text,
    Unit,
    Verdict,
)

JUNE = dt.datetime(2026, 6, 18, 2, 0, tzinfo=dt.UTC)
UNIT = "中共汀州市教育局党组"


def original(content: str) -> Original:
    return Original(hashlib.sha256(content.encode()).hexdigest(), len(content), "/nowhere", "x")


def arrival(name: str = "报告.docx", key: str = "", at: dt.datetime = JUNE) -> Arrival:
    return Arrival("/inbox/" + name, name, key or uuid.uuid4().hex, at)


def identity(**changes: object) -> Identity:
    fields = {"kind": "leadership_report", "title": "报告", "unit": UNIT, "year": 2026, "period": "2026-H1"}
    return Identity(**{**fields, **changes})


VERDICT = Verdict(
    Outcome.DEFICIENT,
    (
        ItemVerdict("1", Status.COVERED, 0.95, (Evidence("签订责任书14份", 3, "一、"),)),
        ItemVerdict("4", Status.ABSENT, 0.8),
        ItemVerdict("11", Status.ABSENT, 0.9, required=False),
    ),
)


def register(ledger, content: str, arrived: Arrival | None = None, **changes: object):
    text = Text((Passage(0, content),), "docx")
    return ledger.register(original(content), arrived or arrival(), text, identity(**changes), VERDICT)


def test_an_entry_comes_back_as_it_was_registered(ledger, reopen):
    """ensures that every value survives the way into the database and out of another process."""
    entry = register(ledger, "正文一", identity_extra := arrival())
    assert entry.number == "2026-0001"
    assert identity_extra.name == entry.name
    again = reopen().entry("2026-0001")
    assert again == entry
    assert again.verdict == VERDICT
    assert reopen().text("2026-0001").plain == "正文一"
    assert reopen().pending() == ["2026-0001"]


def test_lateness_follows_the_office_calendar(ledger):
    """ensures that the day counts in the office's time zone and the last day is still in time."""
    in_time = register(ledger, "甲", arrival("甲.docx", at=dt.datetime(2026, 6, 20, 15, 59, tzinfo=dt.UTC)))
    late = register(ledger, "乙", arrival("乙.docx", at=dt.datetime(2026, 6, 20, 16, 1, tzinfo=dt.UTC)), unit="乙局")
    assert (in_time.received, in_time.due, in_time.on_time) == (dt.date(2026, 6, 20), dt.date(2026, 6, 20), True)
    assert (late.received, late.on_time) == (dt.date(2026, 6, 21), False)


def test_the_same_arrival_again_changes_nothing(ledger):
    """ensures that a second walk after a crash finds the first: same entry, same outcome, no second row."""
    arrived = arrival(key="inbox:1")
    first = register(ledger, "正文", arrived)
    head = ledger.journal_head()
    assert register(ledger, "正文", arrived) == first
    assert (ledger.journal_head(), ledger.count()) == (head, 1)


def test_the_same_bytes_again_are_a_duplicate(ledger):
    """ensures that bytes are registered once, and that the second arrival stands in the journal."""
    first = register(ledger, "正文")
    second = register(ledger, "正文", arrival("别名.docx"))
    assert (second.number, second.outcome, ledger.count()) == (first.number, "duplicate", 1)
    assert ledger.journal_head().seq == 2


def test_a_corrected_paper_keeps_its_first_day(ledger):
    """ensures that versions are tied together and lateness is fixed by the first arrival."""
    register(ledger, "初稿")
    later = arrival(at=JUNE + dt.timedelta(days=10))
    second = register(ledger, "二稿", later)
    assert (second.version, second.previous, second.received, second.on_time) == (
        2,
        "2026-0001",
        dt.date(2026, 6, 18),
        True,
    )
    renamed = register(ledger, "三稿", arrival("定稿.docx", at=JUNE + dt.timedelta(days=11)))
    assert (renamed.version, renamed.previous) == (3, "2026-0002")


def test_one_file_name_each_half_year_is_another_paper(ledger):
    """ensures that December's report is not taken for June's because its file is called the same."""
    register(ledger, "上半年")
    late = register(ledger, "下半年", arrival(at=dt.datetime(2026, 12, 25, tzinfo=dt.UTC)), period="2026-H2")
    assert (late.version, late.previous, late.received, late.on_time) == (1, None, dt.date(2026, 12, 25), False)
    next_year = register(ledger, "明年", arrival(at=JUNE + dt.timedelta(days=365)), year=2027, period="2027-H1")
    assert (next_year.version, next_year.on_time) == (1, True)
    corrected = register(ledger, "上半年改", arrival(at=JUNE + dt.timedelta(days=200)))
    assert (corrected.version, corrected.previous) == (2, "2026-0001")
    unread = register(ledger, "时期不明", arrival(at=JUNE + dt.timedelta(days=201)), period=None, year=None)
    assert unread.version == 3


def test_papers_of_other_hands_are_not_versions(ledger):
    """ensures that one name from two units, or two talk records of one person, stay apart."""
    register(ledger, "甲")
    assert register(ledger, "乙", unit="中共汀州市水利局党组").version == 1
    register(ledger, "谈话一", arrival("谈话一.docx"), kind="talk_record", person="麦思源", period="2026")
    assert (
        register(ledger, "谈话二", arrival("谈话二.docx"), kind="talk_record", person="麦思源", period="2026").version
        == 1
    )


PROCESS = """
import sys
from pipeline.ledger import open_ledger
from pipeline.rulebook import load_rulebook
from tests.ledger.test_contract import arrival, original, register, request
ledger = open_ledger(sys.argv[1], load_rulebook(), actor=sys.argv[2])
for n in range(12):
    register(ledger, f"{sys.argv[2]}{n}", arrival(f"{sys.argv[2]}{n}.docx"), unit=f"{sys.argv[2]}{n}")
    ledger.issue(request(f"{sys.argv[2]}{n}"), original)
ledger.close()
"""


def test_numbers_have_no_gap_under_two_processes(ledger, address):
    """ensures that a watcher and a command line together number entries and letters 1…n, in one unbroken chain."""
    command = [sys.executable, "-c", PROCESS, address]
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen([*command, name], cwd=root, stderr=subprocess.PIPE) for name in "甲乙"]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0)] * 2
    assert [entry.number for entry in ledger.entries()] == [f"2026-{n:04}" for n in range(1, 25)]
    assert [letter.number for letter in ledger.letters()] == [f"主体办〔2026〕{n}号" for n in range(1, 25)]
    assert (ledger.journal_break(), ledger.journal_head().seq) == (None, 48)


def test_numbers_have_no_gap_under_two_writers(ledger, reopen):
    """ensures that writers side by side share out 1…n without a gap or a repeat."""

    def write(name: str) -> None:
        mine = reopen()
        for n in range(15):
            register(mine, f"{name}{n}", arrival(f"{name}{n}.docx"), unit=f"{name}{n}")

    writers = [threading.Thread(target=write, args=(name,)) for name in "甲乙"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [entry.number for entry in ledger.entries()] == [f"2026-{n:04}" for n in range(1, 31)]
    assert ledger.journal_break() is None


def test_entries_are_narrowed_by_what_they_are(ledger):
    """ensures that filters compare exactly and None means all."""
    register(ledger, "甲")
    register(ledger, "乙", arrival("乙.docx"), unit="乙局", kind="other", year=None, period=None)
    assert [e.number for e in ledger.entries(unit=UNIT)] == ["2026-0001"]
    assert [e.number for e in ledger.entries(kind="other", unit=None)] == ["2026-0002"]


def test_a_person_decides_beside_the_machine(ledger):
    """ensures that decisions add up, make an item certain, and leave the machine's verdict on record."""
    register(ledger, "正文")
    ledger.decide("2026-0001", "return", {"4": Status.MENTIONED}, "请补充")
    entry = ledger.decide("2026-0001", "accept", {"1": Status.ABSENT}, "已核对")
    assert {i.item: (i.status, i.confidence) for i in entry.verdict.items} == {
        "1": (Status.ABSENT, 1.0),
        "4": (Status.MENTIONED, 1.0),
        "11": (Status.ABSENT, 0.9),
    }
    assert (entry.decision, entry.verdict.outcome, ledger.note_of("2026-0001")) == (
        "accept",
        Outcome.DEFICIENT,
        "已核对",
    )
    done = ledger.decide("2026-0001", "accept", {"1": Status.COVERED, "4": Status.COVERED}, "")
    assert done.verdict.outcome is Outcome.COMPLETE


def test_a_refusal_is_on_record_once(ledger):
    """ensures that a refused arrival stands in the journal with its reason, however often it is walked."""
    arrived = arrival("坏.docx")
    error = DamagedDocument("文件已损坏", "请重新报送")
    for _ in range(2):
        ledger.refused(arrived, original("坏"), error)
    assert ledger.journal_head().seq == 1
    assert ledger.objects() == {original("坏").sha256}
    assert ledger.count() == 0


def test_a_refused_arrival_that_is_taken_after_all(ledger):
    """ensures that a reader that has learnt more registers what was refused before, under the same arrival."""
    arrived = arrival(key="inbox:7")
    ledger.refused(arrived, original("正文"), DamagedDocument("文件已损坏"))
    entry = register(ledger, "正文", arrived)
    ledger.refused(arrived, original("正文"), DamagedDocument("文件已损坏"))
    assert (entry.number, entry.outcome, ledger.count(), ledger.journal_head().seq) == ("2026-0001", "registered", 1, 2)


def test_what_is_owed_after_the_row_is_kept_until_done(ledger, reopen):
    """ensures that a stopped run's debts are found at the next start, a decision owes the index anew."""
    for n in range(3):
        register(ledger, f"正文{n}", arrival(f"{n}.docx"), unit=f"单位{n}")
    ledger.done("2026-0002")
    ledger.done("2026-0002")
    assert reopen().pending() == ["2026-0001", "2026-0003"]
    ledger.decide("2026-0002", "accept", {}, "")
    assert reopen().pending() == ["2026-0001", "2026-0002", "2026-0003"]


def request(subject: str, kind: str = "supplement_notice") -> LetterRequest:
    return LetterRequest(kind, "主体办", 2026, subject, "通知", "附五", dt.date(2026, 6, 30), "通知.docx", unit=UNIT)


def test_letters_are_numbered_without_gap_and_written_once(ledger):
    """ensures that a failed letter uses no number and a second request returns the first letter."""
    numbers: list[str] = []

    def write(number: str) -> Original:
        numbers.append(number)
        return original(number)

    def fail(number: str) -> Original:
        raise OSError("disk full")

    first = ledger.issue(request("2026-0001"), write)
    with pytest.raises(OSError, match="disk full"):
        ledger.issue(request("2026-0002"), fail)
    second = ledger.issue(request("2026-0002"), write)
    again = ledger.issue(request("2026-0001"), write)
    assert (first.number, second.number) == ("主体办〔2026〕1号", "主体办〔2026〕2号")
    assert (first.fresh, again.fresh, again.number, again.sha256) == (True, False, first.number, first.sha256)
    assert numbers == [first.number, second.number]
    assert [letter.number for letter in ledger.letters(unit=UNIT)] == numbers


def test_the_last_roster_counts(ledger):
    """ensures that an import replaces the roster in use and keeps the one before."""
    assert ledger.roster() == Roster()
    old = Roster(
        (Unit("甲局", "city_unit", ("甲",)),),
        (Person("某某", "甲局", "局长", "principal", ("一科",), dt.date(2026, 1, 1)),),
    )
    ledger.save_roster(old)
    seen = ledger.roster_id()
    ledger.save_roster(Roster((Unit("乙局", "city_unit"),)))
    assert ledger.roster().units[0].name == "乙局"
    assert ledger.roster_id() != seen


def test_the_journal_refuses_changes(ledger, address):
    """ensures that a row cannot be changed or removed through the database's own door."""
    register(ledger, "正文")
    engine = sa.create_engine(address)
    for statement in ("UPDATE journal SET actor = 'x'", "DELETE FROM journal"):
        with pytest.raises(sa.exc.SQLAlchemyError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text(statement))
    engine.dispose()
    assert ledger.journal_break() is None


COLUMNS = ("at", "actor", "act", "object", "facts", "previous", "hash")
TAMPERINGS = {
    **{f"edit {column}": f"UPDATE journal SET {column} = 'x' WHERE seq = 2" for column in COLUMNS},
    "delete": "DELETE FROM journal WHERE seq = 2",
    "swap": "UPDATE journal SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3); UPDATE journal SET seq = -seq WHERE seq < 0",
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampering_breaks_the_chain(ledger, address, how):
    """ensures that whoever drops the triggers and rewrites history is found out, with the place."""
    for n in range(4):
        register(ledger, f"正文{n}", arrival(f"{n}.docx"), unit=f"单位{n}")
    engine = sa.create_engine(address)
    drop = {
        "sqlite": ["DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete"],
        "postgresql": ["DROP TRIGGER journal_append_only ON journal"],
    }[engine.dialect.name]
    with engine.begin() as connection:
        for statement in (*drop, *TAMPERINGS[how].split(";")):
            connection.execute(sa.text(statement))
    engine.dispose()
    assert ledger.journal_break() == 2


def test_a_cut_tail_shows_against_a_head_kept_elsewhere(ledger, address):
    """ensures that truncation, which a bare chain cannot show, changes the head."""
    for n in range(3):
        register(ledger, f"正文{n}", arrival(f"{n}.docx"), unit=f"单位{n}")
    head = ledger.journal_head()
    engine = sa.create_engine(address)
    trigger = "journal_no_delete" if engine.dialect.name == "sqlite" else "journal_append_only ON journal"
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP TRIGGER {trigger}"))
        connection.execute(sa.text("DELETE FROM journal WHERE seq = 3"))
    engine.dispose()
    assert ledger.journal_break() is None
    assert ledger.journal_head() != head


def test_names_that_no_encoding_holds_are_stored_repaired(ledger):
    """ensures that a file name of stray bytes does not stop its document."""
    entry = register(ledger, "正文", arrival("报告\udce4\x1b.docx"))
    assert "�" not in entry.number
    assert entry.name.startswith("报告")


def test_stray_characters_in_a_note_are_stored(ledger):
    """ensures that a character that a database refuses does not stop a person's decision."""
    register(ledger, "正文")
    entry = ledger.decide("2026-0001", "return", {}, "请\x00补\ud800充")
    assert (entry.decision, ledger.note_of("2026-0001")) == ("return", "请?补?充")
    assert ledger.journal_break() is None


def test_a_newer_schema_is_refused(ledger, address, reopen):
    """ensures that an older program does not touch a ledger it does not understand."""
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(LedgerUnavailable, match="更新版本"):
        reopen()


def test_a_search_is_kept_under_its_owner_and_name(ledger, reopen):
    """ensures that kept searches last, are replaced by name, stay their owner's, and stand in the journal."""
    ledger.save_search(SavedSearch("公车", "公车私用"))
    ledger.save_search(SavedSearch("公车", "公车 私用", "relevance"))
    ledger.save_search(SavedSearch("公车", "另一人的"), owner="李四")
    assert reopen().searches() == [SavedSearch("公车", "公车 私用", "relevance")]
    assert [kept.query for kept in ledger.searches("李四")] == ["另一人的"]
    assert (ledger.forget_search("公车"), ledger.forget_search("公车")) == (True, False)
    assert (ledger.searches(), len(ledger.searches("李四")), ledger.journal_break()) == ([], 1, None)


def test_versions_and_documents_are_what_was_registered(ledger):
    """ensures that the index can learn what the ledger holds: number, hash and decision, and each with its text."""
    registered = [register(ledger, f"正文{n}") for n in range(3)]
    ledger.decide(registered[1].number, "accept", {}, "")
    assert ledger.versions() == [(e.number, e.sha256, "accept" if n == 1 else None) for n, e in enumerate(registered)]
    wanted = [registered[2].number, "2026-9999", registered[1].number]
    found = list(ledger.documents(wanted))
    assert [e.number for e, _ in found] == [registered[2].number, registered[1].number]
    assert [(e.decision, t) for e, t in found] == [
        (None, ledger.text(registered[2].number)),
        ("accept", ledger.text(registered[1].number)),
    ]


def test_a_frozen_year_refuses_changes(ledger):
    """ensures that a frozen assessment is kept as it was, by the database too, and a correction says why."""
    first = ledger.freeze(2026, {"units": [1]}, "", dt.date(2027, 1, 10))
    assert (first.version, first.fresh, ledger.freeze(2026, {"units": [1]}, "", dt.date(2027, 1, 11)).fresh) == (
        1,
        True,
        False,
    )
    assert ledger.freeze(2026, {"units": [2]}, " ", dt.date(2027, 1, 11)) is None
    second = ledger.freeze(2026, {"units": [2]}, "复查", dt.date(2027, 1, 12))
    assert (second.version, ledger.frozen(2026).content, ledger.frozen(2025)) == (2, {"units": [2]}, None)
    assert [(v.version, v.reason, v.content) for v in ledger.frozen_versions(2026)] == [
        (1, "", {"units": [1]}),
        (2, "复查", {"units": [2]}),
    ]
    for statement in ("UPDATE assessments SET reason = 'x'", "DELETE FROM assessments"):
        with pytest.raises(LedgerUnavailable, match="append-only"), dialect.writing(ledger._engine) as connection:
            connection.exec_driver_sql(statement)
    assert ledger.journal_break() is None
