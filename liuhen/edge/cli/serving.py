"""`liuhen serve`, `liuhen worker`, `liuhen sandbox`: the processes of an installation, each in the foreground."""

import argparse
import os
import secrets
import socket
from contextlib import suppress
from typing import Any

import uvicorn
import uvloop

from liuhen.base.config import Settings, as_environment, read_settings
from liuhen.base.errors import Unavailable
from liuhen.base.keyfile import read_or_make
from liuhen.edge import boot
from liuhen.edge.cli.children import be_followed, be_long_lived, follow_parent
from liuhen.edge.cli.rolling import FromSocketFile, OneSentence, RollingServer, SocketFile
from liuhen.edge.cli.shell import require_schema
from liuhen.edge.worker import run as work

_GRACE_SECONDS = 20  # for requests under way when the process is told to stop


class PortTaken(Unavailable):
    """Another program listens on this port."""

    code = "port_taken"


def register(commands: Any) -> None:
    """Adds this group's commands."""
    serve = commands.add_parser("serve", help="the web server: pages, API and callbacks")
    serve.add_argument("--port", type=int, help="instead of the configured one")
    serve.add_argument("--socket", help="a socket file for the proxy, beside the port")
    serve.set_defaults(run=_serve)
    commands.add_parser("worker", help="deadlines, refunds, notices: what is due").set_defaults(run=_worker)
    commands.add_parser("sandbox", help="the sandbox payment channel").set_defaults(run=_sandbox)


def claim_port(host: str, port: int, option: str) -> None:
    """Raises PortTaken, naming the option that changes it, if nobody could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} of {host} cannot be used ({error.strerror}): stop the other program"
                f" or choose another port with {option}."
            ) from error


def sandbox_environment(settings: Settings) -> dict[str, str]:
    """What the sandbox channel reads; its secret is made at the first start."""
    read_or_make(settings.sandbox_secret_path, lambda: secrets.token_urlsafe(36) + "\n")
    return {
        "LIUHEN_SANDBOX_DATA": str(settings.folder / "sandbox"),
        "LIUHEN_SANDBOX_SECRET_FILE": str(settings.sandbox_secret_path),
        "LIUHEN_SANDBOX_HOST": settings.sandbox_host,
        "LIUHEN_SANDBOX_PORT": str(settings.sandbox_port),
    }


def create_web() -> OneSentence:
    """What uvicorn calls in each web process. One whose supervisor was killed must not serve on unattended."""
    follow_parent()
    site = boot.create_web()
    be_long_lived()
    return OneSentence(FromSocketFile(site) if read_settings(os.environ).socket else site)


def _serve(chosen: argparse.Namespace) -> int:
    if chosen.port is not None:
        os.environ["LIUHEN_PORT"] = str(chosen.port)
    if chosen.socket is not None:
        os.environ["LIUHEN_SOCKET"] = chosen.socket
    settings = read_settings(os.environ)
    claim_port(settings.host, settings.port, "--port or LIUHEN_PORT")
    require_schema(settings)
    os.environ.update(as_environment(settings))  # the factory reads it again, in each web process
    if settings.web_workers > 1:
        be_followed()
        _run("liuhen.edge.cli.serving:create_web", settings.host, settings.port, settings)
    else:
        _run_rolling("liuhen.edge.cli.serving:create_web", settings)
    return 0


def _worker(chosen: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    require_schema(settings)
    be_long_lived()
    uvloop.run(work(settings))
    return 0


def _sandbox(chosen: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    claim_port(settings.sandbox_host, settings.sandbox_port, "LIUHEN_SANDBOX_PORT")
    os.environ.update(sandbox_environment(settings))
    # Named by its path: the channel stands for another company's server, and no door may import it.
    _run("liuhen.edge.channels.sandbox.app:create_app", settings.sandbox_host, settings.sandbox_port)
    return 0


def _run(factory: str, host: str, port: int, settings: Settings | None = None) -> None:
    workers = settings.web_workers if settings else 1
    uvicorn.run(factory, host=host, port=port, workers=workers, **_options(settings))


def _run_rolling(factory: str, settings: Settings) -> None:
    """One process that says when it is ready and when it goes; an orderly stop is no failure."""
    config = uvicorn.Config(factory, host=settings.host, port=settings.port, **_options(settings))
    file = SocketFile(settings.socket) if settings.socket else None
    listeners = [config.bind_socket(), *([file.listener] if file else [])]
    try:
        with suppress(KeyboardInterrupt):
            RollingServer(config, settings.drain_seconds, file).run(sockets=listeners)
    finally:
        if file is not None:
            file.hide()


def _options(settings: Settings | None) -> dict[str, Any]:
    return {
        "factory": True,
        "ws": "none",
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "proxy_headers": bool(settings and settings.trusted_proxy),
        "forwarded_allow_ips": (settings.trusted_proxy if settings else "") or "127.0.0.1",
        "timeout_graceful_shutdown": _GRACE_SECONDS,
    }
