"""Card keys at rest: sealed by AES-256-GCM, found again by keyed fingerprints. Nothing here opens a seal.

What is sealed is an envelope: the original bytes of the seller's line with the encoding they are in (a GBK
line stays GBK, so that what the seller handed in can be proven byte by byte), and the fields read from it.

Fingerprints, each HMAC-SHA-256(sub-key, kind, SHA-256(form)):
- exact form: the fields, full-width forms folded and outer blanks trimmed, joined by one TAB, as UTF-8.
  Fields hold no control characters, so the join can't be ambiguous. For a key alone it is just the key. An
  issuer that must not send a key sends SHA-256 of this form; `fp_from_sha256` gives the same fingerprint.
- folded form, where case does not matter: NFKC, upper case, blanks and dashes inside the fields left out.
- serial form: the first field of goods with several fields (card number, login): NFKC, upper case, blanks
  left out, and dashes too if only digits remain (a-b@x and ab@x are two logins, 6212-3456 is one card).
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.errors import InvalidInput
from liuhen.base.masking import mask_fields
from liuhen.base.text import fold_case, fold_serial, fold_width

_PLACE = b"stock_key.sealed"
_JOIN = "\t"


class Label(StrEnum):
    """What a field of a key is; pages have the words."""

    KEY = "KEY"
    CARD_NUMBER = "CARD_NUMBER"
    PASSWORD = "PASSWORD"
    LOGIN = "LOGIN"
    MAIL = "MAIL"
    MAIL_PASSWORD = "MAIL_PASSWORD"


class KeyContent(NamedTuple):
    """The plaintext of one key.

    Fields: raw, the line's own bytes as uploaded, without byte order mark and line end; encoding, the Python
    name to read them with; fields, what the buyer is shown, full-width forms folded; labels, one per field.
    """

    raw: bytes
    encoding: str
    fields: tuple[str, ...]
    labels: tuple[str, ...]

    def __repr__(self) -> str:
        return f"KeyContent({len(self.fields)} fields)"  # a traceback or log must not show a key

    @property
    def original(self) -> str:
        """The line as the seller wrote it."""
        return self.raw.decode(self.encoding)


class Fingerprints(NamedTuple):
    """Keyed hashes, 32 bytes each. `folded` is None where case matters, `serial` for a key alone."""

    exact: bytes
    folded: bytes | None
    serial: bytes | None


class Envelope(msgspec.Struct, array_like=True, frozen=True):
    """The plaintext inside a seal. New members go to the end with a default: old seals must still open."""

    raw: bytes
    encoding: str
    fields: tuple[str, ...]
    labels: tuple[str, ...]


def place(book_id: UUID, key_id: UUID) -> bytes:
    """What a seal is bound to: table, column, book and row (48 bytes)."""
    return _PLACE + book_id.bytes + key_id.bytes


def seal(keyring: KeyRing, book_id: UUID, key_id: UUID, content: KeyContent) -> bytes:
    """The bytes for stock_key.sealed; they open at this row alone."""
    envelope = Envelope(content.raw, content.encoding, content.fields, content.labels)
    return keyring.encrypt(Purpose.SEAL, place(book_id, key_id), msgspec.msgpack.encode(envelope))


def fingerprints(keyring: KeyRing, fields: Sequence[str], case_sensitive: bool) -> Fingerprints:
    """Parameters: fields, as shown to the buyer; case_sensitive, the product's setting."""
    if not any(fields):
        raise InvalidInput("a key without content has no fingerprint")
    exact = _tag(keyring, b"exact", exact_form(fields))
    folded = None if case_sensitive else _tag(keyring, b"folded", folded_form(fields))
    serial = serial_fingerprint(keyring, fields[0]) if len(fields) > 1 else None
    return Fingerprints(exact, folded, serial)


def fp_from_sha256(keyring: KeyRing, digest: bytes) -> bytes:
    """The exact fingerprint of a key of which only SHA-256 of its exact form is known (32 bytes)."""
    if len(digest) != hashlib.sha256().digest_size:
        raise InvalidInput("a SHA-256 has 32 bytes")
    return keyring.hmac(Purpose.FINGERPRINT, b"exact", digest)


def serial_fingerprint(keyring: KeyRing, serial: str) -> bytes:
    """The fingerprint that a card number or login is looked up by."""
    return _tag(keyring, b"serial", fold_serial(serial).encode())


def exact_form(fields: Sequence[str]) -> bytes:
    return _JOIN.join(map(fold_width, fields)).encode()


def folded_form(fields: Sequence[str]) -> bytes:
    return _JOIN.join(map(fold_case, fields)).encode()


def mask(fields: Sequence[str]) -> str:
    """What everybody but the buyer sees: at most two characters at either end of long fields."""
    return mask_fields(fields)


def _tag(keyring: KeyRing, kind: bytes, form: bytes) -> bytes:
    return keyring.hmac(Purpose.FINGERPRINT, kind, hashlib.sha256(form).digest())
