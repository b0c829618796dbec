"""Proof that a form came from our own page: the session's token, or for nobody a signed double submit.

Nobody's cookie holds a random value and our tag over it; his forms hold another tag over the same value. Neither
can be made without the key, so a planted cookie does not help whoever plants it.
"""

import hmac
import secrets
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import Request

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.errors import Forbidden
from liuhen.edge.context import house

FIELD = "csrf"
HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_RANDOM_CHARACTERS = 22


class BadCsrf(Forbidden):
    """The form is too old or was not sent from our page; load it again."""

    code = "csrf"


def cookie_name(secure: bool) -> str:
    return "__Host-liuhen_form" if secure else "liuhen_form"


def new_cookie(keys: KeyRing) -> str:
    """A fresh value for nobody's cookie."""
    random = secrets.token_urlsafe(16)
    return random + keys.tag(Purpose.CSRF, b"cookie", random.encode()).hex()


def token_of_cookie(keys: KeyRing, cookie: str | None) -> str | None:
    """The token that forms must show beside this cookie; None if we did not make the cookie."""
    if cookie is None or len(cookie) != _RANDOM_CHARACTERS + 64:
        return None
    random, tag = cookie[:_RANDOM_CHARACTERS].encode(), cookie[_RANDOM_CHARACTERS:]
    if not keys.tag_fits(Purpose.CSRF, _bytes(tag), b"cookie", random):
        return None
    return keys.tag(Purpose.CSRF, b"form", random).hex()


async def check(request: Request[Any, Any, Any], expected: str) -> None:
    """Raises BadCsrf unless the form or the header shows `expected`, or if the browser says it comes from elsewhere.

    Reads the form only where there is no header, so that its size limit is the route's.
    """
    if from_elsewhere(request):
        raise BadCsrf()
    shown = request.headers.get(HEADER)
    if shown is None:
        value = (await request.form()).get(FIELD)
        shown = value if isinstance(value, str) else ""
    if not expected or not hmac.compare_digest(shown.encode(), expected.encode()):
        raise BadCsrf()


def from_elsewhere(request: Request[Any, Any, Any]) -> bool:
    """What the browser says of the page that sent the form: Sec-Fetch-Site, or Origin where it does not know that
    (browsers send the first over TLS and to this machine alone). The token is asked for in any case."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False
    return origin != house(request).settings.address and _host_of(origin) != request.headers.get("host")


def _host_of(origin: str) -> str:
    """The origin itself where it is none: no host is called so."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return origin


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text) if all(char in "0123456789abcdef" for char in text) else b""
