"""What commands share: the database joined, its schema looked at, the house opened for one piece of work."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from liuhen.base import embedded
from liuhen.base.config import Settings, read_settings
from liuhen.base.errors import Unavailable
from liuhen.base.health import examine
from liuhen.edge.boot import close_app, open_app
from liuhen.edge.context import App

T = TypeVar("T")


class SchemaMissing(Unavailable):
    """The database is not at this version."""

    code = "schema_missing"


def open_server(settings: Settings) -> embedded.Server:
    """The database of these settings. Raises EmbeddedError."""
    return embedded.start(settings.folder, settings.pg_source, settings.database_url or None)


def require_schema(settings: Settings) -> None:
    """Raises SchemaMissing, with the command that mends it, before anything opens the house."""
    with open_server(settings) as server:
        missing = asyncio.run(examine(server.dsn)).missing
    if missing:
        raise SchemaMissing(f"The database lacks {missing[0]} and maybe more: run liuhen migrate first.")


def in_house(work: Callable[[App, datetime], Awaitable[T]]) -> T:
    """Runs `work` with the house of the environment's settings and the time (UTC), and gives all back."""

    settings = read_settings(os.environ)
    require_schema(settings)

    async def run() -> T:
        app = await open_app(settings)
        try:
            return await work(app, app.clock.now())
        finally:
            await close_app(app)

    return asyncio.run(run())
