"""For admins: is everything at work, what is stuck, what channels and issuers say, do the books balance."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import Conflict, StateConflict
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, CaseNo, Fen, Given, OrderNo, shape
from liuhen.edge.api.v1.admin import Because
from liuhen.edge.context import Ctx
from liuhen.edge.health import BEAT_LATE
from liuhen.flows.funds.retry_refund import RetryRefund, retry_refund
from liuhen.flows.trade.add_issuer import AddIssuer, add_issuer
from liuhen.flows.trade.disable_issuer import disable_issuer
from liuhen.policy.facts.claim import ReasonCode
from liuhen.reads import admin_channels, admin_overview, books, health
from liuhen.reads.issuers import Issuer, issuers

STUCK_AFTER = timedelta(minutes=2)
_BEAT_GONE = timedelta(days=1)


class Process(Answer, frozen=True, kw_only=True):
    """A process and its last sign of life."""

    process: str
    at: datetime
    late: bool


class Backlog(Answer, frozen=True, kw_only=True):
    """Work that is due now, by kind. oldest_seconds: how long the oldest has been due."""

    kind: str
    count: int
    oldest_seconds: int


class Stuck(Answer, frozen=True, kw_only=True):
    """Something that should have been done by now. no: of its order, case or refund, or a file's name."""

    kind: str
    no: str
    due_at: datetime
    shop_name: str | None


class FailedRefund(Answer, frozen=True, kw_only=True):
    """Money that a channel would not pay out."""

    shop_id: UUID
    id: UUID
    refund_no: str
    order_no: OrderNo | None
    case_no: CaseNo | None
    buyer_name: str
    channel: str | None
    amount_fen: Fen
    attempts: int
    last_error: str | None
    approved_at: datetime


class ResetWish(Answer, frozen=True, kw_only=True):
    """Somebody who asks to be let in again; his identity is for the admin to check."""

    party_id: UUID
    login: str | None
    display_name: str
    created_at: datetime


class OverdueReview(Answer, frozen=True, kw_only=True):
    """A case over its time on the desk."""

    case_no: CaseNo
    reason: ReasonCode
    asked_fen: Fen
    due_at: datetime
    shop_name: str
    reviewer_name: str | None


class Overview(Answer, frozen=True, kw_only=True):
    """What needs an admin, at most 100 of each. empty_fields: what the law wants on every page and nobody filled in."""

    processes: list[Process]
    backlog: list[Backlog]
    stuck: list[Stuck]
    failed_refunds: list[FailedRefund]
    wishes: list[ResetWish]
    overdue_reviews: list[OverdueReview]
    empty_fields: list[str]
    rulebook_version: str


class BooksProof(Answer, frozen=True, kw_only=True):
    """faults: one sentence each; none means that all books balance."""

    books: int
    transfers: int
    faults: list[str]


class Retried(Answer, frozen=True, kw_only=True):
    """The worker sends it within seconds, under the same request number."""

    refund_no: str
    amount_fen: Fen


class ChannelState(Answer, frozen=True, kw_only=True):
    """One channel. Counts of payments and refunds by state."""

    channel: str
    connected: bool
    captured: int
    captured_fen: Fen
    pending: int
    refunds_waiting: int
    refunds_failed: int
    last_event_at: datetime | None


class ChannelEvent(Answer, frozen=True, kw_only=True):
    """A callback whose signature held."""

    channel: str
    event_id: str
    kind: str
    received_at: datetime


class PendingPayment(Answer, frozen=True, kw_only=True):
    """Begun at a channel and not come."""

    id: UUID
    channel: str
    purpose: str
    order_no: OrderNo | None
    payer: str
    amount_fen: Fen
    created_at: datetime
    expires_at: datetime | None


class ChannelsState(Answer, frozen=True, kw_only=True):
    """With the newest 50 callbacks, and 50 payments that are expected."""

    items: list[ChannelState]
    events: list[ChannelEvent]
    pending: list[PendingPayment]


class KnownIssuer(Answer, frozen=True, kw_only=True):
    """An issuer of keys. disabled_at: since when his word is refused. events: how many he has sent."""

    id: UUID
    name: str
    created_at: datetime
    disabled_at: datetime | None
    events: int
    last_event_at: datetime | None


class KnownIssuers(Answer, frozen=True, kw_only=True):
    """By name."""

    items: list[KnownIssuer]


class NewIssuer(Given, frozen=True, kw_only=True):
    """Its name, as sellers choose it."""

    name: Annotated[str, Meta(min_length=2, max_length=60)]


class IssuerSecret(Answer, frozen=True, kw_only=True):
    """secret: for the signature of its events, shown once; nobody can read it again. url: where it sends them."""

    issuer_id: UUID
    secret: str
    url: str


