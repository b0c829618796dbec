"""Between the program and PostgreSQL: a wire that can be cut after a commit was sent and before its answer came.

It speaks just enough of the protocol (PostgreSQL documentation, 55.7 Message Formats) to see what is about to take
effect: `COMMIT`, or a call of writing functions outside of a transaction. The server has done it; nobody is told.
"""

import asyncio
import re
import shutil
import struct
import tempfile
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

_CALLS = re.compile(r"select [a-z_]+\(\$")  # base.db sends its queue of writing functions like that


class Wire:
    """cut: which commit from now on loses its answer (1 is the next), 0 none. dead: nobody gets through any more."""

    def __init__(self, upstream: Path) -> None:
        self._upstream = upstream
        self.cut = 0
        self.dead = False
        self.stays_dead = False
        self._tasks: set[asyncio.Task[None]] = set()

    def arm(self, number: int, *, stays_dead: bool = False) -> None:
        """Parameters: stays_dead, after the cut no new connection gets through, until `mend`."""
        self.cut, self.stays_dead = number, stays_dead

    def mend(self) -> None:
        self.cut, self.dead = 0, False

    @property
    def fired(self) -> bool:
        return self.cut == 0

    async def serve(self, client: StreamReader, back: StreamWriter) -> None:
        if self.dead:
            back.close()
            return
        server, forth = await asyncio.open_unix_connection(str(self._upstream))
        line = _Line(self, client, back, server, forth)
        both = [asyncio.ensure_future(line.ask()), asyncio.ensure_future(line.answer())]
        self._tasks |= set(both)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        for end in (back, forth):
            end.close()

    def commits(self) -> bool:
        """Whether this one loses its answer."""
        self.cut -= self.cut > 0
        return self.cut == 0


class _Line:
    """One connection, both ways."""

    def __init__(
        self, wire: Wire, client: StreamReader, back: StreamWriter, server: StreamReader, forth: StreamWriter
    ) -> None:
        self._wire, self._client, self._back, self._server, self._forth = wire, client, back, server, forth
        self._texts: dict[bytes, str] = {}
        self._idle = True
        self._deaf = False

    async def ask(self) -> None:
        """From the program to the server."""
        size = await self._client.readexactly(4)  # the first message has no type
        self._forth.write(size + await self._client.readexactly(struct.unpack("!I", size)[0] - 4))
        bound, reads = "", False
        while True:
            kind, body = await _message(self._client)
            payload = body[4:]
            if kind == b"P":
                name, text, _ = payload.split(b"\0", 2)
                self._texts[name] = text.decode()
            elif kind == b"B":
                _, name, _ = payload.split(b"\0", 2)
                bound = self._texts.get(name, "")
            elif kind == b"Q" and payload.startswith(b"BEGIN"):
                reads = b"READ ONLY" in payload
            takes_effect = (kind == b"Q" and payload.startswith(b"COMMIT") and not reads) or (
                kind == b"E" and self._idle and _CALLS.match(bound) is not None
            )
            if takes_effect and self._wire.cut and self._wire.commits():
                self._deaf = True
            self._forth.write(kind + body)
            await self._forth.drain()

    async def answer(self) -> None:
        """From the server to the program, until it is deaf: then it waits for the answer, and hangs up instead."""
        while True:
            kind, body = await _message(self._server)
            if kind == b"Z":
                self._idle = body[4:] == b"I"
                if self._deaf:
                    self._wire.dead = self._wire.stays_dead
                    return
            if not self._deaf:
                self._back.write(kind + body)
                await self._back.drain()


async def _message(source: StreamReader) -> tuple[bytes, bytes]:
    head = await source.readexactly(5)
    size = struct.unpack("!I", head[1:])[0]
    return head[:1], head[1:] + await source.readexactly(size - 4)


@asynccontextmanager
async def wired(dsn: str) -> AsyncIterator[tuple[Wire, str]]:
    """The wire, and the database's address over it."""
    parts = urlsplit(dsn)
    asked = parse_qs(parts.query)
    host, port = asked["host"][0], asked.get("port", [str(parts.port or 5432)])[0]
    folder = Path(tempfile.mkdtemp(prefix="wire"))
    wire = Wire(Path(host) / f".s.PGSQL.{port}")
    server = await asyncio.start_unix_server(wire.serve, folder / f".s.PGSQL.{port}")
    try:
        yield wire, urlunsplit(parts._replace(query=f"host={quote(str(folder), safe='')}&port={port}"))
    finally:
        server.close()
        shutil.rmtree(folder)
