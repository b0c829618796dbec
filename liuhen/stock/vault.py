"""The only place where a card key becomes readable: imported by the flows that show it, by nobody else."""

from uuid import UUID

import msgspec

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.errors import InvalidInput
from liuhen.stock.seal import Envelope, KeyContent, place


def open_seal(keyring: KeyRing, book_id: UUID, key_id: UUID, sealed: bytes) -> KeyContent:
    """The plaintext of the key in this row. Raises InvalidInput if the bytes were changed or moved."""
    packed = keyring.decrypt(Purpose.SEAL, place(book_id, key_id), sealed)
    try:
        envelope = msgspec.msgpack.decode(packed, type=Envelope)
    except msgspec.DecodeError as error:
        raise InvalidInput("the envelope in a seal cannot be read") from error
    return KeyContent(envelope.raw, envelope.encoding, envelope.fields, envelope.labels)
