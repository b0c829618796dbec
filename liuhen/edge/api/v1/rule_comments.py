"""Words on rules that are not in force yet: to say them, to see one's own, and all of them for who weighs them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import NotFound, RateLimited, StateConflict
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, Given, shape
from liuhen.edge.context import Context, Ctx
from liuhen.flows.people.comment_on_rules import MAX_COMMENT, CommentOnRules, comment_on_rules
from liuhen.reads import rule_comments


class NewComment(Given, frozen=True, kw_only=True):
    """text: which rule, and how it should read."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_COMMENT)]


class Commented(Answer, frozen=True, kw_only=True):
    """The comment's id."""

    comment_id: UUID


class MyComment(Answer, frozen=True, kw_only=True):
    """One's own words. They cannot be changed."""

    id: UUID
    version: str
    body: str
    created_at: datetime


class MyComments(Answer, frozen=True, kw_only=True):
    """Oldest first, at most 20."""

    items: list[MyComment]


class Comment(MyComment, frozen=True, kw_only=True):
    """name: of the shop, or of the party."""

    party_id: UUID
    name: str


class Comments(Answer, frozen=True, kw_only=True):
    """Oldest first."""

    items: list[Comment]
    next: str | None


@op(
    "POST",
    "/rules/{version:str}/comments",
    "buy|sell",
    "Comment on rules to come",
    StateConflict,
    RateLimited,
    status=201,
)
async def add_comment(ctx: Ctx, version: FromPath[str], given: Take[NewComment], once: Take[Once]) -> Commented:
    """While the version is open to comment or announced. At most 20 by one party."""
    cmd = CommentOnRules(party_id=ctx.me, version=version, text=given.text)
    done = await comment_on_rules(ctx.db, cmd, rulebooks=ctx.app.rulebooks, now=ctx.now, once=once)
    return Commented(comment_id=done.comment_id)


@op("GET", "/rules/{version:str}/comments", "read", "My comments on a version of the rules")
async def list_mine(ctx: Ctx, version: FromPath[str]) -> MyComments:
    """Those of others are for the platform alone."""
    _must_be(ctx, version)
    async with ctx.db.read() as tx:
        found = await rule_comments.mine(tx, ctx.me, version)
    return MyComments(items=[shape(one, MyComment) for one in found])


@op("GET", "/admin/rules/{version:str}/comments", "admin", "What people said about a version of the rules")
async def list_comments(ctx: Ctx, version: FromPath[str], asked: Take[Asked]) -> Comments:
    """To be weighed, and kept for three years from the end of the comment period."""
    _must_be(ctx, version)
    after = cursors.read(ctx, "rule_comments", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await rule_comments.all_of(tx, version, after=after, limit=asked.limit)
    return Comments(
        items=[shape(one, Comment) for one in page.comments], next=cursors.write(ctx, "rule_comments", page.next)
    )


def _must_be(ctx: Context, version: str) -> None:
    """Raises NotFound for a version that there is not."""
    if version not in {book.version for book in ctx.app.rulebooks}:
        raise NotFound("no such rulebook")


routes = [add_comment, list_mine, list_comments]
