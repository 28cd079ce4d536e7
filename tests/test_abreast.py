"""Papers walk side by side and are registered in the order they came."""

from __future__ import annotations

import random
import threading
import time

import pytest

from pipeline.abreast import abreast
from tests.documents import drop, leadership_report


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_turns_keep_the_order(workers):
    """ensures that whoever is ready first waits for those before, and results come in order."""
    dice, done = random.Random(workers), []

    def work(n, turn):
        time.sleep(dice.random() / 100)
        with turn:
            done.append(n)
        return n * 2

    assert list(abreast(range(60), work, workers)) == [n * 2 for n in range(60)]
    assert done == list(range(60))


def test_one_that_never_comes_to_its_turn_keeps_nobody_waiting():
    """ensures that a refused paper lets those behind it through."""
    done = []

    def work(n, turn):
        if n % 3 == 0:
            return None
        with turn:
            done.append(n)
        return n

    assert [r for r in abreast(range(20), work, 4) if r] == done == [n for n in range(20) if n % 3]


def test_the_first_error_ends_the_work_at_its_place():
    """ensures that results before it come, nothing after it does, and no thread is left."""
    before = threading.active_count()

    def work(n, turn):
        with turn:
            if n == 5:
                raise OSError("disk full")
        return n

    got = []
    with pytest.raises(OSError, match="disk full"):
        for result in abreast(range(1000), work, 4):
            got.append(result)
    assert got == [0, 1, 2, 3, 4]
    assert threading.active_count() == before


def test_it_really_is_side_by_side():
    """ensures that one who waits for the next to begin is not alone."""
    begun = threading.Barrier(2, timeout=10)
    assert list(abreast(range(2), lambda n, turn: begun.wait() >= 0, 2)) == [True, True]


def test_versions_follow_the_order_of_arrival(cli, workspace):
    """ensures that of many versions put down at once the last one stays the last."""
    for n in range(12):
        drop(workspace / "inbox", f"报告{n:02}.docx", leadership_report(extra=f"第{n}稿。"))
        time.sleep(0.01)
    ran = cli("--workspace", workspace, "watch", "--once", "--json")
    entries = [(line["file"].rpartition("/")[2], line["entry"]) for line in ran.lines]
    assert entries == [(f"报告{n:02}.docx", f"2026-{n + 1:04}") for n in range(12)]
    assert cli("--workspace", workspace, "search", "第11稿", "--json").lines[0]["total"] == 1
