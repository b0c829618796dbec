"""Administration of people and shops. Every act has a reason, which stays on record; who is concerned is told."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import StateConflict
from liuhen.catalog.model import ListingState
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, CaseNo, Fen, Given, Words, shape
from liuhen.edge.context import Context, Ctx
from liuhen.factors.model import Way
from liuhen.flows.people.freeze_party import FreezeParty, freeze_party
from liuhen.flows.people.issue_reset_link import IssueResetLink, issue_reset_link
from liuhen.flows.people.reset_second_factor import ResetSecondFactor, reset_second_factor
from liuhen.flows.people.set_fee import FEE_LIMITS, SetFee, set_fee
from liuhen.flows.people.set_roles import SetRoles, set_roles
from liuhen.flows.people.unfreeze_party import UnfreezeParty, unfreeze_party
from liuhen.flows.trade.set_listing_state import SetListingState, set_listing_state
from liuhen.parties.model import REASON_LENGTH, LastAdmin, Role
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads import admin_acts, admin_people, admin_shops, second_factor

Reason = Annotated[str, Meta(min_length=REASON_LENGTH[0], max_length=REASON_LENGTH[1])]


class WhichParties(Asked, frozen=True, kw_only=True):
    """q: part of a name, a login or a shop's name, or a whole id. crowd: all, staff, sellers, frozen, wishes."""

    q: Words = ""
    crowd: admin_people.Crowd = admin_people.Crowd.ALL


class PartyInList(Answer, frozen=True, kw_only=True):
    """wish_at: since when the party asks to be let in again."""

    party_id: UUID
    login: str | None
    display_name: str
    roles: list[Role]
    shop_name: str | None
    frozen_at: datetime | None
    created_at: datetime
    seen_at: datetime | None
    wish_at: datetime | None


