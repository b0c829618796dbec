"""`liuhen demo`: a whole Liuhen with a demo market in the foreground; Ctrl-C stops all of it, PostgreSQL too."""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from liuhen.base import embedded
from liuhen.base.config import Settings, read_settings
from liuhen.base.errors import InvalidInput, Unavailable
from liuhen.base.migrate import migrate
from liuhen.edge import boot
from liuhen.edge.cli import demo_market, demo_trade
from liuhen.edge.cli.children import Children
from liuhen.edge.cli.demo_market import Login
from liuhen.edge.cli.serving import claim_port
from liuhen.edge.context import App
from liuhen.timing.clock import SystemClock

T = TypeVar("T")

_DATA = "var/demo"
_PORT = 8080
_SANDBOX_AFTER = 10
_LAST_PORT = 65535 - _SANDBOX_AFTER
_READY_SECONDS = 60
_LOOK_SECONDS = 0.2


class NotOurs(InvalidInput):
    """The folder to be emptied does not look like a data folder."""

    code = "not_a_data_folder"


def register(commands: Any) -> None:
    """Adds the command."""
    demo = commands.add_parser("demo", help="a demo market, ready to look at")
    demo.add_argument("--port", type=_port, default=_PORT, help=f"of the pages (default {_PORT})")
    demo.add_argument("--sandbox-port", type=_port, help="of the sandbox channel (default: 10 above that)")
    demo.add_argument("--data", default=_DATA, help=f"the data folder (default {_DATA})")
    demo.add_argument("--reset", action="store_true", help="throw the demo's data away first; asks")
    demo.add_argument("--yes", action="store_true", help="do not ask")
    demo.set_defaults(run=_demo)


def _demo(chosen: argparse.Namespace) -> int:
    began = time.monotonic()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    settings = _settings(chosen)
    claim_port(settings.host, settings.port, "--port")
    claim_port(settings.sandbox_host, settings.sandbox_port, "--sandbox-port")
    if chosen.reset:
        _reset(settings.folder, sure=chosen.yes)
    with embedded.start(settings.folder, settings.pg_source, settings.database_url or None) as server:
        logins = asyncio.run(prepare(settings, server.dsn, SystemClock().now()))
        with Children(settings) as children:
            children.start_all()
            if not children.await_ready(_READY_SECONDS, stop):
                return 0 if stop.is_set() else _told(children.obituary())
            asyncio.run(in_opened(settings, demo_trade.trade))
            _welcome(settings, logins, time.monotonic() - began)
            while not stop.wait(_LOOK_SECONDS):
                if children.dead() is not None:
                    return _told(children.obituary())
            print("\nStopping ...", flush=True)
    return 0


async def prepare(settings: Settings, dsn: str, now: datetime) -> list[Login]:
    """Migrates and loads the demo market, once; now in UTC. Answers one login for each role."""
    await migrate(dsn, now)
    return await in_opened(settings, demo_market.load)


async def in_opened(settings: Settings, work: Callable[[App, datetime], Awaitable[T]]) -> T:
    """Does `work` with the house of these settings."""
    app = await boot.open_app(settings)
    try:
        return await work(app, app.clock.now())
    finally:
        await boot.close_app(app)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _LAST_PORT):
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to {_LAST_PORT}, not {text}")
    return int(text)


def _settings(chosen: argparse.Namespace) -> Settings:
    """The operator's settings, those of a demo over them."""
    return msgspec.structs.replace(
        read_settings(os.environ),
        data_dir=str(Path(chosen.data).absolute()),
        port=chosen.port,
        sandbox_port=chosen.sandbox_port or chosen.port + _SANDBOX_AFTER,
        sandbox_enabled=True,
        cookie_secure=False,
        demo=True,
        staff_second_factor="optional",
    )


def _reset(folder: Path, *, sure: bool) -> None:
    """Raises NotOurs for a folder that is not a data folder, Unavailable if it is in use or nobody said yes."""
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / "postgres").is_dir():
        raise NotOurs(f"{folder} does not look like a demo's data folder, so --reset leaves it alone.")
    if not sure:
        if not sys.stdin.isatty():
            raise Unavailable("--reset needs --yes where nobody can be asked.")
        if input(f"Throw away everything in {folder}? [y/N] ").strip().lower() not in ("y", "yes"):
            raise Unavailable("Nothing was thrown away.")
    embedded.erase(folder)
    shutil.rmtree(folder)


def _welcome(settings: Settings, logins: Sequence[Login], seconds: float) -> None:
    width = max(len(login.role) for login in logins)
    lines = [f"  {login.role:<{width}}  {login.login}  {login.password}" for login in logins]
    print(f"Liuhen is open after {seconds:.1f} s: {settings.address}")
    print("Sign in as")
    print("\n".join(lines))
    print("The password is enough here, for staff too (staff_second_factor = optional); a real market asks for more.")
    print(f"Payments go to the sandbox channel at {settings.sandbox_address}. Ctrl-C stops everything.", flush=True)


def _told(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1
