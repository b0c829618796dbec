"""Words and pictures of people go after their time, what happened and the money stay, and the record still holds."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from liuhen.base.db import connect_owner
from liuhen.base.errors import Erased
from liuhen.edge.cli import evidence as evidence_cli
from liuhen.edge.upkeep import erase_all
from liuhen.flows.aftersale.add_note import AddNote, add_note
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.flows.outbox.hold_record import HoldRecord, hold_record
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.flows.trade.show_goods import ShowGoods, show_goods
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode
from liuhen.reads.retention import erased_of
from liuhen.refunds.model import Answer
from tests.edge.doors import KEYS, Doors
from tests.edge.house import House
from tests.edge.test_backup import HAND_TEXT, Shop

Say = pytest.CaptureFixture[str]
PLANTED = ("打不开", "发货前已验过", "13800000000", HAND_TEXT, "a.png")
TABLES = ("refund_case", "case_note", "order_line", "hand_delivery", "evidence_item", "key_look", "redemption_fact")


@pytest.fixture
async def shop(doors: Doors, now: Any) -> Shop:
    """A trade that is over: a card that was seen and refunded, one that nobody opened, a delivery by hand."""
    made = Shop(doors.db, now, keys=KEYS, folder=doors.folder)
    placed = await made.trade()
    async with made.db.read() as tx:
        case = await tx.one("select id as case_id, case_no from refund_case")
        other = await tx.one("select book_id, id from orders where id <> $1", placed.order_id)
    note = AddNote(author_id=made.seller_id, case_no=case["case_no"], text="发货前已验过", staff=False)
    await add_note(made.db, note, rules=made.rules, now=made.now)
    await made.answer(SimpleNamespace(**dict(case)), Answer.AGREED)  # type: ignore[arg-type]
    made.later(days=30)
    for book_id, order_id in ((placed.book_id, placed.order_id), (other["book_id"], other["id"])):
        confirm = ConfirmReceipt(buyer_id=made.buyer_id, book_id=book_id, order_id=order_id)
        await confirm_receipt(made.db, confirm, now=made.now)
    made.case_no = case["case_no"]  # type: ignore[attr-defined]
    made.placed, made.other = placed, other  # type: ignore[attr-defined]
    return made


async def text_of(dsn: str, *tables: str) -> str:
    """Everything that these tables hold, as one text."""
    owner = await connect_owner(dsn)
    try:
        return "".join([str(await owner.fetch(f"select t::text from {name} t")) for name in tables])
    finally:
        await owner.close()


async def erase(shop: Shop, doors: Doors) -> int:
    doors.clock.at = shop.now
    return await erase_all(doors.app, asyncio.Event())


def pictures(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "objects").rglob("*"))


async def test_after_three_years_the_words_are_gone_and_the_record_still_holds(
    shop: Shop, doors: Doors, dsn: str, capsys: Say
) -> None:
    placed: PlacedOrder = shop.placed  # type: ignore[attr-defined]
    money = await text_of(dsn, "ledger_transfer", "ledger_account")
    before = await text_of(dsn, *TABLES)
    assert all(word in before for word in PLANTED if word != HAND_TEXT) and pictures(doors.folder) == 2
    shop.later(days=1095)
    assert await erase(shop, doors) == 0, "the trade ended by the release of its money, not by the order"
    shop.later(days=2)
    assert await erase(shop, doors) == 2
    assert await erase(shop, doors) == 0, "once"

    left = await text_of(dsn, *TABLES)
    assert not [word for word in PLANTED if word in left] and pictures(doors.folder) == 0
    assert await text_of(dsn, "ledger_transfer", "ledger_account") == money
    assert (await shop.events(placed))[-1] == "ERASED"
    assert await evidence_cli.prove(doors.app.settings, dsn, None) == 0
    assert "2 of 2 orders hold" in capsys.readouterr().out
    async with shop.db.read() as tx:
        told = await erased_of(tx, placed.book_id, placed.order_id)
        states = await tx.fetch("select state, length(sealed) as left from stock_key where unit_id is not null")
    assert told is not None and told.days == 1096 and told.objects == 2 and told.objects_gone_at == shop.now
    assert told.erased == {"card_keys": 1, "notes": 2, "pictures": 1, "statements": 1}
    assert {row["state"]: bool(row["left"]) for row in states} == {"RETIRED": False, "SEALED": True}
    await shop.check()
    other = shop.other  # type: ignore[attr-defined]
    async with shop.db.read() as tx:
        unit = await tx.one("select id from order_unit where order_id = $1", other["id"])
    look = ShowGoods(buyer_id=shop.buyer_id, book_id=other["book_id"], order_id=other["id"], unit_id=unit["id"])
    with pytest.raises(Erased):
        await show_goods(shop.db, look, keys=shop.keys, now=shop.now)


async def test_what_is_open_or_held_is_kept(shop: Shop, doors: Doors, dsn: str) -> None:
    placed: PlacedOrder = shop.placed  # type: ignore[attr-defined]
    await hold_record(shop.db, HoldRecord(order_no=placed.order_no, reason="法院调取"), now=shop.now)
    owner = await connect_owner(dsn)
    await owner.execute("update order_unit set escrow = 'HELD' where order_id <> $1", placed.order_id)
    shop.later(days=2000)
    assert await erase(shop, doors) == 0
    await owner.execute("update order_unit set escrow = 'RELEASED' where order_id <> $1", placed.order_id)
    await owner.close()
    assert await erase(shop, doors) == 1
    await hold_record(shop.db, HoldRecord(order_no=placed.order_no, reason=None), now=shop.now)
    assert await erase(shop, doors) == 1


async def test_stopped_between_the_words_and_the_pictures(
    shop: Shop, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the commit: the next round takes the pictures, and until then the record holds."""
    shop.later(days=1200)
    with monkeypatch.context() as broken:
        broken.setattr("liuhen.edge.upkeep.delete_erased", _die)
        with pytest.raises(KeyboardInterrupt):
            await erase(shop, doors)
    assert pictures(doors.folder) == 2
    assert await erase(shop, doors) == 0 and pictures(doors.folder) == 0


