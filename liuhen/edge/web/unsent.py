"""What somebody wrote into a form that was not taken: the page that says so gives it back, to copy, not lost."""

from typing import Any

from litestar.connection import Request

from liuhen.edge.web import csrf
from liuhen.edge.web.forms import is_secret

_STATE = "unsent"
_STRANGERS_BODY = 100_000
"""Bytes of a form that is still read when the session has ended; an upload is not."""
_MOST_CHARACTERS = 20_000


async def keep(request: Request[Any, Any, Any]) -> None:
    """Remembers the words of this request's form, for the case that it is refused. Not of one that another site sent,
    and not of what is no form."""
    if csrf.from_elsewhere(request) or csrf.HEADER in request.headers:
        return
    sent = await request.form()
    found = [v for k, v in sent.multi_items() if isinstance(v, str) and not is_secret(k) and _is_prose(v)]
    request.scope["state"][_STATE] = [text[:_MOST_CHARACTERS] for text in dict.fromkeys(found)]


async def keep_of_stranger(request: Request[Any, Any, Any]) -> None:
    """The same for who is not signed in any more; nothing large is read."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) <= _STRANGERS_BODY:
        await keep(request)


def words_of(request: Request[Any, Any, Any]) -> list[str]:
    """The words of a form that was not taken; none for a page that was only opened."""
    found: list[str] = request.scope.get("state", {}).get(_STATE, [])
    return found


def _is_prose(text: str) -> bool:
    """Words that somebody wrote, not a choice, a number or an id."""
    plain = text.strip()
    return len(plain) >= 2 and any(ord(char) > 127 or char.isspace() for char in plain)
