"""The workspace's corrections to the calendar: days that are worked or off whatever the published arrangement says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.rulebook.reading import read_file
from pipeline.rulebook.yaml_source import Problem, Table

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_WORDS = {"workday": True, "holiday": False, "上班": True, "放假": False}


def load_corrections(path: Path) -> Mapping[dt.date, bool]:
    """Return day → whether it is worked, from lines such as ``2027-02-06: workday`` and ``2027-10-08: holiday``.

    An empty file corrects nothing.

    Raises:
        SettingsError: with every faulty line.
    """
    value, problems = read_file(path)
    faults = list(problems)
    days: dict[dt.date, bool] = {}
    if isinstance(value, Table):
        for key, word in value.items():
            day, fault = _day(key, word)
            if fault or day is None:
                faults.append(Problem(path.name, value.lines[key], key, fault))
            else:
                days[day] = _WORDS[str(word)]
    elif value is not None:
        faults.append(Problem(path.name, 1, "", "每行应写成“2027-02-06: workday”或“2027-10-08: holiday”"))
    if faults:
        listed = "\n".join(str(f) for f in sorted(faults))
        raise SettingsError(f"工作日更正文件有 {len(faults)} 处问题", f"请改正后再试:\n{listed}")
    return days


def _day(key: str, word: object) -> tuple[dt.date | None, str]:
    found = _DATE.fullmatch(key)
    if not found:
        return None, f"“{key}”不是日期,应写成 2027-02-06 的样子"
    if word not in _WORDS:
        return None, f"“{word}”不可用,只能写 workday(上班)或 holiday(放假)"
    try:
        return dt.date(*map(int, found.groups())), ""
    except ValueError:
        return None, f"“{key}”不是日历上有的日期"
