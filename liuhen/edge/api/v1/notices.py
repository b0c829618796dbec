"""One's messages: what happened, with the page where to act."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar.params import FromPath

from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, shape
from liuhen.edge.context import Ctx
from liuhen.flows.outbox.read_notice import ReadNotice, read_notice
from liuhen.reads import inbox


class WhichNotices(Asked, frozen=True, kw_only=True):
    """unread_only: those not read yet."""

    unread_only: bool = False


class Notice(Answer, frozen=True, kw_only=True):
    """One message. data: its facts, by kind. link: path of the page; the last part is the order's or case's number."""

    id: UUID
    kind: str
    data: dict[str, Any]
    link: str
    created_at: datetime
    read_at: datetime | None


class Notices(Answer, frozen=True, kw_only=True):
    """One page, newest first. unread counts all pages."""

    items: list[Notice]
    next: str | None
    unread: int


class NoticesRead(Answer, frozen=True, kw_only=True):
    """Messages that were unread until now."""

    changed: int


@op("GET", "/notices", "read", "My messages")
async def list_notices(ctx: Ctx, asked: Take[WhichNotices]) -> Notices:
    """Newest first."""
    after = cursors.read(ctx, "notices", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await inbox.inbox(tx, ctx.me, unread_only=asked.unread_only, after=after, limit=asked.limit)
    items = [shape(item, Notice) for item in page.notices]
    return Notices(items=items, next=cursors.write(ctx, "notices", page.next), unread=page.unread)


@op("POST", "/notices/read", "read", "All messages are read")
async def read_all(ctx: Ctx) -> NoticesRead:
    """Doing it twice is no mistake."""
    done = await read_notice(ctx.db, ReadNotice(party_id=ctx.me), now=ctx.now)
    return NoticesRead(changed=done.changed)


@op("POST", "/notices/{notice_id:uuid}/read", "read", "One message is read")
async def read_one(ctx: Ctx, notice_id: FromPath[UUID]) -> NoticesRead:
    """Not found if it is not mine."""
    async with ctx.db.read() as tx:
        await inbox.notice_of(tx, ctx.me, notice_id)
    done = await read_notice(ctx.db, ReadNotice(party_id=ctx.me, notice_id=notice_id), now=ctx.now)
    return NoticesRead(changed=done.changed)


routes = [list_notices, read_all, read_one]
