"""Whether a share is there: an empty mount point looks like an empty inbox, and what is written to it is lost to sight."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from pipeline.errors import InboxUnavailable

MARK = ".pipeline-share-id"
_AWAY = "共享文件夹连接中断(收件箱里没有本系统的标记文件),等待恢复"


class Share:
    """Knows a share by a file in it whose content is also recorded beside the archive."""

    def __init__(self, folder: Path, record: Path) -> None:
        self._folder = folder
        self._record = record

    def away(self) -> str | None:
        """Return in Chinese that the share is not there, None when it is. At first sight it is marked.

        Raises:
            InboxUnavailable: it cannot be marked.
        """
        mark = self._folder / MARK
        try:
            known = self._known()
            if known is None:
                if not mark.exists():
                    mark.write_text(uuid.uuid4().hex, encoding="ascii")
                self._record.write_text(f"{self._folder}\n{mark.read_text(encoding='ascii')}", encoding="utf-8")
                return None
        except OSError as error:
            raise InboxUnavailable(
                f"共享文件夹无法写入({error.strerror})", "请检查共享是否连通、有无写入权限"
            ) from error
        try:
            return None if mark.read_text(encoding="ascii") == known else _AWAY
        except (OSError, UnicodeDecodeError):
            return _AWAY

    def _known(self) -> str | None:
        """Return the recorded content; None before the first sight or when another folder has been set."""
        try:
            place, _, content = self._record.read_text(encoding="utf-8").partition("\n")
        except FileNotFoundError:
            return None
        return content if place == os.fspath(self._folder) else None
