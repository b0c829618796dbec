"""Every address that a layout links to is a page that exists."""

from litestar import Litestar
from litestar.datastructures import State

from liuhen.edge.web.app import pages
from liuhen.edge.web.nav import CONSOLES, LINKS


def test_layouts_link_to_pages_that_exist() -> None:
    app = Litestar([pages()], state=State(), openapi_config=None)
    known = {route.path for route in app.routes}
    linked = {*LINKS.values(), *(entry.href for entries in CONSOLES.values() for entry in entries)}
    assert sorted(linked - known) == []
