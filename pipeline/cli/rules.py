"""``rulebook``: read the rules, and check an edited rulebook."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.common import Call, with_call
from pipeline.cli.output import emit, put
from pipeline.rulebook import check_rulebook
from pipeline.rulebook.show import show_rulebook


@click.group(help="规则:实施方案的各项规定。")
def rulebook() -> None:
    pass


@rulebook.command("check", help="检查一份规则文件或文件夹,一次列出全部问题。")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@with_call
def rulebook_check(call: Call, file: Path) -> int:
    problems = check_rulebook(file)
    for problem in problems:
        if call.json:
            emit({"file": problem.file, "line": problem.line, "key": problem.key, "message": problem.message})
        else:
            put(f"{problem.file}:{problem.line}:{problem.key}:{problem.message}")
    if not call.json:
        put(f"共 {len(problems)} 个问题" if problems else "规则无误")
    return int(bool(problems))


@rulebook.command("show", help="显示规则;可写编号或词语,只看有关的部分。")
@click.argument("word", metavar="编号或词语", required=False)
@with_call
def rulebook_show(call: Call, word: str | None) -> None:
    with call.office() as office:
        put(show_rulebook(office.rulebook, word))
