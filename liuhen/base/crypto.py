"""Keys under one master key: sub-keys by purpose, sealed bytes, and tags that only this house can compute.

The master key never touches data. HKDF-SHA-256 (RFC 5869) derives one 32-byte sub-key per purpose and
version, so that what is sealed for one purpose can't be opened, or its tag reused, for another. Encryption
is AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D: at most 2**32 messages under one sub-key; rotate
long before that).

Rotation: the newest version seals, every older one still opens. Tags that are *looked up* (fingerprints,
token hashes) can't be made anew from what is stored, so their sub-keys never change: they come from the oldest
version, and from the first rotation on they stand in the file as lines of their own, so that the oldest version can
be retired (docs/decisions/0070). Tags that are *presented* (cookies, CSRF, cursors) are made with the newest,
accepted from any. A ring that follows its file seals with a new version from the moment it is written there.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liuhen.base.errors import Erased, InvalidInput, KeyMissing

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
OVERHEAD_BYTES = 1 + _NONCE_BYTES + _TAG_BYTES
_SALT = b"liuhen/master/1"
_LOOKUP = "lookup "
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
    SECOND_FACTOR = "people.second_factor"


LOOKUPS = (Purpose.FINGERPRINT, Purpose.TOKEN, Purpose.STAGED, Purpose.REPLAY, Purpose.WITNESS)
"""What `hmac` is for: purposes whose tags the database is searched by."""


class KeyFile(NamedTuple):
    """A master key file: version to key, and the sub-keys of lookups, empty before the first rotation."""

    keys: Mapping[int, bytes]
    lookups: Mapping[Purpose, bytes]


class _State(NamedTuple):
    subkeys: Mapping[tuple[int, Purpose], bytes]
    ciphers: Mapping[tuple[int, Purpose], AESGCM]
    lookups: Mapping[Purpose, bytes]
    held: tuple[int, ...]


class KeyRing:
    """All master keys of this installation. Built once, in boot, from the text of the master key file."""

    def __init__(
        self,
        keys: Mapping[int, bytes],
        lookups: Mapping[Purpose, bytes] | None = None,
        follow: Callable[[], KeyFile | None] | None = None,
    ) -> None:
        """Parameters: keys, version (1..255) to 32 bytes; lookups, sub-keys that stay, empty: the oldest version's;
        follow, asked before every seal whether the file has become another. Raises InvalidInput when there is no key
        or one is out of range.
        """
        self._state = _state(KeyFile(keys, lookups or {}))
        self._follow = follow

    @classmethod
    def of(cls, text: str) -> "KeyRing":
        """The ring of a master key file as it is now. Raises InvalidInput."""
        return cls(*parse_key_file(text))

    @property
    def held(self) -> tuple[int, ...]:
        """Versions on the ring, the oldest first; the last one seals."""
        return self._state.held

    @property
    def versions(self) -> tuple[int, int]:
        """(oldest, newest) version on the ring."""
        return self.held[0], self.held[-1]

    @property
    def newest(self) -> int:
        """The version that seals, after a look at the file."""
        return self._now().held[-1]

    @property
    def lookups(self) -> Mapping[Purpose, bytes]:
        """The sub-keys of lookups: what a rotation writes down so that they stay."""
        return self._state.lookups

    def _now(self) -> _State:
        """The state after a look at the file (a stat of 1 µs)."""
        fresh = self._follow() if self._follow is not None else None
        if fresh is not None:
            self._state = _state(fresh)
        return self._state

    def encrypt(self, purpose: Purpose, aad: bytes, plaintext: bytes) -> bytes:
        """version byte ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag.

        Parameters: aad, what the bytes are bound to (table, column, row ...); needed again to open.
        """
        state = self._now()
        head = bytes([state.held[-1]])
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return head + nonce + state.ciphers[head[0], purpose].encrypt(nonce, plaintext, head + aad)

    def decrypt(self, purpose: Purpose, aad: bytes, sealed: bytes) -> bytes:
        """Raises KeyMissing when no version at hand opens it, Erased when nothing is left of it, InvalidInput when the
        bytes were changed or belong elsewhere.
        """
        if not sealed:
            raise Erased("what was sealed here was erased")
        if len(sealed) < OVERHEAD_BYTES:
            raise InvalidInput("sealed bytes are too short")
        head, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        at = (head[0], purpose)
        cipher = self._state.ciphers.get(at) or self._now().ciphers.get(at)
        if cipher is None:
            raise KeyMissing("the master key of these bytes is not on the ring", version=head[0])
        try:
            return cipher.decrypt(nonce, body, head + aad)
        except InvalidTag as error:
            raise InvalidInput("sealed bytes do not fit their place") from error

    def tag(self, purpose: Purpose, *parts: bytes) -> bytes:
        """HMAC-SHA-256 (32 bytes) under the newest version, for what is handed out and presented again."""
        state = self._now()
        return _mac(state.subkeys[state.held[-1], purpose], parts)

    def tag_fits(self, purpose: Purpose, tag: bytes, *parts: bytes) -> bool:
        """Whether `tag` was made by any version on the ring; compares in constant time."""
        fits = False
        for (_version, made_for), subkey in self._now().subkeys.items():
            if made_for is purpose:
                fits |= hmac.compare_digest(tag, _mac(subkey, parts))
        return fits

    def hmac(self, purpose: Purpose, *parts: bytes) -> bytes:
        """HMAC-SHA-256 (32 bytes) for a lookup: the same input gives the same bytes for ever."""
        return _mac(self._state.lookups[purpose], parts)

    def hash_token(self, token: str) -> bytes:
        """What is stored of a session, bearer or reset token (all random, so no slow hash is needed)."""
        return self.hmac(Purpose.TOKEN, token.encode())

    def witness(self) -> bytes:
        """8 bytes that name this ring without telling it, to compare with those the database keeps."""
        return self.hmac(Purpose.WITNESS, b"witness")[:8]

    def witness_of(self, version: int) -> bytes:
        """8 bytes that name one version on the ring without telling it."""
        return _mac(self._state.subkeys[version, Purpose.WITNESS], (b"version",))[:8]


def new_token(prefix: str) -> str:
    """A secret of 256 random bits in URL-safe characters. Parameters: prefix, its kind, such as `lh_s_`."""
    return prefix + secrets.token_urlsafe(32)


def new_master_key(version: int = 1) -> str:
    """One line of the master key file. Boot writes it with mode 0600 at first start."""
    return f"{version}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"


def new_master_file() -> str:
    """The whole text of a first master key file."""
    return _FILE_HEAD + new_master_key()


def write_key_file(file: KeyFile) -> str:
    """The text of a master key file with these keys and lookup lines."""
    keys = "".join(f"{version}:{base64.b64encode(key).decode()}\n" for version, key in sorted(file.keys.items()))
    lookups = "".join(f"{_LOOKUP}{use}:{base64.b64encode(key).decode()}\n" for use, key in sorted(file.lookups.items()))
    return _FILE_HEAD + keys + lookups


def parse_key_file(text: str) -> KeyFile:
    """Reads `version:base64` and `lookup purpose:base64` lines; blank lines and lines with # are skipped.

    Raises InvalidInput with the line number, never with the line.
    """
    keys: dict[int, bytes] = {}
    lookups: dict[Purpose, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, body = line.strip().partition(":")
        try:
            key = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidInput(f"line {number} of the master key file is not base64", line=number) from error
        known = next((use for use in LOOKUPS if name == _LOOKUP + use), None)
        if not colon or not (known or (name.isascii() and name.isdigit())) or len(key) != KEY_BYTES:
            raise InvalidInput(f"line {number} of the master key file is not version:key", line=number)
        if known in lookups or (known is None and int(name) in keys):
            raise InvalidInput(f"line {number} of the master key file repeats a version", line=number)
        if known is not None:
            lookups[known] = key
        else:
            keys[int(name)] = key
    if lookups and set(lookups) != set(LOOKUPS):
        raise InvalidInput("the master key file lacks some of its lookup lines")
    return KeyFile(keys, lookups)


def sha256(data: bytes) -> bytes:
    """Plain SHA-256, 32 bytes: for content that is not secret or is hashed once more."""
    return hashlib.sha256(data).digest()


def _state(file: KeyFile) -> _State:
    if not file.keys:
        raise InvalidInput("the master key file holds no key")
    for version, key in file.keys.items():
        if not 1 <= version <= 255 or len(key) != KEY_BYTES:
            raise InvalidInput("a master key has a version from 1 to 255 and 32 bytes", version=version)
    subkeys = {(v, use): _derive(key, use) for v, key in file.keys.items() for use in Purpose}
    ciphers = {at: AESGCM(subkey) for at, subkey in subkeys.items()}
    held = tuple(sorted(file.keys))
    return _State(subkeys, ciphers, dict(file.lookups) or {use: subkeys[held[0], use] for use in LOOKUPS}, held)


def _derive(key: bytes, purpose: Purpose) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=_SALT, info=purpose.encode()).derive(key)


def _mac(subkey: bytes, parts: tuple[bytes, ...]) -> bytes:
    """Every part goes in with its length, so that ("ab", "c") and ("a", "bc") differ."""
    return hmac.digest(subkey, b"".join(len(part).to_bytes(8, "big") + part for part in parts), "sha256")
