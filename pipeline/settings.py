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
    """``quiet_s``: a file must lie unchanged this long before it is taken; ``share_quiet_s`` where the folder lies behind
    the network (``kind``), ``scanner_quiet_s`` in the sub-folders ``scanners``. ``scan_s``: the longest pause between
    looks. ``floor_mb``: with less room than this on the archive's disk nothing is taken in; None: 1,024, or a twentieth of a
    small disk.
    """

    folder: str = "inbox"
    kind: Literal["auto", "local", "share"] = "auto"
    scanners: tuple[str, ...] = ()
    quiet_s: Annotated[float, Field(ge=0, le=3600)] = 3.0
    share_quiet_s: Annotated[float, Field(ge=0, le=3600)] = 15.0
    scanner_quiet_s: Annotated[float, Field(ge=0, le=3600)] = 60.0
    floor_mb: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    scan_s: Annotated[float, Field(ge=0.2, le=3600)] = 5.0
    max_mb: Annotated[int, Field(ge=1, le=2000)] = 200


class ReadingSettings(_Section):
    """``workers``: how many papers are read at once, as many as processors up to four. The rest: limits of each."""

    workers: Annotated[int, Field(ge=1, le=64)] = min(4, os.cpu_count() or 1)
    memory_mb: Annotated[int, Field(ge=256, le=65536)] = 2048
    seconds: Annotated[int, Field(ge=5, le=3600)] = 60


class ArchiveSettings(_Section):
    """What a 档号 is made of. ``fonds``: 全宗号, '' until the archive has given one; ``department``: 机构 (问题) code.

    ``repository``: the archive (档案馆) that will take the papers over.
    """

    fonds: Annotated[str, Field(pattern=r"^([A-Z0-9]{4})?$")] = ""
    fonds_name: Annotated[str, Field(max_length=60)] = ""
    category: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "WS"
    retentions: tuple[Annotated[str, Field(pattern=r"^(Y|D\d{1,3})$")], ...] = ("Y", "D30", "D10")
    department: Annotated[str, Field(pattern=r"^([A-Z]{2,4})?$")] = ""
    repository: Annotated[str, Field(max_length=60)] = ""
    repository_code: Annotated[str, Field(max_length=20)] = ""


class Settings(_Section):
    """Everything a workspace may choose; what is absent has the default of a clerk's PC.

    ``database``: an SQLAlchemy address; empty means ``archive/ledger.sqlite``. ``rulebook``: a folder or file relative
    to the workspace; empty means the shipped one. ``calendar``: the office's corrections to the official holidays.
    """

    office: OfficeSettings = OfficeSettings()
    inbox: InboxSettings = InboxSettings()
    reading: ReadingSettings = ReadingSettings()
    archive: ArchiveSettings = ArchiveSettings()
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
quiet_s = 3                  # 文件放稳几秒后才收
# kind = "auto"              # 收件箱在哪里:local 本机文件夹,share 网络共享;auto 自动判断
# share_quiet_s = 15         # 收件箱在网络共享上时,放稳几秒后才收
# scanners = ["扫描"]        # 由扫描仪写入的子文件夹
# scanner_quiet_s = 60       # 扫描仪子文件夹里的文件放稳几秒后才收
scan_s = 5                   # 至少每隔几秒查看一次收件箱
max_mb = 200                 # 单个文件的大小上限
# floor_mb = 1024            # 档案所在磁盘剩余空间低于此数(MB)时暂停收件;不写则 1024,小磁盘为二十分之一

[archive]
# fonds = "Z109"             # 全宗号,由档案馆给定,四位;写上以后才能编档号
# department = "BGS"         # 机构(问题)代码;不分机构的不写
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
