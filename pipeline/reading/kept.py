"""Keeps what was made of the last few parts, by their packed bytes: papers of one office share styles and numbering.

Equal packed bytes are equal content, so a part that is known is not even unpacked.
"""

from __future__ import annotations

import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_HEADER = 30  # bytes of a local file header before name and extra field


class Kept(Generic[T]):
    """The newest ``size`` things made of parts."""

    def __init__(self, size: int = 32) -> None:
        self._size = size
        self._things: OrderedDict[bytes, T] = OrderedDict()

    def of(self, package: zipfile.ZipFile, name: str, salt: str, make: Callable[[], T]) -> T:
        """Return what ``make`` makes of this part; ``salt`` tells apart what else the result depends on."""
        key = _packed(package, name) + salt.encode()
        if key in self._things:
            self._things.move_to_end(key)
            return self._things[key]
        thing = self._things[key] = make()
        if len(self._things) > self._size:
            self._things.popitem(last=False)
        return thing


def _packed(package: zipfile.ZipFile, name: str) -> bytes:
    info, stream = package.getinfo(name), package.fp
    assert stream is not None
    stream.seek(info.header_offset)
    header = stream.read(_HEADER)
    if len(header) < _HEADER:
        raise zipfile.BadZipFile(name)
    stream.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
    return stream.read(info.compress_size)
