"""A seller's listings: list, look, publish, new version, on and off sale."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar.params import FromPath
from msgspec import Meta
from msgspec.structs import asdict

from liuhen.base.db import Once
from liuhen.base.errors import Forbidden, NotFound, PriceChanged, UnlawfulTerms
from liuhen.catalog.model import (
    DAY,
    MAX_PIECES,
    MAX_PRICE_FEN,
    MOST_REVEALED,
    Content,
    Delivery,
    ListingState,
    check_content,
    for_lint,
)
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, Fen, Given, Hash, Words, shape
from liuhen.edge.api.v1.market import Terms
from liuhen.edge.context import Context, Ctx
from liuhen.flows.trade.publish_listing import Published, PublishListing, publish_listing
from liuhen.flows.trade.set_listing_state import SetListingState, set_listing_state
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.lint.finding import Code as TermCode
from liuhen.policy.lint.finding import Finding, Severity
from liuhen.policy.lint.lint import blocks, lint
from liuhen.policy.words.lint import told
from liuhen.reads import seller_products
from liuhen.timing.workdays import shanghai_day

_Pieces = Annotated[int, Meta(ge=1, le=MAX_PIECES)]
_Long = Annotated[str, Meta(max_length=4000)]


class NewContent(Given, frozen=True, kw_only=True):
    """Everything a buyer is told; a version fixes it. The kind of a listing never changes.

    min_validity_days: a key must be good for so long when it is sold. target_label: what the buyer must name.
    revealed_window_seconds: so long after delivery a key that was looked at and not used is taken back, null: not
    promised; never more than sealed_window_seconds. issuer_can_void: its issuer can void such a key for you. Both only
    for kinds that are delivered sealed.
    """

    kind: GoodsKind
    title: Annotated[str, Meta(min_length=2, max_length=200, examples=["木棉游戏点卡 100 元"])]
    price_fen: Annotated[int, Meta(ge=1, le=MAX_PRICE_FEN, examples=[9800])]
    description: Annotated[str, Meta(max_length=10_000)] = ""
    face_value_fen: Annotated[int, Meta(ge=1, le=9_999_999_900)] | None = None
    region: Annotated[str, Meta(max_length=60)] = ""
    valid_until: date | None = None
    min_validity_days: Annotated[int, Meta(ge=0, le=3650)] = 7
    promised_delivery_seconds: Annotated[int, Meta(ge=1, le=30 * DAY)] = 600
    escrow_seconds: Annotated[int, Meta(ge=DAY, le=90 * DAY)] = 7 * DAY
    sealed_window_seconds: Annotated[int, Meta(ge=DAY, le=90 * DAY)] = DAY
    revealed_window_seconds: Annotated[int, Meta(ge=1, le=MOST_REVEALED)] | None = None
    issuer_can_void: bool = False
    excludes_no_reason: bool = True
    case_sensitive: bool = False
    min_pieces: _Pieces = 1
    max_pieces: _Pieces = 100
    target_label: Annotated[str, Meta(max_length=60)] = ""
    refund_terms: _Long = ""
    activation_hint: _Long = ""
    warnings: Annotated[str, Meta(max_length=2000)] = ""
    issuer_id: UUID | None = None


class NewListing(Given, frozen=True, kw_only=True):
    """low_stock_at: at so many keys the desk asks for more."""

    content: NewContent
    low_stock_at: Annotated[int, Meta(ge=0, le=10_000)] = 5


class NewVersion(Given, frozen=True, kw_only=True):
    """base_version: the version that was looked at; with another one in force the edit is refused."""

    base_version: Annotated[int, Meta(ge=1, le=1_000_000)]
    content: NewContent
    low_stock_at: Annotated[int, Meta(ge=0, le=10_000)] = 5


class TermFinding(Answer, frozen=True, kw_only=True):
    """What the lint of seller terms found. field, start, end: where, in characters of the text as trimmed.

    offer_text: what to write instead of `text`, empty to leave it out, null where nothing is offered for the text.
    offer_field, offer_value: a field of the content to set instead, such as sealed_window_seconds.
    """

    code: TermCode
    severity: Severity
    field: str
    start: int
    end: int
    text: str
    title_zh: str
    title_en: str
    why_zh: str
    why_en: str
    cites: list[str]
    offer_text: str | None
    offer_field: str | None
    offer_value: int | bool | None


class TermCheck(Answer, frozen=True, kw_only=True):
    """publishable: nothing blocks. What blocks comes first, at most 50 findings."""

    publishable: bool
    items: list[TermFinding]


class Listed(Answer, frozen=True, kw_only=True):
    """The version that is in force now. Orders that exist keep theirs. warnings: of the lint of its terms."""

    product_id: UUID
    version: int
    warnings: list[TermFinding]


class Listing(Answer, frozen=True, kw_only=True):
    """A listing as its seller sees it. actions: publish, take_down, put_up."""

    product_id: UUID
    state: ListingState
    version: int
    delivery: Delivery
    low_stock_at: int
    content: Terms
    issuer: str | None
    actions: list[str]


class ListingInList(Answer, frozen=True, kw_only=True):
    """sellable and sealed: keys, null where it is delivered by hand. week: pieces sold in the last seven days."""

    product_id: UUID
    kind: GoodsKind
    delivery: Delivery
    state: ListingState
    version: int
    title: str
    price_fen: Fen
    low_stock_at: int
    sellable: int | None
    sealed: int | None
    week: int
    low: bool
    updated_at: datetime


class Listings(Answer, frozen=True, kw_only=True):
    """One page, newest change first."""

    items: list[ListingInList]
    next: str | None


class WhichListings(Asked, frozen=True, kw_only=True):
    """keys_only: what has a shelf."""

    state: ListingState | None = None
    q: Words = ""
    keys_only: bool = False


class ListingVersion(Answer, frozen=True, kw_only=True):
    """orders: how many were placed under it."""

    version: int
    created_at: datetime
    sha256: Hash
    content: Terms
    orders: int


class ListingVersions(Answer, frozen=True, kw_only=True):
    """Newest first, at most 200."""

    items: list[ListingVersion]


class NewState(Given, frozen=True, kw_only=True):
    """On sale or not; banning is the platform's alone."""

    state: Literal["ON_SALE", "OFF_SALE"]


