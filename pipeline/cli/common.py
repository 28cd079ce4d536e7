"""What every command shares: options, the open office, Chinese usage errors."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from pipeline.errors import UsageError
from pipeline.office import Office, open_office, workspace_from

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Call:
    """The options that may stand before or after the command's name."""

    workspace: Path | None = None
    as_of: dt.date | None = None
    json: bool = False

    def folder(self) -> Path:
        return workspace_from(self.workspace)

    @contextmanager
    def office(self) -> Iterator[Office]:
        """Open the workspace and close what was opened, whatever happens between."""
        office = open_office(self.folder(), as_of=self.as_of)
        try:
            yield office
        finally:
            office.close()


class Day(click.ParamType[dt.date]):
    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"“{value}”不是日期,请写成 2026-06-20 这样的形式", param, ctx)


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def keep(ctx: click.Context, _: click.Parameter, value: Any) -> Any:
        if value not in (None, False):
            setattr(ctx.ensure_object(Call), name, value)
        return value

    return keep


_SHARED = (
    click.option(
        "--workspace",
        type=click.Path(path_type=Path, file_okay=False),
        expose_value=False,
        callback=_remember("workspace"),
        help="工作区文件夹(默认:环境变量 PIPELINE_WORKSPACE,或往上最近的 pipeline.toml)",
    ),
    click.option(
        "--as-of", type=Day(), expose_value=False, callback=_remember("as_of"), help="把这一天当作今天来计算期限"
    ),
    click.option(
        "--json", is_flag=True, expose_value=False, callback=_remember("json"), help="输出 JSON,供其他程序读取"
    ),
)


def shared(command: F) -> F:
    """Give a command the options that every command takes."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def with_call(command: F) -> F:
    """Pass the ``Call`` as the first argument."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        return command(click.get_current_context().ensure_object(Call), *args, **kwargs)

    return shared(run)  # type: ignore[return-value]


def explain(error: click.ClickException) -> str:
    """Say in Chinese what is wrong with a command line."""
    match error:
        case click.NoSuchOption():
            near = f",是否想写 {'、'.join(error.possibilities)}" if error.possibilities else ""
            return f"没有 {error.option_name} 这个选项{near}"
        case click.MissingParameter():
            return f"缺少 {_named(error)}"
        case click.BadOptionUsage():
            return f"选项 {error.option_name} 的写法不对,它需要一个值"
        case click.BadParameter():
            return f"{_named(error)} 的值不对:{_bad_value(error)}"
        case click.FileError():
            return f"打不开文件 {error.ui_filename}"
        case click.UsageError() if "No such command" in error.message:
            return f"没有 {error.message.split(chr(39))[1]} 这个命令"
        case click.UsageError() if "unexpected extra argument" in error.message:
            return f"多出了参数:{error.message[error.message.find('(') + 1 :].rstrip(').')}"
        case _:
            return error.message


def _named(error: click.BadParameter) -> str:
    param = error.param
    return (
        "参数"
        if param is None
        else param.opts[0]
        if isinstance(param, click.Option)
        else str(param.human_readable_name)
    )


def _bad_value(error: click.BadParameter) -> str:
    param_type = error.param.type if error.param is not None else None
    match param_type:
        case click.Choice():
            return f"只能是 {'、'.join(map(str, param_type.choices))}"
        case click.types.IntParamType() if "range" not in error.message:
            return "应是整数"
        case click.IntRange():
            return f"应在 {param_type.min} 到 {param_type.max if param_type.max is not None else '…'} 之间"
        case click.Path() if "does not exist" in error.message:
            return "没有这个文件或文件夹"
        case click.Path():
            return "不是能用的文件或文件夹"
        case _:
            return error.message


def files_named(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the paths given, at least one.

    Raises:
        UsageError: none was given.
    """
    if not paths:
        raise UsageError("没有给出文件", "请在命令后写上文件名")
    return paths
