"""件 and 档号 on both databases: given once, in order, never changed."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from pipeline.codes import Shelf
from pipeline.errors import LedgerUnavailable, UsageError
from pipeline.ledger import Rendition
from pipeline.ledger.dialect import writing
from pipeline.ledger.schema import items
from tests.ledger.test_contract import arrival, register

SHELF = Shelf("Z109", "WS", 2026, "D30", "BGS")


@pytest.fixture
def numbers(ledger):
    return [register(ledger, f"报告{n}", arrival(f"报告{n}.docx")).number for n in range(1, 4)]


def test_numbers_run_on_each_shelf_and_are_given_once(ledger, numbers):
    """ensures that 件号 begin at 1 on every shelf, that asking again gives the first, and that the journal tells of it."""
    one, two, three = numbers
    assert [i.code for i in ledger.file([(two, SHELF), (one, SHELF)])] == [
        "Z109-WS·2026·D30-BGS-0001",
        "Z109-WS·2026·D30-BGS-0002",
    ]
    (again,) = ledger.file([(two, SHELF)])
    assert (again.code, again.fresh) == ("Z109-WS·2026·D30-BGS-0001", False)
    (other,) = ledger.file([(three, Shelf("Z109", "WS", 2026, "Y"))])
    assert other.code == "Z109-WS·2026·Y-0001"
    assert [i.subject for i in ledger.items()] == [two, one, three]
    assert [thing for thing, _ in ledger.noted("filed")] == [two, one, three]
    assert ledger.journal_break() is None


def test_another_shelf_is_refused_and_nothing_of_the_call_stays(ledger, numbers):
    """ensures that a filed paper is never renumbered, and a call is done whole or not at all."""
    one, two, _ = numbers
    ledger.file([(one, SHELF)])
    with pytest.raises(UsageError, match="不再改动"):
        ledger.file([(two, SHELF), (one, Shelf("Z109", "WS", 2026, "Y", "BGS"))])
    assert [i.subject for i in ledger.items()] == [one]
    with pytest.raises(UsageError, match="没有登记号"):
        ledger.file([("2026-9999", SHELF)])


@pytest.mark.parametrize("change", [items.update().values(seq=9), items.delete()])
def test_the_database_itself_refuses_changes(ledger, numbers, change):
    """ensures that a 档号 is kept even from a program that goes past ours."""
    ledger.file([(numbers[0], SHELF)])
    with pytest.raises(LedgerUnavailable, match="append-only"), writing(ledger._engine) as connection:
        connection.execute(change)
    assert len(ledger.items()) == 1


def test_two_who_file_at_once_share_no_number(reopen, ledger, numbers):
    """ensures that 件号 stay unique and without gap when two programs file."""
    ledgers = [reopen(), reopen()]
    threads = [
        threading.Thread(target=led.file, args=([(n, SHELF)],)) for led, n in zip(ledgers, numbers, strict=False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [i.seq for i in ledger.items()] == [1, 2]


def test_a_copy_is_expected_in_the_archive(ledger, numbers):
    """ensures that the first copy of an original stays, and that fixity looks for it."""
    made = Rendition("1" * 64, "a" * 64, 10, "PDF/A-2b", 2, "LibreOffice")
    ledger.add_rendition(made)
    ledger.add_rendition(Rendition("1" * 64, "b" * 64, 11, "PDF/A-2b", 2, "LibreOffice"))
    assert ledger.renditions() == {"1" * 64: made}
    assert "a" * 64 in ledger.objects()
    assert "b" * 64 not in ledger.objects()


def test_an_older_ledger_gets_the_tables(ledger, reopen, address):
    """ensures that a ledger from before 档号 opens, with changes refused there too."""
    with writing(ledger._engine) as connection:
        for later in ("claims", "fixity_checks", "items", "renditions", "saved_searches", "assessments"):
            connection.exec_driver_sql(f"DROP TABLE {later}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    ledger.close()
    fresh = reopen()
    assert fresh.items() == []
    number = register(fresh, "报告", arrival()).number
    fresh.file([(number, SHELF)])
    with pytest.raises(LedgerUnavailable), writing(fresh._engine) as connection:
        connection.execute(sa.delete(items))
