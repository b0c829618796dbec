"""bin/demo as an operator meets it: opens, tells the logins, stops whole; each obstacle is one sentence."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from liuhen.base.embedded_cluster import Cluster
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = (10,)  # how far above its own port

Demo = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def data() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="liuhen-demo-"))
    yield place / "data"
    shutil.rmtree(place)


@pytest.fixture
def demo() -> Iterator[Demo]:
    """Starts `liuhen demo`; whatever a test leaves running is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "liuhen.edge.cli.main", "demo", *map(str, arguments)],
            cwd=ROOT,
            env={key: value for key, value in os.environ.items() if not key.startswith("LIUHEN_")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def until_open(process: "subprocess.Popen[str]") -> list[str]:
    """What it printed up to the line that says how to stop it."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if "Ctrl-C stops everything" in line:
            return lines
    assert process.stderr is not None
    pytest.fail(f"it did not open: {process.stderr.read()}")


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def descendants(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def child(pid: int, kind: str) -> int:
    words = {one: Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0") for one in descendants(pid)}
    (found,) = [one for one, command in words.items() if kind.encode() in command]
    return found


def refused(process: "subprocess.Popen[str]") -> str:
    """The one sentence of a start that could not be; exit code 2."""
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    (line,) = said.splitlines()
    assert line.startswith("liuhen: ")
    return line


def test_opens_with_a_login_for_each_role_and_stops_whole(demo: Demo, data: Path) -> None:
    port = free_port(SANDBOX)
    for _ in range(2):  # cold, then with what is there
        process = demo("--port", str(port), "--data", data)
        lines = until_open(process)
        assert f"http://127.0.0.1:{port}" in lines[0]
        logins = [re.split(r"\s+", line.strip()) for line in lines[2:6]]
        assert [login[0] for login in logins] == ["buyer", "seller", "reviewer", "admin"]
        assert all(len(login) == 3 for login in logins)
        assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
        assert httpx.get(f"http://127.0.0.1:{port + 10}/healthz", trust_env=False).status_code == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
        assert Cluster(data).live_pid() is None
        assert not listens(port)
        assert not listens(port + 10)


def test_kill_leaves_nothing_behind(demo: Demo, data: Path) -> None:
    port = free_port(SANDBOX)
    process = demo("--port", str(port), "--data", data)
    until_open(process)
    process.kill()
    process.communicate()
    until(lambda: not listens(port) and not listens(port + 10) and Cluster(data).live_pid() is None)


def test_a_child_that_dies_ends_the_demo_with_its_last_words(demo: Demo, data: Path) -> None:
    process = demo("--port", str(free_port(SANDBOX)), "--data", data)
    until_open(process)
    os.kill(child(process.pid, "worker"), signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.startswith("worker ended with code -9; its last lines:\n")
    assert "started" in said
    assert Cluster(data).live_pid() is None


def test_taken_port_is_one_sentence(demo: Demo, data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} of 127.0.0.1 cannot be used" in refused(demo("--port", str(port), "--data", data))
    assert not data.exists()


def test_a_port_that_is_none_is_refused(demo: Demo, data: Path) -> None:
    process = demo("--port", "99999", "--data", data)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "argument --port: a port is a number from 1 to 65525, not 99999" in said


def test_broken_data_folder_is_one_sentence(demo: Demo, data: Path) -> None:
    (data / "postgres" / "data").mkdir(parents=True)
    said = refused(demo("--port", str(free_port(SANDBOX)), "--data", data))
    assert "is broken: its PG_VERSION cannot be read" in said


def test_reset_asks_and_spares_what_is_not_ours(demo: Demo, data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "master.keys").write_text("")
    port = str(free_port(SANDBOX))
    assert "--reset needs --yes" in refused(demo("--port", port, "--data", data, "--reset"))
    (data / "postgres").rmdir()
    (data / "thesis.odt").write_text("")
    assert "does not look like" in refused(demo("--port", port, "--data", data, "--reset", "--yes"))
    assert (data / "thesis.odt").exists()
    (data / "thesis.odt").unlink()
    (data / "postgres").mkdir()
    process = demo("--port", port, "--data", data, "--reset", "--yes")
    until_open(process)
    assert (data / "master.keys").read_text() != "", "a new house with a new key"


@pytest.mark.parametrize("command", ["demo", "test", "liuhen"])
def test_missing_python_is_one_sentence(data: Path, command: str) -> None:
    """A machine with a shell and no Python."""
    tools = data / "tools"
    tools.mkdir(parents=True)
    for name in ("sh", "dirname", "basename", "cat", "sed", "rm"):
        (tools / name).symlink_to(shutil.which(name) or name)
    shutil.copytree(ROOT / "bin", data / "bin")
    shutil.copytree(ROOT / "requirements", data / "requirements")
    done = subprocess.run(
        [data / "bin" / command], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{command}: Python 3.11 or newer is needed and was not found")
