"""The API under one router: bearer tokens instead of cookies, so that no form of another site can reach it."""

from functools import cache

from litestar import Response, Router, get
from litestar.datastructures import ResponseHeader
from litestar.di import Provide
from msgspec import json

from liuhen.edge.api import v1
from liuhen.edge.api.auth import BearerLayer
from liuhen.edge.api.openapi import PREFIX, describe
from liuhen.edge.api.ops import NOT_KEPT, OP, Op
from liuhen.edge.context import Ctx, provide_ctx
from liuhen.edge.discover import routes_of


@get("/openapi.json", include_in_schema=False)
async def openapi(ctx: Ctx) -> Response[bytes]:
    """The description of this API, OpenAPI 3.1. Open to all."""
    return Response(_document(ctx.app.settings.address), media_type="application/vnd.oai.openapi+json")


@cache
def _document(address: str) -> bytes:
    return json.encode(describe(operations(), address))


def operations() -> list[Op]:
    """Every operation of v1."""
    return [route.opt[OP] for route in routes_of(v1)]


def api() -> Router:
    """Every module of v1 that has a list `routes` is mounted, with paths below /api/v1."""
    return Router(
        path=PREFIX,
        route_handlers=[openapi, *routes_of(v1)],
        middleware=[BearerLayer()],
        dependencies={"ctx": Provide(provide_ctx)},
        response_headers=[ResponseHeader(name=name, value=value) for name, value in NOT_KEPT.items()],
    )
