"""A seller's and a buyer's day over the API beyond the story: by hand, waiting, versions, stock, channel, payout."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from liuhen.base.db import Tx
from liuhen.edge.worker import poller
from liuhen.policy.facts.goods import GoodsKind
from liuhen.sellers import store as sellers
from tests.edge.callers import Program, ok, refused
from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.world import World


@dataclass
class Town:
    """A house with a seller and a buyer, and their programs."""

    house: House
    world: World
    seller_id: UUID
    buyer_id: UUID
    seller: Program
    buyer: Program

    async def other(self, *scopes: str) -> Program:
        """Somebody else with a shop of his own."""
        return Program(await self.house.doors.api(await self.world.seller("别家店"), *scopes))


@pytest.fixture
async def town(doors: Doors, world: World) -> Town:
    house = House(doors, world)
    seller_id, buyer_id = await world.seller(), await world.party("林")
    await world.fund(buyer_id, 50_000)
    seller = Program(await doors.api(seller_id, "read", "buy", "sell"))
    buyer = Program(await doors.api(buyer_id, "read", "buy"))
    return Town(house, world, seller_id, buyer_id, seller, buyer)


async def _order(town: Town, product: str, pieces: int = 1, **more: object) -> str:
    line = {"product_id": product, "version": 1, "pieces": pieces, "no_reason_confirmed": True, **more}
    placed = await town.buyer.post("/orders", {"lines": [line], "pay": "balance"}, 201)
    order_no: str = placed["order_no"]
    return order_no


async def test_a_delivery_by_hand(town: Town) -> None:
    content = {"kind": "direct_top_up", "title": "话费直充 50 元", "price_fen": 4900, "target_label": "手机号"}
    product = (await town.seller.post("/seller/products", {"content": content}, 201))["product_id"]
    line = {"product_id": product, "version": 1, "no_reason_confirmed": True}
    answer = await town.buyer.asks("POST", "/orders", {"lines": [line]})
    assert "target" in refused(answer, 422, "invalid_input")["fields"]
    order_no = await _order(town, product, target="13800000000")
    (due,) = (await town.seller.get("/seller/todos"))["deliveries"]
    assert due["order_no"] == order_no and due["target"] == "13800000000"
    sold = await town.seller.get(f"/seller/orders/{order_no}")
    assert sold["units"][0]["actions"] == ["begin_work", "deliver"]
    given = {"line_no": 1, "text": "已充值", "receipt_no": "YD-1"}
    done = await town.seller.post(f"/seller/orders/{order_no}/deliveries", given, 201)
    await _proved(town, order_no, done["delivery_id"])
    (unit,) = (await town.buyer.get(f"/orders/{order_no}"))["units"]
    assert unit["state"] == "HANDED_OVER" and unit["receipt_no"] == "YD-1"
    goods = await town.buyer.post(f"/orders/{order_no}/units/{unit['id']}/goods")
    assert goods["labels"] == ["TEXT"] and goods["fields"] == ["已充值"]
    said = {"state": "UNUSED", "note": "没有到账"}
    assert (await town.buyer.post(f"/orders/{order_no}/units/{unit['id']}/use", said))["source"] == "BUYER"
    assert (await town.buyer.post(f"/orders/{order_no}/confirm-receipt"))["released"] == 1
    earned = await town.seller.get("/seller/earnings")
    assert earned["payable_fen"] == 4802 and earned["actions"] == ["withdraw"]
    assert (await town.seller.post("/seller/withdrawals", {"amount_fen": 4802}, 201))["payable_fen"] == 0
    assert (await town.seller.get("/balance"))["balance_fen"] == 4802
    await town.world.check()


async def _proved(town: Town, order_no: str, delivery_id: str) -> None:
    """The seller's picture is seen by the buyer and by nobody else."""
    out = BytesIO()
    Image.new("RGB", (20, 20), "white").save(out, "PNG")
    path = f"/seller/orders/{order_no}/deliveries/{delivery_id}/pictures?filename=receipt.png"
    kept = ok(await town.seller.sends(path, out.getvalue(), "image/png"), 201)
    refused(await (await town.other("sell")).sends(path, out.getvalue(), "image/png"), 404, "not_found")
    (proof,) = (await town.buyer.get(f"/orders/{order_no}/proofs"))["items"]
    assert proof["sha256"] == kept["sha256"] == sha256(out.getvalue()).hexdigest()
    original = await town.buyer.asks("GET", f"/orders/{order_no}/proofs/{kept['id']}?original=true")
    assert original.content == out.getvalue()