class Parties(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[PartyInList]
    next: str | None


class PartyInFull(Answer, frozen=True, kw_only=True):
    """One party and what it has here. second_factor: what it can show beside the password. actions: set_roles, freeze,
    unfreeze, reset_link, reset_second_factor, set_fee."""

    party: PartyInList
    frozen_reason: str | None
    password_changed_at: datetime | None
    second_factor: list[Way]
    sessions: int
    tokens: int
    orders: int
    sales: int
    cases: int
    cases_against: int
    balance_fen: Fen
    actions: list[str]


class NewRoles(Given, frozen=True, kw_only=True):
    """roles: all that the party has from now on."""

    roles: Annotated[tuple[Role, ...], Meta(max_length=2)]
    reason: Reason


class Because(Given, frozen=True, kw_only=True):
    """Why. Stays on record."""

    reason: Reason


class ResetLink(Answer, frozen=True, kw_only=True):
    """Shown once. Earlier links of the party stop working."""

    token: str
    url: str
    expires_at: datetime


class WhichShops(Asked, frozen=True, kw_only=True):
    """q: part of the shop's or its owner's name."""

    q: Words = ""


class ShopInAdmin(Answer, frozen=True, kw_only=True):
    """orders: paid ones. debt_fen: what the seller owes after refunds."""

    shop_id: UUID
    name: str
    owner: str
    fee_basis_points: int
    opened_at: datetime
    frozen_at: datetime | None
    on_sale: int
    banned: int
    orders: int
    debt_fen: Fen


class ShopsInAdmin(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[ShopInAdmin]
    next: str | None


class ProductInAdmin(Answer, frozen=True, kw_only=True):
    """A listing at its current version."""

    product_id: UUID
    title: str
    kind: GoodsKind
    state: ListingState
    version: int
    price_fen: Fen
    stock: int
    updated_at: datetime


class ProductsInAdmin(Answer, frozen=True, kw_only=True):
    """Banned ones first, then the newest; at most 200."""

    items: list[ProductInAdmin]


class NewFee(Given, frozen=True, kw_only=True):
    """In 1/10,000 of the price, for orders placed from now on."""

    fee_basis_points: Annotated[int, Meta(ge=FEE_LIMITS[0], le=FEE_LIMITS[1])]
    reason: Reason


class Fee(Answer, frozen=True, kw_only=True):
    """In 1/10,000 of the price."""

    before: int
    after: int


class NewListingState(Given, frozen=True, kw_only=True):
    """OFF_SALE lifts a ban: the seller decides again."""

    state: Literal["BANNED", "OFF_SALE"]
    reason: Reason


class ListingStateNow(Answer, frozen=True, kw_only=True):
    """Orders that exist go on."""

    state: ListingState


class WhichActs(Asked, frozen=True, kw_only=True):
    """about: of one party. by: of one of the staff. act: of one kind, such as FREEZE or LOOK_AT_KEY."""

    about: UUID | None = None
    by: UUID | None = None
    act: Annotated[str, Meta(max_length=40)] = ""


class StaffAct(Answer, frozen=True, kw_only=True):
    """One act of staff. about: whom it was done to. case_no: of a look at a key, whose data names order and piece."""

    id: UUID
    at: datetime
    staff_id: UUID
    staff_name: str | None
    act: str
    reason: str | None
    data: dict[str, Any]
    about_id: UUID
    about: str | None
    case_no: CaseNo | None


class StaffActs(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[StaffAct]
    next: str | None


@op("GET", "/admin/parties", "admin", "Search parties")
async def search_parties(ctx: Ctx, asked: Take[WhichParties]) -> Parties:
    """Newest first."""
    after = cursors.read(ctx, "parties", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await admin_people.people(tx, crowd=asked.crowd, words=asked.q, after=after, limit=asked.limit)
    items = [shape(person, PartyInList) for person in page.people]
    return Parties(items=items, next=cursors.write(ctx, "parties", page.next))


@op("GET", "/admin/parties/{party_id:uuid}", "admin", "One party")
async def get_party(ctx: Ctx, party_id: FromPath[UUID]) -> PartyInFull:
    """And what it has here, in numbers."""
    return await _party(ctx, party_id)


@op("PUT", "/admin/parties/{party_id:uuid}/roles", "admin", "Give and take staff roles", LastAdmin)
async def put_roles(ctx: Ctx, party_id: FromPath[UUID], given: Take[NewRoles], once: Take[Once]) -> PartyInFull:
    """At least one admin stays."""
    cmd = SetRoles(staff_id=ctx.me, party_id=party_id, roles=frozenset(given.roles), reason=given.reason)
    await set_roles(ctx.db, cmd, now=ctx.now, once=once)
    return await _party(ctx, party_id)


@op("POST", "/admin/parties/{party_id:uuid}/freeze", "admin", "Freeze a party", StateConflict, LastAdmin)
async def freeze(ctx: Ctx, party_id: FromPath[UUID], given: Take[Because], once: Take[Once]) -> PartyInFull:
    """Nothing new begins; refunds and answers go on. The party is told why."""
    await freeze_party(ctx.db, FreezeParty(ctx.me, party_id, given.reason), now=ctx.now, once=once)
    return await _party(ctx, party_id)


@op("POST", "/admin/parties/{party_id:uuid}/unfreeze", "admin", "Let a party go on", StateConflict)
async def unfreeze(ctx: Ctx, party_id: FromPath[UUID], given: Take[Because], once: Take[Once]) -> PartyInFull:
    """The party is told."""
    await unfreeze_party(ctx.db, UnfreezeParty(ctx.me, party_id, given.reason), now=ctx.now, once=once)
    return await _party(ctx, party_id)


@op("POST", "/admin/parties/{party_id:uuid}/reset-link", "admin", "Let somebody in again", status=201)
async def make_reset_link(ctx: Ctx, party_id: FromPath[UUID], given: Take[Because], once: Take[Once]) -> ResetLink:
    """For who has lost password and recovery code, once his identity is checked. Two hours."""
    cmd = IssueResetLink(party_id=party_id, issued_by=ctx.me, reason=given.reason)
    made = await issue_reset_link(ctx.db, cmd, now=ctx.now, once=once, keys=ctx.app.keys)
    url = f"{ctx.app.settings.address}/reset/{made.token}"
    return ResetLink(token=made.token, url=url, expires_at=made.expires_at)


@op(
    "POST",
    "/admin/parties/{party_id:uuid}/reset-second-factor",
    "admin",
    "Take off a lost second factor",
    StateConflict,
)
async def take_off_factor(ctx: Ctx, party_id: FromPath[UUID], given: Take[Because], once: Take[Once]) -> PartyInFull:
    """Once his identity is checked. All his devices and tokens are signed out, and he is told; not for oneself."""
    cmd = ResetSecondFactor(party_id=party_id, staff_id=ctx.me, reason=given.reason)
    await reset_second_factor(ctx.db, cmd, now=ctx.now, once=once)
    return await _party(ctx, party_id)


@op("GET", "/admin/shops", "admin", "Shops")
async def list_shops(ctx: Ctx, asked: Take[WhichShops]) -> ShopsInAdmin:
    """Newest first."""
    after = cursors.read(ctx, "shops", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await admin_shops.shops(tx, words=asked.q, after=after, limit=asked.limit)
    items = [shape(line, ShopInAdmin, shop_id=line.book_id) for line in page.shops]
    return ShopsInAdmin(items=items, next=cursors.write(ctx, "shops", page.next))


@op("GET", "/admin/shops/{shop_id:uuid}", "admin", "One shop, as admins see it")
async def get_shop_admin(ctx: Ctx, shop_id: FromPath[UUID]) -> ShopInAdmin:
    """Fee, listings, debt."""
    async with ctx.db.read() as tx:
        found = await admin_shops.shop(tx, shop_id)
    return shape(found, ShopInAdmin, shop_id=found.book_id)


@op("GET", "/admin/shops/{shop_id:uuid}/products", "admin", "Listings of a shop")
async def list_shop_products(ctx: Ctx, shop_id: FromPath[UUID]) -> ProductsInAdmin:
    """Whatever their state."""
    async with ctx.db.read() as tx:
        await admin_shops.shop(tx, shop_id)
        found = await admin_shops.products(tx, shop_id)
    return ProductsInAdmin(items=[shape(line, ProductInAdmin) for line in found])


@op("PUT", "/admin/shops/{shop_id:uuid}/fee", "admin", "Set what the platform takes")
async def put_fee(ctx: Ctx, shop_id: FromPath[UUID], given: Take[NewFee], once: Take[Once]) -> Fee:
    """Orders that exist keep theirs. The seller is told."""
    cmd = SetFee(admin_id=ctx.me, book_id=shop_id, fee_basis_points=given.fee_basis_points, reason=given.reason)
    return shape(await set_fee(ctx.db, cmd, now=ctx.now, once=once), Fee)


@op("PUT", "/admin/shops/{shop_id:uuid}/products/{product_id:uuid}/state", "admin", "Ban a listing, lift a ban")
async def put_listing_state(
    ctx: Ctx,
    shop_id: FromPath[UUID],
    product_id: FromPath[UUID],
    given: Take[NewListingState],
    once: Take[Once],
) -> ListingStateNow:
    """The seller is told why."""
    cmd = SetListingState(
        seller_id=shop_id,
        product_id=product_id,
        state=ListingState(given.state),
        staff_id=ctx.me,
        reason=given.reason,
    )
    done = await set_listing_state(ctx.db, cmd, now=ctx.now, once=once)
    return ListingStateNow(state=done.state)


@op("GET", "/admin/acts", "admin", "What staff did")
async def list_acts(ctx: Ctx, asked: Take[WhichActs]) -> StaffActs:
    """Every act with its reason, and every look at a key."""
    after = cursors.read(ctx, "acts", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await admin_acts.acts(tx, about=asked.about, by=asked.by, act=asked.act, after=after, limit=asked.limit)
    return StaffActs(items=[shape(act, StaffAct) for act in page.acts], next=cursors.write(ctx, "acts", page.next))


async def _party(ctx: Context, party_id: UUID) -> PartyInFull:
    async with ctx.db.read() as tx:
        found = await admin_people.person(tx, party_id, ctx.now)
        ways = (await second_factor.factors(tx, party_id)).ways
    person = found.person
    actions = ["set_roles", "unfreeze" if person.frozen_at else "freeze"]
    actions += ["reset_link"] if person.login else []
    actions += ["reset_second_factor"] if ways and party_id != ctx.me else []
    actions += ["set_fee"] if person.shop_name else []
    return shape(found, PartyInFull, party=shape(person, PartyInList), second_factor=list(ways), actions=actions)


routes = [
    search_parties,
    get_party,
    put_roles,
    freeze,
    unfreeze,
    make_reset_link,
    take_off_factor,
    list_shops,
    get_shop_admin,
    list_shop_products,
    put_fee,
    put_listing_state,
    list_acts,
]
