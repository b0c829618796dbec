"""Two web processes restarted in turn while buyers buy: nobody sees it. And how each part of that comes about."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from liuhen.base.config import ConfigError, Settings, load_settings
from liuhen.base.errors import Unavailable
from liuhen.base.jobs import Poller
from liuhen.edge.cli.rolling import FromSocketFile, SocketFile, tell_systemd
from tests.conftest import NOW
from tests.edge.two_webs import Market, Process, Proxy, load, market, webs

BUYERS = 8


@pytest.fixture
async def place(fresh_dsn: Callable[[], Awaitable[str]], tmp_path: Path) -> AsyncIterator[Market]:
    async with market(await fresh_dsn(), tmp_path, BUYERS) as made:
        yield made


async def test_both_restart_in_turn_and_no_request_fails(place: Market) -> None:
    async with webs(place) as (one, two):
        async with Proxy([one.settings.socket, two.settings.socket]).running() as proxy:
            async with load(place, f"http://127.0.0.1:{proxy.port}") as seen:
                for number, web in enumerate((one, two), 1):
                    await seen.until(lambda wanted=number * BUYERS: seen.orders > wanted)  # type: ignore[misc]
                    await web.restart()
                await seen.until(lambda: min(seen.orders, seen.pages) > 10 * BUYERS)
                await seen.until(lambda: len(proxy.served) == 2 and min(proxy.served.values()) > BUYERS)
        assert seen.failures == []
        one.settings = msgspec.structs.replace(one.settings, drain_seconds=300)  # however slow the machine
        await one.restart()
        await _draining(one)
    assert seen.orders > 10 * BUYERS and seen.pages > 10 * BUYERS
    assert len(proxy.served) == 2 and min(proxy.served.values()) > BUYERS
    async with place.db.read() as tx:
        assert await tx.fetchval("select count(*) from orders") == seen.orders
    await place.world.check()


async def _draining(web: Process) -> None:
    """What is under way, what stands in the queue and what is new on the port: all is served; the file is gone."""
    settings, buyer_request = web.settings, b"GET /rules HTTP/1.1\r\nHost: a\r\nX-Slow: 1\r\n"
    with _connected(settings.socket) as under_way, _connected(settings.socket) as queued:
        under_way.sendall(buyer_request)  # half of its head: the rest comes after the signal
        await asyncio.sleep(0.3)
        web.signal(signal.SIGSTOP)
        queued.sendall(buyer_request + b"Connection: close\r\n\r\n")
        with _connected(settings.socket) as late:  # accepted by the kernel alone
            late.sendall(buyer_request + b"Connection: close\r\n\r\n")
            web.signal(signal.SIGTERM)
            web.signal(signal.SIGCONT)
            async with asyncio.timeout(60):
                while web.listens():  # noqa: ASYNC110 - another process's doing
                    await asyncio.sleep(0.02)
            async with httpx.AsyncClient(base_url=settings.address, timeout=60) as client:
                ready = await client.get("/readyz")
                assert (ready.status_code, ready.json()["web"]) == (503, "draining")
                assert ready.headers["connection"] == "close"
                assert (await client.get("/healthz")).status_code == 200
            under_way.sendall(b"\r\n")
            for line in (under_way, queued, late):
                assert (await asyncio.to_thread(_all_of, line)).startswith(b"HTTP/1.1 200 OK")
    web.signal(signal.SIGINT)  # nothing is left that it had to drain for
    await web.ended()


def _connected(path: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(60)
    line.connect(path)
    return line


def _all_of(line: socket.socket) -> bytes:
    parts = []
    while part := line.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_a_socket_file_takes_the_name_late_and_gives_up_only_its_own(tmp_path: Path) -> None:
    path = tmp_path / "web.sock"
    old, new = SocketFile(str(path)), None
    assert not path.exists(), "nobody finds a process that is not ready"
    old.show()
    new = SocketFile(str(path))
    new.show()
    old.hide()
    assert path.exists(), "the successor keeps its name"
    new.hide()
    assert not path.exists()
    for file in (old, new):
        file.listener.close()


def test_a_socket_file_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be made: No such file or directory"):
        SocketFile(str(tmp_path / "nowhere" / "web.sock"))
    with pytest.raises(Unavailable, match="too long a path"):
        SocketFile("/" + "x" * 101)


def test_one_process_per_socket_file() -> None:
    with pytest.raises(ConfigError, match="one process per socket file"):
        load_settings({"LIUHEN_SOCKET": "/run/web.sock", "LIUHEN_WEB_WORKERS": "2"})
    assert Settings(socket="/run/web.sock").web_workers == 1


def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sd_notify(3): one datagram; with an @ in front it is a name outside of the file system."""
    for place in (str(tmp_path / "notify"), f"@liuhen-{tmp_path.name}-{id(tmp_path)}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
            heard.bind("\0" + place[1:] if place.startswith("@") else place)
            monkeypatch.setenv("NOTIFY_SOCKET", place)
            tell_systemd("READY=1")
            assert heard.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    ("client", "claimed", "seen"),
    [
        (None, "198.51.100.9", "198.51.100.9"),
        (None, "1.2.3.4, 198.51.100.9", "198.51.100.9"),
        (None, "", "127.0.0.1"),
        (("203.0.113.5", 4000), "198.51.100.9", "203.0.113.5"),
        (("127.0.0.1", 4000), "198.51.100.9", "127.0.0.1"),
    ],
)
async def test_the_proxy_is_believed_on_the_socket_file_alone(
    client: tuple[str, int] | None, claimed: str, seen: str
) -> None:
    """And of a list that a visitor began, only what the proxy added at its end."""
    found = []

    async def site(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        found.append(scope["client"][0])

    headers = [(b"x-forwarded-for", claimed.encode())] if claimed else []
    await FromSocketFile(site)({"type": "http", "client": client, "headers": headers}, None, None)
    assert found == [seen]


async def test_a_worker_finishes_what_it_has_begun() -> None:
    begun, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
    done: list[int] = []

    async def find(_now: datetime, _resting: Collection[int]) -> list[int]:
        return [] if begun.is_set() else [1, 2]

    async def act(items: Sequence[int], _now: datetime) -> int:
        begun.set()
        await go_on.wait()
        done.extend(items)
        return len(items)

    poller = Poller(find, act, lambda _item, _error: None, lambda: NOW, lambda item: item)
    working = asyncio.create_task(poller.run(stop))
    await begun.wait()
    stop.set()  # what SIGTERM does (edge/worker.py)
    await asyncio.sleep(0.05)
    assert not working.done()
    go_on.set()
    await working
    assert sorted(done) == [1, 2]
