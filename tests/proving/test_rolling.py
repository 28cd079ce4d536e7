"""The rolling check: every object within its month, whatever the clock and the growth; its failures stay alarms."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ledger import Check
from pipeline.proving import CYCLE_DAYS, alarms, due_for_check, prove_share
from pipeline.watch import follow
from tests.proving.stock import filled, on_day, register

DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 6, 1, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@given(st.integers(1, 90), st.lists(st.integers(0, 5), min_size=96, max_size=96), st.integers(0, 23), st.randoms())
@settings(max_examples=15, deadline=None)
def test_no_object_waits_longer_than_its_cycle(first, arrivals, hour, dice):
    """ensures that over 0..95 days, with papers coming in, each is hashed again within 31 days, and no day does all."""
    checks: dict[str, Check] = {}
    held: list[str] = []
    for day, coming in enumerate([first, *arrivals[1:]]):
        now = (START + day * DAY).replace(hour=dice.randint(0, hour))
        held += [f"{len(held) + n:064}" for n in range(coming)]
        due = due_for_check(held, checks, now)
        checks |= {name: Check(now, "seen") for name in held if name not in checks}
        checks |= {name: Check(now, "good") for name in due}
        assert all(now - check.at <= 31 * DAY for check in checks.values())
        if day < CYCLE_DAYS:
            assert len(due) <= -(-len(held) // CYCLE_DAYS)
        assert due_for_check(held, checks, now) == []


def test_days_off_are_made_up_for(tmp_path):
    """ensures that what fell due while nobody ran is hashed on the first day back."""
    names = [f"{n:064}" for n in range(90)]
    checks = {name: Check(START + (n % 30) * DAY, "good") for n, name in enumerate(names)}
    assert len(due_for_check(names, checks, START + 100 * DAY)) == 90


def test_a_wrong_clock_does_not_put_a_check_off(tmp_path):
    """ensures that a check dated in the future counts for nothing, and one of today is not made twice."""
    checks = {"a" * 64: Check(START + 400 * DAY, "good"), "b" * 64: Check(START, "good")}
    assert due_for_check(list(checks), checks, START) == ["a" * 64]


def test_ninety_five_days_of_a_real_archive(tmp_path):
    """ensures that the record in the ledger leaves no object unhashed for more than 31 days under a moved clock."""
    dice = random.Random(1)
    office, held = filled(tmp_path / "w", 40)
    for day in range(96):
        office = on_day(office, START.date() + day * DAY)
        held += [register(office, f"新{day}-{n}.docx") for n in range(dice.choice((0, 0, 1, 3)))]
        proof = prove_share(office)
        assert proof is not None
        assert proof.sound
        assert prove_share(office) is None
        checks = office.ledger.checks()
        assert checks.keys() == set(held)
        assert max(office.now() - check.at for check in checks.values()) <= 31 * DAY
        if day >= CYCLE_DAYS:
            old = {name for name in held[:40] if checks[name].result == "seen"}
            assert old == set()
    office.close()


def test_a_day_s_share_may_be_done_in_pieces(tmp_path):
    """ensures that a watcher that gives the check little time each turn gets through the same work."""
    office, held = filled(tmp_path / "w", 90)
    pieces = []
    while (proof := prove_share(office, seconds=0)) is not None:
        pieces.append(proof.fixity.checked)
    assert pieces == [1, 1, 1]
    assert office.ledger.checks().keys() == set(held)
    office.close()


def test_a_failure_stays_an_alarm_until_it_is_put_right(cli, workspace, tmp_path):
    """ensures that damage found by the day's share shows in today and doctor, by name, and clears after repair."""
    paper = tmp_path / "材料.txt"
    paper.write_text("关于落实主体责任情况的材料,共一页。", encoding="utf-8")
    sha256 = cli("--workspace", workspace, "ingest", paper, "--json").one["sha256"]
    kept = workspace / "archive" / "objects" / "sha256" / sha256[:2] / sha256[2:4] / sha256
    good = kept.read_bytes()
    kept.chmod(0o644)
    kept.write_bytes(good[:-1])
    failed = cli("--workspace", workspace, "verify", "--rolling", "--json")
    assert (failed.code, failed.one["damaged"]) == (4, [sha256])
    assert cli("--workspace", workspace, "today", "--json").one["alarms"] == [f"原件已损坏:{sha256}"]
    assert f"警报:原件已损坏:{sha256}" in cli("--workspace", workspace, "today").out
    doctor = cli("--workspace", workspace, "doctor", "--json")
    assert doctor.code == 1
    assert sha256 in next(line["note"] for line in doctor.lines if line["check"] == "核验")
    kept.write_bytes(good)
    assert cli("--workspace", workspace, "verify", "--rolling").code == 0
    assert cli("--workspace", workspace, "today", "--json").one["alarms"] == []


def test_a_broken_journal_stays_an_alarm(tmp_path):
    """ensures that the day's share looks at the journal too, and its finding is not forgotten."""
    office, _ = filled(tmp_path / "w", 3)
    with office.ledger._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_update")
        connection.exec_driver_sql("UPDATE journal SET object = 'x' WHERE seq = 2")
    assert alarms(office) == []
    assert not prove_share(office).sound
    assert alarms(office) == ["操作日志第 2 条被改动"]
    office.close()


class _Enough(Exception):
    """Ends a loop that has no end."""


@pytest.mark.parametrize("trouble", [False, True])
def test_the_watcher_checks_its_share_once_a_day(tmp_path, monkeypatch, trouble):
    """ensures that ``run`` and ``watch`` do the day's share by themselves, once, and that its trouble stops no intake."""
    office, held = filled(tmp_path / "w", 60)
    turns = []

    def wait(_: float) -> None:
        turns.append(1)
        if len(turns) == 6:
            raise _Enough

    monkeypatch.setattr(office.inbox, "wait", wait)
    if trouble:
        (tmp_path / "w" / "archive" / "heads.txt").mkdir()
    with pytest.raises(_Enough):
        list(follow(office, lambda _: None))
    results = [check.result for check in office.ledger.checks().values()]
    if not trouble:
        assert (results.count("good"), len(results)) == (2, len(held))
        assert office.ledger.journal_head().seq == len(held) + 1
    assert len(turns) == 6
    office.close()
