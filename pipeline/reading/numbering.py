"""Automatic numbers as Word shows them: 第一章, 一、, （一）, 1.1 … counted, formatted and put into level text.

One counter per (abstract list, level), shared by every list made from it; a level resets the deeper ones; a start
override resets once, at the first use of its list. Compared with LibreOffice's text export in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from pipeline.reading.xml import parse

CAP = 100_000  # a start value beyond this is no numbering but an attack on the formatter
_DIGITS = "〇一二三四五六七八九"
_HEAVENLY = "甲乙丙丁戊己庚辛壬癸"
_EARTHLY = "子丑寅卯辰巳午未申酉戌亥"


def counting(n: int, digits: str = "零一二三四五六七八九", units: str = "十百千万", bare_ten: bool = True) -> str:
    """Return ``n`` as Chinese counts: 十二, 二十, 一百零五."""
    if n == 0:
        return digits[0]
    if n >= 10_000:
        high, low = divmod(n, 10_000)
        zero = digits[0] if 0 < low < 1000 else ""
        return (
            counting(high, digits, units, bare_ten)
            + units[3]
            + (zero + counting(low, digits, units, False) if low else "")
        )
    text = ""
    skipped = False
    for power in (3, 2, 1, 0):
        digit, n = divmod(n, 10**power)
        if digit:
            text += (digits[0] if skipped and text else "") + digits[digit] + (units[power - 1] if power else "")
            skipped = False
        else:
            skipped = True
    return text[1:] if bare_ten and text.startswith(digits[1] + units[0]) else text


def _roman(n: int) -> str:
    table = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
             (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
    text = ""
    for value, letters in table:
        times, n = divmod(n, value)
        text += letters * times
    return text


def _letter(n: int) -> str:
    return chr(ord("A") + (n - 1) % 26) * ((n - 1) // 26 + 1) if n else ""


def _cycle(letters: str) -> Callable[[int], str]:
    return lambda n: letters[(n - 1) % len(letters)] if n else ""


def _circled(n: int) -> str:
    return chr(0x2460 + n - 1) if 1 <= n <= 20 else str(n)


def _full_width(n: int) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in str(n))


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda n: f"{n:02}",
    "upperRoman": _roman,
    "lowerRoman": lambda n: _roman(n).lower(),
    "upperLetter": _letter,
    "lowerLetter": lambda n: _letter(n).lower(),
    "chineseCounting": counting,
    "chineseCountingThousand": counting,
    "taiwaneseCounting": counting,
    "taiwaneseCountingThousand": counting,
    "japaneseCounting": counting,
    "koreanCounting": counting,
    "ideographDigital": lambda n: "".join(_DIGITS[int(c)] for c in str(n)),
    "japaneseDigitalTenThousand": lambda n: "".join(_DIGITS[int(c)] for c in str(n)),
    "chineseLegalSimplified": lambda n: counting(n, "零壹贰叁肆伍陆柒捌玖", "拾佰仟万", False),
    "ideographLegalTraditional": lambda n: counting(n, "零壹貳參肆伍陸柒捌玖", "拾佰仟萬", False),
    "ideographTraditional": _cycle(_HEAVENLY),
    "ideographZodiac": _cycle(_EARTHLY),
    "ideographZodiacTraditional": lambda n: _HEAVENLY[(n - 1) % 10] + _EARTHLY[(n - 1) % 12],
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "ideographEnclosedCircle": _circled,
    "decimalEnclosedFullstop": lambda n: f"{n}.",
    "decimalEnclosedParen": lambda n: f"({n})",
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalHalfWidth": str,
    "numberInDash": lambda n: f"- {n} -",
    "none": lambda n: "",
    "bullet": lambda n: "",
}


@dataclass(slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    legal: bool = False
    restart: int | None = None  # 1-based level after which this one restarts; 0 never
    style: str | None = None


@dataclass(slots=True)
class _List:
    abstract: str
    levels: dict[int, _Level]
    overrides: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The document's lists and where each has counted to. ``label`` must be asked in reading order."""

    def __init__(self, lists: dict[str, _List]) -> None:
        self._lists = lists
        self._counts: dict[tuple[str, int], int] = {}
        self._used: set[tuple[str, int]] = set()

    def level_of_style(self, num_id: str, style: str) -> int | None:
        """Return the level that a list gives to a paragraph style, None when it names none."""
        found = self._lists.get(num_id)
        return next((n for n, level in found.levels.items() if level.style == style), None) if found else None

    def label(self, num_id: str, level: int) -> str:
        """Count one paragraph of a list and return its number with what follows it; '' for bullets and unknown lists."""
        found = self._lists.get(num_id)
        if found is None or level not in found.levels:
            return ""
        self._count(num_id, found, level)
        here = found.levels[level]
        if here.format == "bullet":
            return ""
        text = re.sub(r"%([1-9])", lambda m: self._number(found, int(m[1]) - 1, here), here.text)
        return text + (" " if here.suffix == "space" and text else "")

    def _count(self, num_id: str, found: _List, level: int) -> None:
        key, here = (found.abstract, level), found.levels[level]
        if level in found.overrides and (num_id, level) not in self._used:
            self._counts.pop(key, None)
        self._used.add((num_id, level))
        start = found.overrides.get(level, here.start)
        self._counts[key] = min(self._counts[key] + 1 if key in self._counts else start, CAP)
        for deeper, value in found.levels.items():
            if deeper > level and value.restart != 0 and (value.restart is None or level < value.restart):
                self._counts.pop((found.abstract, deeper), None)

    def _number(self, found: _List, level: int, shown_in: _Level) -> str:
        value = found.levels.get(level)
        if value is None:
            return ""
        n = self._counts.get((found.abstract, level), found.overrides.get(level, value.start))
        name = "decimal" if shown_in.legal else value.format
        return _FORMATS.get(name, str)(min(max(n, 0), CAP))


