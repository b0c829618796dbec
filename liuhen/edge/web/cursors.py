"""Where the next page of a list begins, as one short word of an address."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from liuhen.base.errors import NotFound

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 80


def write(at: datetime, id: UUID) -> str:
    """A place in a list that is sorted by time and id. at: aware, UTC."""
    return f"{(at - _START) // timedelta(microseconds=1)}-{id.hex}"


def read(text: str | None) -> tuple[datetime, UUID] | None:
    """The place, None for no text. Raises NotFound for an address that we did not make."""
    if not text:
        return None
    micros, _, hex_id = text.partition("-")
    id = read_id(hex_id)
    if not (micros.isascii() and micros.isdigit()) or len(micros) > 17 or id is None:
        raise NotFound("no such page")
    return _START + timedelta(microseconds=int(micros)), id


def read_id(text: str | None) -> UUID | None:
    """An id in an address, None for no text. Raises NotFound for one that we did not make."""
    if not text:
        return None
    if len(text) > _MOST:
        raise NotFound("no such page")
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("no such page") from error
