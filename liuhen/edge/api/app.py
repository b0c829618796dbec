"""The API under one router: bearer tokens instead of cookies, so that no form of another site can reach it."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import Provide

from liuhen.edge.api import v1
from liuhen.edge.api.auth import BearerLayer
from liuhen.edge.context import provide_ctx
from liuhen.edge.discover import routes_of

PREFIX = "/api/v1"


@get("/openapi.json", include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The description of this API, OpenAPI 3.1. Open to all."""
    return Response(request.app.openapi_schema.to_schema(), media_type="application/vnd.oai.openapi+json")


def api() -> Router:
    """Every module of v1 that has a list `routes` is mounted, with paths below /api/v1."""
    return Router(
        path=PREFIX,
        route_handlers=[openapi, *routes_of(v1)],
        middleware=[BearerLayer()],
        dependencies={"ctx": Provide(provide_ctx)},
    )
