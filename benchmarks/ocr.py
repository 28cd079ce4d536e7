"""How long a scanned page takes and what memory it costs: ``python benchmarks/ocr.py [FILE …]``; the golden scans by default.

The floor is the same recognition on a picture that is open already: what is above it is opening, turning, looking for
seals and handwriting.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from pipeline.reading import ocr, read_file
from pipeline.reading.pictures import frames

ROUNDS = 3


def seconds(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - started


def main() -> None:
    """Print the first page's cost, which loads the models, then each file's best of some rounds."""
    paths = [Path(a) for a in sys.argv[1:]] or sorted((ROOT / "tests" / "golden").glob("*.[jt][pi][gf]"))
    print(f"first page, models loaded: {seconds(lambda: read_file(paths[0], paths[0].name)):.1f} s")
    for path in paths:
        text = read_file(path, path.name)
        whole = min(seconds(lambda p=path: read_file(p, p.name)) for _ in range(ROUNDS)) / (text.pages or 1)
        line = f"{path.name:24} {whole:5.2f} s a page, {len(text.plain) // (text.pages or 1)} characters"
        if path.suffix != ".pdf":
            pictures = list(frames(path))
            floor = min(sum(seconds(lambda p=p: ocr._read(p)) for p in pictures) for _ in range(ROUNDS)) / len(pictures)
            line += f", {whole / floor:.2f} × one recognition"
        print(line)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
