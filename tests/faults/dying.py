"""A child that dies by SIGKILL at a chosen call that changes the file system."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Set


def dies_at(step: int, calls: Set[str], work: Callable[[], object]) -> bool:
    """Whether a child that does this work was killed at the step-th opening to write or event of ``calls``."""
    child = os.fork()
    if child == 0:
        seen = 0

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if writes or event in calls:
                seen += 1
                if seen == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)
