"""What a parsing process may use: memory, file size, processor time, and no network.

``python -m pipeline.reading.limits MEMORY_MB CPU_S PROGRAM …`` puts a program of somebody else's under the same limits.
"""

from __future__ import annotations

import os
import sys

_CLONE_NEWNET, _CLONE_NEWUSER = 0x40000000, 0x10000000
_FILE_BYTES = 256 << 20


def limit(memory_mb: int, cpu_s: int) -> None:
    """Bound this process's memory and file size, and its processor time from now on."""
    try:
        import resource
    except ImportError:
        return  # Windows: the parent's wall clock is the limit
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def unplug() -> None:
    """Take the network away from this process where the system lets us."""
    if sys.platform != "linux":
        return
    import ctypes

    unshare = ctypes.CDLL(None, use_errno=True).unshare
    if unshare(_CLONE_NEWNET) != 0:
        unshare(_CLONE_NEWUSER | _CLONE_NEWNET)  # for those who are not root, where the system allows it


def main() -> None:
    """Become the program, limited."""
    limit(int(sys.argv[1]), int(sys.argv[2]))
    unplug()
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - a fixed argument list


if __name__ == "__main__":
    main()
