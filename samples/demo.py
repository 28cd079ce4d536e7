"""The unattended twin of ``make run``: one pass over the samples, from the inbox to a verified bundle.

Calls the command line as a person would, prints what became of each sample, and ends with 0 only when every step did
what it should.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

YEAR = "2026"


def pipeline(*arguments: str, expect: int = 0, quiet: bool = False) -> str:
    """Run one command, show it and its output, and stop the demo when its exit code is not the expected one."""
    if not quiet:
        print(f"\n$ pipeline {' '.join(arguments)}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments], stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False
    )
    if not quiet:
        print(done.stdout, end="", flush=True)
    if done.returncode != expect:
        sys.exit(f"示范中断:pipeline {' '.join(arguments)} 的退出码是 {done.returncode},应为 {expect}")
    return done.stdout


def main() -> None:
    """Show the whole line on the samples in a temporary workspace that stays for a look."""
    started = time.monotonic()
    workspace = Path(tempfile.mkdtemp(prefix="pipeline-demo-"))
    here = ("--workspace", str(workspace))
    print(f"临时工作区:{workspace}")
    pipeline("init", str(workspace), "--samples")
    pipeline(*here, "watch", "--once", expect=1)  # some samples are made to be refused
    pipeline(*here, "search", "民主生活会")
    pipeline(*here, "ledger", "--year", YEAR, "--overdue")
    letters = workspace / "letters"
    pipeline(*here, "letter", "list")
    pipeline(*here, "letter", "pledge", "--year", YEAR, "--all", "--out", str(letters))
    pipeline(*here, "letter", "supplement_notice", "--all", "--year", YEAR, "--out", str(letters))
    unit = _a_unit_with_papers(here)
    pipeline(*here, "bundle", "--unit", unit, "--year", YEAR, "--out", str(workspace / "bundles"))
    pipeline(*here, "verify")
    print(f"\n示范完成,用时 {time.monotonic() - started:.0f} 秒。请到这里看结果:")
    for folder, what in (
        ("inbox/回执", "回执"),
        ("inbox/退回", "退回的文件和说明"),
        ("letters", "文书"),
        ("bundles", "归档包"),
    ):
        print(f"  {workspace / folder}  {what}({len(list((workspace / folder).iterdir()))} 个)")


def _a_unit_with_papers(here: tuple[str, str]) -> str:
    _, *hits = map(json.loads, pipeline(*here, "search", "责任", "--json", "--limit", "100", quiet=True).splitlines())
    units = [hit["unit"] for hit in hits if hit["unit"]]
    return max(set(units), key=units.count)


if __name__ == "__main__":
    main()
