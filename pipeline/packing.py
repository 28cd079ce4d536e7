"""Makes an Office file the same bytes for the same content: letters are reprinted, bundles made again, exactly."""

from __future__ import annotations

import io
import zipfile

_FIXED = (2026, 1, 1, 0, 0, 0)


def repacked(data: bytes) -> bytes:
    """Return the package with fixed times, parts in their own order."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            fresh = zipfile.ZipInfo(info.filename, _FIXED)
            fresh.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fresh, source.read(info))
    return out.getvalue()
