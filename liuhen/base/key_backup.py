"""A copy of the master key file under a passphrase: Argon2id makes the key (RFC 9106, second
recommended option: 64 MiB, 3 passes, 4 lanes), AES-256-GCM seals.

The file is JSON; its head is bound to the sealed bytes, so that a weaker head cannot be put in its place.
"""

import base64
import secrets
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from liuhen.base.errors import InvalidInput

MIN_PASSPHRASE, MAX_PASSPHRASE = 12, 1024  # characters
_FORMAT = "liuhen-keys/1"
_MAX_MEMORY_KIB = 1 << 20  # a file that asks for more than 1 GiB is none of ours
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes the key. memory_kib, iterations and lanes are Argon2id's; salt and nonce in base64."""

    format: str
    salt: str
    nonce: str
    memory_kib: int = 65_536
    iterations: int = 3
    lanes: int = 4


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    head: _Head
    sealed: str


def check_passphrase(passphrase: str) -> str:
    """Raises InvalidInput for one that is too short to keep anything."""
    if not MIN_PASSPHRASE <= len(passphrase) <= MAX_PASSPHRASE:
        raise InvalidInput(f"a passphrase has {MIN_PASSPHRASE} to {MAX_PASSPHRASE} characters")
    return passphrase


def seal(text: str, passphrase: str) -> bytes:
    """The text of a master key file for a place of its own. Raises InvalidInput for a short passphrase."""
    check_passphrase(passphrase)
    head = _Head(_FORMAT, _coded(secrets.token_bytes(_SALT_BYTES)), _coded(secrets.token_bytes(_NONCE_BYTES)))
    body = _cipher(head, passphrase).encrypt(base64.b64decode(head.nonce), text.encode(), _bound(head))
    return msgspec.json.format(msgspec.json.encode(_File(head, _coded(body))), indent=1) + b"\n"


def unseal(data: bytes, passphrase: str) -> str:
    """Raises InvalidInput when it is no such file, was changed, or the passphrase is another."""
    try:
        file = msgspec.json.decode(data, type=_File)
        head, body = file.head, base64.b64decode(file.sealed, validate=True)
        if head.format != _FORMAT or not 8 * head.lanes <= head.memory_kib <= _MAX_MEMORY_KIB:
            raise InvalidInput("this is no copy of master keys that this version can read")
        cipher = _cipher(head, passphrase)
    except (msgspec.MsgspecError, ValueError) as error:
        raise InvalidInput("this is no copy of master keys") from error
    try:
        return cipher.decrypt(base64.b64decode(head.nonce), body, _bound(head)).decode()
    except (InvalidTag, ValueError) as error:
        raise InvalidInput("the passphrase is another one, or the copy was changed") from error


def _cipher(head: _Head, passphrase: str) -> AESGCM:
    salt: Any = base64.b64decode(head.salt, validate=True)
    derive = Argon2id(
        salt=salt, length=_KEY_BYTES, iterations=head.iterations, lanes=head.lanes, memory_cost=head.memory_kib
    )
    return AESGCM(derive.derive(passphrase.encode()))


def _bound(head: _Head) -> bytes:
    return msgspec.json.encode(head, order="sorted")


def _coded(data: bytes) -> str:
    return base64.b64encode(data).decode()
