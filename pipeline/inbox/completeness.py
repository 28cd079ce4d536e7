"""Whether a file that lies still is also whole: temporary names, ends of files, writers that still hold it.

"Size unchanged" is no proof: a network client may reserve the full size first and fill it in later.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import threading
import zipfile
import zlib
from pathlib import Path

# names that Word, WPS, Excel, Explorer, browsers and copy programs give to what is not a document yet
_IGNORED = re.compile(
    r"(~\$.*|~WR[A-Z]\d*\.tmp|.*\.tmp|~.*\.tmp|\.~.*|[0-9A-F]{8}|.*\.(wbk|asd|crdownload|part|partial|filepart|lck|lock)"
    r"|Thumbs\.db|desktop\.ini|\.DS_Store|\._.*|\.lock|\.~lock\..*#|\..*)",
    re.IGNORECASE | re.DOTALL,
)
_TAIL = 1 << 16
_LARGE = 50 << 20  # a part larger than any paper's: left to the reader's own limits


def ignored(name: str) -> bool:
    """Whether a name belongs to an owner file, a temporary or a system file: never a document."""
    return _IGNORED.fullmatch(name) is not None


def opened_elsewhere(path: Path) -> bool:
    """Whether Word or WPS shows this document open: its owner file ``~$…`` lies beside it."""
    name = path.name
    owners = (f"~${name}", f"~${name[2:]}", f"~${name[1:]}", f".~{name}", f".~lock.{name}#")
    return any(_lies(path.with_name(owner)) for owner in owners)


def _lies(owner: Path) -> bool:
    try:
        return owner.exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # the document's own name is nearly as long as a name may be
            return False
        raise


def why_incomplete(path: Path, size: int) -> str | None:
    """Return in Chinese why the bytes look unfinished, None when they look whole."""
    if size == 0:
        return "文件为空,等待写入"
    with path.open("rb") as stream:
        head = stream.read(8)
        stream.seek(max(0, size - _TAIL))
        tail = stream.read(_TAIL)
    if not tail.strip(b"\0"):
        return "文件尚未复制完成"
    if head.startswith(b"PK\x03\x04") and b"PK\x05\x06" not in tail:
        return "文件缺少结尾,可能尚未复制完成"
    if head.startswith(b"%PDF") and b"%%EOF" not in tail:
        return "文件缺少结尾,可能尚未复制完成"
    if head.startswith(b"\xff\xd8") and b"\xff\xd9" not in tail:
        return "图片缺少结尾,可能尚未复制完成"
    return None


def why_torn(path: Path) -> str | None:
    """Return in Chinese that a package has holes, None when all its parts are whole or it is no package.

    For folders where no writer can be seen: a client that fills a file in any order leaves its end right.
    """
    try:
        with zipfile.ZipFile(path) as package:
            torn = any(info.file_size > _LARGE for info in package.infolist()) or package.testzip() is not None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError):
        with path.open("rb") as stream:
            torn = stream.read(4) == b"PK\x03\x04"
    return "文件内容不完整,可能尚未复制完成" if torn else None


def has_writer(path: Path) -> bool:
    """Whether some process on this machine holds the file open for writing; False where that cannot be asked.

    Asks for a read lease, which the kernel refuses while there is a writer. Meaningless on network mounts.
    """
    try:
        import fcntl
    except ImportError:
        return False
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    if signal.getsignal(signal.SIGIO) is not signal.SIG_IGN:
        if threading.current_thread() is not threading.main_thread():
            return False
        # a broken lease sends SIGIO, which would kill the process
        signal.signal(signal.SIGIO, signal.SIG_IGN)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False
