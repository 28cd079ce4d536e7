"""The shared folder: what may be taken, receipts, refused files."""

from pipeline.inbox.folder import Inbox
from pipeline.inbox.kinds import Habits, Kind, kind_of
from pipeline.inbox.scan import PATIENCE_S

__all__ = ["PATIENCE_S", "Habits", "Inbox", "Kind", "kind_of"]
