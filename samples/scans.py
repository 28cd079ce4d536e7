"""Makes page pictures as a scanner or a phone would: printed lines, a round red seal, names written by hand, noise, tilt.

Needs Pillow, numpy and a Chinese font (``FONT``). What it made is committed, so nobody else needs them.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
SIZE = (1240, 1754)  # A4 at 150 dpi
LEFT, RIGHT, TOP = 150, 1090, 150
_INK, _SEAL, _PEN = (30, 30, 34), (205, 35, 40), (25, 40, 140)


def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size, index=2)  # the simplified forms


def printed(title: str, paragraphs: Sequence[str], closing: Sequence[str], size: int = 32) -> Image.Image:
    """Return a page: title in the middle, paragraphs wrapped and indented, closing lines at the right."""
    page = Image.new("RGB", SIZE, (252, 251, 248))
    draw = ImageDraw.Draw(page)
    y = TOP
    for line in title.split("\n"):
        big = font(int(size * 1.35))
        draw.text(((SIZE[0] - draw.textlength(line, big)) / 2, y), line, fill=_INK, font=big)
        y += size * 2
    y += size
    per_line = (RIGHT - LEFT) // size
    for paragraph in paragraphs:
        words = paragraph if paragraph.endswith((":", ":")) else "\u3000\u3000" + paragraph
        for start in range(0, len(words), per_line):
            draw.text((LEFT, y), words[start : start + per_line], fill=_INK, font=font(size))
            y += int(size * 1.75)
    y += size
    for line in closing:
        draw.text((RIGHT - max(draw.textlength(line, font(size)), 380), y), line, fill=_INK, font=font(size))
        y += int(size * 1.9)
    return page


def seal(page: Image.Image, words: str, middle: tuple[int, int], radius: int = 120) -> None:
    """Stamp a round red seal over what is printed."""
    stamp = Image.new("L", (2 * radius + 8, 2 * radius + 8), 0)
    draw = ImageDraw.Draw(stamp)
    draw.ellipse((4, 4, 2 * radius, 2 * radius), outline=255, width=7)
    corners = [
        (
            radius + 4 + radius * 0.3 * math.sin(k * 0.8 * math.pi),
            radius + 4 - radius * 0.3 * math.cos(k * 0.8 * math.pi),
        )
        for k in range(5)
    ]
    draw.polygon(corners, fill=255)
    for n, character in enumerate(words):
        turn = math.radians(-130 + 260 * n / max(len(words) - 1, 1))
        glyph = Image.new("L", (34, 34), 0)
        ImageDraw.Draw(glyph).text((1, -4), character, fill=255, font=font(30))
        turned = glyph.rotate(-math.degrees(turn), expand=True)
        x = radius + 4 + radius * 0.76 * math.sin(turn) - turned.width / 2
        y = radius + 4 - radius * 0.76 * math.cos(turn) - turned.height / 2
        stamp.paste(255, (int(x), int(y)), turned)
    alpha = stamp.point(lambda v: int(v * 0.8))
    page.paste(Image.new("RGB", stamp.size, _SEAL), (middle[0] - radius, middle[1] - radius), alpha)


def written(page: Image.Image, words: str, at: tuple[int, int], seed: int, size: int = 58) -> None:
    """Write by hand: each character of another size, turn and height, in blue ink."""
    dice, x = random.Random(seed), at[0]
    for character in words:
        big = size + dice.randint(-6, 10)
        glyph = Image.new("L", (2 * big, 2 * big), 0)
        ImageDraw.Draw(glyph).text((big / 2, big / 3), character, fill=255, font=font(big), stroke_width=1)
        turned = glyph.rotate(dice.uniform(-14, 14)).transform(
            glyph.size, Image.Transform.AFFINE, (1, dice.uniform(0.1, 0.3), -big * 0.2, 0, 1, 0)
        )
        page.paste(_PEN, (x - big // 2, at[1] - big // 2 + dice.randint(-8, 8)), turned)
        x += int(big * 0.9)


def scrawl(page: Image.Image, at: tuple[int, int], seed: int) -> None:
    """Sign so that nobody can read it."""
    dice, (x, y) = random.Random(seed), at
    points = [(x, y)]
    for _ in range(38):
        points.append((points[-1][0] + dice.randint(-12, 22), y + dice.randint(-34, 34)))
    ImageDraw.Draw(page).line(points, fill=(20, 20, 30), width=4, joint="curve")


def scanned(page: Image.Image, seed: int, turn: float = 0.0) -> Image.Image:
    """Return the page as it comes off the glass: a little askew, soft, grainy."""
    askew = page.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=(238, 237, 233))
    soft = np.asarray(askew.filter(ImageFilter.GaussianBlur(0.7))).astype(float)
    grain = np.random.default_rng(seed).normal(0, 7, soft.shape[:2])[..., None]
    return Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8))


def as_pdf(pages: Sequence[Image.Image]) -> bytes:
    """Return a PDF of page pictures, the same bytes every time."""
    stream = io.BytesIO()
    fixed = {"creationDate": None, "modDate": None}
    pages[0].save(stream, "PDF", resolution=150, save_all=True, append_images=pages[1:], quality=60, **fixed)
    return stream.getvalue()
