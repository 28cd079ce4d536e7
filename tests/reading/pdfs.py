"""Small PDFs made object by object, to say exactly what a sender may say."""

from __future__ import annotations

import zlib

# a page-filling picture of 8 × 8 grey points
PICTURE = b"q 595 0 0 842 0 0 cm BI /W 8 /H 8 /CS /G /BPC 8 ID " + bytes(range(64, 128)) + b" EI Q"
_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def pdf(*objects: bytes, xref: bool = True) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for n, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, content)
    if xref:
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n" % (len(places) + 1, start)
    return out + b"%%EOF\n"


def stream(content: bytes, packed: bool = False) -> bytes:
    """Return a stream object, deflated when asked."""
    if packed:
        content = zlib.compress(content, 9)
    return b"<< /Length %d %s>>\nstream\n%s\nendstream" % (
        len(content),
        b"/Filter /FlateDecode " if packed else b"",
        content,
    )


def simple_pdf(content: bytes, packed: bool = False, catalogue: bytes = b"", xref: bool = True) -> bytes:
    """Return one A4 page with this content and Helvetica as /F."""
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R %s>>" % catalogue,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F 4 0 R >> >> >>",
        _FONT,
        stream(content, packed),
        xref=xref,
    )


def deep_pages(depth: int) -> bytes:
    """Return a page tree that goes down one node at a time."""
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (n + 3) for n in range(depth)]
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", *nodes, b"<< /Type /Page /MediaBox [0 0 595 842] >>")


def many_pages(count: int) -> bytes:
    """Return this many empty pages."""
    kids = b" ".join(b"%d 0 R" % (n + 3) for n in range(count))
    pages = b"<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 595 842] >>" % (kids, count)
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", pages, *[b"<< /Type /Page /Parent 2 0 R >>"] * count)


def looped_pages() -> bytes:
    """Return a page tree that contains itself."""
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 >>")