class Issuer(Answer, frozen=True, kw_only=True):
    """Who can tell by a signed callback whether a key of a listing is good."""

    id: UUID
    name: str


class Issuers(Answer, frozen=True, kw_only=True):
    """Those that are connected now, by name."""

    items: list[Issuer]


@op("GET", "/seller/products", "sell", "My listings")
async def list_listings(ctx: Ctx, asked: Take[WhichListings]) -> Listings:
    """With what lies on each shelf."""
    after = cursors.read(ctx, "listings", asked.cursor, tuple[datetime, UUID])
    async with ctx.db.read() as tx:
        page = await seller_products.listings(
            tx,
            ctx.me,
            today=shanghai_day(ctx.now),
            week_ago=ctx.now - timedelta(days=7),
            state=asked.state,
            text=asked.q,
            keys_only=asked.keys_only,
            after=after,
            limit=asked.limit,
        )
    items = [shape(line, ListingInList) for line in page.lines]
    return Listings(items=items, next=cursors.write(ctx, "listings", page.next))


@op("GET", "/seller/products/{product_id:uuid}", "sell", "One of my listings")
async def get_listing(ctx: Ctx, product_id: FromPath[UUID]) -> Listing:
    """Its newest version."""
    return await _listing(ctx, product_id)


@op("GET", "/seller/products/{product_id:uuid}/versions", "sell", "All versions of a listing")
async def list_versions(ctx: Ctx, product_id: FromPath[UUID]) -> ListingVersions:
    """Versions never change; orders hang on them."""
    async with ctx.db.read() as tx:
        found = await seller_products.versions(tx, ctx.me, product_id)
    if not found:
        raise NotFound("no such listing")
    return ListingVersions(items=[shape(item, ListingVersion, content=shape(item.content, Terms)) for item in found])


