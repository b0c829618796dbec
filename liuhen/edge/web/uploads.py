"""Pictures from a form: each is handed to the flow by itself, and a bad one is named by its own name."""

from collections.abc import Awaitable, Callable, Iterable

from litestar.datastructures import UploadFile

from liuhen.base.errors import InvalidInput, TooLarge
from liuhen.evidence.model import MAX_PER_CASE, MAX_PICTURE_BYTES

PICTURES_BODY = MAX_PER_CASE * MAX_PICTURE_BYTES + 1_000_000
"""Bytes of a form with six pictures."""

Keep = Callable[[str, bytes], Awaitable[None]]


async def take_pictures(files: Iterable[UploadFile], keep: Keep) -> int:
    """Hands every file over. Returns how many were kept.

    Parameters: keep, takes name and bytes. Raises InvalidInput with a reason and the file's name; what came before
    it is kept.
    """
    done = 0
    for file in files:
        if not file.filename:
            continue
        try:
            await keep(file.filename, await file.read(MAX_PICTURE_BYTES + 1))
        except TooLarge as error:
            reason = "too_many_pictures" if error.data.get("limit") == MAX_PER_CASE else "picture_too_large"
            raise InvalidInput(error.message, reason=reason, field="pictures", name=file.filename[-60:]) from error
        except InvalidInput as error:
            raise InvalidInput(
                error.message, reason="not_a_picture", field="pictures", name=file.filename[-60:]
            ) from error
        done += 1
    return done
