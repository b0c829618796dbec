"""All pages under one router: every one knows its visitor, every unsafe one proves where its form came from."""

from litestar import Router
from litestar.di import Provide

from liuhen.edge.context import provide_ctx
from liuhen.edge.discover import routes_of
from liuhen.edge.web import admin, buyer, desk, public, seller
from liuhen.edge.web.session import SessionLayer

SECTIONS = (public, buyer, seller, desk, admin)


def pages() -> Router:
    """Every module of a section that has a list `routes` is mounted; a page needs no other registration."""
    return Router(
        path="/",
        route_handlers=[route for section in SECTIONS for route in routes_of(section)],
        middleware=[SessionLayer()],
        dependencies={"ctx": Provide(provide_ctx)},
        include_in_schema=False,
    )
