"""What was bought: breaking seals, looking at keys, saying what was used, and the order's record with its proof."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta, json

from liuhen.base.db import Once
from liuhen.base.errors import StateConflict
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, Fen, Given, Hash, OrderNo, shape, utc
from liuhen.edge.api.v1.orders import UnitIds, bought, stands
from liuhen.edge.context import Context, Ctx
from liuhen.flows.aftersale.compare_seal import BothSides, CompareSeal, compare_seal
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.record_redemption import RecordRedemption, record_redemption
from liuhen.flows.trade.show_goods import ShowGoods, show_goods
from liuhen.flows.trade.show_many import ShowMany, show_many
from liuhen.policy.decision import Decider, Decision, Outcome
from liuhen.reads import api_orders, evidence, order_page
from liuhen.redemption.model import FactSource, UseState


class Units(Given, frozen=True, kw_only=True):
    """Some units of the order."""

    unit_ids: UnitIds


class Revealed(Answer, frozen=True, kw_only=True):
    """Seals that are broken now. Nothing is shown by this; GET …/goods does."""

    unit_ids: list[UUID]
    at: datetime


class Goods(Answer, frozen=True, kw_only=True):
    """What was delivered, in full. labels name the fields: KEY, CARD_NUMBER, PASSWORD, LOGIN, …; TEXT by hand."""

    unit_id: UUID
    labels: list[str]
    fields: list[str]


class ManyGoods(Answer, frozen=True, kw_only=True):
    """In (line, piece) order."""

    items: list[Goods]


class Fate(Answer, frozen=True, kw_only=True):
    """What a refund request would lead to, in short. The amount is a range while a person has to decide."""

    outcome: Outcome
    decided_by: Decider
    amount_fen: Fen
    amount_max_fen: Fen
    ground: Annotated[str, Meta(description="Id of the clause that decides.")]


class SealedOrBroken(Answer, frozen=True, kw_only=True):
    """One reason, with the seal whole and with the seal broken now."""

    sealed: Fate
    broken: Fate


class RevealPreview(Answer, frozen=True, kw_only=True):
    """What breaking the seal changes. unwanted: a change of mind; fault: the key is said to be invalid."""

    unwanted: SealedOrBroken
    fault: SealedOrBroken


class Use(Given, frozen=True, kw_only=True):
    """One's word on the use of a unit; it stands next to the words of the others. occurred_at: not in the future."""

    state: UseState
    remaining_fen: Annotated[int, Meta(ge=0, le=9_999_999_999)] | None = None
    note: Annotated[str, Meta(max_length=1000)] = ""
    occurred_at: Annotated[datetime, Meta(tz=True)] | None = None


class UseSaid(Answer, frozen=True, kw_only=True):
    """As which side it was written down."""

    source: FactSource


class Event(Answer, frozen=True, kw_only=True):
    """One link of the chain. payload: the canonical bytes as text; event: the same, read. hash: of this link."""

    seq: int
    payload: str
    hash: Hash
    event: dict[str, Any]


class Record(Answer, frozen=True, kw_only=True):
    """The order's record and its proof, recomputed for this call over the whole chain. head: hash of the last link.

    first_broken: number of the first link that does not hold, null if all do. docs/evidence-chain.md says how to
    check it without us.
    """

    order_no: OrderNo
    links: int
    head: Hash
    holds: bool
    first_broken: int | None
    why: str | None
    items: list[Event]
    next: str | None


class WhichEvents(Asked, frozen=True, kw_only=True):
    """Oldest first."""


@op("POST", "/orders/{order_no:str}/units/{unit_id:uuid}/reveal", "buy", "Break a seal", StateConflict)
async def reveal(ctx: Ctx, order_no: FromPath[str], unit_id: FromPath[UUID], once: Take[Once]) -> Revealed:
    """Cannot be undone: from here on a change of mind gets nothing back at once, unless the listing promised it."""
    return await _reveal(ctx, order_no, [unit_id], once)


@op("POST", "/orders/{order_no:str}/reveal", "buy", "Break many seals", StateConflict)
async def reveal_many(ctx: Ctx, order_no: FromPath[str], given: Take[Units], once: Take[Once]) -> Revealed:
    """All of them or none."""
    return await _reveal(ctx, order_no, given.unit_ids, once)


