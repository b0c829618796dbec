"""What a browser has sent, before anything is made of it: text that is text, in a form and in an address."""

from typing import Any

from litestar.connection import Request
from litestar.datastructures.multi_dicts import FormMultiDict
from litestar.types import Scope

from liuhen.base.errors import InvalidInput, NotFound


class SentRequest(Request[Any, Any, Any]):
    """A request whose form holds text in UTF-8 without NUL characters, which the database cannot keep."""

    async def form(self) -> FormMultiDict:
        """Raises InvalidInput for bytes that are no text, or text that says it is in a charset that there is not."""
        try:
            sent = await super().form()
        except (UnicodeError, LookupError) as error:
            raise InvalidInput("the form holds bytes that are no text in UTF-8", reason="not_understood") from error
        for name, value in sent.multi_items():
            if "\x00" in name or (isinstance(value, str) and "\x00" in value):
                raise InvalidInput("text with a NUL character cannot be kept", reason="not_understood")
            if isinstance(value, str) and not _is_text(value):
                raise InvalidInput("the form holds halves of characters", reason="not_understood")
        return sent


def _is_text(value: str) -> bool:
    """Whether it can be written in UTF-8: some charsets (`unicode_escape`) bring forth halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_address(scope: Scope) -> None:
    """Raises NotFound: no address of ours holds a NUL character."""
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        raise NotFound("there is no such address")
