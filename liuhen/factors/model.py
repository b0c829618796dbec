"""The second factor: what a party shows besides its password. Pure words and limits, no database."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct

CHALLENGE_LIFE = timedelta(minutes=5)
"""How long a browser may take to ask its passkey."""
PROOF_LIFE = timedelta(minutes=10)
"""How long after proving himself somebody may change how he signs in."""
BACKUP_CODES = 10
PASSKEYS_AT_ONCE = 10
NAME_LENGTH = (1, 60)
ANSWER_MOST = 20_000
"""Characters of a browser's answer; a real one has some two thousand."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I L O U
_GROUPS, _GROUP = 3, 5
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


class Way(StrEnum):
    """What was shown besides the password."""

    TOTP = "totp"
    PASSKEY = "passkey"
    BACKUP_CODE = "backup_code"


class Proof(Struct, frozen=True):
    """What somebody shows: a code that he typed (of the authenticator, or a backup code), or a passkey's answer as
    the browser's JSON. One of them is empty."""

    code: str = ""
    passkey: str = ""


class Place(Struct, frozen=True):
    """The site that passkeys are bound to: its origin (scheme, host, port), and its host alone as `rp_id`."""

    origin: str
    rp_id: str

    @property
    def takes_passkeys(self) -> bool:
        """Browsers offer passkeys to a name over TLS and to localhost, never to a bare address (WebAuthn, 5.1.3)."""
        if self.rp_id == "localhost":
            return True
        return self.origin.startswith("https://") and not _is_address(self.rp_id)


class Passkey(Struct, frozen=True):
    """A registered key. sign_count: as it last counted itself; 0 for keys that do not count. Times in UTC."""

    id: UUID
    name: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    created_at: datetime


def place_of(address: str) -> Place:
    """Parameters: address, how browsers reach the site, such as `https://shop.example`."""
    parts = urlsplit(address)
    return Place(origin=f"{parts.scheme}://{parts.netloc}".lower(), rp_id=parts.hostname or "")


def new_backup_codes() -> list[str]:
    """Ten codes of 75 random bits each, in three groups of five to be written down: `7K3QW-…`."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(BACKUP_CODES)]


def plain_code(typed: str) -> str:
    """A code however it was typed: no blanks or dashes, capitals, and what is easily misread as it was meant."""
    return "".join(char for char in typed.upper() if char.isalnum()).translate(_MISREAD)


def is_fresh(proved_at: datetime | None, now: datetime) -> bool:
    """Whether somebody proved himself lately enough to change how he signs in."""
    return proved_at is not None and now - proved_at <= PROOF_LIFE


def ways_of(totp: bool, passkeys: int) -> tuple[Way, ...]:
    """What a party can show; none where it has no second factor (backup codes alone are none)."""
    found: Iterable[tuple[Way, bool]] = ((Way.TOTP, totp), (Way.PASSKEY, passkeys > 0))
    first = tuple(way for way, has in found if has)
    return (*first, Way.BACKUP_CODE) if first else ()


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
