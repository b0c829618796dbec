"""A party says what he thinks of rules that are not in force yet (电商法 34(1); 平台规则办法 10, 11)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, NotFound, RateLimited, StateConflict
from liuhen.base.ids import new_id
from liuhen.parties import store
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.rulebook_line import OPEN_TO_WORDS, SHOWN, stage_of

MAX_COMMENT = 2000
MAX_COMMENTS = 20
"""By one party on one version."""


class CommentOnRules(Struct, frozen=True, kw_only=True):
    party_id: UUID
    version: str
    text: str


class RulesCommented(Struct, frozen=True):
    comment_id: UUID


async def comment_on_rules(
    db: Database, cmd: CommentOnRules, *, rulebooks: Sequence[Rulebook], now: datetime, once: Once | None = None
) -> RulesCommented:
    """Keeps the comment for good. Frozen parties may speak too.

    Parameters: rulebooks, all versions; now, UTC. Raises NotFound (no such version in public), StateConflict (it is in
    force or past), InvalidInput (empty or more than 2000 characters), RateLimited (20 by this party are kept).
    """
    book = next((book for book in rulebooks if book.version == cmd.version), None)
    stage = stage_of(book, rulebooks, now) if book is not None else None
    if book is None or stage not in SHOWN:
        raise NotFound("no such rulebook")
    if stage not in OPEN_TO_WORDS:
        raise StateConflict("this version is not open to comment")
    text = cmd.text.strip()
    if not 1 <= len(text) <= MAX_COMMENT:
        raise InvalidInput("say something short", fields={"text": ("length", 1, MAX_COMMENT)})

    async def work(tx: Tx) -> RulesCommented:
        await store.lock(tx, cmd.party_id)
        if await store.count_rule_comments(tx, cmd.party_id, book.version) >= MAX_COMMENTS:
            raise RateLimited("enough comments on one version")
        comment_id = new_id(now)
        await store.add_rule_comment(tx, cmd.party_id, comment_id, book.version, text, now)
        return RulesCommented(comment_id)

    return await db.transact(work, now=now, once=once, result=RulesCommented)
