"""How often one login, address or party may try, counted in the database so that all web processes count together."""

import hashlib
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

from msgspec import Struct

from liuhen.base.db import Tx
from liuhen.parties import store

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class Limit(Struct, frozen=True):
    """At most `most` tries by one subject within each window of fixed length."""

    name: str
    most: int
    window: timedelta

    def began(self, now: datetime) -> datetime:
        """The start of the window that `now` (UTC) lies in."""
        return now - (now - _EPOCH) % self.window


SIGN_IN_LOGIN = Limit("sign_in.login", 10, timedelta(minutes=15))
SIGN_IN_IP = Limit("sign_in.ip", 100, timedelta(minutes=15))
REGISTER_IP = Limit("register.ip", 60, timedelta(hours=1))
RESET_LOGIN = Limit("reset.login", 10, timedelta(hours=1))
RESET_IP = Limit("reset.ip", 60, timedelta(hours=1))
PASSWORD_PARTY = Limit("password.party", 10, timedelta(minutes=15))
CODE_PARTY = Limit("code.party", 5, timedelta(minutes=15))
CODE_DAY = Limit("code.day", 30, timedelta(days=1))
"""Three of a million codes fit at any time: who knows the password and guesses all day is right once in 30 years."""
CODE_IP = Limit("code.ip", 60, timedelta(minutes=15))

Tries = tuple[tuple[Limit, str], ...]


async def count(tx: Tx, tries: Tries, now: datetime) -> int:
    """Counts one try per (limit, subject); an empty subject is not counted. Locks counters in the given order.

    Returns the seconds to wait, 0 where all limits hold. Commit in either case: a refused try is a try.
    """
    wait = 0
    for limit, subject in tries:
        if not subject:
            continue
        began = limit.began(now)
        if await store.count_try(tx, _key(limit, subject), began) > limit.most:
            wait = max(wait, int((began + limit.window - now).total_seconds()) + 1)
    return wait


async def forgive(tx: Tx, tries: Tries, now: datetime) -> None:
    """A try that turned out well is not held against anybody."""
    for limit, subject in tries:
        if subject:
            await store.forget_tries(tx, _key(limit, subject), limit.began(now))


async def forgive_all(tx: Tx, tries: Tries, now: datetime) -> None:
    """What others tried is not held against who has proven to be the owner."""
    for limit, subject in tries:
        await store.forget_all_tries(tx, _key(limit, subject), limit.began(now))


def network(ip: str) -> str:
    """The address that is counted: an IPv6 site has a whole /64 to itself; an IPv4 address stays one, even where a
    socket for both kinds or a proxy writes it as `::ffff:203.0.113.9`."""
    try:
        parsed = ip_address(ip)
    except ValueError:
        return ip
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


def _key(limit: Limit, subject: str) -> str:
    """Hashed: people type passwords into login fields, and nobody needs to read these rows."""
    return f"{limit.name}:{hashlib.sha256(subject.encode(errors='replace')).hexdigest()[:24]}"
