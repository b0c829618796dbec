"""The admin's first page: is everything at work, what is stuck, what only an admin can move, do the books balance."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput
from liuhen.edge.context import Context, Ctx
from liuhen.edge.health import BEAT_LATE
from liuhen.edge.web.admin.words import DISCLOSURE, WORK, lang_of, say
from liuhen.edge.web.channel_words import label as channel_label
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, once_from, refill
from liuhen.edge.web.guards import needs_admin
from liuhen.edge.web.reasons import label_of
from liuhen.edge.web.wording import money_text
from liuhen.flows.funds.retry_refund import RetryRefund, retry_refund
from liuhen.reads import admin_overview, books, health
from liuhen.reads.health import Backlog
from liuhen.timing.workdays import shanghai_day

_PAGE = "admin/overview.html"
STUCK_AFTER = timedelta(minutes=2)
"""A worker looks every second; what is due for longer than this is stuck."""
_BEAT_GONE = timedelta(days=1)
"""Processes that were not seen for so long belong to an earlier start."""


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class ReasonForm(Struct):
    reason: Annotated[str, Meta(title=_("理由"), min_length=2, max_length=500)]


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that carries out what falls due. late: no sign of life for too long."""

    process: str
    at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class BooksFound:
    """What a check of all books found, and when it ran (UTC)."""

    at: datetime
    books: int
    transfers: int
    faults: list[str]


@get("/admin", guards=[needs_admin])
async def overview(ctx: Ctx) -> Response[Any]:
    """What needs an admin first."""
    return blank(ctx, _PAGE, found=None, **await _values(ctx))


@post("/admin/books", guards=[needs_admin])
async def check_books(ctx: Ctx) -> Response[Any]:
    """Proves all books on this answer; changes nothing."""
    async with ctx.db.read() as tx:
        counted = await books.count_books(tx)
        faults = await books.check_books(tx)
    found = BooksFound(ctx.now, counted.books, counted.transfers, faults)
    return blank(ctx, _PAGE, found=found, **await _values(ctx))


@post("/admin/refunds/{book_id:uuid}/{refund_id:uuid}/retry", guards=[needs_admin])
async def retry(ctx: Ctx, book_id: FromPath[UUID], refund_id: FromPath[UUID]) -> Response[Any]:
    """Lets a failed refund go out once more."""
    try:
        given = await form(ctx.request, ReasonForm)
        cmd = RetryRefund(admin_id=ctx.me, book_id=book_id, refund_id=refund_id, reason=given.reason)
        done = await retry_refund(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except InvalidInput as error:
        return await refill(ctx, _PAGE, error, found=None, **await _values(ctx))
    text = _("退款 %(no)s（%(money)s）重新排队，几秒内再汇一次")
    return go(ctx, "/admin", say(ctx, text, no=done.refund_no, money=money_text(done.amount_fen)))


routes = [overview, check_books, retry]


async def _values(ctx: Context) -> dict[str, Any]:
    async with ctx.db.read() as tx:
        beats = await admin_overview.beats(tx)
        backlog = await health.backlog(tx, ctx.now)
        stuck = await admin_overview.stuck(tx, ctx.now - STUCK_AFTER)
        failed = await admin_overview.failed_refunds(tx)
        wishes = await admin_overview.wishes(tx)
        escalated = await admin_overview.escalated(tx, ctx.now)
    workers = [Worker(b.process, b.at, ctx.now - b.at > BEAT_LATE) for b in beats if ctx.now - b.at < _BEAT_GONE]
    alive = any(not worker.late for worker in workers if worker.process.startswith("worker"))
    years, missing = _calendar(ctx)
    lang = lang_of(ctx)
    return {
        "workers": workers,
        "alive": alive,
        "backlog": [(say(ctx, WORK[item.kind]), item) for item in backlog],
        "oldest": _oldest(backlog, ctx.now),
        "stuck": [(say(ctx, WORK[item.kind]), item) for item in stuck],
        "failed": [(say(ctx, channel_label(item.channel)), item) for item in failed],
        "wishes": wishes,
        "escalated": [(say(ctx, label_of(item.reason)), item) for item in escalated],
        "empty_fields": [say(ctx, DISCLOSURE[key]) for key in ctx.app.settings.empty_disclosure()],
        "provisional": years,
        "missing_years": missing,
        "sandbox": "sandbox" in ctx.app.channels,
        "demo": ctx.app.settings.demo,
        "rulebook": ctx.app.rulebook(ctx.now),
        "lang": lang,
        "todo": len(failed) + len(escalated) + len(wishes) + (0 if alive else 1) + (1 if stuck else 0),
    }


def _oldest(backlog: list[Backlog], now: datetime) -> datetime | None:
    """Since when the longest overdue piece of work has been due, UTC."""
    waits = [item.oldest_seconds for item in backlog if item.count]
    return now - timedelta(seconds=max(waits)) if waits else None


def _calendar(ctx: Context) -> tuple[list[int], list[int]]:
    """(years that are only provisional, years that a deadline might need and that are not there)."""
    known = {year.year: year for year in ctx.app.calendar.years}
    here = shanghai_day(ctx.now).year
    provisional = [year for year, days in sorted(known.items()) if year >= here and days.provisional]
    return provisional, [year for year in (here, here + 1) if year not in known]