async def test_a_buyer_chooses_to_wait(town: Town) -> None:
    product = str(await town.world.listing(town.seller_id, kind=GoodsKind.DIRECT_TOP_UP, target_label="手机号"))
    order_no = await _order(town, product, target="13800000000")
    (unit,) = (await town.buyer.get(f"/orders/{order_no}"))["units"]
    assert unit["actions"] == ["request_refund", "wait"]
    until = "2026-11-24T12:00:00+08:00"
    done = await town.buyer.post(f"/orders/{order_no}/wait", {"unit_ids": [unit["id"]], "until": until})
    assert done["until"] == "2026-11-24T04:00:00Z"


async def test_an_edit_is_a_new_version_and_old_terms_are_not_sold(town: Town) -> None:
    product = str(await town.world.listing(town.seller_id))
    await town.world.shelve(town.seller_id, UUID(product), 3)
    content = {"kind": "card_key", "title": "木棉游戏点卡 100 元", "price_fen": 9900}
    edit = {"base_version": 1, "content": content}
    assert (await town.seller.post(f"/seller/products/{product}/versions", edit, 201))["version"] == 2
    answer = await town.seller.asks("POST", f"/seller/products/{product}/versions", edit)
    assert refused(answer, 409, "listing_changed")["version"] == 2
    line = {"product_id": product, "version": 1, "no_reason_confirmed": True}
    refused(await town.buyer.asks("POST", "/orders", {"lines": [line]}), 409, "listing_changed")
    seen = await town.buyer.get(f"/products/{product}", version=1)
    assert seen["content"]["price_fen"] == 9800 and seen["head_version"] == 2 and seen["actions"] == []
    assert [item["version"] for item in (await town.seller.get(f"/seller/products/{product}/versions"))["items"]] == [
        2,
        1,
    ]
    await town.seller.put(f"/seller/products/{product}/state", {"state": "OFF_SALE"})
    assert (await town.buyer.get("/products", shop_id=str(town.seller_id)))["items"] == []


async def test_stock_belongs_to_its_seller(town: Town) -> None:
    product = str(await town.world.listing(town.seller_id))
    path = f"/seller/products/{product}/stock/uploads?filename=k.txt"
    other = await town.other("sell")
    refused(await other.sends(path, b"AAAA-1111\n", "text/plain"), 404, "not_found")
    upload = ok(await town.seller.sends(path, b"AAAA-1111\nBBBB-2222\n", "text/plain"), 201)
    refused(await other.asks("GET", f"/seller/stock/uploads/{upload['id']}"), 404, "not_found")
    confirm = f"/seller/stock/uploads/{upload['id']}/confirm"
    refused(await other.asks("POST", confirm, {"seal": upload["seal"]}), 404, "not_found")
    refused(await town.seller.asks("POST", confirm, {"seal": "0" * 64}), 422, "invalid_input")
    await town.seller.post(confirm, {"seal": upload["seal"]})
    await poller(town.house.doors.app).tick()
    keys = (await town.seller.get(f"/seller/products/{product}/stock/keys"))["items"]
    assert len(keys) == 2 and not any("AAAA-1111" in str(key) for key in keys)
    void = f"/seller/products/{product}/stock/void"
    refused(
        await town.seller.asks("POST", void, {"all_unsold": True, "key_ids": [keys[0]["id"]]}), 422, "invalid_input"
    )
    assert await town.seller.post(void, {"key_ids": [keys[0]["id"]]}) == {"voided": 1, "kept": 0}
    counts = await town.seller.get(f"/seller/products/{product}/stock")
    assert (counts["sellable"], counts["void"]) == (1, 1)
    refused(await town.seller.sends(path, b"", "text/plain"), 422, "invalid_input")


