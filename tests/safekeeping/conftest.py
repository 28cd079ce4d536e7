"""What the tests of backup and restore share."""

from __future__ import annotations

import pytest

from tests.proving.stock import RULEBOOK


@pytest.fixture(autouse=True)
def _one_rulebook(monkeypatch):
    """Read the shipped rulebook once for all restored workspaces."""
    monkeypatch.setattr("pipeline.office.load_rulebook", lambda _: RULEBOOK)
