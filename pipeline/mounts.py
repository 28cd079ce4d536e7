"""Where a folder lies: on a disk of this machine or behind the network, where locks, leases and inodes mean less."""

from __future__ import annotations

import ntpath
import re
import sys
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|afs|ceph|9p|ncpfs|lustre|fuse\.(sshfs|glusterfs|rclone|s3fs|davfs|smbnetfs)|davfs"
)
_REMOTE_DRIVE = 4


def network_of(path: Path, mounts: Path = MOUNTS) -> str | None:
    """Return the network file system a path lies on (``cifs``), None on a local disk or where it cannot be known."""
    if sys.platform == "win32":
        return "smb" if _remote_on_windows(path) else None
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    here, found, depth = str(path.resolve()), "", -1
    for line in lines:
        _, place, kind, *_ = line.split(" ")
        place = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), place)
        inside = here == place or here.startswith(place.rstrip("/") + "/")
        if inside and len(place) >= depth:  # a later mount over the same place hides the earlier one
            found, depth = kind, len(place)
    return found if _NETWORK.fullmatch(found) else None


def _remote_on_windows(path: Path) -> bool:
    text = str(path.absolute())
    if text.startswith("\\\\"):
        return True
    import ctypes

    drive = ntpath.splitdrive(text)[0] + "\\"
    return bool(ctypes.windll.kernel32.GetDriveTypeW(drive) == _REMOTE_DRIVE)  # type: ignore[attr-defined]