async def test_a_picture_belongs_to_its_order(town: Town) -> None:
    product = await town.world.listing(town.seller_id)
    await town.world.shelve(town.seller_id, product, 1)
    order_no = await _order(town, str(product))
    out = BytesIO()
    Image.new("RGB", (20, 20), "white").save(out, "PNG")
    path = f"/orders/{order_no}/pictures"
    upload = f"{path}?filename=a.png"
    refused(await (await town.other("buy")).sends(upload, out.getvalue(), "image/png"), 404, "not_found")
    refused(await town.seller.sends(upload, out.getvalue(), "image/png"), 404, "not_found")
    refused(await town.buyer.sends(upload, b"<svg/>", "image/png"), 422, "invalid_input")
    refused(await town.buyer.sends(upload, b"x" * 10_000_001, "image/png"), 413, "too_large")
    picture = ok(await town.buyer.sends(upload, out.getvalue(), "image/png"), 201)
    assert [item["id"] for item in (await town.buyer.get(path))["items"]] == [picture["id"]]
    shown = await town.buyer.asks("GET", f"{path}/{picture['id']}")
    assert shown.headers["content-type"] == "image/jpeg" and shown.content[:2] == b"\xff\xd8"
    assert (await town.buyer.asks("DELETE", f"{path}/{picture['id']}")).status_code == 204
    assert (await town.buyer.get(path))["items"] == []


async def test_paying_over_a_channel_and_paying_out(town: Town) -> None:
    product = await town.world.listing(town.seller_id)
    await town.world.shelve(town.seller_id, product, 2)
    line = {"product_id": str(product), "version": 1, "no_reason_confirmed": True}
    refused(await town.buyer.asks("POST", "/orders", {"lines": [line], "pay": "channel"}), 422, "invalid_input")
    wish = {"lines": [line], "pay": "channel", "channel": "sandbox"}
    placed = await town.buyer.post("/orders", wish, 201)
    assert placed["state"] == "AWAITING_PAYMENT" and placed["pay_url"].startswith("http://127.0.0.1:9/")
    path = f"/orders/{placed['order_no']}"
    again = await town.buyer.post(f"{path}/payments", {"channel": "sandbox"}, 201)
    await town.world.paid(UUID(again["payment_id"]), 9800)
    order = await town.buyer.get(path)
    assert order["state"] == "PAID" and order["channel"] == "sandbox" and order["units"][0]["state"] == "SEALED"
    refused(await town.buyer.asks("POST", f"{path}/pay"), 409, "state_conflict")
    refused(await town.buyer.asks("POST", f"{path}/cancel"), 409, "state_conflict")
    balance = await town.buyer.get("/balance")
    assert balance["returnable_fen"] == 50_000 and balance["actions"] == ["top_up", "pay_out"]
    answer = await town.buyer.asks("POST", "/balance/payouts", {"amount_fen": 50_001})
    assert refused(answer, 409, "insufficient_balance")["returnable_fen"] == 50_000
    (part,) = (await town.buyer.post("/balance/payouts", {"amount_fen": 20_000}, 201))["parts"]
    assert (await town.buyer.get(f"/refunds/{part['refund_no']}"))["state"] == "APPROVED"
    assert (await town.buyer.get("/balance"))["balance_fen"] == 30_000
    moves = (await town.buyer.get("/balance/movements"))["items"]
    assert [move["fen"] for move in moves] == [-20_000, 50_000]
    await town.world.check()


