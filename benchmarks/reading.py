"""How long a .docx takes to read, against the floor: unzipping and parsing its main part. Ratios of one run.

``python benchmarks/reading.py [--dir FOLDER]``; without a folder, twenty realistic reports are made.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from pipeline.errors import PipelineError
from pipeline.reading.docx import read_docx
from samples.make_samples import add_list, line, new_document, numbered

ROUNDS = 15


def floor(path: Path) -> object:
    """What nobody can do without: the main part out of the package and through the parser."""
    with zipfile.ZipFile(path) as package:
        return etree.fromstring(package.read("word/document.xml"))


def python_docx(path: Path) -> object:
    """The paragraphs that python-docx finds, for comparison."""
    return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]


def made(folder: Path) -> list[Path]:
    """Twenty reports of about 5,000 characters with many runs and Word's own numbers."""
    paths = []
    for n in range(20):
        document = new_document()
        add_list(document)
        for section in range(11):
            numbered(line(document, f"第{section}部分的标题", "黑体"))
            for part in range(4):
                paragraph = line(document, f"{n}年{part}月召开会议{part + 2}次,分解任务{section}项,签订责任书{n}份。")
                for _ in range(8):
                    paragraph.add_run("组织党员干部学习,查摆问题,")
        paths.append(folder / f"{n}.docx")
        document.save(str(paths[-1]))
    return paths


def milliseconds(work: Callable[[Path], object], path: Path) -> float:
    """Return how long one file takes once."""
    started = time.perf_counter()
    work(path)
    return (time.perf_counter() - started) * 1000


def readable(paths: list[Path]) -> list[Path]:
    """Leave out what is refused."""
    kept = []
    for path in paths:
        try:
            read_docx(path)
        except PipelineError:
            continue
        kept.append(path)
    return kept


def main() -> None:
    """Take turns on every file, so that a busy machine slows all alike; print each one's best of all rounds, summed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path)
    chosen = parser.parse_args().dir
    rivals: tuple[tuple[str, Callable[[Path], object]], ...] = (
        ("floor", floor),
        ("ours", read_docx),
        ("python-docx", python_docx),
    )
    with tempfile.TemporaryDirectory() as folder:
        paths = readable(sorted(chosen.glob("*.docx"))) if chosen else made(Path(folder))
        best = dict.fromkeys((name for name, _ in rivals), 0.0)
        for path in paths:
            rounds = [{name: milliseconds(work, path) for name, work in rivals} for _ in range(ROUNDS)]
            for name in best:
                best[name] += min(times[name] for times in rounds)
    print(f"{len(paths)} files, best of {ROUNDS} rounds in turn, mean per file")
    for name, taken in best.items():
        print(f"{name:12} {taken / len(paths):7.2f} ms  {taken / best['floor']:5.2f} × floor")


if __name__ == "__main__":
    main()
