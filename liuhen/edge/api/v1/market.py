"""The market: listings with their refund table, shops with their record, channels to pay over. Open to all."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.errors import NotFound
from liuhen.catalog.model import Content, Delivery, ListingState
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import OPEN, Take, op
from liuhen.edge.api.shapes import Answer, Asked, Fen, Given, Words, shape
from liuhen.edge.context import Context, Ctx
from liuhen.policy.clauses.registry import NUMBERS
from liuhen.policy.explain import row_text
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.terms_table import ProductTerms, terms_table
from liuhen.reads import market, product_page, shop_card
from liuhen.timing.workdays import shanghai_day


class Search(Asked, frozen=True, kw_only=True):
    """q: words, each of which title, region or shop name must contain. sealed: only what is delivered sealed."""

    q: Words = ""
    kind: GoodsKind | None = None
    shop_id: UUID | None = None
    sealed: bool = False


class Offer(Answer, frozen=True, kw_only=True):
    """A listing in a list. sealed: delivered by the platform at once, sealed."""

    product_id: UUID
    shop_id: UUID
    shop_name: str
    kind: GoodsKind
    title: str
    price_fen: Fen
    face_value_fen: Fen | None
    region: str | None
    sealed: bool
    in_stock: bool
    min_pieces: int
    promised_delivery_seconds: int
    sealed_window_seconds: int
    updated_at: datetime


class Offers(Answer, frozen=True, kw_only=True):
    """One page, newest change first."""

    items: list[Offer]
    next: str | None


class RefundRow(Answer, frozen=True, kw_only=True):
    """What the rules give back in one situation; number: of the clause that decides it."""

    situation_zh: str
    result_zh: str
    how_long_zh: str
    situation_en: str
    result_en: str
    how_long_en: str
    number: str


class ShopCard(Answer, frozen=True, kw_only=True):
    """A shop's record, counted from real orders. Rates in 1/10,000 of the units, null where nothing was sold."""

    shop_id: UUID
    name: str
    intro: str | None
    opened_at: datetime
    orders: int
    units: int
    refund_rate: int | None
    fault_rate: int | None
    first_answer_seconds: int | None


class Terms(Answer, frozen=True, kw_only=True):
    """Everything that a version of a listing tells its buyer. valid_until: of the keys, a day in Shanghai.

    revealed_window_seconds: so long after delivery a key that was looked at and not used is taken back, null: not
    promised. issuer_can_void: the seller can have its issuer void such a key.
    """

    kind: GoodsKind
    title: str
    price_fen: Fen
    description: str
    face_value_fen: Fen | None
    region: str
    valid_until: date | None
    min_validity_days: int
    promised_delivery_seconds: int
    escrow_seconds: int
    sealed_window_seconds: int
    revealed_window_seconds: int | None
    issuer_can_void: bool
    excludes_no_reason: bool
    case_sensitive: bool
    min_pieces: int
    max_pieces: int
    target_label: str
    refund_terms: str
    activation_hint: str
    warnings: str
    issuer_id: UUID | None


class Product(Answer, frozen=True, kw_only=True):
    """A listing. stock: pieces on the shelf, null where it is delivered by hand; stock_is_more: there are more than
    that. actions: `order` if it may be ordered now. no_reason_version: of the text to confirm when ordering, null if
    none is asked for."""

    product_id: UUID
    shop_id: UUID
    state: ListingState
    version: int
    head_version: int
    delivery: Delivery
    content: Terms
    issuer: str | None
    stock: int | None
    stock_is_more: bool
    no_reason_version: str | None
    refund_table: list[RefundRow]
    rulebook_version: str
    shop: ShopCard | None
    actions: list[str]


class Which(Given, frozen=True, kw_only=True):
    """version: an earlier one; the newest without it."""

    version: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class ShopInList(Answer, frozen=True, kw_only=True):
    """A shop. offers: listings on sale."""

    shop_id: UUID
    name: str
    offers: int


class Shops(Answer, frozen=True, kw_only=True):
    """At most twenty, the fullest first."""

    items: list[ShopInList]


class Named(Given, frozen=True, kw_only=True):
    """q: part of the name."""

    q: Annotated[str, Meta(min_length=1, max_length=60)]


class Channels(Answer, frozen=True, kw_only=True):
    """Names of the channels over which one can pay and top up."""

    items: list[str]


