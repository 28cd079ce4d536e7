"""How long a .docx takes to read, against the floor: unzipping and parsing its main part. Ratios of one run.

``python benchmarks/reading.py [--dir FOLDER]``; without a folder, twenty realistic reports are made.
"""

from __future__ import annotations

import argparse
import statistics
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

ROUNDS = 7


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


def milliseconds(work: Callable[[Path], object], paths: list[Path]) -> float:
    """Return the mean time of one file."""
    started = time.perf_counter()
    for path in paths:
        work(path)
    return (time.perf_counter() - started) * 1000 / len(paths)


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
    """Interleave the rounds, so that a busy machine slows all alike, and print medians and ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path)
    chosen = parser.parse_args().dir
    with tempfile.TemporaryDirectory() as folder:
        paths = readable(sorted(chosen.glob("*.docx"))) if chosen else made(Path(folder))
        times: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for name, work in (("floor", floor), ("ours", read_docx), ("python-docx", python_docx)):
                times.setdefault(name, []).append(milliseconds(work, paths))
    least = statistics.median(times["floor"])
    print(f"{len(paths)} files, {ROUNDS} interleaved rounds, medians per file")
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:12} {median:7.2f} ms  {median / least:5.2f} × floor")


if __name__ == "__main__":
    main()
