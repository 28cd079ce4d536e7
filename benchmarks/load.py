"""A burst under a running watcher: ``python benchmarks/load.py [--count 5000] [--seconds 60]``.

60 % reports as .docx, 25 % printed PDF, 10 % photographed slips (where recognition is installed, else more PDF), 5 % hostile,
dropped evenly over the seconds while ``pipeline watch`` runs. Says when all were claimed durably and when all were finished,
the most memory of all processes together, the most descriptors of the watcher, and whether anything is lost. Then files that
were created while it was stopped (``--stopped 20000``) are looked for by one scan.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pypdf import PdfReader, PdfWriter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from pipeline.inbox import Habits, Inbox
from pipeline.reading import Reader
from tests.documents import leadership_report, roster_json

PRINTED = ROOT / "samples" / "documents" / "清源县委书记第一责任人报告.pdf"
PIPELINE = [sys.executable, "-m", "pipeline"]


def papers(count: int) -> list[tuple[str, bytes]]:
    """Return names and bytes, each file of its own bytes."""
    slip = _slip() if Reader.has("ocr") else None
    made = []
    for n in range(count):
        place = n % 20
        if place == 19:
            kinds = (b"", b"PK\x03\x04half", b"MZ" + bytes(200), b"%PDF-1.4\n%%EOF", b"PK\x05\x06" + bytes(18))
            made.append((f"坏{n}.docx", kinds[n // 20 % 5] + (str(n).encode() if n // 20 % 5 else b"")))
        elif place in (8, 17) and slip is not None:
            made.append((f"照片{n}.png", slip + str(n).encode()))
        elif place % 4 == 1 or place in (8, 17):
            writer, stream = PdfWriter(clone_from=PdfReader(PRINTED)), io.BytesIO()
            writer.add_metadata({"/Number": str(n)})
            writer.write(stream)
            made.append((f"打印{n}.pdf", stream.getvalue()))
        else:
            report = leadership_report(year=2000 + n % 200, half=1 + n // 200 % 2, extra=f"第{n}份。")
            made.append((f"报告{n}.docx", report))
    return made


def _slip() -> bytes:
    """Return a picture of three lines."""
    from PIL import Image, ImageDraw, ImageFont

    fonts = subprocess.run(
        ["fc-match", "-f", "%{file}", "Noto Sans CJK SC"], capture_output=True, text=True, check=True
    )
    picture = Image.new("RGB", (700, 220), "white")
    draw = ImageDraw.Draw(picture)
    for line, words in enumerate(("廉洁自律承诺书", "本人承诺遵守廉洁自律各项规定。", "承诺人:李明 2026年1月5日")):
        draw.text((40, 20 + 60 * line), words, fill="black", font=ImageFont.truetype(fonts.stdout, 32))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def memory_mb(root: int) -> tuple[float, int]:
    """Return the resident memory of a process and all below it, and the descriptors it holds itself."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    total, todo = 0, [root]
    while todo:
        process = todo.pop()
        todo += parents.get(process, [])
        try:
            total += int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except OSError:
            continue
    try:
        handles = len(os.listdir(f"/proc/{root}/fd"))  # noqa: PTH208 - counted only
    except OSError:
        handles = 0
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20, handles


def counts(ledger: Path) -> tuple[int, int]:
    """Return how many arrivals are claimed or done, and how many are done."""
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=30) as database:
        claimed = database.execute("SELECT count(*) FROM claims").fetchone()[0]
        done = database.execute("SELECT count(*) FROM arrivals").fetchone()[0]
        both = database.execute("SELECT count(*) FROM claims JOIN arrivals USING (key)").fetchone()[0]
    return claimed + done - both, done


def burst(count: int, seconds: float, limit_s: float) -> None:
    workspace = Path(tempfile.mkdtemp(prefix="pipeline-load-"))
    subprocess.run([*PIPELINE, "init", str(workspace)], check=True, stdout=subprocess.DEVNULL)
    (workspace / "roster.json").write_text(roster_json(), encoding="utf-8")
    roster = ["--workspace", str(workspace), "roster", "import", str(workspace / "roster.json")]
    subprocess.run([*PIPELINE, *roster], check=True, stdout=subprocess.DEVNULL)
    batch = papers(count)
    unfinished = sum(not data or data.startswith(b"PK\x03\x04half") for _, data in batch)
    with (workspace / "out").open("wb") as out:
        watcher = subprocess.Popen([*PIPELINE, "--workspace", str(workspace), "watch", "--json"], stdout=out)
    started, peak, handles, claimed_at, done_at = time.monotonic(), 0.0, 0, 0.0, 0.0
    wanted, sent = count - unfinished, 0  # these wait half an hour for what they lack
    while time.monotonic() - started < limit_s and not done_at:
        now = time.monotonic() - started
        while sent < count and sent / count * seconds <= now:
            name, data = batch[sent]
            (workspace / "inbox" / name).write_bytes(data)
            sent += 1
        if sent == count:
            claimed, done = counts(workspace / "archive" / "ledger.sqlite")
            claimed_at = claimed_at or (now if claimed >= wanted else 0.0)
            done_at = now if done >= wanted else 0.0
        used, held = memory_mb(watcher.pid)
        peak, handles = max(peak, used), max(handles, held)
        time.sleep(0.2 if sent < count else 1.0)
    watcher.terminate()
    watcher.wait()
    proof = subprocess.run(
        [*PIPELINE, "--workspace", str(workspace), "verify", "--json"], capture_output=True, text=True
    )
    facts = json.loads(proof.stdout)
    left = sum(p.is_file() for p in (workspace / "inbox").iterdir() if p.name != ".pipeline-share-id")
    print(
        f"{count} files in {seconds:.0f} s ({unfinished} of them empty or cut, left waiting): all claimed durably {claimed_at - seconds:.0f} s"
    )
    print(
        f"  after the last came, all finished after {done_at:.0f} s in all ({wanted / done_at if done_at else 0:.1f} files/s)"
    )
    print(f"  {peak:.0f} MB resident in all processes together (shared pages counted each time), {handles} descriptors")
    print(
        f"  left in the inbox {left}, verify {proof.returncode}: damaged {len(facts['damaged'])}, missing {len(facts['missing'])}"
    )
    shutil.rmtree(workspace)


def stopped(count: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="pipeline-load-"))
    (folder / "inbox").mkdir()
    for n in range(count):
        (folder / "inbox" / f"{n}.docx").write_bytes(b"PK\x03\x04%d PK\x05\x06" % n + bytes(18))
    inbox = Inbox(folder / "inbox", lambda entry: b"", lambda name: name, folder / "lock", Habits(local_s=0.01))
    inbox.settled()
    time.sleep(0.1)
    started = time.monotonic()
    found = len(inbox.settled())
    print(f"{count} files created while stopped: {found} found by one scan in {time.monotonic() - started:.1f} s")
    shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--limit", type=float, default=1500)
    parser.add_argument("--stopped", type=int, default=20_000)
    chosen = parser.parse_args()
    stopped(chosen.stopped)
    burst(chosen.count, chosen.seconds, chosen.limit)


if __name__ == "__main__":
    main()
