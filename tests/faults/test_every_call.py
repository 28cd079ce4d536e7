"""Death, torn and short writes, EIO, ENOSPC at the file-system calls of every flow: after a restart every invariant holds."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.faults.flows import FLOWS
from tests.faults.injection import CHANGES, FAIL, Fault, possible, warm
from tests.faults.strikes import Stage, every_fault, spread, tally

pytestmark = pytest.mark.skipif(not possible(), reason="没有 gcc,不能在系统调用处制造故障")
# a flow that is added stands here too
SHORT_RUN = {
    "intake": 35,
    "set-aside": 30,
    "letter": 25,
    "bundle": 25,
    "copies": 8,
    "backup": 20,
    "index": 20,
    "migration": 20,
}
LONG_RUN = dict.fromkeys(FLOWS, 350) | {"copies": 50}  # LibreOffice takes seconds each time


@pytest.fixture(scope="module")
def process():
    """A warm process that works in memory where the system lets us: what is tested here is order, not durability."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    with warm(folder) as started:
        yield folder, started
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", SHORT_RUN)
def test_a_fault_at_any_call_leaves_nothing_wrong(process, name):
    """ensures that the flow, struck anywhere and run again, ends as if nothing had happened."""
    stage = Stage(name, *process)
    met, found = tally(stage, spread(list(every_fault(stage)), SHORT_RUN[name]))
    assert found == []
    assert met >= 0.9 * SHORT_RUN[name]


def test_every_fault_while_an_original_is_kept(process):
    """ensures that the bytes, their row and the leaving of the source stand in the right order, whatever fails there."""
    stage = Stage("keeping", *process)
    calls = stage.calls(CHANGES)
    here = ("/archive/tmp", "/archive/objects", "/inbox/")
    places = {at for at, call in enumerate(calls, 1) if call.partition("\t")[2].startswith(here)}
    places |= {at + 1 for at in places if at < len(calls)}
    faults = [fault for fault in every_fault(stage) if fault.classes == CHANGES and fault.at in places]
    met, found = tally(stage, [f for f in faults if f.error != errno.ENOSPC], answers_each=len(faults))
    assert found == []
    assert met >= 15


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOWS)
def test_many_faults_at_every_call_leave_nothing_wrong(process, name):
    """ensures the same of lasting troubles, lost rights and too many open files too."""
    stage = Stage(name, *process)
    faults = list(every_fault(stage, long=True))
    met, found = tally(stage, spread(faults, LONG_RUN[name]))
    print(f"{name}: {met} of {len(faults)} faults struck")
    assert found == []
    assert met >= 0.9 * min(LONG_RUN[name], len(faults))


@pytest.mark.parametrize("name", ["intake", "set-aside", "letter"])
def test_a_failed_sync_is_never_taken_for_success(process, name):
    """ensures that what could not be synced is not acknowledged in that run, and is made anew from its source."""
    stage = Stage(name, *process)
    calls = stage.calls(CHANGES)
    syncs = [at for at, call in enumerate(calls, 1) if call.startswith(("fsync", "fdatasync"))]
    met, found = tally(stage, spread([Fault(at, FAIL, errno.EIO) for at in syncs], 15), answers_each=15)
    assert found == []
    assert met >= 4
