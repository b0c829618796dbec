"""Pictures as people hand them in: known by content, bounded before they are decoded, re-encoded for viewing."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError

from liuhen.base.errors import InvalidInput, TooLarge
from liuhen.evidence.model import FORMATS, MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, MAX_VIEW_EDGE, MAX_WEBP_PIXELS

VIEW_TYPE = "image/jpeg"
_QUALITY = 88
_ONE_AT_A_TIME = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
"""A few bytes may decode to half a gigabyte: six at once would take the machine, and all threads from others."""
_NAME_JUNK = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069/\\]")


class Viewable(msgspec.Struct, frozen=True, kw_only=True):
    """media_type, width and height are the original's; view is a JPEG without any metadata, at most 2048 px long."""

    media_type: str
    width: int
    height: int
    view: bytes


async def draw(data: bytes) -> Viewable:
    """`make_viewable` in a thread of its own, one picture of this process after the other. Raises what that raises."""
    return await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, make_viewable, data)


def make_viewable(data: bytes) -> Viewable:
    """Decodes and re-encodes; takes CPU time and memory, so doors come by `draw`.

    Raises TooLarge (bytes, or pixels as a bomb has them), InvalidInput (not JPEG, PNG or WebP, or broken).
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise TooLarge("a picture has at most 10 MB", limit=MAX_PICTURE_BYTES)
    try:
        with Image.open(BytesIO(data), formats=tuple(FORMATS)) as picture:
            kind = FORMATS[picture.format or ""]
            most = MAX_WEBP_PIXELS if picture.format == "WEBP" else MAX_PICTURE_PIXELS
            if picture.width * picture.height > most:
                raise TooLarge("the picture has too many pixels", limit=most)
            width, height = picture.size
            return Viewable(media_type=kind, width=width, height=height, view=_view(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLarge("the picture has too many pixels", limit=MAX_PICTURE_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError) as error:
        raise InvalidInput("this is not a whole JPEG, PNG or WebP picture") from error


def _view(picture: Image.Image) -> bytes:
    """The first frame, turned as its metadata says, on white where it is transparent, without any metadata."""
    picture.draft("RGB", (MAX_VIEW_EDGE, MAX_VIEW_EDGE))
    picture.thumbnail((MAX_VIEW_EDGE, MAX_VIEW_EDGE))  # first: a turned copy of the whole costs as much again
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
    else:
        flat = Image.new("RGB", upright.size)
        flat.paste(upright.convert("RGB"))
    out = BytesIO()
    flat.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def clean_name(name: str) -> str:
    """A file name for display: no path, no control or direction characters, at most 255."""
    return _NAME_JUNK.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()[-255:] or "picture"
