"""Makes an Office file the same bytes for the same content: letters are reprinted, bundles made again, exactly."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

_FIXED = (2026, 1, 1, 0, 0, 0)
_DOS_TIME, _DOS_DATE = 0, (2026 - 1980) << 9 | 1 << 5 | 1
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_UTF8, _DEFLATED, _VERSION = 0x800, 8, 20
_QUICK = 1  # letters are small: a higher level costs three times the time for a tenth of the size


def repacked(data: bytes) -> bytes:
    """Return the package with fixed times, parts in their own order."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            fresh = zipfile.ZipInfo(info.filename, _FIXED)
            fresh.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fresh, source.read(info))
    return out.getvalue()


class Package:
    """A package of which copies are made that differ in a few parts: all others are kept deflated and only copied."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            self.parts = {name: source.read(name) for name in source.namelist()}
        self._packed = {name: _deflated(content) for name, content in self.parts.items()}

    def with_parts(self, changed: Mapping[str, bytes]) -> bytes:
        """Return the package with these parts in the place of its own; the same parts give the same bytes."""
        out, listing = bytearray(), bytearray()
        for name, kept in self._packed.items():
            crc, size, packed = _deflated(changed[name]) if name in changed else kept
            path, at = name.encode(), len(out)
            common = (_UTF8, _DEFLATED, _DOS_TIME, _DOS_DATE, crc, len(packed), size, len(path))
            out += _LOCAL.pack(b"PK\x03\x04", _VERSION, *common, 0) + path + packed
            listing += _CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, *common, 0, 0, 0, 0, 0, at) + path
        count = len(self._packed)
        return bytes(out + listing + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listing), len(out), 0))


def _deflated(content: bytes) -> tuple[int, int, bytes]:
    """Return CRC, size and the deflated bytes."""
    packer = zlib.compressobj(_QUICK, zlib.DEFLATED, -15)
    return zlib.crc32(content), len(content), packer.compress(content) + packer.flush()
