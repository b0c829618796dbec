"""A web process that comes and goes without a failed request, on a port and, behind a proxy, on a socket file.

Coming: the socket file gets its name only when the process is ready. Going: first the name goes, so that a proxy
finds nobody there and asks the next process before it has sent anything; whoever stands in the queue of the old socket
is still served. That is why a socket file, not a port: the kernel resets those who wait when a port is closed.
"""

import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from liuhen.base.errors import LiuhenError, Unavailable
from liuhen.edge import draining

_PATH_LIMIT = 100  # the kernel's is 107, and the name is made with an ending
_LOCAL = "127.0.0.1"


class SocketFile:
    """A listening socket whose name in the file system appears and vanishes on its own terms."""

    def __init__(self, path: str) -> None:
        """Parameters: path, in a folder that this process may write to. Raises Unavailable."""
        if len(os.fsencode(path)) > _PATH_LIMIT:
            raise Unavailable(f"The socket file {path} has too long a path: at most {_PATH_LIMIT} bytes.")
        self._path = Path(path)
        self._hidden = Path(f"{path}.new")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._hidden.unlink(missing_ok=True)
            self.listener.bind(str(self._hidden))
            self._hidden.chmod(0o666)  # who may come in is decided by its folder
        except OSError as error:
            self.listener.close()
            raise Unavailable(f"The socket file {path} cannot be made: {error.strerror}.") from error
        self._number = self._hidden.stat().st_ino

    def show(self) -> None:
        """Takes the name, also from a process that died or is about to go."""
        self._hidden.rename(self._path)

    def hide(self) -> None:
        """Gives the name up, unless a successor has taken it already."""
        for path in (self._path, self._hidden):
            if path.exists() and path.stat().st_ino == self._number:
                path.unlink()


class RollingServer(uvicorn.Server):
    """Parameters: drain_seconds, how long it goes on after it has said that it will stop; file, its socket file."""

    def __init__(self, config: uvicorn.Config, drain_seconds: int, file: SocketFile | None) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self._file = file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._file is not None:
            self._file.show()
        tell_systemd("READY=1")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        draining.begin()
        tell_systemd("STOPPING=1")
        if self._file is not None:
            self._file.hide()
        for _ in range(self._drain_seconds * 10):
            if self.force_exit:
                break
            await asyncio.sleep(0.1)
        await super().shutdown(sockets)


class FromSocketFile:
    """What comes through the socket file comes from a proxy on this machine: its X-Forwarded-For is believed."""

    def __init__(self, site: Any) -> None:
        self._site = site
        self._proxied = ProxyHeadersMiddleware(site, [_LOCAL])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope.get("client") is None:
            local: Any = {**scope, "client": (_LOCAL, 0)}
            await self._proxied(local, receive, send)
        else:
            await self._site(scope, receive, send)


class OneSentence:
    """What keeps the house from opening is told in one sentence, not in a page of frames."""

    def __init__(self, site: Any) -> None:
        self._site = site

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def tell(message: Any) -> None:
            error = _expected(sys.exception()) if message["type"] == "lifespan.startup.failed" else None
            await send({**message, "message": f"liuhen: {error.message}"} if error else message)

        await self._site(scope, receive, tell if scope["type"] == "lifespan" else send)


def _expected(error: BaseException | None) -> LiuhenError | None:
    """The failure that has a sentence of its own, however wrapped; None for a mistake of the program."""
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(_expected, error.exceptions)), None)
    return error if isinstance(error, LiuhenError) else None


def tell_systemd(word: str) -> None:
    """The protocol of sd_notify(3): a word to the socket that systemd names; nothing where it names none."""
    place = os.environ.get("NOTIFY_SOCKET")
    if not place:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect("\0" + place[1:] if place.startswith("@") else place)
        line.sendall(word.encode())
