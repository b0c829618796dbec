"""The files a page may load, all from our own address. Names carry a content hash, so they are kept for a year."""

import hashlib
from functools import cache
from pathlib import Path

from litestar.datastructures import CacheControlHeader
from litestar.router import Router
from litestar.static_files import create_static_files_router

FOLDER = Path(__file__).with_name("static")
PREFIX = "/static"
YEAR_SECONDS = 31_536_000


@cache
def static(name: str) -> str:
    """The address of a file in static/, with the first 10 digits of its SHA-256. Raises FileNotFoundError."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"{PREFIX}/{name}?v={digest[:10]}"


def static_router() -> Router:
    """The route that serves static/. To be mounted by boot."""
    kept = CacheControlHeader(public=True, max_age=YEAR_SECONDS, immutable=True)
    return create_static_files_router(path=PREFIX, directories=[FOLDER], cache_control=kept, name="static")