@op("GET", "/products", OPEN, "Search listings")
async def search_products(ctx: Ctx, asked: Take[Search]) -> Offers:
    """Listings on sale. Two Chinese characters are enough for a word."""
    place = cursors.read(ctx, "products", asked.cursor, market.Place)
    search = market.Search(text=asked.q, kind=asked.kind, shop_id=asked.shop_id, sealed_only=asked.sealed)
    async with ctx.db.read() as tx:
        page = await market.offers(tx, search, today=shanghai_day(ctx.now), after=place, limit=asked.limit)
    items = [shape(offer, Offer, shop_id=offer.book_id) for offer in page.offers]
    return Offers(items=items, next=cursors.write(ctx, "products", page.next))


@op("GET", "/products/{product_id:uuid}", OPEN, "One listing")
async def get_product(ctx: Ctx, product_id: FromPath[UUID], asked: Take[Which]) -> Product:
    """With the refund table: the rules run on its terms, situation by situation."""
    async with ctx.db.read() as tx:
        goods = await product_page.goods(tx, product_id, today=shanghai_day(ctx.now), version=asked.version)
        if goods is None:
            raise NotFound("no such listing")
        card = await shop_card.shop_card(tx, goods.book_id)
    shown, stock = product_page.STOCK_SHOWN, goods.stock
    excluded = ctx.app.agreements.current("no_reason_exclusion", ctx.now).version
    mine = goods.book_id == ctx.visitor.party_id
    current = goods.version == goods.head_version
    return shape(
        goods,
        Product,
        shop_id=goods.book_id,
        content=shape(goods.content, Terms),
        stock=min(stock, shown) if stock is not None else None,
        stock_is_more=stock is not None and stock > shown,
        no_reason_version=excluded if goods.content.excludes_no_reason else None,
        refund_table=_table(ctx, goods.content, sealed=goods.sealed, silence_agreed=goods.silence_agreed),
        rulebook_version=ctx.app.rulebook(ctx.now).version,
        shop=shape(card, ShopCard, shop_id=card.book_id) if card else None,
        actions=["order"] if goods.buyable and current and not mine else [],
    )


@op("GET", "/shops/{shop_id:uuid}", OPEN, "One shop")
async def get_shop(ctx: Ctx, shop_id: FromPath[UUID]) -> ShopCard:
    """Its record. Its listings: GET /products?shop_id=…"""
    async with ctx.db.read() as tx:
        card = await shop_card.shop_card(tx, shop_id)
    if card is None:
        raise NotFound("no such shop")
    return shape(card, ShopCard, shop_id=card.book_id)


@op("GET", "/shops", OPEN, "Search shops")
async def search_shops(ctx: Ctx, asked: Take[Named]) -> Shops:
    """Open shops by name."""
    async with ctx.db.read() as tx:
        found = await market.shops_named(tx, asked.q, limit=20)
    return Shops(items=[shape(line, ShopInList, shop_id=line.book_id) for line in found])


@op("GET", "/channels", OPEN, "Payment channels")
async def list_channels(ctx: Ctx) -> Channels:
    """Empty where the operator has connected none."""
    return Channels(items=sorted(ctx.app.channels))


def _table(ctx: Context, content: Content, *, sealed: bool, silence_agreed: bool) -> list[RefundRow]:
    terms = ProductTerms(
        kind=content.kind,
        sealed_delivery=sealed,
        sealed_window_seconds=content.sealed_window_seconds or None,
        revealed_window_seconds=content.revealed_window_seconds,
        issuer_can_void=content.issuer_can_void,
        excludes_no_reason=content.excludes_no_reason,
        digital_content=content.kind is GoodsKind.SOFTWARE_LICENCE,
        silence_agreed=silence_agreed,
    )
    rows = []
    for row in terms_table(terms, ctx.app.rulebook(ctx.now)):
        zh, en = row_text(row, "zh"), row_text(row, "en")
        rows.append(
            RefundRow(
                situation_zh=zh[0],
                result_zh=zh[1],
                how_long_zh=zh[2],
                situation_en=en[0],
                result_en=en[1],
                how_long_en=en[2],
                number=NUMBERS[row.ground],
            )
        )
    return rows


routes = [search_products, get_product, search_shops, get_shop, list_channels]
