"""Keys under one master key: sub-keys by purpose, sealed bytes, and tags that only this house can compute.

The master key never touches data. HKDF-SHA-256 (RFC 5869) derives one 32-byte sub-key per purpose and
version, so that what is sealed for one purpose can't be opened, or its tag reused, for another. Encryption
is AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D: at most 2**32 messages under one sub-key; rotate
long before that).

Rotation: the newest version seals, every older one still opens. Tags that are *looked up* (fingerprints,
token hashes) stay on the oldest version, since a lookup must find what was written years ago; hence the
oldest may never be dropped. Tags that are *presented* (cookies, CSRF, cursors) are made with the newest,
accepted from any.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liuhen.base.errors import InvalidInput

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
OVERHEAD_BYTES = 1 + _NONCE_BYTES + _TAG_BYTES
_SALT = b"liuhen/master/1"
_FILE_HEAD = "# liuhen master keys: without this file no card key can be read again. Keep a copy apart.\n"


class Purpose(StrEnum):
    """What a sub-key is for. A value is part of the derivation: it is never renamed, only added to."""

    SEAL = "stock.seal"
    FINGERPRINT = "stock.fingerprint"
    STAGED = "keyfiles.staged"
    HANDOVER = "orders.handover"
    TOKEN = "people.token"
    COOKIE = "edge.cookie"
    CSRF = "edge.csrf"
    CURSOR = "edge.cursor"
    WEBHOOK = "webhooks.secret"
    CHANNEL = "payments.secret"
    WITNESS = "base.witness"
    REPLAY = "people.replay"


class KeyRing:
    """All master keys of this installation. Built once, in boot, from the text of the master key file."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        """Parameters: keys, version (1..255) to 32 bytes. Raises InvalidInput when empty or out of range."""
        if not keys:
            raise InvalidInput("the master key file holds no key")
        for version, key in keys.items():
            if not 1 <= version <= 255 or len(key) != KEY_BYTES:
                raise InvalidInput("a master key has a version from 1 to 255 and 32 bytes", version=version)
        self._subkeys = {(v, use): _derive(key, use) for v, key in keys.items() for use in Purpose}
        self._ciphers = {at: AESGCM(subkey) for at, subkey in self._subkeys.items()}
        self._newest = max(keys)
        self._oldest = min(keys)

    @property
    def versions(self) -> tuple[int, int]:
        """(oldest, newest) version on the ring."""
        return self._oldest, self._newest

    def encrypt(self, purpose: Purpose, aad: bytes, plaintext: bytes) -> bytes:
        """version byte ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag.

        Parameters: aad, what the bytes are bound to (table, column, row ...); needed again to open.
        """
        head = bytes([self._newest])
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return head + nonce + self._ciphers[self._newest, purpose].encrypt(nonce, plaintext, head + aad)

    def decrypt(self, purpose: Purpose, aad: bytes, sealed: bytes) -> bytes:
        """Raises InvalidInput when the bytes were changed, belong elsewhere or their key is missing."""
        if len(sealed) < OVERHEAD_BYTES:
            raise InvalidInput("sealed bytes are too short")
        head, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        cipher = self._ciphers.get((head[0], purpose))
        if cipher is None:
            raise InvalidInput("the master key of these bytes is not on the ring", version=head[0])
        try:
            return cipher.decrypt(nonce, body, head + aad)
        except InvalidTag as error:
            raise InvalidInput("sealed bytes do not fit their place") from error

    def tag(self, purpose: Purpose, *parts: bytes) -> bytes:
        """HMAC-SHA-256 (32 bytes) under the newest version, for what is handed out and presented again."""
        return _mac(self._subkeys[self._newest, purpose], parts)

    def tag_fits(self, purpose: Purpose, tag: bytes, *parts: bytes) -> bool:
        """Whether `tag` was made by any version on the ring; compares in constant time."""
        fits = False
        for (_version, made_for), subkey in self._subkeys.items():
            if made_for is purpose:
                fits |= hmac.compare_digest(tag, _mac(subkey, parts))
        return fits

    def hmac(self, purpose: Purpose, *parts: bytes) -> bytes:
        """HMAC-SHA-256 (32 bytes) under the oldest version: the same input gives the same bytes for ever."""
        return _mac(self._subkeys[self._oldest, purpose], parts)

    def hash_token(self, token: str) -> bytes:
        """What is stored of a session, bearer or reset token (all random, so no slow hash is needed)."""
        return self.hmac(Purpose.TOKEN, token.encode())

    def witness(self) -> bytes:
        """8 bytes that name this ring without telling it, to compare with those the database keeps."""
        return self.hmac(Purpose.WITNESS, b"witness")[:8]


def new_token(prefix: str) -> str:
    """A secret of 256 random bits in URL-safe characters. Parameters: prefix, its kind, such as `lh_s_`."""
    return prefix + secrets.token_urlsafe(32)


def new_master_key(version: int = 1) -> str:
    """One line of the master key file. Boot writes it with mode 0600 at first start."""
    return f"{version}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"


def new_master_file() -> str:
    """The whole text of a first master key file."""
    return _FILE_HEAD + new_master_key()


def parse_master_keys(text: str) -> dict[int, bytes]:
    """Reads `version:base64` lines; blank lines and lines with # are skipped.

    Raises InvalidInput with the line number, never with the line.
    """
    keys: dict[int, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        version, colon, body = line.strip().partition(":")
        try:
            key = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidInput(f"line {number} of the master key file is not base64", line=number) from error
        if not colon or not (version.isascii() and version.isdigit()) or len(key) != KEY_BYTES:
            raise InvalidInput(f"line {number} of the master key file is not version:key", line=number)
        if int(version) in keys:
            raise InvalidInput(f"line {number} of the master key file repeats a version", line=number)
        keys[int(version)] = key
    return keys


def sha256(data: bytes) -> bytes:
    """Plain SHA-256, 32 bytes: for content that is not secret or is hashed once more."""
    return hashlib.sha256(data).digest()


def _derive(key: bytes, purpose: Purpose) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=_SALT, info=purpose.encode()).derive(key)


def _mac(subkey: bytes, parts: tuple[bytes, ...]) -> bytes:
    """Every part goes in with its length, so that ("ab", "c") and ("a", "bc") differ."""
    mac = hmac.new(subkey, digestmod=hashlib.sha256)
    for part in parts:
        mac.update(len(part).to_bytes(8, "big") + part)
    return mac.digest()
