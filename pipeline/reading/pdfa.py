"""Makes PDF/A-2b copies of Word papers with LibreOffice, many at a start; its exit code says nothing, so results are looked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from pipeline.reading.legacy import end, office_command, program

FORMAT = "PDF/A-2b"
SOURCES = ("docx", "doc", "rtf", "odt")
FILTER = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
BATCH = 20
_START_S, _EACH_S = 60, 20


@dataclass(frozen=True, slots=True)
class Copy:
    """A PDF/A copy; ``key``: whose."""

    key: str
    path: Path
    pages: int


def make_copies(papers: Mapping[str, tuple[Path, str]], folder: Path) -> Iterator[Copy]:
    """Yield a copy of each paper (key → path and format) that LibreOffice could make one of, in ``folder``.

    A paper that makes LibreOffice hang or die costs the others of its batch a second start, not their copies.
    """
    executable = program()
    if executable is None:
        return
    waiting = list(papers.items())
    for batch in (waiting[n : n + BATCH] for n in range(0, len(waiting), BATCH)):
        made = dict(_convert(executable, batch, folder))
        yield from made.values()
        left = [each for each in batch if each[0] not in made]
        if left and len(batch) > 1:
            for each in left:
                yield from dict(_convert(executable, [each], folder)).values()


def _convert(
    executable: str, batch: Sequence[tuple[str, tuple[Path, str]]], folder: Path
) -> Iterator[tuple[str, Copy]]:
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=folder) as place:
        work = Path(place)
        sources = [work / f"{n}.{ending}" for n, (_, (_, ending)) in enumerate(batch)]
        for source, (_, (path, _)) in zip(sources, batch, strict=True):
            shutil.copyfile(path, source)
        command = [
            *office_command(executable, work / "profile"),
            "--convert-to",
            FILTER,
            "--outdir",
            str(work / "made"),
        ]
        process = subprocess.Popen(
            [*command, *map(str, sources)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(_START_S + _EACH_S * len(batch))
        except subprocess.TimeoutExpired:
            pass  # what was made until then counts
        finally:
            end(process)
        for source, (key, _) in zip(sources, batch, strict=True):
            result = work / "made" / f"{source.stem}.pdf"
            pages = _pages(result)
            if pages:
                yield key, Copy(key, Path(shutil.move(result, folder / f"{key}.pdf")), pages)


def _pages(path: Path) -> int | None:
    """Return how many pages a finished PDF has, None when it is none."""
    try:
        return len(PdfReader(path).pages)
    except (OSError, PyPdfError, ValueError):
        return None


@lru_cache(maxsize=1)
def maker() -> str:
    """Return LibreOffice's name and version."""
    executable = program()
    if executable is None:
        return ""
    try:
        said = subprocess.run([executable, "--version"], capture_output=True, text=True, check=False, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    return " ".join(said.split()[:2]) or "LibreOffice"