def read_lists(data: bytes, w: str) -> dict[str, _List]:
    """Return list id → list of a numbering part; nothing in it changes while documents are counted."""
    return _Lists(parse(data), w).lists


class _Lists:
    """Reads the definitions of a numbering part."""

    def __init__(self, root: etree._Element, w: str) -> None:
        self._w = w
        self.lists: dict[str, _List] = {}
        self._read(root)

    def _read(self, root: etree._Element) -> None:
        abstracts: dict[str, dict[int, _Level]] = {}
        style_links: dict[str, str] = {}
        linked: dict[str, str] = {}
        for abstract in root.iterfind(self._w + "abstractNum"):
            key = abstract.get(self._w + "abstractNumId", "")
            abstracts[key] = dict(self._levels(abstract))
            if (link := abstract.find(self._w + "styleLink")) is not None:
                style_links[link.get(self._w + "val", "")] = key
            if (link := abstract.find(self._w + "numStyleLink")) is not None:
                linked[key] = link.get(self._w + "val", "")
        for num in root.iterfind(self._w + "num"):
            reference = num.find(self._w + "abstractNumId")
            abstract_id = reference.get(self._w + "val", "") if reference is not None else ""
            abstract_id = style_links.get(linked.get(abstract_id, ""), abstract_id)
            made = _List(abstract_id, dict(abstracts.get(abstract_id, {})))
            for override in num.iterfind(self._w + "lvlOverride"):
                self._override(made, override)
            self.lists[num.get(self._w + "numId", "")] = made

    def _override(self, made: _List, override: etree._Element) -> None:
        level = _int(override.get(self._w + "ilvl"), 0)
        made.levels.update(self._levels(override))
        if (start := override.find(self._w + "startOverride")) is not None:
            made.overrides[level] = _int(start.get(self._w + "val"), 1)

    def _levels(self, parent: etree._Element) -> list[tuple[int, _Level]]:
        return [(_int(e.get(self._w + "ilvl"), 0), self._level(e)) for e in parent.iterfind(self._w + "lvl")]

    def _level(self, element: etree._Element) -> _Level:
        def value(tag: str) -> str | None:
            child = element.find(self._w + tag)
            return None if child is None else child.get(self._w + "val", "")

        legal = element.find(self._w + "isLgl")
        restart = value("lvlRestart")
        return _Level(
            start=_int(value("start"), 1),
            format=value("numFmt") or "decimal",
            text=value("lvlText") or "",
            suffix=value("suff") or "tab",
            legal=legal is not None and legal.get(self._w + "val", "1") not in {"0", "false"},
            restart=None if restart is None else _int(restart, 0),
            style=value("pStyle"),
        )


def _int(value: str | None, default: int) -> int:
    try:
        return max(min(int(value or default), CAP), -1)
    except ValueError:
        return default
