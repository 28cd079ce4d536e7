"""Power cuts on a real file system: a loop image is shut down without its log, the taker killed, the image mounted anew.

Runs as ``python -m tests.faults.power ext4|xfs CUTS [SEED]`` as root; prints one JSON object with what was acknowledged,
lost and damaged. What the taker acknowledges goes through a pipe, which no power cut touches.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.invariants import Dropped, lost, objects, rows
from tests.faults.rooms import rooms

SHUT_DOWN, WITHOUT_LOG = 0x8004587D, 2  # FS_IOC_SHUTDOWN
MAKE = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"]}
MEGABYTES = {"ext4": 64, "xfs": 300}  # XFS takes no less
FILES, ACKNOWLEDGED = 120, 60  # papers that lie ready, lines at which at most half of all cuts come


def run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


class Machine:
    """One image and where it is mounted."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.image, self.root = kind, folder / "image", folder / "mounted"
        self.root.mkdir()

    def begin(self) -> None:
        """An empty file system is mounted."""
        self.image.unlink(missing_ok=True)
        self.image.touch()
        os.truncate(self.image, MEGABYTES[self.kind] << 20)
        run(*MAKE[self.kind], self.image)
        self.mount()

    def mount(self) -> None:
        run("mount", "-o", "loop", self.image, self.root)

    def unmount(self) -> None:
        """Nothing is mounted; umount may complain over a file system that was cut and unmount it all the same."""
        for _ in range(100):
            said = subprocess.run(["umount", str(self.root)], capture_output=True, text=True, check=False).stderr
            if str(self.root) not in Path("/proc/self/mounts").read_text():
                return
            time.sleep(0.1)
        raise RuntimeError(said)

    def cut(self) -> None:
        """Nothing that has not reached the disk will ever reach it."""
        handle = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUT_DOWN, struct.pack("I", WITHOUT_LOG))
        finally:
            os.close(handle)


def take_in(root: Path, acknowledged: int) -> None:
    """Take everything in the inbox; write a line for each step that a person is told of, while there is power."""
    lamp = root / "灯"
    lamp.touch()
    with rooms(root) as opened:
        opened.inbox.settled()
        arrivals = opened.inbox.settled()
        os.write(acknowledged, b"ready\n")
        for arrival in arrivals:
            for step, entry in opened.walk(arrival):
                if entry is not None and step in {"registered", "done"} and _burns(lamp):
                    os.write(acknowledged, f"{step}\t{entry.number}\t{entry.sha256}\t{arrival.name}\n".encode())


def _burns(lamp: Path) -> bool:
    """Whether the power is still on: no file of a file system that was shut down can be opened.

    A machine without power tells nobody anything. Here the taker lives on until it is killed, and a sync that the cut
    overtakes may be told that all is well: the shutdown gives up the log, and what it held no longer waits for it.
    """
    try:
        os.close(os.open(lamp, os.O_RDONLY))
    except OSError:
        return False
    return True


def one_cut(machine: Machine, dice: random.Random) -> dict[str, int]:
    """Drop files durably, begin to take them in, after some acknowledgements cut the power at some moment, mount and look."""
    machine.begin()
    (machine.root / "inbox").mkdir()
    with rooms(machine.root):
        pass
    dropped = [Dropped(f"报告{n}.txt", dice.randbytes(dice.randint(1, 9000))) for n in range(FILES)]
    for drop in dropped:
        (machine.root / "inbox" / drop.name).write_bytes(drop.data)
    run("sync", "-f", machine.root)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(told)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            take_in(machine.root, tell)  # until the disk goes away under it
        finally:
            os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as stream:
        heard = [stream.readline().decode() for _ in range(dice.randint(1, 2 * ACKNOWLEDGED))]
        assert heard[0] == "ready\n"
        time.sleep(dice.uniform(0, 0.03))
        machine.cut()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        heard += stream.read().decode().splitlines()
    machine.unmount()
    machine.mount()
    try:
        return judged(machine.root, [line.split() for line in heard if "\t" in line], dropped)
    finally:
        machine.unmount()


def judged(root: Path, heard: list[list[str]], dropped: list[Dropped]) -> dict[str, int]:
    """Count acknowledged rows and files that are lost or damaged, and arrivals that are nowhere."""
    known = rows(root)
    kept = objects(root)
    acknowledged = {(name, sha256, number) for step, number, sha256, name in heard if step == "registered"}
    answered = {number for step, number, _, _ in heard if step == "done"}
    receipts = {p.name[:9] for p in (root / "inbox" / "回执").glob("[!.]*") if p.read_bytes() == p.name[:9].encode()}
    return {
        "acknowledged": len(acknowledged),
        "rows_lost": len(acknowledged - known),
        "files_lost": sum(sha256 not in kept for _, sha256, _ in acknowledged),
        "files_damaged": sum(not whole for whole in kept.values()),
        "receipts_lost": len(answered - receipts),
        "arrivals_lost": len(lost(root, dropped)),
    }


def main(kind: str, cuts: int, seed: int = 1) -> dict[str, object]:
    """Cut the power so many times; return the sums."""
    began, sums = time.monotonic(), {}
    folder = Path(tempfile.mkdtemp(prefix="power-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    machine = Machine(kind, folder)
    try:
        for n in range(cuts):
            for what, count in one_cut(machine, random.Random(f"{kind} {seed} {n}")).items():
                sums[what] = sums.get(what, 0) + count
    finally:
        subprocess.run(["umount", "-l", str(machine.root)], capture_output=True, check=False)
        shutil.rmtree(folder)
    return {"file_system": kind, "cuts": cuts, **sums, "seconds": round(time.monotonic() - began, 1)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:]))))
