"""What commands share: the house opened for one piece of work."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from liuhen.base.config import read_settings
from liuhen.edge.boot import close_app, open_app
from liuhen.edge.context import App

T = TypeVar("T")


def in_house(work: Callable[[App, datetime], Awaitable[T]]) -> T:
    """Runs `work` with the house of the environment's settings and the time (UTC), and gives all back."""

    async def run() -> T:
        app = await open_app(read_settings(os.environ))
        try:
            return await work(app, app.clock.now())
        finally:
            await close_app(app)

    return asyncio.run(run())
