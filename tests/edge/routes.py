"""The routes of the real site, generated: nothing can be added without a test seeing it."""

from litestar import Litestar
from litestar.routes import HTTPRoute


def all_routes(site: Litestar) -> list[tuple[str, str]]:
    """(method, path pattern) such as ("GET", "/orders/{order_no}"), sorted. OPTIONS and HEAD are Litestar's own."""
    found = {
        (method, route.path_format)
        for route in site.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method not in ("OPTIONS", "HEAD")
    }
    return sorted(found, key=lambda pair: (pair[1], pair[0]))
