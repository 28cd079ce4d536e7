"""A workspace's settings, read once from ``pipeline.toml`` and the environment, validated before anything runs."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import SettingsError

FILE = "pipeline.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfficeSettings(_Section):
    """Who writes the letters. ``name``: signs them; ``series``: the 代字 before ``〔2026〕5号``; ``seal``: they are sealed."""

    name: Annotated[str, Field(min_length=1, max_length=60)] = "市主体办"
    series: Annotated[str, Field(min_length=1, max_length=20)] = "主体办"
    timezone: str = "Asia/Shanghai"
    seal: bool = True


class InboxSettings(_Section):
    """``quiet_s``: a file must lie unchanged this long before it is taken. ``scan_s``: the longest pause between looks."""

    folder: str = "inbox"
    quiet_s: Annotated[float, Field(ge=0, le=3600)] = 3.0
    scan_s: Annotated[float, Field(ge=0.2, le=3600)] = 5.0
    max_mb: Annotated[int, Field(ge=1, le=2000)] = 200


class ReadingSettings(_Section):
    """``workers``: how many papers are read at once, as many as processors up to four. The rest: limits of each."""

    workers: Annotated[int, Field(ge=1, le=64)] = min(4, os.cpu_count() or 1)
    memory_mb: Annotated[int, Field(ge=256, le=65536)] = 2048
    seconds: Annotated[int, Field(ge=5, le=3600)] = 60


class Settings(_Section):
    """Everything a workspace may choose; what is absent has the default of a clerk's PC.

    ``database``: an SQLAlchemy address; empty means ``archive/ledger.sqlite``. ``rulebook``: a folder or file relative
    to the workspace; empty means the shipped one. ``calendar``: the office's corrections to the official holidays.
    """

    office: OfficeSettings = OfficeSettings()
    inbox: InboxSettings = InboxSettings()
    reading: ReadingSettings = ReadingSettings()
    database: str = ""
    rulebook: str = ""
    calendar: str = "calendar.yaml"
    search: Literal["auto", "tantivy", "whoosh", "postgresql"] = "auto"


DEFAULT_TOML = """\
# 本工作区的设置。改动后重新启动即可;出错时程序会指出是哪一项。

# database = "postgresql+psycopg://用户:口令@主机/库名"   # 不写则用本机文件 archive/ledger.sqlite
# rulebook = "规则"          # 另一份规则的文件夹或文件;不写则用随程序提供的规则
# search = "auto"            # 检索引擎:auto、tantivy、whoosh、postgresql

[office]
name = "市主体办"            # 文书落款
series = "主体办"            # 发文代字,如 主体办〔2026〕5号

[inbox]
quiet_s = 3                  # 文件放稳几秒后才收;网络共享建议 15,扫描仪文件夹建议 60
scan_s = 5                   # 至少每隔几秒查看一次收件箱
max_mb = 200                 # 单个文件的大小上限
"""


def load_settings(workspace: Path) -> Settings:
    """Return the settings of a workspace folder; ``$PIPELINE_DATABASE`` overrides ``database``.

    Raises:
        SettingsError: no workspace here, or the file does not fit; names every wrong key at once.
    """
    path = workspace / FILE
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SettingsError(f"{workspace} 不是工作区(缺少 {FILE})", "请先运行 pipeline init") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"无法读取设置文件 {path}", "请检查文件是否完好、是否有权读取") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"设置文件 {path} 写法有误:{error}", "请按说明改正后再运行") from error
    if database := os.environ.get("PIPELINE_DATABASE"):
        raw["database"] = database
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        faults = ";".join(f"{'.'.join(map(str, e['loc']))} = {e.get('input')!r}" for e in error.errors())
        raise SettingsError(f"设置文件 {path} 有不能识别或越界的项:{faults}", "请改正或删去这些项") from error


def find_workspace(start: Path) -> Path:
    """Return the nearest folder upward from ``start`` that holds a ``pipeline.toml``.

    Raises:
        SettingsError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise SettingsError(f"从 {start} 往上没有找到工作区", "请用 --workspace 指明,或先运行 pipeline init")