async def test_a_sealed_key_goes_back_and_a_changed_mind_gets_a_person(town: Town) -> None:
    product = await town.world.listing(town.seller_id)
    await town.world.shelve(town.seller_id, product, 2)
    order_no = await _order(town, str(product), 2)
    first, second = (await town.buyer.get(f"/orders/{order_no}"))["units"]
    ask = {"unit_ids": [first["id"]], "reason": "CHANGE_OF_MIND"}
    (case,) = (await town.buyer.post(f"/orders/{order_no}/refund-requests", ask, 201))["cases"]
    assert case["state"] == "APPROVED" and case["approved_fen"] == 9800
    await town.buyer.post(f"/orders/{order_no}/reveal", {"unit_ids": [second["id"]]})
    await town.seller.post(f"/orders/{order_no}/units/{second['id']}/use", {"state": "USED_UP"})
    await town.buyer.post(f"/orders/{order_no}/units/{second['id']}/use", {"state": "USED_UP"})
    ask = {"unit_ids": [second["id"]], "reason": "CHANGE_OF_MIND", "statement": "不想要了"}
    (case,) = (await town.buyer.post(f"/orders/{order_no}/refund-requests", ask, 201))["cases"]
    assert case["state"] == "REJECTED" and case["ground"]
    path = f"/cases/{case['case_no']}"
    found = await town.buyer.get(path)
    assert found["actions"] == ["ask_human"] and found["decision"]["first"]["clauses"]
    asked = await town.buyer.post(f"{path}/ask-human", {"words": "卖家介绍有误"})
    assert asked["state"] == "UNDER_REVIEW" and "withdraw" in asked["actions"]
    refused(await town.buyer.asks("POST", f"/orders/{order_no}/refund-requests", ask), 409, "case_open")
    assert (await town.buyer.post(f"{path}/withdraw"))["state"] == "WITHDRAWN"
    refused(await town.buyer.asks("POST", f"{path}/withdraw"), 409, "state_conflict")


async def test_two_requests_at_once_are_one_case(town: Town) -> None:
    product = await town.world.listing(town.seller_id)
    await town.world.shelve(town.seller_id, product, 1)
    order_no = await _order(town, str(product))
    (unit,) = (await town.buyer.get(f"/orders/{order_no}"))["units"]
    await town.buyer.post(f"/orders/{order_no}/units/{unit['id']}/reveal")
    ask = {"unit_ids": [unit["id"]], "reason": "INVALID_KEY"}
    path = f"/orders/{order_no}/refund-requests"
    answers = await asyncio.gather(*(town.buyer.asks("POST", path, ask) for _ in range(2)))
    first, second = sorted(answers, key=lambda answer: answer.status_code)
    (case,) = ok(first, 201)["cases"]
    assert refused(second, 409, "case_open") == {"case_no": case["case_no"]}
    assert len((await town.buyer.get("/cases"))["items"]) == 1


async def test_a_token_for_the_shop_opens_nothing_that_its_owner_bought(town: Town) -> None:
    product = await town.world.listing(town.seller_id)
    await town.world.shelve(town.seller_id, product, 1)
    order_no = await _order(town, str(product))
    (unit,) = (await town.buyer.get(f"/orders/{order_no}"))["units"]
    await town.buyer.post(f"/orders/{order_no}/units/{unit['id']}/reveal")
    ask = {"unit_ids": [unit["id"]], "reason": "INVALID_KEY"}
    (case,) = (await town.buyer.post(f"/orders/{order_no}/refund-requests", ask, 201))["cases"]
    await town.world.db.transact(lambda tx: _opens_shop(town, tx), now=town.world.now)
    shop = Program(await town.house.doors.api(town.buyer_id, "sell"))
    for method, path, body in (
        ("GET", f"/cases/{case['case_no']}", None),
        ("GET", f"/cases/{case['case_no']}/pictures", None),
        ("POST", f"/cases/{case['case_no']}/notes", {"text": "一句话"}),
        ("GET", f"/orders/{order_no}/record", None),
        ("GET", f"/orders/{order_no}/proofs", None),
        ("GET", f"/orders/{order_no}/lines/1/snapshot", None),
        ("POST", f"/orders/{order_no}/units/{unit['id']}/use", {"state": "UNUSED"}),
    ):
        refused(await shop.asks(method, path, body), 403, "missing_scope")


async def _opens_shop(town: Town, tx: Tx) -> None:
    now = town.world.now
    await sellers.open_shop(tx, town.buyer_id, name="林家小店", intro="", fee_basis_points=200, now=now)
