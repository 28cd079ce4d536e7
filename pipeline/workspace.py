"""Makes a workspace: the folders, the settings file, the editable templates, on wish the samples."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.letters import SHIPPED_TEMPLATES
from pipeline.office import open_office
from pipeline.roster import read_roster, write_template
from pipeline.settings import DEFAULT_TOML, FILE

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
ROSTER_TEMPLATE = "名册模板.xlsx"


def make_workspace(folder: Path, samples: bool = False) -> list[str]:
    """A workspace stands in ``folder``; what was there stays untouched. Returns the names of what was made.

    Raises:
        SettingsError: the folder cannot be written, or the samples are not at hand.
    """
    if samples and not (SAMPLES / "roster.json").is_file():
        raise SettingsError("示例文件不在本机(只随源代码提供)", "请去掉 --samples,或在源代码文件夹中运行")
    made: list[str] = []
    try:
        for name in ("inbox", "archive", "templates"):
            _once(folder / name, made, lambda path: path.mkdir(parents=True))
        for template in sorted(SHIPPED_TEMPLATES.glob("*.docx")):
            _once(folder / "templates" / template.name, made, partial(shutil.copyfile, template))
        _once(folder / FILE, made, lambda path: path.write_text(DEFAULT_TOML, encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"无法在 {folder} 建立工作区({error.strerror})", "请换一个能写入的文件夹") from error
    office = open_office(folder)
    try:
        if samples:
            office.ledger.save_roster(read_roster(SAMPLES / "roster.json", office.rulebook))
            _take_samples(folder, made)
        else:
            _once(folder / ROSTER_TEMPLATE, made, lambda path: write_template(path, office.rulebook))
    finally:
        office.close()
    return made


def _take_samples(folder: Path, made: list[str]) -> None:
    for sample in sorted((SAMPLES / "documents").iterdir()):
        if sample.is_file():
            _once(folder / "inbox" / sample.name, made, partial(shutil.copyfile, sample))


def _once(path: Path, made: list[str], make: Callable[[Path], object]) -> None:
    """Make ``path`` unless something already stands there."""
    if path.exists():
        return
    make(path)
    made.append(path.name)
