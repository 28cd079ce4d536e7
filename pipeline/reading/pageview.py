"""One page of a paper as a picture, for people to look at; made in a limited process that ends with it.

Runs as ``python -m pipeline.reading.pageview MEMORY_MB CPU_S KIND PAGE PATH``: a PNG on stdout, or a Chinese reason and exit 1.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

from pipeline.errors import DamagedDocument, PartMissing

SHOWN = frozenset({"pdf", "jpg", "png", "tif", "gif", "bmp"})
_WIDTH = 1100  # pixels of a page on a screen
_MOST = 1 << 23  # bytes of an answer


def page_png(path: Path, kind: str, page: int, memory_mb: int = 1024, wall_s: int = 30) -> bytes:
    """Return page ``page`` (from 1) of a PDF or an image file as PNG.

    Raises:
        DamagedDocument: it cannot be shown; says why. PartMissing: what draws pictures is not installed.
    """
    command = [
        sys.executable,
        "-m",
        "pipeline.reading.pageview",
        str(memory_mb),
        str(wall_s),
        kind,
        str(page),
        os.fspath(path),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=wall_s, env={**os.environ, "PYTHONUTF8": "1"}, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DamagedDocument("这一页太复杂,不能显示", "请下载原件查看") from error
    if done.returncode == 3:
        raise PartMissing("ocr", "本机没有安装图片组件,不能显示图片", "请下载原件查看")
    if done.returncode != 0 or not done.stdout.startswith(b"\x89PNG") or len(done.stdout) > _MOST:
        raise DamagedDocument("这一页不能显示", "请下载原件查看")
    return done.stdout


def _of_pdf(path: Path, page: int) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument(path.read_bytes())
    sheet = document[page - 1]
    bitmap = sheet.render(scale=min(_WIDTH / max(sheet.get_width(), 1.0), 4.0), rev_byteorder=True, prefer_bgrx=False)
    rows = bytes(bitmap.buffer)
    channels = bitmap.n_channels
    data = bytearray()
    for y in range(bitmap.height):
        line = rows[y * bitmap.stride : y * bitmap.stride + bitmap.width * channels]
        data += b"\0" + line
    return _png(bitmap.width, bitmap.height, {1: 0, 3: 2, 4: 6}[channels], bytes(data))


def _png(width: int, height: int, colour: int, data: bytes) -> bytes:
    """Return a PNG of 8 bits a channel; ``data``: each row after a filter byte 0."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data, 6)) + chunk(b"IEND", b"")


def _of_image(path: Path, page: int) -> bytes:
    from PIL import Image, ImageOps

    from pipeline.reading.pictures import MAX_PIXELS

    with Image.open(io.BytesIO(path.read_bytes())) as image:
        if image.size[0] * image.size[1] > MAX_PIXELS:
            raise ValueError("too large")
        image.seek(page - 1)
        shown = ImageOps.exif_transpose(image).convert("RGB")
        shown.thumbnail((_WIDTH, _WIDTH * 2))
        target = io.BytesIO()
        shown.save(target, "PNG")
    return target.getvalue()


def main() -> None:
    """Draw one page."""
    from pipeline.reading.limits import limit, unplug

    memory_mb, cpu_s, kind, page, path = sys.argv[1:]
    limit(int(memory_mb), int(cpu_s))
    unplug()
    try:
        data = (_of_pdf if kind == "pdf" else _of_image)(Path(path), int(page))
    except ImportError:
        sys.exit(3)
    except Exception:  # noqa: BLE001 - whatever a parser throws means that this page cannot be shown
        sys.exit(1)
    sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main()
