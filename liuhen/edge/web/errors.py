"""A refusal or failure as a page: nobody goes to sign-in and comes back, everybody else reads what happened."""

from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

from liuhen.base.errors import LiuhenError, SecondFactorNeeded, Unauthenticated
from liuhen.edge.problems import headers_of, status_of
from liuhen.edge.web.guards import sign_in_path
from liuhen.edge.web.render import error_page


def page_of(request: Request[Any, Any, Any], error: LiuhenError, number: str = "") -> Response[Any]:
    """Parameters: number, the id of the log line of an internal error, shown so that support can find it."""
    if isinstance(error, Unauthenticated | SecondFactorNeeded):
        where = sign_in_path(request, "/confirm" if isinstance(error, SecondFactorNeeded) else "/sign-in")
        if "hx-request" in request.headers:  # a fragment cannot hold the sign-in page: the whole page goes there
            return Response("", status_code=204, headers={"HX-Redirect": where, "Cache-Control": "no-store"})
        return Redirect(where, status_code=303)
    headers = {name: value for name, value in headers_of(error).items() if name != "WWW-Authenticate"}
    return error_page(
        request, status_code=status_of(error), code=error.code, number=number, data=error.data, headers=headers
    )
