"""Signs of life: /healthz (this process), /readyz (what it needs), /metrics (counts for Prometheus).

/metrics answers to loopback without a proxy in between, and elsewhere to a bearer token with the scope admin. Each web
process counts its own requests; what comes from the database is the same in all of them.
"""

import time
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from litestar import Request, Response, get
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest

from liuhen.base.crypto import Purpose
from liuhen.base.errors import LiuhenError, Unauthenticated
from liuhen.base.migrate import migration_files
from liuhen.edge.context import App, Visitor, house, ip_of, visitor_from
from liuhen.edge.draining import begun
from liuhen.edge.gauges import fill
from liuhen.edge.log import logger
from liuhen.edge.problems import as_liuhen, status_of
from liuhen.parties import limits
from liuhen.reads import health, visitors

BEAT_LATE = timedelta(seconds=30)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Measured(ASGIMiddleware):
    """Around every route: duration by route pattern, method and status; one log line per request."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "liuhen_request_seconds",
            "Duration of requests",
            ("route", "method", "status"),
            buckets=_BUCKETS,
            registry=registry,
        )

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        began = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, watched)
        except Exception as error:  # what a layer refuses is answered outside of this one
            known = as_liuhen(error)
            status, scope.setdefault("state", {})["refused"] = status_of(known), known.code
            raise
        finally:
            seconds = time.perf_counter() - began
            route = scope.get("path_template") or "-"
            said = str(scope.get("method", "-"))
            method = said if said in _METHODS else "other"
            self._seconds.labels(route, method, str(status)).observe(seconds)
            logger("web").info(
                "request", route=route, method=method, status=status, ms=round(seconds * 1000, 1), **_who(scope, status)
            )


def _who(scope: Scope, status: int) -> dict[str, str]:
    """Whom a line of the log is about: the party; of a refusal also its code, and a word that is the same for every
    call from one network and does not tell which (no addresses are logged)."""
    state = scope.get("state", {})
    visitor = state.get("visitor")
    found = {"party": str(visitor.party_id) if isinstance(visitor, Visitor) and visitor.party_id else ""}
    if status >= 400:
        request: Request[Any, Any, Any] = Request(scope)
        where = limits.network(ip_of(request))
        found["peer"] = house(request).keys.tag(Purpose.COOKIE, b"log.peer", where.encode()).hex()[:12]
        found["code"] = state.get("refused", "")
    return {name: text for name, text in found.items() if text}


@get("/healthz", include_in_schema=False)
async def healthz() -> Response[str]:
    """The process answers. Touches nothing else, so that a slow database does not get it killed."""
    return Response("ok\n", media_type="text/plain")


@get("/readyz", include_in_schema=False)
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """503 until database, schema and worker are there, and once this process has been told to stop.

    Says which part is missing and nothing more. With `?web` the worker is left out: a proxy that asks must not close
    the whole shop because the worker is away.
    """
    parts = await readiness(house(request)) | ({"web": "draining"} if begun() else {})
    if "web" in request.query_params:
        parts.pop("worker", None)
    ready = all(state == "ok" for state in parts.values())
    return Response(parts, status_code=200 if ready else 503, headers={"Cache-Control": "no-store"})


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus text. Raises Unauthenticated away from loopback without an admin's token."""
    app = house(request)
    if not _from_here(request):
        await _needs_admin_token(app, request)
    registry: CollectorRegistry = request.app.state["registry"]
    shown = CollectorRegistry()
    await fill(shown, app)
    content = generate_latest(registry) + generate_latest(shown)
    return Response(content, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


routes = [healthz, readyz, metrics]


async def readiness(app: App) -> dict[str, str]:
    """State of each part: "ok" or one word."""
    now = app.clock.now()
    try:
        async with app.db.read() as tx:
            applied = await health.applied_migrations(tx)
            beat = await health.last_beat(tx, "worker")
    except (LiuhenError, OSError) as error:
        return {"database": type(error).__name__}
    missing = [name for name, _ in migration_files() if name not in applied]
    alive = beat is not None and abs(now - beat) <= BEAT_LATE  # a beat from the future: a clock was set back
    return {
        "database": "ok",
        "migrations": "missing" if missing else "ok",
        "worker": "ok" if alive else "silent",
    }


def _from_here(request: Request[Any, Any, Any]) -> bool:
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    peer = ip_of(request)
    try:
        return peer == "local" or ip_address(peer).is_loopback
    except ValueError:  # a name instead of an address: some test client or proxy, not this machine
        return False


async def _needs_admin_token(app: App, request: Request[Any, Any, Any]) -> None:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    async with app.db.read() as tx:
        known = await visitors.by_token(tx, app.keys.hash_token(token), app.clock.now()) if token else None
    if known is None or "admin" not in (known.scopes or ()):
        raise Unauthenticated()
    if not visitor_from(known, staff_need_factor=app.settings.staff_need_factor).is_admin:
        raise Unauthenticated()
