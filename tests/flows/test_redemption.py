"""What is said about the use of a key stands side by side, and an issuer's word is kept once."""

import hashlib
from datetime import datetime

import pytest

from liuhen.base.db import Database
from liuhen.base.errors import Conflict, Forbidden, NotFound, StateConflict
from liuhen.flows.trade.add_issuer import AddIssuer, add_issuer
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.disable_issuer import disable_issuer
from liuhen.flows.trade.record_issuer_event import IssuerEvent, record_issuer_event
from liuhen.flows.trade.record_redemption import RecordRedemption, record_redemption
from liuhen.parties.model import Role
from liuhen.redemption.model import FactSource, UseState
from liuhen.stock.seal import fp_from_sha256
from tests.flows.world import World


@pytest.fixture
def world(db: Database, now: datetime) -> World:
    return World(db, now)


async def test_facts_of_four_sources_stand_side_by_side(world: World) -> None:
    admin = await world.party("周", Role.ADMIN)
    issuer = await add_issuer(world.db, AddIssuer(admin_id=admin, name="木棉游戏"), keys=world.keys, now=world.now)
    seller, buyer, other = await world.seller(), await world.party("林"), await world.party("陈")
    product = await world.listing(seller, issuer_id=issuer.issuer_id)
    await world.shelve(seller, product, 1)
    await world.fund(buyer, 9800)
    placed = await world.order(buyer, seller, product)
    (unit,) = await world.units(placed)
    await break_seal(
        world.db,
        BreakSeal(buyer_id=buyer, book_id=seller, order_id=placed.order_id, unit_ids=[unit["id"]]),
        now=world.now,
    )

    async def say(by: object, state: UseState) -> FactSource:
        cmd = RecordRedemption(by=by, book_id=seller, order_id=placed.order_id, unit_id=unit["id"], state=state)  # type: ignore[arg-type]
        return (await record_redemption(world.db, cmd, now=world.later(minutes=1))).source

    assert await say(buyer, UseState.UNUSED) is FactSource.BUYER
    assert await say(seller, UseState.USED_UP) is FactSource.SELLER
    with pytest.raises(NotFound):
        await say(other, UseState.USED_UP)
    key = "KEY-000000-TEST"
    event = IssuerEvent(
        issuer_id=issuer.issuer_id,
        event_id="evt_1",
        event="REDEEMED",
        state=UseState.PARTLY_USED,
        fp_exact=fp_from_sha256(world.keys, hashlib.sha256(key.encode()).digest()),
        remaining_fen=4000,
        occurred_at=world.now,
    )
    assert (await record_issuer_event(world.db, event, now=world.now)).recorded == 1
    assert (await record_issuer_event(world.db, event, now=world.now)).recorded == 0
    async with world.db.read() as tx:
        rows = await tx.fetch("select source, state from redemption_fact order by recorded_at, id")
    assert {(r["source"], r["state"]) for r in rows} == {
        ("PLATFORM", "UNKNOWN"),
        ("BUYER", "UNUSED"),
        ("SELLER", "USED_UP"),
        ("ISSUER", "PARTLY_USED"),
    }
    assert (await world.events(placed))[-3:] == ["USE_STATED", "USE_STATED", "ISSUER_SAID"]


async def test_an_issuer_speaks_of_his_own_goods_alone(world: World) -> None:
    admin = await world.party("周", Role.ADMIN)
    issuer = await add_issuer(world.db, AddIssuer(admin_id=admin, name="木棉游戏"), keys=world.keys, now=world.now)
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)  # names no issuer
    await world.shelve(seller, product, 1)
    await world.fund(buyer, 9800)
    await world.order(buyer, seller, product)
    fp = fp_from_sha256(world.keys, hashlib.sha256(b"KEY-000000-TEST").digest())
    event = IssuerEvent(issuer_id=issuer.issuer_id, event_id="e", event="REDEEMED", state=UseState.USED_UP, fp_exact=fp)
    with pytest.raises(NotFound):
        await record_issuer_event(world.db, event, now=world.now)


async def test_only_admins_make_issuers_known(world: World) -> None:
    admin, nobody = await world.party("周", Role.ADMIN), await world.party("林")
    with pytest.raises(Forbidden):
        await add_issuer(world.db, AddIssuer(admin_id=nobody, name="假发行方"), keys=world.keys, now=world.now)
    made = await add_issuer(world.db, AddIssuer(admin_id=admin, name="木棉游戏"), keys=world.keys, now=world.now)
    with pytest.raises(Conflict):
        await add_issuer(world.db, AddIssuer(admin_id=admin, name="木棉游戏"), keys=world.keys, now=world.now)
    await disable_issuer(world.db, admin, made.issuer_id, now=world.now)
    with pytest.raises(NotFound):
        await disable_issuer(world.db, admin, made.issuer_id, now=world.now)


async def test_nothing_is_said_before_delivery(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    placed = await world.order(buyer, seller, product, pay=None)
    (unit,) = await world.units(placed)
    cmd = RecordRedemption(
        by=buyer, book_id=seller, order_id=placed.order_id, unit_id=unit["id"], state=UseState.UNUSED
    )
    with pytest.raises(StateConflict):
        await record_redemption(world.db, cmd, now=world.now)
