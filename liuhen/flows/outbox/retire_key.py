"""A master key is retired: nothing is sealed under it any more, so it may leave the file."""

from datetime import datetime, timedelta

import msgspec

from liuhen.base import sealed
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import InvalidInput, NotFound, StateConflict

SETTLED = timedelta(hours=1)
"""What began before the rotation may still commit a seal of the old key; nothing runs that long."""


class KeyRetired(msgspec.Struct, frozen=True, kw_only=True):
    version: int


async def retire_key(db: Database, version: int, *, keys: KeyRing, now: datetime) -> KeyRetired:
    """Writes down that the version is not needed. Its line in the file is the caller's.

    Raises NotFound, InvalidInput (the newest), StateConflict with what still needs it; then all columns are gone
    through once more.
    """
    if version == keys.newest:
        raise InvalidInput("The newest key seals: rotate first.")

    async def work(tx: Tx) -> list[str]:
        known = {row["version"]: row for row in await sealed.versions(tx)}
        if version not in known:
            raise NotFound(f"There is no version {version}.")
        rotated = known[keys.newest]["made_at"] if keys.newest in known else now
        if now - rotated < SETTLED:
            return [f"version {keys.newest} is younger than an hour; something that began before it may still commit"]
        counted = await sealed.by_version(tx)
        needed = [f"{found[version]} rows of {name}" for name, found in counted.items() if version in found]
        if needed:
            await sealed.begin(tx, keys.newest, now, again=True)
            return needed
        replies = await sealed.replies_before(tx, rotated + SETTLED)
        if replies:
            return [f"{replies} stored replies to repeated requests, which go after 30 days"]
        await sealed.mark_gone(tx, version, "RETIRED", now)
        return []

    needed = await db.transact(work, now=now)
    if needed:
        raise StateConflict(f"Version {version} is still needed: {'; '.join(needed)}.")
    return KeyRetired(version=version)
