"""How the pages may be reached: this machine alone, or with a certificate, or because somebody said so."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from pipeline.errors import UsageError
from pipeline.web.serve import door_for


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "office.example"])
def test_beyond_this_machine_only_with_a_certificate_or_a_word(host):
    """ensures that passwords do not go over a network in the clear by forgetfulness."""
    with pytest.raises(UsageError, match="明文"):
        door_for(host, (), None, None, plain=False)
    assert not door_for(host, (), None, None, plain=True).tls


def test_a_certificate_needs_its_key_and_the_key_its_privacy(tmp_path):
    """ensures that half a pair, or a key that others can read, is refused."""
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    certificate.touch()
    key.touch(mode=0o644)
    with pytest.raises(UsageError, match="一起给"):
        door_for("0.0.0.0", (), certificate, None, plain=False)
    with pytest.raises(UsageError, match="其他用户"):
        door_for("0.0.0.0", (), certificate, key, plain=False)
    key.chmod(0o600)
    door = door_for("0.0.0.0", ("office.example",), certificate, key, plain=False)
    assert door.tls and "office.example" in door.hosts


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_this_machine_needs_nothing(host):
    """ensures that the default just works, by any of its own names and no other."""
    hosts = door_for(host, (), None, None, plain=False).hosts
    assert {"127.0.0.1", "localhost"} <= set(hosts) and "evil.example" not in hosts


def test_a_taken_port_is_said_once_in_chinese(workspace):
    """ensures that a second start says what to do and ends."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "pipeline", "--workspace", str(workspace), "run", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 2
    assert "--port" in done.stderr and "Traceback" not in done.stderr


def answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows 上没有进程组信号")
def test_ctrl_c_ends_all_of_it_without_a_word_of_the_machine(workspace):
    """ensures that watcher, server and the reckoning's process are gone, and that no traceback or warning is left behind."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pipeline", "--workspace", str(workspace), "run", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as running:
        until = time.monotonic() + 120
        while not answers(port) and time.monotonic() < until:
            time.sleep(0.1)
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=60)
    said = err.decode()
    assert "Traceback" not in said and "Warning" not in said, said
    assert "已停止" in said
    assert not answers(port)
