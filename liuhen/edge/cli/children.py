"""The demo's processes: started together, watched, and stopped together, however the demo itself ends."""

import gc
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from liuhen.base.config import Settings, as_environment

_KINDS = ("sandbox", "serve", "worker")
_STOP_SECONDS = 10
_LAST_LINES = 15
_PARENT = "LIUHEN_PARENT"
_LOOK_SECONDS = 0.5
_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Child:
    """One process and the file of its words."""

    kind: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_lines(self) -> str:
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-_LAST_LINES:]) or "  (it said nothing)"


class Children:
    """Web, worker and sandbox channel of one set of settings; leaving the context stops them."""

    def __init__(self, settings: Settings, kinds: tuple[str, ...] = _KINDS) -> None:
        self._settings = settings
        self._kinds = kinds
        self._children: list[Child] = []

    def start_all(self) -> None:
        """Starts them side by side; their words go to `logs/` in the data folder."""
        folder = self._settings.folder / "logs"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        environ = {key: value for key, value in os.environ.items() if not key.startswith("LIUHEN_")}
        environ |= as_environment(self._settings)
        environ[_PARENT] = str(os.getpid())
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        for kind in self._kinds:
            log = folder / f"{kind}.log"
            with log.open("wb") as words:
                process = subprocess.Popen(
                    [sys.executable, "-m", "liuhen.edge.cli.main", kind],
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=words,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is for us; we stop them in order
                )
            self._children.append(Child(kind, process, log))

    def dead(self) -> Child | None:
        """The first process that has ended by itself."""
        return next((child for child in self._children if child.process.poll() is not None), None)

    def obituary(self) -> str:
        """Who died, how, and its last words; or that it never became ready."""
        child = self.dead()
        if child is None:
            return "The web server did not become ready in time; its last lines:\n" + self._children[0].last_lines()
        return f"{child.kind} ended with code {child.process.returncode}; its last lines:\n{child.last_lines()}"

    def await_ready(self, seconds: float, stop: threading.Event) -> bool:
        """Whether all answer within that time; False at once if one dies or `stop` is set."""
        settings = self._settings
        places = {
            "serve": (settings.host, settings.port, "/readyz"),
            "sandbox": (settings.sandbox_host, settings.sandbox_port, "/healthz"),
        }
        waiting = [place for kind, place in places.items() if kind in self._kinds]
        give_up = time.monotonic() + seconds
        while waiting and self.dead() is None and time.monotonic() < give_up and not stop.is_set():
            waiting = [place for place in waiting if not _answers(*place)]
            stop.wait(0.05)
        return not waiting and self.dead() is None

    def __enter__(self) -> "Children":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.process.terminate()
        give_up = time.monotonic() + _STOP_SECONDS
        for child in self._children:
            try:
                child.process.wait(max(0.1, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()


def be_followed() -> None:
    """In a parent: the processes that it starts from now on may follow it."""
    os.environ[_PARENT] = str(os.getpid())


def follow_parent() -> None:
    """In a child: ends it when its parent is gone, for one killed with -9 stops nothing itself."""
    parent = os.environ.get(_PARENT)
    if parent:
        threading.Thread(target=_watch_parent, args=(int(parent),), daemon=True).start()


def be_long_lived() -> None:
    """For a server: what was made up to here is never looked through for garbage again, and what comes is looked
    through less often. A decision makes a thousand objects; each full look costs as much as ten decisions."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
