"""What the `type` of an API problem leads to (RFC 9457 section 3.1.1): the code in plain words."""

from collections.abc import Iterator
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from liuhen.base.errors import LiuhenError, NotFound
from liuhen.edge.context import Ctx
from liuhen.edge.problems import status_of
from liuhen.edge.web.messages import explain
from liuhen.edge.web.render import render
from liuhen.edge.web.view import view_of


@get("/problems/{code:str}")
async def problem(ctx: Ctx, code: FromPath[str]) -> Response[Any]:
    """One code. Raises NotFound for a code that this installation never gives."""
    found = next((kind for kind in _kinds(LiuhenError) if kind.code == code), None)
    if found is None:
        raise NotFound("no such problem")
    status = status_of(found())
    said = explain(code, status, view_of(ctx.request).lang, {})
    return render(ctx.request, "public/problem.html", code=code, status=status, said=said)


def _kinds(family: type[LiuhenError]) -> Iterator[type[LiuhenError]]:
    """All kinds of failure that have a status, the families first."""
    for kind in family.__subclasses__():
        yield kind
        yield from _kinds(kind)


routes = [problem]
