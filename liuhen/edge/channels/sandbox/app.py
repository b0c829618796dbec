"""The sandbox payment channel as an ASGI app of its own: `create_app`, or `main` to run it.

It stands for another company's server and imports nothing of liuhen outside this folder.
"""

import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import uvicorn
from litestar import Litestar, MediaType, Response, get
from litestar.datastructures import State

from .api import api_router
from .config import Config, ConfigError, from_environment
from .control import control_router
from .control_page import control_page_router
from .desk import Desk
from .journal import Journal, JournalError
from .pages import HERE, pages_router
from .runner import Runner
from .wall import wall as own_wall

MAX_BODY_BYTES = 64 * 1024


@get("/healthz", media_type=MediaType.TEXT)
async def healthz() -> str:
    """Whether the process answers."""
    return "ok"


@get("/static/sandbox.css")
async def stylesheet() -> Response[bytes]:
    """The one stylesheet."""
    return Response(_CSS, media_type="text/css; charset=utf-8", headers={"cache-control": "max-age=300"})


_CSS = (HERE / "static" / "sandbox.css").read_bytes()


def create_app(config: Config | None = None, wall: Callable[[], datetime] = own_wall) -> Litestar:
    """The app. Without a config it reads LIUHEN_SANDBOX_* from the environment (ConfigError if wrong).

    wall: the channel's clock, so that a test can let it stand still.
    """
    settings = config or from_environment(os.environ)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        journal = Journal(settings.data)
        desk = Desk(journal, settings.merchant, wall)
        runner = Runner(desk, settings)
        app.state.desk = desk
        runner.start()
        try:
            yield
        finally:
            await runner.stop()
            journal.close()

    return Litestar(
        route_handlers=[
            healthz,
            stylesheet,
            api_router,
            pages_router,
            control_router,
            control_page_router,
        ],
        lifespan=[lifespan],
        state=State({"config": settings}),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_BODY_BYTES,
    )


def main() -> int:
    """Run in the foreground until a signal. Settings that are wrong get one sentence and exit code 2."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s sandbox %(levelname)s %(message)s")
    try:
        settings = from_environment(os.environ)
        Journal(settings.data).close()
    except (ConfigError, JournalError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        ws="none",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    return 0
