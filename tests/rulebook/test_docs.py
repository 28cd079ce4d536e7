"""``docs/rulebook.md`` names every field a rulebook may have and every way something is due."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.rulebook import assessment, due, parts
from pipeline.rulebook.base import Part

DOCS = (Path(__file__).parents[2] / "docs" / "rulebook.md").read_text(encoding="utf-8")
CLASSES = sorted(
    {
        c
        for module in (parts, due, assessment)
        for c in vars(module).values()
        if isinstance(c, type) and issubclass(c, Part)
    },
    key=lambda c: c.__name__,
)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda c: c.__name__)
def test_every_field_is_documented(kind: type[Part]) -> None:
    for name, field in kind.model_fields.items():
        assert re.search(rf"\b{field.alias or name}\b", DOCS), f"{kind.__name__}.{name}"
