"""A whole installation of real processes in one folder: web, worker, sandbox channel, our own PostgreSQL.

A small supervisor starts again whatever died, as systemd would; PostgreSQL has its own (base/embedded_watch).
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import msgspec

from liuhen.base import embedded
from liuhen.base.config import Settings, as_environment
from liuhen.base.embedded_cluster import Cluster
from liuhen.base.migrate import migrate
from liuhen.timing.clock import SystemClock
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60
_LOOK_SECONDS = 0.05


@dataclass
class Installation:
    """`serve` at several ports, one `worker`, one `sandbox`; names: web1 …, worker, sandbox, postmaster."""

    folder: Path
    webs: int = 2
    pool_size: int = 6

    def __post_init__(self) -> None:
        self.settings = Settings(
            data_dir=str(self.folder),
            port=free_port(),
            sandbox_port=free_port(),
            sandbox_enabled=True,
            cookie_secure=False,
            pool_size=self.pool_size,
            database_seconds=2,
            api_calls_per_minute=60_000,
            staff_second_factor="optional",
        )
        self.places = {"web1": self.settings.port}
        self.places |= {f"web{number}": free_port() for number in range(2, self.webs + 1)}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.wanted: set[str] = set()
        self.starts: dict[str, int] = {}
        self._logs: dict[str, IO[bytes]] = {}

    @property
    def names(self) -> list[str]:
        return [*self.places, "worker", "sandbox"]

    def address(self, web: str) -> str:
        return f"http://127.0.0.1:{self.places[web]}"

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.folder)

    async def prepare(self) -> embedded.Server:
        """PostgreSQL and the schema. The caller stops using the server at the end."""
        server = await asyncio.to_thread(embedded.start, self.folder)
        await migrate(server.dsn, SystemClock().now())
        return server

    def start(self, *names: str) -> None:
        """Starts these and keeps them running from now on."""
        for name in names:
            self.wanted.add(name)
            self.running[name] = self._popen(name)
            self.starts[name] = self.starts.get(name, 0) + 1

    def _popen(self, name: str) -> "subprocess.Popen[bytes]":
        settings = msgspec.structs.replace(self.settings, port=self.places.get(name, self.settings.port))
        environ = {key: value for key, value in os.environ.items() if not key.startswith("LIUHEN_")}
        environ |= as_environment(settings)
        environ |= {"LIUHEN_SANDBOX_RETRY_SECONDS": "0,1,1"}
        environ |= {"LIUHEN_PARENT": str(os.getpid()), "PYTHONPATH": str(ROOT)}
        if name not in self._logs:
            self._logs[name] = open(self.folder / f"{name}.log", "ab")  # noqa: SIM115
        kind = "serve" if name.startswith("web") else name
        return subprocess.Popen(
            [sys.executable, "-m", "liuhen.edge.cli.main", kind],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=self._logs[name],
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def alive(self, name: str) -> int | None:
        """The process id of a name of ours, of `postmaster`, or of one `backend`; None if there is none now."""
        if name == "postmaster":
            return self.cluster.live_pid()
        if name == "backend":
            return next(iter(self.backends()), None)
        return self.running[name].pid if self.running[name].poll() is None else None

    def kill(self, name: str) -> None:
        """kill -9, now. What is dead already stays dead."""
        pid = self.alive(name)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    async def killed(self, name: str) -> None:
        """The same, but somebody has to die: what is being started again is waited for."""
        while self.alive(name) is None:  # noqa: ASYNC110 (another process, which signals nothing)
            await asyncio.sleep(0.02)
        self.kill(name)

    def backends(self) -> list[int]:
        """Server processes of the application's connections."""
        postmaster = self.cluster.live_pid()
        if postmaster is None:
            return []
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        return [int(pid) for pid in children if b"liuhen liuhen" in _words(int(pid))]

    def signal_database(self, number: signal.Signals) -> None:
        """To the postmaster and all that it has started."""
        postmaster = self.cluster.live_pid()
        assert postmaster is not None
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            os.kill(pid, number)

    async def supervise(self, stop: asyncio.Event) -> None:
        """Starts again whatever ends, until `stop`."""
        while not stop.is_set():
            self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self) -> None:
        for name, process in list(self.running.items()):
            if name in self.wanted and process.poll() is not None:
                self.start(name)

    async def ready(self, *names: str, seconds: float = _READY_SECONDS) -> None:
        """Waits until these answer; a process that ends meanwhile is left to the supervisor."""
        give_up = time.monotonic() + seconds
        urls = [f"{self.address(name)}/readyz" for name in names if name.startswith("web")]
        urls += [f"{self.settings.sandbox_address}/healthz"] if "sandbox" in names else []
        async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
            while urls:
                assert time.monotonic() < give_up, f"not ready: {urls}\n{self.last_words()}"
                try:
                    if (await http.get(urls[-1])).status_code == 200:
                        urls.pop()
                        continue
                except httpx.HTTPError:
                    self.look()
                await asyncio.sleep(0.05)

    def last_words(self, lines: int = 12) -> str:
        texts = {path.stem: path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log"))}
        return "\n".join(f"-- {name}\n" + "\n".join(text.splitlines()[-lines:]) for name, text in texts.items())

    def stop(self) -> None:
        """SIGTERM to all, in no order; a process that does not end in ten seconds is a fault."""
        self.wanted.clear()
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
        for log in self._logs.values():
            log.close()

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """`liuhen WORDS` with this installation's settings."""
        environ = {key: value for key, value in os.environ.items() if not key.startswith("LIUHEN_")}
        environ |= as_environment(self.settings) | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, "-m", "liuhen.edge.cli.main", *words],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
