"""The only wiring: settings, database, clock, keys, rulebooks, calendar, texts, channels, uploaded bytes.

It reads files and hands plain values down. `open_app` is for every process (web, worker, commands), `create_web` is
what uvicorn calls: `uvicorn --factory liuhen.edge.boot:create_web`.
"""

import asyncio
import hashlib
import os
import secrets
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar

from liuhen.base import agreements, embedded, faults
from liuhen.base.agreements import Agreements
from liuhen.base.config import Settings, read_settings
from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, Unavailable
from liuhen.base.keyfile import open_key_ring, read_or_make
from liuhen.base.objects import ObjectStore
from liuhen.edge.channels.sandbox_client import SandboxChannel, SandboxConfig
from liuhen.edge.context import App
from liuhen.edge.log import set_up
from liuhen.edge.rate import TokenBuckets
from liuhen.edge.site import build_site
from liuhen.payments.port import Channel
from liuhen.policy.rulebook import Rulebook, rulebook_of
from liuhen.policy.rulebook_line import check_kept, check_line
from liuhen.timing.clock import Clock, SystemClock
from liuhen.timing.workdays import Calendar

__all__ = ["App", "close_app", "create_web", "open_app"]

KEPT_LIST = "versions"
"""data/rulebook/versions.toml: what each published version's file was when it was published."""


async def open_app(settings: Settings, clock: Clock | None = None, patience: int | None = None) -> App:
    """Joins or starts the database and reads all that the doors hand down. The schema must be there (`migrate`).

    Parameters: patience, seconds that a statement may take; None: any time, for commands.
    Raises Unavailable, EmbeddedError or KeyFileError with one clear sentence.
    """
    if faults.armed() and not settings.demo:
        raise Unavailable(f"{faults.VARIABLE} is set: it kills this process on purpose, in a demo market alone.")
    clock = clock or SystemClock()
    server = await asyncio.to_thread(embedded.start, settings.folder, settings.pg_source, settings.database_url or None)
    db = await Database.open(server.dsn, size=settings.pool_size, patience=patience)
    try:
        keys = await open_key_ring(db, settings.master_key_path, clock.now())
    except BaseException:
        await db.close()
        await asyncio.to_thread(server.stop)
        raise
    return App(
        settings=settings,
        db=db,
        clock=clock,
        keys=keys,
        rulebooks=load_rulebooks(),
        calendar=load_calendar(),
        agreements=load_agreements(),
        channels=open_channels(settings),
        objects=ObjectStore.open(settings.objects_path),
        server=server,
        api_rate=TokenBuckets(burst=settings.api_calls_per_minute // 5, per_minute=settings.api_calls_per_minute),
    )


async def close_app(app: App) -> None:
    """Gives everything back; our own PostgreSQL stops with its last user."""
    for channel in app.channels.values():
        if isinstance(channel, SandboxChannel):
            await channel.close()
    await app.db.close()
    if app.server is not None:
        await asyncio.to_thread(app.server.stop)


def create_web() -> Litestar:
    """The site with the settings of the environment. Raises ConfigError."""
    settings = read_settings(os.environ)
    set_up(settings.log_file)

    async def open_house() -> App:
        return await open_app(settings, patience=settings.database_seconds)

    targets = tuple(_origin(settings.sandbox_address) for _ in range(settings.sandbox_enabled))
    secure = settings.cookie_secure and settings.address.startswith("https://")
    return build_site(open_house, close_app, secure=secure, form_targets=targets)


def load_rulebooks(folder: Traversable | None = None) -> tuple[Rulebook, ...]:
    """All versions under data/rulebook, oldest first: each whole, published in time, and kept as it was published.

    Parameters: folder, instead of data/rulebook. Raises InvalidInput that names the file or the version.
    """
    place = folder or files("liuhen").joinpath("data", "rulebook")
    found = {item.name.removesuffix(".toml"): item.read_bytes() for item in _toml(place)}
    listed = _parse(KEPT_LIST, found.pop(KEPT_LIST, b""))
    books = [rulebook_of(_parse(name, content)) for name, content in found.items()]
    for name, book in zip(found, books, strict=True):
        if book.version != name:
            raise InvalidInput("a rulebook's file is named after its version", file=name, version=book.version)
    check_kept(listed, {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}, books)
    return check_line(books)


def load_calendar() -> Calendar:
    """All years under data/workdays."""
    return Calendar.of(table for _, table in _tables("workdays"))


def load_agreements() -> Agreements:
    """All texts under data/agreements; a file's name is the text's kind."""
    return Agreements(text for name, table in _tables("agreements") for text in agreements.parse(name, table))


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The payment channels of this installation by name. Raises KeyFileError if a secret cannot be read."""
    if not settings.sandbox_enabled:
        return {}
    secret = read_or_make(settings.sandbox_secret_path, lambda: secrets.token_urlsafe(36) + "\n").strip()
    address = settings.sandbox_address
    sandbox = SandboxConfig(
        page_url=address,
        api_url=address,
        merchant="liuhen-demo",
        keys={"k1": secret.encode()},
        key_id="k1",
    )
    return {SandboxChannel.name: SandboxChannel(sandbox)}


def _tables(folder: str) -> list[tuple[str, dict[str, Any]]]:
    """(name without ending, contents) of data/<folder>/*.toml, by name."""
    items = _toml(files("liuhen").joinpath("data", folder))
    return [(item.name.removesuffix(".toml"), tomllib.loads(item.read_text("utf-8"))) for item in items]


def _toml(place: Traversable) -> list[Traversable]:
    return sorted((item for item in place.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)


def _parse(name: str, content: bytes) -> dict[str, Any]:
    """Raises InvalidInput for a file that is not TOML in UTF-8."""
    try:
        return tomllib.loads(content.decode())
    except ValueError as error:
        raise InvalidInput("a rulebook file cannot be read", file=name, reason=str(error)) from error


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
