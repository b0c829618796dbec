"""Secrets that are shown once: recovery codes, tokens, and how a repeated request gets the same one again.

The database keeps hashes. The reply that an idempotency key stores holds the secret sealed under the key ring, so
that a copy of the database opens nothing.
"""

import secrets
from uuid import UUID

from liuhen.base.crypto import KeyRing, Purpose

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I L O U
_GROUPS, _GROUP = 5, 4
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_recovery_code() -> str:
    """100 random bits as five groups of four, to be written down: `7K3Q-…`."""
    groups = ["".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS)]
    return "-".join(groups)


def hash_recovery(keys: KeyRing, party_id: UUID, code: str) -> str:
    """What is stored of a recovery code, however its owner typed it. Bound to its party."""
    plain = "".join(char for char in code.upper() if char.isalnum()).translate(_MISREAD)
    return keys.hmac(Purpose.TOKEN, b"recovery", party_id.bytes, plain.encode()).hex()


def seal(keys: KeyRing, secret: str) -> bytes:
    """A secret for a stored reply."""
    return keys.encrypt(Purpose.REPLAY, b"idempotency.result", secret.encode())


def unseal(keys: KeyRing, sealed: bytes) -> str:
    """Raises InvalidInput when the bytes were changed."""
    return keys.decrypt(Purpose.REPLAY, b"idempotency.result", sealed).decode()
