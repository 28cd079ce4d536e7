"""How a batch of mixed files is taken in: files a second, processors used, memory. ``python benchmarks/intake.py [--count 500]``.

Reports of many units and halves as .docx (85 %), the same as .doc (5 %, where LibreOffice is installed), printed PDF
(8 %) and scans (2 %, where recognition is installed), each file of its own bytes. One run with one worker, one with as
many as processors, on fresh workspaces.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pypdf import PdfReader, PdfWriter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from pipeline.cli import main as pipeline
from pipeline.reading import Reader
from tests.documents import leadership_report, roster_json

GOLDEN, PRINTED = ROOT / "tests" / "golden", ROOT / "samples" / "documents" / "清源县委书记第一责任人报告.pdf"


def files(folder: Path, count: int) -> None:
    """Write the batch."""
    old = _as_doc(leadership_report(), folder) if Reader.has("libreoffice") else None
    for n in range(count):
        if n % 50 == 7 and Reader.has("ocr"):
            (folder / f"扫描{n}.jpg").write_bytes(
                (GOLDEN / "pledge.jpg").read_bytes() + b"\n" + str(n).encode() + b"\xff\xd9"
            )
        elif n % 20 == 3 and old is not None:
            (folder / f"旧{n}.doc").write_bytes(old + str(n).encode())
        elif n % 12 == 5:
            writer, stream = PdfWriter(clone_from=PdfReader(PRINTED)), io.BytesIO()
            writer.add_metadata({"/Number": str(n)})
            writer.write(stream)
            (folder / f"打印{n}.pdf").write_bytes(stream.getvalue())
        else:
            words = leadership_report(year=2000 + n % 200, half=1 + n // 200 % 2, extra=f"第{n}份。")
            (folder / f"报告{n}.docx").write_bytes(words)


def _as_doc(docx: bytes, folder: Path) -> bytes:
    """Return the report as RTF, which LibreOffice must read as it must .doc; bytes may follow its end."""
    source = folder / "source.docx"
    source.write_bytes(docx)

    subprocess.run(
        ["soffice", f"-env:UserInstallation={folder.as_uri()}/profile", "--headless", "--convert-to", "rtf", source.name],
        cwd=folder, capture_output=True, check=True,
    )  # fmt: skip
    data = (folder / "source.rtf").read_bytes()
    source.unlink()
    (folder / "source.rtf").unlink()
    shutil.rmtree(folder / "profile")
    return data


def used() -> float:
    """Return the processor seconds of this process and its ended children."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(r.ru_utime + r.ru_stime for r in both)


def run(count: int, workers: int, batch: Path) -> None:
    """Take the batch in once and print what it took."""
    workspace = Path(tempfile.mkdtemp(prefix="pipeline-bench-"))
    _call("init", str(workspace))
    with (workspace / "pipeline.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[reading]\nworkers = {workers}\n")
    (workspace / "roster.json").write_text(roster_json(), encoding="utf-8")
    _call("--workspace", str(workspace), "roster", "import", str(workspace / "roster.json"))
    started, processor = time.perf_counter(), used()
    _call("--workspace", str(workspace), "ingest", *map(str, sorted(batch.iterdir())), "--json")
    took, spent = time.perf_counter() - started, used() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{workers} at once: {count} files in {took:.1f} s, {count / took:.1f} files/s, {spent / took:.2f} processors"
        f" busy of {os.cpu_count()}, the office's own memory {peak:.0f} MB",
        file=sys.stderr,
    )
    shutil.rmtree(workspace)


def _call(*arguments: str) -> None:
    try:
        pipeline(list(arguments))
    except SystemExit as ended:
        if ended.code:
            print(f"pipeline {arguments[0]}: {ended.code}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        files(Path(folder), count)
        for workers in (1, min(4, os.cpu_count() or 1)):
            run(count, workers, Path(folder))


if __name__ == "__main__":
    main()
