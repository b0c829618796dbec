"""Pictures as an answer: the re-encoded copy for looking at, the original only as a file to keep."""

from urllib.parse import quote

from litestar import Response

from liuhen.base.errors import NotFound
from liuhen.edge.context import Context
from liuhen.evidence.model import Picture
from liuhen.evidence.pictures import VIEW_TYPE

_ALONE = "default-src 'none'; sandbox"
"""Whatever the bytes are, a browser that opens them runs and loads nothing."""


async def view(ctx: Context, picture: Picture | None) -> Response[bytes]:
    """The copy for viewing, without metadata, inline. Raises NotFound."""
    if picture is None or ctx.app.objects is None:
        raise NotFound("there is no such picture")
    content = await ctx.app.objects.get(picture.view_key)
    return _answer(content, VIEW_TYPE, "inline", f"{picture.id}.jpg")


async def original(ctx: Context, picture: Picture | None) -> Response[bytes]:
    """The bytes as handed in, whose hash is in the chain: always a download. Raises NotFound."""
    if picture is None or ctx.app.objects is None:
        raise NotFound("there is no such picture")
    content = await ctx.app.objects.get(picture.original_key)
    return _answer(content, picture.media_type, "attachment", picture.filename)


def _answer(content: bytes, media_type: str, how: str, name: str) -> Response[bytes]:
    plain = "".join(char if (char.isascii() and char.isalnum()) or char in "._-" else "_" for char in name)
    return Response(
        content=content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": _ALONE,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
