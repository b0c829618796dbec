"""Who trades while processes die: a seller, a reviewer, buyers; and what falls due in the middle of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from liuhen.base.crypto import new_token
from liuhen.base.db import Tx
from liuhen.base.ids import new_id
from liuhen.flows.aftersale.request_refund import RequestRefund, request_refund
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.parties import store as parties
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode
from tests.flows.world import World

PURSE_FEN = 400_000


@dataclass(frozen=True)
class Person:
    """party_id and a token that may do all that the party may."""

    id: UUID
    token: str


@dataclass(frozen=True)
class Market:
    seller: Person
    reviewer: Person
    buyers: list[Person]
    products: list[UUID]
    old_orders: set[str]
    """Orders from before; their deadlines pass while processes die."""


async def open_market(world: World, *, buyers: int, keys: int, soon: int, spread: float) -> Market:
    """Parameters: keys, on the shelf for each of two products; soon, how many old orders of each of three sorts fall
    due within `spread` seconds from now: money to release, a seller's silence, an unpaid order."""
    today = world.now
    world.now = today - timedelta(days=8)
    seller, reviewer = await world.seller(), await world.party("周", Role.REVIEWER)
    people = [await world.party(f"买家{number}") for number in range(buyers)]
    products = [await world.listing(seller, price=price) for price in (9_800, 4_900)]
    for product in products:
        await world.shelve(seller, product, keys)
    old = await _old_orders(world, seller, products[0], today, soon, spread)
    world.now = today
    return Market(
        seller=Person(seller, await token_for(world, seller, "read", "buy", "sell")),
        reviewer=Person(reviewer, await token_for(world, reviewer, "read", "review")),
        buyers=[Person(person, await token_for(world, person, "read", "buy")) for person in people],
        products=products,
        old_orders=old,
    )


async def token_for(world: World, party_id: UUID, *scopes: str) -> str:
    """A bearer token for a day."""
    token = new_token("lh_t_")
    row = parties.NewToken(
        id=new_id(world.now),
        token_hash=world.keys.hash_token(token),
        party_id=party_id,
        name="survival",
        scopes=scopes,
        created_at=world.now,
        expires_at=world.now + timedelta(days=1),
    )

    async def work(tx: Tx) -> None:
        await parties.add_token(tx, row)

    await world.db.transact(work, now=world.now)
    return token


async def _old_orders(world: World, seller: UUID, product: UUID, today: datetime, soon: int, spread: float) -> set[str]:
    buyer = await world.party("老客")
    await world.fund(buyer, 3 * soon * 9_800 + 9_800)
    numbers: set[str] = set()
    for days, sort in ((7, "release"), (1, "silence"), (0, "unpaid")):
        for place in range(soon):
            # Each sort's own period lies between then and now; what is left of it passes while processes die.
            left = timedelta(seconds=spread * place / soon)
            world.now = today - timedelta(days=days) + left
            if sort == "unpaid":
                world.now -= timedelta(minutes=15)
            placed = await world.order(buyer, seller, product, pay=None if sort == "unpaid" else "balance")
            numbers.add(placed.order_no)
            if sort == "silence":
                units = [row["id"] for row in await world.units(placed)]
                seal = BreakSeal(buyer_id=buyer, book_id=seller, order_id=placed.order_id, unit_ids=units)
                await break_seal(world.db, seal, now=world.now)
                ask = RequestRefund(
                    buyer_id=buyer, order_no=placed.order_no, unit_ids=units, reason=ReasonCode.INVALID_KEY
                )
                await request_refund(world.db, ask, rules=world.rules, now=world.now)
    return numbers
