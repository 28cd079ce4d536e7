"""File names that Windows opens: what a person typed, made safe on output only. The original name stays data."""

from __future__ import annotations

import hashlib
import re
import unicodedata

# Windows refuses these characters and names; direction marks make a name lie about its ending
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", *(f"{d}{n}" for d in ("COM", "LPT") for n in range(10))}
LIMIT_BYTES = 200


def safe_name(name: str, limit_bytes: int = LIMIT_BYTES) -> str:
    """Return a name that can be written on any file system: NFC, no path, no control or direction characters.

    A name that had to be cut carries eight digits of the hash of the full one, so that two long names stay apart.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    text = "".join(c for c in _FORBIDDEN.sub("_", text) if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    text = text.rstrip(" .").lstrip(" ") or "无名文件"
    stem, dot, suffix = text.rpartition(".")
    if not dot:
        stem, suffix = text, ""
    if stem.split(".")[0].strip().upper() in _RESERVED:
        stem = f"_{stem}"
    ending = f".{suffix}" if suffix else ""
    if len((stem + ending).encode()) > limit_bytes:
        mark = "~" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        ending = ending if len(ending.encode()) <= 20 else ""
        room = limit_bytes - len((mark + ending).encode())
        stem = stem.encode()[:room].decode("utf-8", "ignore") + mark
    return stem + ending


def told_apart(name: str, taken: set[str]) -> str:
    """Return ``name``, or with ``(2)``, ``(3)`` … before its ending when a twin is taken already; remembers it."""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    candidate, n = name, 1
    while candidate.casefold() in taken:
        n += 1
        candidate = f"{stem}({n}){dot}{suffix}"
    taken.add(candidate.casefold())
    return candidate
