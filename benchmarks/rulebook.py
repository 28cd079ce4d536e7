"""How long the shipped rulebook takes to read and check: ``python benchmarks/rulebook.py``; the floor is parsing its YAML."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import yaml

import pipeline.rulebook
from pipeline.rulebook import load_rulebook

SHIPPED = Path(pipeline.rulebook.__file__).parent / "langfang-2014"
ROUNDS = 7


def best(work: Callable[[], object]) -> float:
    """Return the shortest of some rounds in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def main() -> None:
    """Print both and their ratio."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    pages = [path.read_bytes() for path in sorted(SHIPPED.glob("*.yaml"))]
    floor = best(lambda: [yaml.load(page, loader) for page in pages])
    ours = best(lambda: load_rulebook(SHIPPED))
    print(f"parsing its YAML {floor:.0f} ms, reading and checking {ours:.0f} ms: {ours / floor:.2f} ×")


if __name__ == "__main__":
    main()
