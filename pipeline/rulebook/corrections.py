"""The workspace's corrections to the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path


def load_corrections(path: Path) -> Mapping[dt.date, bool]:
    return {}
