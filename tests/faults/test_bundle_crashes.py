"""Death at any step of making a bundle: no half bag under a final name, no original touched, nothing left after the next one."""

from __future__ import annotations

import os

import pytest

from pipeline.acceptance import judge_bundle
from pipeline.archive import build_bundle, digest
from tests.archive import golden as g
from tests.faults.dying import dies_at

CALLS = {"os.rename", "os.remove", "os.mkdir", "os.chmod", "shutil.copyfile", "shutil.rmtree"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="没有 fork")


@pytest.mark.parametrize("as_zip", [False, True])
def test_death_at_any_step_leaves_a_whole_bag_or_none(tmp_path, as_zip):
    """ensures that what stands under the final name is valid, originals are as they were, and the next run cleans up."""
    plan = g.golden_plan(tmp_path)
    originals = {item.source: item.sha256 for item in plan.items}
    deaths = 0
    for step in range(1, 400, 4):
        out = tmp_path / str(step)
        if not dies_at(step, CALLS, lambda out=out: build_bundle(plan, out, as_zip)):
            break
        deaths += 1
        for path in out.iterdir() if out.exists() else ():
            assert path.name.startswith(".bundle-") or judge_bundle(path, g.NOBODY).sound
        assert {source: digest(g.Path(source)) for source in originals} == originals
        build_bundle(plan, out, as_zip)
        assert not [path.name for path in out.iterdir() if path.name.startswith(".")]
    assert deaths >= 10


def test_every_file_is_durable_before_the_bag_has_its_name(tmp_path, monkeypatch):
    """ensures that no byte of a bundle and no folder of it is still only in memory when it is renamed."""
    events = []
    sync, rename = os.fsync, g.Path.rename

    def synced(handle):
        events.append(("sync", str(g.Path(f"/proc/self/fd/{handle}").readlink())))
        sync(handle)

    def renamed(self, target):
        events.append(("rename", str(self)))
        return rename(self, target)

    if not g.Path("/proc/self/fd").exists():
        pytest.skip("没有 /proc")
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(g.Path, "rename", renamed)
    made = build_bundle(g.golden_plan(tmp_path), tmp_path / "out")
    ((at, (_, work)),) = [
        (n, event) for n, event in enumerate(events) if event[0] == "rename" and ".bundle-" in event[1]
    ]
    before = {path.removeprefix(work).lstrip("/") for kind, path in events[:at] if kind == "sync"}
    assert before >= {p.relative_to(made.path).as_posix() for p in made.path.rglob("*")} | {""}
    assert ("sync", str(tmp_path / "out")) in events[at:]
