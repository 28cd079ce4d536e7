"""The command line: parse, call, print. Commands in English, everything people read in Chinese."""

from __future__ import annotations

import os
import sys

import click

from pipeline import __version__
from pipeline.cli.assess import assess
from pipeline.cli.bundles import bundle
from pipeline.cli.care import doctor, journal, rebuild, verify
from pipeline.cli.common import Call, explain, shared
from pipeline.cli.days import draw, event, today
from pipeline.cli.desk import ledger, review, show, withdraw
from pipeline.cli.filing import file, items
from pipeline.cli.finding import search, searches, similar
from pipeline.cli.flow import flow
from pipeline.cli.intake import check, ingest, run, watch
from pipeline.cli.output import printable, say
from pipeline.cli.people import account
from pipeline.cli.rules import rulebook
from pipeline.cli.safekeeping import backup, restore
from pipeline.cli.setup import init, roster
from pipeline.cli.writing import letter
from pipeline.errors import PipelineError

COMMANDS = (init, roster, run, watch, ingest, check, show, search, searches, similar, review, withdraw, ledger, today, flow,
            event, draw, letter, file, items, bundle, assess, verify, journal, rebuild, backup, restore, doctor, rulebook,
            account)  # fmt: skip


@click.group(
    help="主体办文书生成与归档:收件、内容检查、登记、检索、发文、归档。",
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    invoke_without_command=False,
)
@click.version_option(__version__, "--version", message="pipeline %(version)s", help="显示版本")
@shared
@click.pass_context
def cli(ctx: click.Context) -> None:
    ctx.ensure_object(Call)


for command in COMMANDS:
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end with the contract's exit code; a person never sees a traceback."""
    sys.exit(_exit_code(sys.argv[1:] if arguments is None else arguments))


def _exit_code(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return cli.main(arguments, prog_name="pipeline", standalone_mode=False) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.ctx.get_help() if error.ctx else "")
        return 2
    except click.ClickException as error:
        say(f"{explain(error)}。用 pipeline --help 查看用法")
        return 2
    except (click.Abort, KeyboardInterrupt):
        say("已停止")
        return 0
    except PipelineError as error:
        say(str(error))
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        where = f" {printable(os.fsdecode(error.filename))}" if error.filename else ""
        say(f"读写文件时出错{where}({error.strerror})。请检查磁盘、权限和共享连接,然后再试;已放入的文件不会丢失")
        return 3
    except Exception as error:
        if os.environ.get("PIPELINE_DEBUG"):
            raise
        say(
            f"程序内部出错({type(error).__name__}),已放入的文件不会丢失。请把这一行告诉维护人员;设 PIPELINE_DEBUG=1 可看详情"
        )
        return 3
