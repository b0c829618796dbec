"""One real request through the whole application, and what its driver sent to the database for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from bench.cluster import Server
from liuhen.base.config import Settings
from liuhen.edge import boot
from liuhen.edge.site import build_site

_PATIENCE = 0.05  # the driver tells its loggers in the loop's next turn


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement as it went to the server, with the values bound to it."""

    sql: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A call of the API that is answered with 201."""

    path: str
    token: str
    key: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self.token}",
            "idempotency-key": self.key,
            "content-type": "application/json",
        }


def settings_of(bench: Server, database: str, folder: Path, *, pool: int = 16, port: int = 0) -> Settings:
    """An installation as it would run, but for the calls that one address may make."""
    return Settings(
        data_dir=str(folder),
        database_url=bench.dsn(database),
        pg_source="dsn",
        pool_size=pool,
        port=port,
        api_calls_per_minute=10_000_000,
    )


async def capture(settings: Settings, make: Callable[[int], Request]) -> list[Sent]:
    """The statements of the third request: by then the driver has asked for types and prepared what it sends.

    Parameters: make, a request of its own for each number. One connection carries all of it, in order.
    """
    site = build_site(_nobody, _nothing, secure=False)
    app = await boot.open_app(settings)
    site.state["house"] = app
    sent: list[Sent] = []
    try:
        async with app.db._connection() as connection:
            connection.add_query_logger(lambda record: sent.append(Sent(record.query, tuple(record.args or ()))))
        transport = httpx.ASGITransport(cast(Any, site))
        origin = urlsplit(settings.address)
        async with httpx.AsyncClient(transport=transport, base_url=f"{origin.scheme}://{origin.netloc}") as client:
            for number in range(3):
                await asyncio.sleep(_PATIENCE)
                sent.clear()
                request = make(number)
                answer = await client.post(request.path, content=request.body, headers=request.headers)
                if answer.status_code != 201:
                    raise AssertionError(f"{request.path}: {answer.status_code} {answer.text}")
            await asyncio.sleep(_PATIENCE)
            return list(sent)
    finally:
        await boot.close_app(app)


async def _nobody() -> Any:
    raise AssertionError("the house is there already")


async def _nothing(_: Any) -> None:
    return
