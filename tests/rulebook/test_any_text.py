"""Whatever stands in a rulebook file, the check answers with problems or none; it never breaks off."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rulebook import check_rulebook

YUNXI = Path(__file__).with_name("yunxi-2026.yaml").read_text(encoding="utf-8")
LINES = YUNXI.split("\n")
SCRAPS = st.sampled_from(
    [
        "",
        "null",
        "[]",
        "{}",
        "- x",
        "  - {id: 3}",
        "on",
        "*a",
        "&a 1",
        "'",
        "9999999999999999999",
        "a: {b: [",
        "\t",
        "1.5",
        "true",
    ]
)


def _faults(text: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_text(text, encoding="utf-8")
        return len(check_rulebook(path))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(LINES) - 1), st.integers(0, 4), SCRAPS)
def test_any_damaged_lines(at: int, removed: int, scrap: str) -> None:
    assert _faults("\n".join([*LINES[:at], scrap, *LINES[at + removed :]])) >= 0


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(YUNXI) - 1), st.integers(0, 12), st.text(max_size=8))
def test_any_damaged_characters(at: int, removed: int, new: str) -> None:
    text = YUNXI[:at] + new + YUNXI[at + removed :]
    assert _faults(text.encode("utf-8", "ignore").decode("utf-8")) >= 0


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("abc:- []{}'\"\n#&*!|>%@`,?\t云0"), max_size=60))
def test_any_text(text: str) -> None:
    assert _faults(text) >= 1


VALUES = st.sampled_from(["x", "3", "-1", "null", "true", "[]", "[x]", "[[x]]", "{}", "{x: y}", "'07-10'", "0.5", "''"])


@settings(max_examples=250, deadline=None)
@given(st.integers(0, len(LINES) - 1), VALUES, st.integers(0, 3))
def test_any_value_of_another_shape(at: int, value: str, which: int) -> None:
    """Ensures that a value replaced by one of another shape is reported, not stumbled over."""
    line = LINES[at]
    parts = line.split(": ")
    if len(parts) > 1:
        n = min(which, len(parts) - 2)
        tail = parts[n + 1]
        cut = min((tail.find(c) for c in ",}" if c in tail and tail[0] not in "[{'"), default=len(tail))
        parts[n + 1] = value + tail[cut:]
    assert _faults("\n".join([*LINES[:at], ": ".join(parts), *LINES[at + 1 :]])) >= 0
