"""The real site on a port of loopback inside the test's own process: a story sets people, goods and the time."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from tests.edge.doors import Doors


@asynccontextmanager
async def served(doors: Doors) -> AsyncIterator[str]:
    """The address of the site; its house is the doors' with the doors' clock."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
        config = uvicorn.Config(doors.site, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        running = asyncio.create_task(server.serve(sockets=[place]))
        async with asyncio.timeout(60):
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
                await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:  # a failure must not be the next story's: its server listens on a socket about to close
            server.should_exit = True
            await running
