"""Death at each step of a backup and of a restoration: the backup before stays whole, the next run puts all right."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pipeline.archive.snapshots import read_snapshot_folder, snapshot_folders
from pipeline.archive.vault import Vault
from pipeline.backup import back_up
from pipeline.proving import prove
from pipeline.restoring import find_snapshot, restore
from pipeline.settings import FILE
from tests.faults.dying import dies_at
from tests.proving.stock import RULEBOOK, filled, office_in, register

CALLS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "sqlite3.connect", "shutil.copyfile"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="没有 fork")


@pytest.fixture(autouse=True)
def _one_rulebook(monkeypatch):
    """Read the shipped rulebook once for all restored workspaces."""
    monkeypatch.setattr("pipeline.office.load_rulebook", lambda _: RULEBOOK)


@pytest.fixture(scope="module")
def master(tmp_path_factory) -> Path:
    """A workspace with one backup and two papers that came after it."""
    root = tmp_path_factory.mktemp("master")
    office, _ = filled(root / "w", 3)
    back_up(office, root / "b")
    register(office, "之后一.docx")
    register(office, "之后二.docx")
    office.close()
    return root


def one_backup(root: Path) -> None:
    office = office_in(root / "w")
    back_up(office, root / "b", keep=1)
    office.close()


def whole(root: Path) -> None:
    """Every finished snapshot is whole with all its objects; the newest is at least the one of before."""
    vault = Vault(root / "b")
    for folder in snapshot_folders(root / "b"):
        snapshot = read_snapshot_folder(folder)
        snapshot.prove()
        assert [name for name in (*snapshot.objects(), *snapshot.files().values()) if vault.state(name) != "good"] == []
    assert find_snapshot(root / "b").manifest["objects"] >= 3


@pytest.mark.parametrize("first", range(1, 5))
def test_death_in_a_backup_spares_the_one_before(master, tmp_path, first):
    """ensures that at every step a whole backup is there, and the next run is sound, holds all, leaves nothing half made."""
    deaths = 0
    for step in range(first, 400, 4):
        root = tmp_path / str(step)
        shutil.copytree(master, root)
        if not dies_at(step, CALLS, lambda root=root: one_backup(root)):
            break
        deaths += 1
        whole(root)
        office = office_in(root / "w")
        after = back_up(office, root / "b", keep=1)
        assert (after.troubles, after.objects) == ([], 5)
        office.close()
        whole(root)
        assert [p.name for p in (root / "b" / "snapshots").iterdir()] == [after.name]
        assert list((root / "b" / "tmp").iterdir()) == []
        if deaths % 6 == 1:
            assert restore(root / "b", root / "r").sound
        shutil.rmtree(root)
    assert deaths >= 12


@pytest.mark.parametrize("first", range(1, 4))
def test_death_in_a_restoration_harms_nothing(master, tmp_path, first):
    """ensures that what is left is no workspace or a whole one, and the backup restores elsewhere as before."""
    deaths = 0
    for step in range(first, 400, 12):
        into = tmp_path / str(step)
        if not dies_at(step, CALLS, lambda into=into: restore(master / "b", into)):
            break
        deaths += 1
        whole(master)
        if (into / FILE).exists() and (into / FILE).stat().st_size:
            office = office_in(into)
            assert prove(office).sound
            assert office.ledger.count() == 3
            office.close()
    assert deaths >= 5
    assert restore(master / "b", tmp_path / "r").sound
