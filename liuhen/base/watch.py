"""What was found when somebody looked at the whole: books, chains, backups, work that fails. Written by the worker and
`liuhen backup`, read by /metrics."""

from datetime import datetime

from msgspec import Struct

from liuhen.base.db import Tx


class Look(Struct, frozen=True, kw_only=True):
    """looked_at: UTC. faults, faults_before: in the round under way and in the last whole one.
    place: how far the round has come, in the look's own words."""

    name: str
    looked_at: datetime
    faults: int = 0
    faults_before: int = 0
    place: str = ""

    @property
    def told(self) -> int:
        """What is to be told: a fault stays until a whole round no longer finds it."""
        return max(self.faults, self.faults_before)


async def note(tx: Tx, look: Look) -> None:
    """The newest look of its name takes the place of the one before."""
    await tx.execute(
        "insert into watch (name, looked_at, faults, faults_before, place) values ($1, $2, $3, $4, $5)"
        " on conflict (name) do update set looked_at = excluded.looked_at,"
        " faults = excluded.faults, faults_before = excluded.faults_before, place = excluded.place",
        look.name,
        look.looked_at,
        look.faults,
        look.faults_before,
        look.place,
    )


async def forget(tx: Tx, names: str, before: datetime) -> None:
    """Looks whose name begins so and that nobody repeated since `before` (UTC): of processes that ended."""
    await tx.execute("delete from watch where name like $1 || '%' and looked_at < $2", names, before)


async def looks(tx: Tx) -> list[Look]:
    """All of them, by name."""
    rows = await tx.fetch("select name, looked_at, faults, faults_before, place from watch order by name")
    return [Look(**dict(row)) for row in rows]