@op("GET", "/orders/{order_no:str}/units/{unit_id:uuid}/reveal-preview", "read", "What breaking changes", StateConflict)
async def preview_reveal(ctx: Ctx, order_no: FromPath[str], unit_id: FromPath[UUID]) -> RevealPreview:
    """Before it is done: what the rules give back with the seal whole, and with it broken. Writes nothing."""
    found = await bought(ctx, order_no)
    cmd = CompareSeal(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id, unit_id=unit_id)
    both = await compare_seal(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now)
    return RevealPreview(unwanted=_both(both.unwanted), fault=_both(both.fault))


@op("POST", "/orders/{order_no:str}/units/{unit_id:uuid}/goods", "buy", "Look at what was delivered", StateConflict)
async def look(ctx: Ctx, order_no: FromPath[str], unit_id: FromPath[UUID]) -> Goods:
    """A revealed key, or what was delivered by hand. Every look is on record; the answer is stored nowhere."""
    found = await bought(ctx, order_no)
    cmd = ShowGoods(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id, unit_id=unit_id)
    shown = await show_goods(ctx.db, cmd, keys=ctx.app.keys, now=ctx.now)
    return Goods(unit_id=shown.unit_id, labels=shown.labels, fields=shown.fields)


@op("POST", "/orders/{order_no:str}/goods", "buy", "Look at many keys", StateConflict)
async def look_many(ctx: Ctx, order_no: FromPath[str], given: Take[Units]) -> ManyGoods:
    """Revealed keys alone. Every look is on record."""
    found = await bought(ctx, order_no)
    cmd = ShowMany(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id, unit_ids=given.unit_ids)
    shown = await show_many(ctx.db, cmd, keys=ctx.app.keys, now=ctx.now)
    return ManyGoods(items=[shape(item, Goods) for item in shown.units])


@op("POST", "/orders/{order_no:str}/units/{unit_id:uuid}/use", "buy|sell", "Say what was used", StateConflict)
async def state_use(
    ctx: Ctx, order_no: FromPath[str], unit_id: FromPath[UUID], given: Take[Use], once: Take[Once]
) -> UseSaid:
    """For the buyer and the seller of the order, each as his own side."""
    await stands(ctx, order_no, acting=True)
    async with ctx.db.read() as tx:
        found = await api_orders.where(tx, order_no, ctx.me)
    cmd = RecordRedemption(
        by=ctx.me,
        book_id=found.book_id,
        order_id=found.id,
        unit_id=unit_id,
        state=given.state,
        note=given.note,
        remaining_fen=given.remaining_fen,
        occurred_at=utc(given.occurred_at) if given.occurred_at else None,
    )
    done = await record_redemption(ctx.db, cmd, now=ctx.now, once=once)
    return UseSaid(source=done.source)


@op("GET", "/orders/{order_no:str}/record", "read|sell|review", "The order's record and its proof")
async def get_record(ctx: Ctx, order_no: FromPath[str], asked: Take[WhichEvents]) -> Record:
    """For buyer, seller and staff: the hash chain, link by link, in the very bytes that were hashed."""
    await stands(ctx, order_no)
    staff = ctx.visitor.is_reviewer and "review" in (ctx.visitor.scopes or ())
    name = f"record:{order_no}"
    after = cursors.read(ctx, name, asked.cursor, int) or 0
    async with ctx.db.read() as tx:
        place = await order_page.party_place(tx, order_no, ctx.me, staff=staff)
        proof = await evidence.verify(tx, place.book_id, place.id)
        links = await api_orders.links(tx, place.book_id, place.id, after=after, limit=asked.limit + 1)
    shown = links[: asked.limit]
    more = len(links) > asked.limit
    return shape(
        proof,
        Record,
        holds=proof.first_broken is None,
        items=[_event(link) for link in shown],
        next=cursors.write(ctx, name, shown[-1].seq) if more else None,
    )


async def _reveal(ctx: Context, order_no: str, unit_ids: list[UUID], once: Once) -> Revealed:
    found = await bought(ctx, order_no)
    cmd = BreakSeal(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id, unit_ids=unit_ids)
    done = await break_seal(ctx.db, cmd, now=ctx.now, once=once)
    return Revealed(unit_ids=done.unit_ids, at=done.at)


def _both(sides: BothSides) -> SealedOrBroken:
    return SealedOrBroken(sealed=_fate(sides.sealed), broken=_fate(sides.broken))


def _fate(decision: Decision) -> Fate:
    return shape(decision, Fate)


def _event(link: api_orders.Link) -> Event:
    text = link.payload.decode()
    return Event(seq=link.seq, payload=text, hash=link.hash.hex(), event=json.decode(link.payload))


routes = [reveal, reveal_many, preview_reveal, look, look_many, state_use, get_record]