@op("POST", "/seller/term-checks", "sell", "Read a listing's terms before publishing it")
async def check_terms(ctx: Ctx, given: Take[NewContent]) -> TermCheck:
    """What publishing would say about the texts: void terms, hollow ones, promises that the fields do not hold.

    Nothing is kept. What is not found is not thereby lawful.
    """
    findings = lint(for_lint(check_content(_content(given))))
    return TermCheck(publishable=not blocks(findings), items=_told(findings))


@op("POST", "/seller/products", "sell", "Publish a listing", UnlawfulTerms, Forbidden, status=201)
async def publish(ctx: Ctx, given: Take[NewListing], once: Take[Once]) -> Listed:
    """On sale at once; goods that deliver themselves need keys first."""
    cmd = PublishListing(seller_id=ctx.me, content=_content(given.content), low_stock_at=given.low_stock_at)
    return _listed(
        await publish_listing(
            ctx.db, cmd, rulebook=ctx.app.rulebook(ctx.now), now=ctx.now, once=once
        )
    )


@op(
    "POST",
    "/seller/products/{product_id:uuid}/versions",
    "sell",
    "Edit a listing",
    UnlawfulTerms,
    PriceChanged,
    Forbidden,
    status=201,
)
async def publish_version(ctx: Ctx, product_id: FromPath[UUID], given: Take[NewVersion], once: Take[Once]) -> Listed:
    """An edit is a new version; what was ordered stays under the old one."""
    cmd = PublishListing(
        seller_id=ctx.me,
        content=_content(given.content),
        product_id=product_id,
        base_version=given.base_version,
        low_stock_at=given.low_stock_at,
    )
    return _listed(
        await publish_listing(
            ctx.db, cmd, rulebook=ctx.app.rulebook(ctx.now), now=ctx.now, once=once
        )
    )


@op("PUT", "/seller/products/{product_id:uuid}/state", "sell", "Put a listing on or off sale", UnlawfulTerms, Forbidden)
async def set_state(ctx: Ctx, product_id: FromPath[UUID], given: Take[NewState], once: Take[Once]) -> Listing:
    """Orders that exist are not touched."""
    cmd = SetListingState(seller_id=ctx.me, product_id=product_id, state=ListingState(given.state))
    await set_listing_state(ctx.db, cmd, now=ctx.now, once=once)
    return await _listing(ctx, product_id)


@op("GET", "/seller/issuers", "sell", "Issuers to choose from")
async def list_choices(ctx: Ctx) -> Issuers:
    """For `issuer_id` of a listing. Admins make them known."""
    async with ctx.db.read() as tx:
        found = await seller_products.issuer_choices(tx)
    return Issuers(items=[shape(item, Issuer) for item in found])


async def _listing(ctx: Context, product_id: UUID) -> Listing:
    async with ctx.db.read() as tx:
        found = await seller_products.listing(tx, ctx.me, product_id)
    if found is None:
        raise NotFound("no such listing")
    actions = {
        ListingState.ON_SALE: ["publish", "take_down"],
        ListingState.OFF_SALE: ["publish", "put_up"],
        ListingState.BANNED: [],
    }[found.state]
    return shape(found, Listing, content=shape(found.content, Terms), actions=actions)


def _content(given: NewContent) -> Content:
    return Content(**asdict(given))


def _listed(done: Published) -> Listed:
    return Listed(product_id=done.product_id, version=done.version, warnings=_told(done.warnings))


def _told(findings: tuple[Finding, ...]) -> list[TermFinding]:
    return [msgspec.convert(told(finding), TermFinding) for finding in findings]


routes = [
    list_listings,
    get_listing,
    list_versions,
    check_terms,
    publish,
    publish_version,
    set_state,
    list_choices,
]
