"""A real browser at a real server: the program started as a person starts it, Chromium as Debian ships it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "huaian-yunshu-26"
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium,不能打开网页")


def pictures(folder: Path) -> Path:
    """Return where screenshots go: to ``$PIPELINE_PICTURES`` when somebody wants to keep them."""
    chosen = Path(os.environ.get("PIPELINE_PICTURES") or folder / "pictures")
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


@contextmanager
def running(workspace: Path) -> Iterator[str]:
    """``pipeline run`` watches and serves a workspace; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pipeline", "--workspace", str(workspace), "run", "--port", str(port)]
    with (workspace.parent / "run.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"{address}/login", timeout=5):
                break
            assert process.poll() is None, (workspace.parent / "run.log").read_text(encoding="utf-8")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def account(workspace: Path, name: str, *roles: str) -> None:
    """Somebody has an account, made on the console."""
    command = [
        sys.executable,
        "-m",
        "pipeline",
        "--workspace",
        str(workspace),
        "account",
        "add",
        name,
        "--password-stdin",
    ]
    words = [word for role in roles for word in ("--role", role)]
    subprocess.run(
        [*command, *words], input=PASSWORD, text=True, encoding="utf-8", check=True, stdout=subprocess.DEVNULL
    )


class Watched:
    """A page of the browser; what it complains of and whom it calls is written down."""

    def __init__(self, browser, address: str, width: int = 1366, height: int = 768) -> None:
        self.address = address
        self.troubles: list[str] = []
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", accept_downloads=True
        )
        context.set_default_timeout(120_000)  # a busy machine is slow; nothing here is about time
        self.page = context.new_page()
        self.page.on(
            "console", lambda m: self.troubles.append(f"{m.type}: {m.text}") if m.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on(
            "request",
            lambda r: None if r.url.startswith((address, "data:")) else self.troubles.append(f"called {r.url}"),
        )

    def login(self, name: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.click("button:has-text('登录')")
        self.page.wait_for_url(lambda url: "/login" not in url)
