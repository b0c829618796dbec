"""The whole site as one application: pages, API, callbacks, static files, signs of life, headers, refusals."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from prometheus_client import CollectorRegistry

from liuhen.edge import callbacks, health
from liuhen.edge.api.app import api
from liuhen.edge.api.openapi import PREFIX as API
from liuhen.edge.context import App, provide_ctx
from liuhen.edge.discover import routes_of
from liuhen.edge.draining import begun
from liuhen.edge.log import frames, logger
from liuhen.edge.problems import Broken, as_liuhen, problem, status_of
from liuhen.edge.web.app import pages
from liuhen.edge.web.errors import page_of
from liuhen.edge.web.security import page_headers
from liuhen.edge.web.sent import SentRequest
from liuhen.edge.web.static_files import static_router

_FOR_MACHINES = (f"{API}/", "/callbacks/", "/healthz", "/readyz", "/metrics")
BODY_LIMIT = 1_000_000
"""Bytes of a request body where a route does not say otherwise (`request_max_body_size=`)."""


def build_site(
    open_house: Callable[[], Awaitable[App]],
    close_house: Callable[[App], Awaitable[None]],
    *,
    secure: bool,
    form_targets: tuple[str, ...] = (),
) -> Litestar:
    """Parameters: open_house and close_house, run at start and stop; form_targets, origins of payment channels."""

    async def start(site: Litestar) -> None:
        site.state["house"] = await open_house()

    async def stop(site: Litestar) -> None:
        house: App | None = site.state.get("house")
        if house is not None:
            await close_house(house)

    registry = CollectorRegistry()
    headers = page_headers(secure=secure, form_targets=form_targets)
    site = Litestar(
        route_handlers=[pages(), api(), _callbacks(), static_router(), *health.routes],
        middleware=[health.Measured(registry)],
        exception_handlers={HTTPException: refuse, Exception: refuse},
        on_startup=[start],
        on_shutdown=[stop],
        request_max_body_size=BODY_LIMIT,
        before_send=[_Headers(headers)],
        request_class=SentRequest,
        openapi_config=None,  # the API describes itself (edge/api/openapi.py)
        logging_config=None,
        multipart_form_part_limit=600,
    )
    site.state["registry"] = registry
    return site


def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Whatever went wrong, in the language of who asks: a problem for machines, a page for people."""
    known = as_liuhen(error)
    request.scope.setdefault("state", {})["refused"] = known.code
    number = ""
    if isinstance(known, Broken) or status_of(known) >= 500:
        number = secrets.token_hex(4)
        logger("web").error(
            "broken",
            number=number,
            kind=type(error).__name__,
            route=request.scope.get("path_template"),
            frames=frames(error),
        )
        known.data["number"] = number
    path = request.scope["path"]
    if path.startswith(_FOR_MACHINES):
        return problem(known, path)
    return page_of(request, known, number)


def _callbacks() -> Router:
    """What channels and issuers call: no session, no bearer; each handler verifies a signature."""
    return Router(
        path="/callbacks",
        route_handlers=routes_of(callbacks),
        dependencies={"ctx": Provide(provide_ctx)},
        include_in_schema=False,
    )


class _Headers:
    """Security headers on every answer, error pages and static files included."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, message: Any, scope: Any) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(pair for pair in self._raw if pair[0] not in present)]
            if begun():  # a client that keeps its connection must leave it before it is closed under his next request
                message["headers"].append((b"connection", b"close"))
