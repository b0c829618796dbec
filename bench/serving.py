"""One web process and the worker, started as in production, and the clients that ask them."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench import proc
from bench.clients import Asked, Job
from bench.proc import Used
from liuhen.base.config import Settings, as_environment

_ROOT = Path(__file__).resolve().parents[1]
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Site:
    """The processes of an installation. web and worker: their ids."""

    settings: Settings
    web: int
    worker: int

    def ask(self, job: Job) -> tuple[Asked, Used]:
        """Runs the clients; returns what they say and what the web process used meanwhile."""
        before = proc.used(self.web)
        command = [sys.executable, "-m", "bench.clients"]
        done = subprocess.run(command, input=msgspec.json.encode(job), capture_output=True, check=False, cwd=_ROOT)
        after = proc.used(self.web)
        if done.returncode != 0:
            raise AssertionError(f"the clients failed: {done.stderr.decode()[-3000:]}")
        asked = msgspec.json.decode(done.stdout, type=Asked)
        return asked, Used(after.cpu - before.cpu, after.peak)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def site(settings: Settings, log: Path, launch: Sequence[str] = ("liuhen.edge.cli.main",)) -> Iterator[Site]:
    """Web and worker with these settings, ready. Parameters: log, of both; launch, the module that runs the web."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("LIUHEN_")}
    environ |= as_environment(settings)
    started: list[subprocess.Popen[bytes]] = []
    try:
        with log.open("wb") as words:
            for module, kind in ((launch, "serve"), (("liuhen.edge.cli.main",), "worker")):
                command = [sys.executable, "-m", *module, kind]
                process = subprocess.Popen(command, env=environ, cwd=_ROOT, stdout=words, stderr=subprocess.STDOUT)
                started.append(process)
        _await(settings, started, log)
        yield Site(settings, started[0].pid, started[1].pid)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(settings: Settings, started: list[subprocess.Popen[bytes]], log: Path) -> None:
    give_up = time.monotonic() + _READY_SECONDS
    while time.monotonic() < give_up and all(process.poll() is None for process in started):
        try:
            with urllib.request.urlopen(f"{settings.address}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"the site does not start: {log.read_text()[-2000:]}")