async def _die(*_: object, **__: object) -> int:
    raise KeyboardInterrupt


async def test_words_that_come_after_an_erasure_go_in_their_turn(shop: Shop, doors: Doors, dsn: str) -> None:
    """A card that nobody opened can still be given back years later."""
    placed: PlacedOrder = shop.placed  # type: ignore[attr-defined]
    shop.later(days=1200)
    assert await erase(shop, doors) == 2
    (unopened,) = [unit["id"] for unit in await shop.units(placed) if unit["state"] == "SEALED"]
    (case,) = (await shop.ask(placed, ReasonCode.CHANGE_OF_MIND, unopened, statement="三年后才想起来")).cases
    withdraw = WithdrawRequest(buyer_id=shop.buyer_id, case_no=case.case_no)
    assert await erase(shop, doors) == 0 and "三年后才想起来" in await text_of(dsn, "refund_case")
    shop.later(days=1200)
    assert await erase(shop, doors) == 0, "the case is open"
    await withdraw_request(shop.db, withdraw, now=shop.now)
    shop.later(days=1200)
    assert await erase(shop, doors) == 1
    assert "三年后才想起来" not in await text_of(dsn, "refund_case")
    assert (await shop.events(placed)).count("ERASED") == 2
    assert await evidence_cli.prove(doors.app.settings, dsn, None) == 0


async def test_words_that_went_without_an_erasure_are_a_fault(shop: Shop, doors: Doors, dsn: str, capsys: Say) -> None:
    owner = await connect_owner(dsn)
    await owner.execute("set role liuhen_app; update case_note set text = '', salt = ''; reset role")
    await owner.close()
    assert await evidence_cli.prove(doors.app.settings, dsn, None) == 1
    assert "no erasure is on record" in capsys.readouterr().err


async def test_messages_reasons_and_raw_callbacks_go_by_their_age(shop: Shop, doors: Doors, dsn: str) -> None:
    assert await text_of(dsn, "notice") != "[]"
    shop.later(days=1200)
    await erase(shop, doors)
    assert await text_of(dsn, "notice") == "[]"
    async with shop.db.read() as tx:
        assert not await tx.fetchval("select count(*) from channel_event where length(body) > 0")
        assert await tx.fetchval("select count(*) from channel_event") > 0


async def test_pages_say_what_was_erased_and_by_which_rule(shop: Shop, doors: Doors) -> None:
    placed: PlacedOrder = shop.placed  # type: ignore[attr-defined]
    admin = await shop.party("管", Role.ADMIN)
    shop.later(days=1200)
    await hold_record(shop.db, HoldRecord(order_no=await other_no(shop), reason="法院调取"), now=shop.now)
    await erase(shop, doors)
    house = House(doors, shop)
    said = "交易结束 1,096 天后，说明、图片和交付的内容删除"
    for party, path in (
        (shop.buyer_id, f"/orders/{placed.order_no}"),
        (shop.buyer_id, f"/orders/{placed.order_no}/record"),
        (shop.seller_id, f"/seller/orders/{placed.order_no}"),
    ):
        async with house.browser(party) as visit:
            assert said in await visit.get(path), path
    async with house.browser(shop.buyer_id) as visit:
        assert '"days": 1096' in await visit.get(f"/orders/{placed.order_no}/record.json")
        case_page = await visit.get(f"/cases/{shop.case_no}")  # type: ignore[attr-defined]
        assert "打不开" not in case_page and "/pictures/" not in case_page
    async with house.browser(admin) as visit:
        page = await visit.get("/admin/upkeep")
        assert placed.order_no in page and "法院调取" in page and "交易结束 1,096 天后" in page


async def other_no(shop: Shop) -> str:
    async with shop.db.read() as tx:
        no: str = await tx.fetchval("select order_no from orders where id = $1", shop.other["id"])  # type: ignore[attr-defined]
    return no


async def test_an_order_that_cannot_be_erased_holds_up_no_other(shop: Shop, doors: Doors, dsn: str) -> None:
    """Somebody deleted the head of a record, so that nothing can be appended to it. Its neighbours go all the same."""
    orders = [shop.placed.order_id, shop.other["id"]]  # type: ignore[attr-defined]
    owner = await connect_owner(dsn)
    head = await owner.fetchrow("delete from chain_head where order_id = $1 returning *", min(orders))
    shop.later(days=1200)
    assert await erase(shop, doors) == 1
    assert [row["order_id"] for row in await owner.fetch("select order_id from erasure")] == [max(orders)]
    await owner.execute("insert into chain_head values ($1, $2, $3, $4)", *head.values())
    await owner.close()
    assert await erase(shop, doors) == 1
