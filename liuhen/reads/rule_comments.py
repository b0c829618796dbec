"""What parties have said about versions of the rules: one's own words, and all of them for who weighs them."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx

PAGE = 50


class RuleComment(msgspec.Struct, frozen=True, kw_only=True):
    """One comment. name: the shop's name where there is one, else the party's."""

    id: UUID
    version: str
    body: str
    created_at: datetime
    party_id: UUID
    name: str


class RuleCommentList(msgspec.Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    comments: tuple[RuleComment, ...]
    next: UUID | None


_SELECT = """
select c.id, c.version, c.body, c.created_at, c.book_id as party_id,
    coalesce(s.name, p.display_name, '') as name
from rule_comment c
left join party p on p.book_id = c.book_id
left join shop s on s.book_id = c.book_id
"""


async def mine(tx: Tx, party_id: UUID, version: str) -> tuple[RuleComment, ...]:
    """One party's comments on one version, oldest first."""
    rows = await tx.fetch(f"{_SELECT} where c.book_id = $1 and c.version = $2 order by c.id", party_id, version)
    return tuple(msgspec.convert(dict(row), RuleComment) for row in rows)


async def all_of(tx: Tx, version: str, *, after: UUID | None = None, limit: int = PAGE) -> RuleCommentList:
    """Everybody's comments on one version, oldest first. Parameters: after, the id where the page before ended."""
    rows = await tx.fetch(
        f"{_SELECT} where c.version = $1 and ($2::uuid is null or c.id > $2) order by c.id limit $3",
        version,
        after,
        limit + 1,
    )
    found = tuple(msgspec.convert(dict(row), RuleComment) for row in rows[:limit])
    return RuleCommentList(found, found[-1].id if len(rows) > limit else None)


async def counts(tx: Tx) -> dict[str, int]:
    """How many comments each version has."""
    rows = await tx.fetch("select version, count(*) as n from rule_comment group by version")
    return {row["version"]: row["n"] for row in rows}
