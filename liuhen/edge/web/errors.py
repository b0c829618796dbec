"""A refusal or failure as a page: nobody goes to sign-in and comes back, everybody else reads what happened."""

import re
from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

from liuhen.base.errors import LiuhenError, SecondFactorNeeded, Unauthenticated
from liuhen.edge.problems import MethodNotAllowed, headers_of, status_of
from liuhen.edge.web.guards import safe_next, sign_in_path
from liuhen.edge.web.render import error_page
from liuhen.edge.web.unsent import words_of


def page_of(request: Request[Any, Any, Any], error: LiuhenError, number: str = "") -> Response[Any]:
    """Parameters: number, the id of the log line of an internal error, shown so that support can find it."""
    if isinstance(error, Unauthenticated | SecondFactorNeeded):
        where = sign_in_path(request, "/confirm" if isinstance(error, SecondFactorNeeded) else "/sign-in")
        if "hx-request" in request.headers:  # a fragment cannot hold the sign-in page: the whole page goes there
            return Response("", status_code=204, headers={"HX-Redirect": where, "Cache-Control": "no-store"})
        if isinstance(error, SecondFactorNeeded) or not words_of(request):
            return Redirect(where, status_code=303)
    if isinstance(error, MethodNotAllowed) and request.method in ("GET", "HEAD"):
        return Redirect(_page_of_form(request), status_code=303)
    headers = {name: value for name, value in headers_of(error).items() if name != "WWW-Authenticate"}
    return error_page(
        request,
        status_code=status_of(error),
        code=error.code,
        number=number,
        data=error.data,
        headers=headers,
        unsent=words_of(request),
    )


def _page_of_form(request: Request[Any, Any, Any]) -> str:
    """The page that a form's address belongs to. A refused form is shown under that address: who reloads it, changes
    the language or signs in again there comes back by GET, which the address itself does not take. A picture is no
    page, and may just have been removed."""
    taken = [route.path for route in request.app.routes if "GET" in getattr(route, "methods", ())]
    taken = [path for path in taken if "/pictures/" not in path]
    pages = [re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)) for path in taken]
    path = request.scope["path"].rpartition("/")[0]
    while path and not any(page.fullmatch(path) for page in pages):
        path = path.rpartition("/")[0]
    return safe_next(path)