@op("GET", "/admin/overview", "admin", "What needs an admin")
async def get_overview(ctx: Ctx) -> Overview:
    """Processes, work that is due, what is stuck or failed."""
    async with ctx.db.read() as tx:
        beats = await admin_overview.beats(tx)
        backlog = await health.backlog(tx, ctx.now)
        stuck = await admin_overview.stuck(tx, ctx.now - STUCK_AFTER)
        failed = await admin_overview.failed_refunds(tx)
        wishes = await admin_overview.wishes(tx)
        late = await admin_overview.escalated(tx, ctx.now)
    seen = [beat for beat in beats if ctx.now - beat.at < _BEAT_GONE]
    return Overview(
        processes=[shape(beat, Process, late=ctx.now - beat.at > BEAT_LATE) for beat in seen],
        backlog=[shape(item, Backlog) for item in backlog],
        stuck=[shape(item, Stuck) for item in stuck],
        failed_refunds=[shape(item, FailedRefund, shop_id=item.book_id) for item in failed],
        wishes=[shape(item, ResetWish) for item in wishes],
        overdue_reviews=[shape(item, OverdueReview) for item in late],
        empty_fields=ctx.app.settings.empty_disclosure(),
        rulebook_version=ctx.app.rulebook(ctx.now).version,
    )


@op("GET", "/admin/books", "admin", "Do all books balance")
async def prove_books(ctx: Ctx) -> BooksProof:
    """Proved for this call, over every transfer; takes a while in a large house."""
    async with ctx.db.read() as tx:
        counted = await books.count_books(tx)
        faults = await books.check_books(tx)
    return BooksProof(books=counted.books, transfers=counted.transfers, faults=faults)


@op(
    "POST", "/admin/refunds/{shop_id:uuid}/{refund_id:uuid}/retry", "admin", "Send a failed refund again", StateConflict
)
async def retry(
    ctx: Ctx, shop_id: FromPath[UUID], refund_id: FromPath[UUID], given: Take[Because], once: Take[Once]
) -> Retried:
    """A failed payout is back in its balance and is not sent again."""
    cmd = RetryRefund(admin_id=ctx.me, book_id=shop_id, refund_id=refund_id, reason=given.reason)
    return shape(await retry_refund(ctx.db, cmd, now=ctx.now, once=once), Retried)


@op("GET", "/admin/channels", "admin", "Payment channels and what they say")
async def get_channels(ctx: Ctx) -> ChannelsState:
    """What came in, what is expected, the newest callbacks."""
    async with ctx.db.read() as tx:
        sums = await admin_channels.sums(tx)
        events = await admin_channels.events(tx)
        pending = await admin_channels.pending(tx)
    return ChannelsState(
        items=[shape(item, ChannelState, connected=item.channel in ctx.app.channels) for item in sums],
        events=[shape(item, ChannelEvent) for item in events],
        pending=[shape(item, PendingPayment) for item in pending],
    )


@op("GET", "/admin/issuers", "admin", "Issuers of keys")
async def list_issuers(ctx: Ctx) -> KnownIssuers:
    """Connected and disabled."""
    async with ctx.db.read() as tx:
        found = await issuers(tx)
        said = await admin_channels.said_by_issuers(tx)
    return KnownIssuers(items=[_known(item, said.get(str(item.id))) for item in found])


@op("POST", "/admin/issuers", "admin", "Make an issuer known", Conflict, status=201)
async def make_issuer(ctx: Ctx, given: Take[NewIssuer]) -> IssuerSecret:
    """Takes no Idempotency-Key: the answer is a secret and is stored nowhere. A name is taken once."""
    made = await add_issuer(ctx.db, AddIssuer(admin_id=ctx.me, name=given.name), keys=ctx.app.keys, now=ctx.now)
    url = f"{ctx.app.settings.address}/callbacks/issuers/{made.issuer_id}"
    return IssuerSecret(issuer_id=made.issuer_id, secret=made.secret, url=url)


@op("DELETE", "/admin/issuers/{issuer_id:uuid}", "admin", "Disable an issuer", status=204)
async def end_issuer(ctx: Ctx, issuer_id: FromPath[UUID]) -> None:
    """What he said stays; what he says from now on is refused."""
    await disable_issuer(ctx.db, ctx.me, issuer_id, now=ctx.now)


def _known(issuer: Issuer, said: admin_channels.Said | None) -> KnownIssuer:
    return shape(issuer, KnownIssuer, events=said.times if said else 0, last_event_at=said.last_at if said else None)


routes = [
    get_overview,
    prove_books,
    retry,
    get_channels,
    list_issuers,
    make_issuer,
    end_issuer,
]
