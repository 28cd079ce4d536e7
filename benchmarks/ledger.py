"""Deriving a year's ledger and the day's digest for a large roster: ``python benchmarks/ledger.py [--units 500 --people 5000]``."""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from pipeline.daybook import today
from pipeline.judging.obligations import owed
from pipeline.model import Person, Roster, Unit
from pipeline.office import open_office
from pipeline.workspace import make_workspace


def roster(units: int, people: int) -> Roster:
    """Return a city of many units: a fifth counties, the rest bureaus; one principal each, the others members."""
    made = tuple(Unit(f"第{n}单位党组", "county_committee" if n % 5 == 0 else "city_unit") for n in range(units))
    folk = tuple(
        Person(f"人{n}", made[n % units].name, "职务", "principal" if n < units else "member") for n in range(people)
    )
    return Roster(made, folk)


def best(work: Callable[[], object], rounds: int = 3) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    """Print both times; the floor is making as many plain tuples."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--people", type=int, default=5000)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pipeline-bench-"))
    make_workspace(folder / "w", samples=False)
    office = open_office(folder / "w", dt.date(2026, 6, 22))
    office.ledger.save_roster(roster(chosen.units, chosen.people))
    things = owed(office.rulebook, office.roster, 2026)
    derive = best(lambda: owed(office.rulebook, office.roster, 2026))
    floor = best(lambda: [(n, "单位", "人员", 2026, "2026-H1", None, "依据", ()) for n in range(len(things))])
    print(f"{chosen.units} units, {chosen.people} people: {len(things)} things owed")
    print(
        f"derived in {derive:.2f} s ({derive / floor:.0f} × plain tuples); with status {best(lambda: office.obligations(2026)):.2f} s"
    )
    print(f"today: {best(lambda: today(office)):.2f} s")
    office.close()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
