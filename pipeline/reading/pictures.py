"""Page images of scans and photos: opened within limits, turned as the camera says, in a size that recognition likes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from pipeline.errors import DamagedDocument, DocumentTooLarge

MAX_PAGES = 300
MAX_PIXELS = 100_000_000
_DPI = 200
_LONGEST = 3400  # pixels: A4 at 300 dpi; more costs memory and finds no more

Picture = np.ndarray[Any, np.dtype[np.uint8]]  # height × width × 3, blue-green-red


def frames(data: bytes) -> Iterator[Picture]:
    """Yield the pages of an image file in order.

    Raises:
        DocumentTooLarge, DamagedDocument: with the reason in Chinese.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            _refuse_large(image.size)
            count = getattr(image, "n_frames", 1)
            if count > MAX_PAGES:
                raise DocumentTooLarge(f"图片有 {count} 页,超过上限 {MAX_PAGES} 页", "请拆分后重新报送")
            for frame in ImageSequence.Iterator(image):
                _refuse_large(frame.size)
                yield _fitted(ImageOps.exif_transpose(frame).convert("RGB"))
    except Image.DecompressionBombError as error:
        raise DocumentTooLarge("图片尺寸过大", "请按 200 至 300 dpi 重新扫描") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise DamagedDocument("图片不完整或已损坏,打不开", "请重新扫描或重新复制后报送") from error


def page_picture(document: pdfium.PdfDocument, n: int) -> Picture:
    """Return a PDF page (counted from 0) as it would be printed; an odd page size is scaled, never refused."""
    page = document[n]
    try:
        longest = max(page.get_size()) or 1.0
        bitmap = page.render(scale=min(_DPI / 72, _LONGEST / longest), rev_byteorder=False, prefer_bgrx=False)
        picture = bitmap.to_numpy()
        picture = np.repeat(picture[..., None], 3, axis=2) if picture.ndim == 2 else picture[..., :3]
        return np.ascontiguousarray(picture)
    finally:
        page.close()


def _refuse_large(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise DocumentTooLarge(f"图片尺寸过大({size[0]}×{size[1]})", "请按 200 至 300 dpi 重新扫描")


def _fitted(image: Image.Image) -> Picture:
    image.thumbnail((_LONGEST, _LONGEST))
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
