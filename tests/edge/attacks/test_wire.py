"""Bytes on the wire, as the locked uvicorn takes them: what could be read in two ways is refused."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from liuhen.base.config import Settings
from liuhen.edge.cli.serving import _options

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
TWO_WAYS = {
    "both lengths": HEAD
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "a blank before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "an encoding that there is not": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a folded header": HEAD + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n\r\nabcd",
    "a length that is none": HEAD + b"Content-Length: +4\r\n\r\nabcd",
    "a chunk that is none": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n",
    "NUL in a header": HEAD + b"X: a\x00b\r\n\r\n",
    "a bare line feed in a name": HEAD + b"X\ny: z\r\n\r\n",
    "no such version": b"GET / HTTP/9.1\r\nHost: x\r\n\r\n",
}
SEEN: list[str] = []
PEERS: list[str] = []


async def _app(scope: Any, receive: Any, send: Any) -> None:
    SEEN.append(scope["path"])
    PEERS.append(scope["client"][0])
    while (await receive()).get("more_body"):
        continue
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server with the options of `liuhen serve`."""
    with _serving(Settings()) as number:
        yield number


@contextmanager
def _serving(settings: Settings) -> Iterator[int]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    options = {**_options(settings), "factory": False, "lifespan": "off", "log_level": "critical"}
    server = uvicorn.Server(uvicorn.Config(_app, **options))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.mark.parametrize("kind", TWO_WAYS)
def test_what_can_be_read_in_two_ways_is_refused(kind: str, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        wire.sendall(TWO_WAYS[kind])
        answer = wire.recv(2000)
    assert answer.startswith(b"HTTP/1.1 400") and "/smuggled" not in SEEN


def test_an_answer_says_nothing_of_its_server(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = wire.recv(2000)
    assert answer.startswith(b"HTTP/1.1 200") and b"server:" not in answer.lower()


@pytest.mark.parametrize(
    ("trusted", "peer"), [("", "127.0.0.1"), ("192.0.2.1", "127.0.0.1"), ("127.0.0.1", "10.9.8.7")]
)
def test_an_address_in_a_header_is_believed_of_the_trusted_proxy_alone(trusted: str, peer: str) -> None:
    PEERS.clear()
    head = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 10.9.8.7\r\n\r\n"
    with _serving(Settings(trusted_proxy=trusted)) as port, socket.create_connection(("127.0.0.1", port)) as wire:
        wire.sendall(head)
        assert wire.recv(2000).startswith(b"HTTP/1.1 200")
    assert [peer] == PEERS
