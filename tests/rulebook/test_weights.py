"""The weights a rulebook brings: loaded with it, refused when damaged, absent without harm."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.errors import RulebookError
from pipeline.rulebook import load_rulebook
from pipeline.rulebook.loader import SHIPPED
from pipeline.rulebook.weights import FILE_NAME


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "规则"))


def test_the_shipped_rulebook_brings_weights_for_its_lists():
    """ensures that every item of the two reports' lists is judged by trained weights."""
    rulebook = load_rulebook()
    assert rulebook.weights is not None
    for name in ("leadership_report_items", "principal_report_items"):
        for item in rulebook.list_items(name):
            assert rulebook.weights.serves(name, item.n, item.text), (name, item.n)
            assert not rulebook.weights.serves(name, item.n, item.text + "等")


def test_a_rulebook_without_weights_loads(copy):
    """ensures that weights are optional."""
    (copy / FILE_NAME).unlink()
    assert load_rulebook(copy).weights is None


@pytest.mark.parametrize("harm", [b"", b"{}\n", b'{"version": 99}\n'])
def test_damaged_weights_are_refused(copy, harm):
    """ensures that a broken file is said in Chinese instead of being used."""
    (copy / FILE_NAME).write_bytes(harm)
    with pytest.raises(RulebookError, match="权重文件"):
        load_rulebook(copy)


def test_cut_weights_are_refused(copy):
    """ensures that a file that lost its end is refused."""
    path = copy / FILE_NAME
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(RulebookError, match="权重文件"):
        load_rulebook(copy)
