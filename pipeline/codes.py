"""档号 of DA/T 22-2015: ``全宗号-门类·年度·期限-机构(问题)-件号``, as written, as read back, and what is missing in a row of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

CODE = re.compile(
    r"(?P<fonds>[A-Z0-9]{4})-(?P<category>[A-Z]{2})·(?P<year>\d{4})·(?P<retention>Y|D\d{1,3})"
    r"(?:-(?P<department>[A-Z]{2,4}))?-(?P<seq>\d{4,})"
)
RETENTION = re.compile(r"Y|D\d{1,3}")
# what people and other programs write for the middle dot and the hyphen
_SPELLINGS = str.maketrans({**dict.fromkeys(".・•‧∙⋅●", "·"), **dict.fromkeys("‐‑‒–—−", "-")})


@dataclass(frozen=True, slots=True)
class Shelf:
    """The smallest class in which 件号 run from 1. ``department``: code of the 机构 or 问题, '' where none is used."""

    fonds: str
    category: str
    year: int
    retention: str
    department: str = ""

    def code(self, seq: int) -> str:
        """Return the 档号 of the item with this 件号."""
        department = f"-{self.department}" if self.department else ""
        return f"{self.fonds}-{self.category}·{self.year}·{self.retention}{department}-{seq:04}"


def normal_code(text: str) -> str:
    """Return a 档号 as the standard writes it, whatever dot, dash, width or case it was typed with."""
    return unicodedata.normalize("NFKC", text).translate(_SPELLINGS).replace(" ", "").upper()


def read_code(code: str) -> tuple[Shelf, int] | None:
    """Return shelf and 件号 of a 档号, None when it is none."""
    found = CODE.fullmatch(code)
    if found is None:
        return None
    shelf = Shelf(found["fonds"], found["category"], int(found["year"]), found["retention"], found["department"] or "")
    return shelf, int(found["seq"])


def retention_label(retention: str) -> str:
    """Return 永久 for ``Y``, 30年 for ``D30``, '' for none."""
    return "永久" if retention == "Y" else f"{retention[1:]}年" if retention else ""


def gaps(numbers: Iterable[int]) -> list[int]:
    """Return the 件号 that are missing below the highest one."""
    held = set(numbers)
    return [n for n in range(1, max(held, default=0)) if n not in held]
