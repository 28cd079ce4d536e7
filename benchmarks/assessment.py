"""How long the yearly assessment takes: 11 units with 300 people, then 3,000 units, and whether it grows in proportion.

Run: ``.venv/bin/python benchmarks/assessment.py``. Facts are invented; every input of the table is given. Measured are
reading the JSON, scoring it, and the whole command with an empty ledger.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline.assessment.given import read_json
from pipeline.judging.assessing import score_persons, score_units
from pipeline.judging.inputs import inputs
from pipeline.model import Roster
from pipeline.rulebook import load_rulebook

YEAR = 2026


def facts(units: int, people: int, path: Path) -> Path:
    """Write invented facts for so many units, and people spread over them."""
    table = load_rulebook().assessment
    assert table is not None
    chance = random.Random(7)
    rows = []
    for n in range(units):
        told: dict[str, object] = {}
        for name, asked in inputs(table).items():
            if asked.kind in {"flag", "veto"}:
                told[name] = asked.kind == "flag" and chance.random() < 0.8
            elif asked.kind in {"quota", "count"}:
                told[name] = chance.randrange(6)
            elif asked.kind == "value":
                told[name] = str(chance.randrange(1, 900) / 10)
            elif asked.kind == "checklist":
                told[name] = ["公开"]
            elif asked.kind == "bands":
                told[name] = f"{chance.randrange(6000, 10000)}/100"
        told["case_work_rank"] = n + 1
        rows.append({"unit": f"中共某{n}县委员会", "inputs": told})
    persons = [{"person": f"某{n}", "unit": f"中共某{n % units}县委员会", "kind": "党政其他领导班子成员" if n % 5 else "党政主要负责人",
                "good": chance.randrange(100, 200), "valid": 200} for n in range(people)]  # fmt: skip
    path.write_text(json.dumps({"year": YEAR, "units": rows, "persons": persons}, ensure_ascii=False), encoding="utf-8")
    return path


def scoring(path: Path) -> tuple[float, float]:
    """Return the seconds for reading and for scoring a file of facts."""
    table = load_rulebook().assessment
    assert table is not None
    begun = time.perf_counter()
    given = read_json(path, table, Roster(), YEAR)
    read = time.perf_counter()
    sheets = score_units(table, given.units)
    score_persons(table, given.people, sheets)
    return read - begun, time.perf_counter() - read


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "ws"
        program = [sys.executable, "-m", "pipeline", "--workspace", str(workspace)]
        subprocess.run([*program[:3], "init", str(workspace)], check=True, capture_output=True)
        for units, people in ((11, 300), (750, 0), (1500, 0), (3000, 0)):
            path = facts(units, people, Path(folder) / f"{units}.json")
            read, scored = min(scoring(path) for _ in range(3))
            begun = time.perf_counter()
            command = [*program, "assess", "--year", str(YEAR), "--facts", str(path), "--json"]
            subprocess.run(command, check=True, capture_output=True)
            whole = time.perf_counter() - begun
            print(
                f"{units:5} units {people:4} people: read {read:.3f} s, scored {scored:.3f} s, whole command {whole:.2f} s"
            )


if __name__ == "__main__":
    main()
