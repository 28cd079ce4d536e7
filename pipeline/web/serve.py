"""Serves the pages of a workspace until stopped; runs as ``python -m pipeline.web.serve`` beside the watcher.

A process of its own: what is read and judged meanwhile does not keep a page waiting.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from pipeline.errors import UsageError
from pipeline.office import Office, open_office
from pipeline.web.app import LOOPBACK, Door, make_app

_AT_ONCE = 200
_GRACE_S = 10


def door_for(host: str, names: tuple[str, ...], certificate: Path | None, key: Path | None, plain: bool) -> Door:
    """Return how the pages are reached.

    Raises:
        UsageError: beyond this machine without https and without saying so, or a key that others can read.
    """
    if (certificate is None) != (key is None):
        raise UsageError("证书和私钥要一起给", "请同时写 --cert 和 --key")
    loopback = host in LOOPBACK or _is_loopback(host)
    if not loopback and certificate is None and not plain:
        raise UsageError(
            f"不能在 {host} 上明文提供网页:口令和文件会在网上裸露",
            "请用 --cert、--key 提供证书;或确认网络可信后加上 --insecure",
        )
    if key is not None and os.name != "nt" and stat.S_IMODE(key.stat().st_mode) & 0o077:
        raise UsageError(f"私钥 {key} 其他用户也能读", f"请运行 chmod 600 {key}")
    own = LOOPBACK if loopback else (host,) if host not in {"0.0.0.0", "::"} else ()  # noqa: S104 - asked for
    hosts = tuple(dict.fromkeys((*own, *names, *(LOOPBACK if not own else ()))))
    return Door(hosts, tls=certificate is not None)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(office: Office, host: str, port: int, door: Door, certificate: Path | None, key: Path | None) -> None:
    """Serve until stopped."""
    app = make_app(office, door, apart=True)
    # the first visitor of the day need not wait for what everybody sees first
    app.state.boards.prepare(office.today().year)
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_AT_ONCE,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=_GRACE_S,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    office.close()


# Ctrl+C is the watcher's to hear; it ends the server
_DEAF: dict[str, Any] = {"start_new_session": True}
if sys.platform == "win32":
    _DEAF = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}


@contextmanager
def beside(
    office: Office, host: str, port: int, door: Door, certificate: Path | None, key: Path | None
) -> Iterator[None]:
    """While this lasts a process of its own serves the pages; one that dies is started again."""
    _refuse_taken(host, port)
    command = [sys.executable, "-m", "pipeline.web.serve", "--workspace", str(office.workspace), "--host", host]
    command += ["--port", str(port), *(part for name in door.hosts for part in ("--name", name))]
    if certificate and key:
        command += ["--cert", str(certificate), "--key", str(key)]
    if office.as_of is not None:
        command += ["--as-of", office.as_of.isoformat()]
    over = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not over.is_set():
            running[:] = [subprocess.Popen(command, stdin=subprocess.PIPE, **_DEAF)]
            running[0].wait()
            over.wait(2)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        for process in running:
            process.terminate()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _refuse_taken(host: str, port: int) -> None:
    """Raises: UsageError: nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"不能在 {host}:{port} 提供网页({error.strerror})", "可能已有一个程序在运行;或用 --port 换一个端口"
            ) from error


def _end_with_parent() -> None:
    """Who started us holds the other end of our input; when they are gone, so are we."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Serve what the watcher's process asked for."""
    import datetime as dt

    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--name", action="append", default=[])
    parser.add_argument("--cert", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--as-of", type=dt.date.fromisoformat)
    given = parser.parse_args()
    _end_with_parent()
    office = open_office(given.workspace, given.as_of)
    door = Door(tuple(given.name), tls=given.cert is not None)
    serve(office, given.host, given.port, door, given.cert, given.key)


if __name__ == "__main__":
    main()
