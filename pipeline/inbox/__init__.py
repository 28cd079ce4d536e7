"""The shared folder: what may be taken, receipts, refused files."""

from pipeline.inbox.folder import Inbox

__all__ = ["Inbox"]
