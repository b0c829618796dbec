"""The story over the API alone: from two registrations and a key file to a dead card key and the money back."""

from hashlib import sha256
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from liuhen.edge.worker import poller
from liuhen.parties.model import Role
from tests.edge.callers import Program, ok
from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.world import World

KEYS = ["MMYX-7741-AAAA-0001", "MMYX-7741-AAAA-0002"]


@pytest.fixture
async def house(doors: Doors, world: World) -> House:
    return House(doors, world)


async def _shop(house: House) -> tuple[Program, str]:
    """A seller with two keys on the shelf."""
    seller = await Program(await house.doors.api(), "zhu").joins()
    agreed = await seller.get("/agreements/seller_agreement")
    await seller.post("/me/shop", {"name": "青竹数码", "agreement_version": agreed["version"]}, 201)
    await seller.signs("read", "buy", "sell")
    content = {"kind": "card_key", "title": "木棉游戏点卡 100 元", "price_fen": 9800, "face_value_fen": 10000}
    product = (await seller.post("/seller/products", {"content": content}, 201))["product_id"]
    data = "\n".join([*KEYS, "", KEYS[0]]).encode()
    path = f"/seller/products/{product}/stock/uploads?filename=keys.txt"
    upload = ok(await seller.sends(path, data, "text/plain"), 201)
    assert upload["report"]["new"] == 2 and upload["report"]["duplicate"] == 1 and upload["actions"] == ["confirm"]
    assert not any(key in str(upload) for key in KEYS), "a preview has masks alone"
    await seller.post(f"/seller/stock/uploads/{upload['id']}/confirm", {"seal": upload["seal"]})
    await poller(house.doors.app).tick()
    assert (await seller.get(f"/seller/stock/uploads/{upload['id']}"))["state"] == "DONE"
    assert (await seller.get(f"/seller/products/{product}/stock"))["sellable"] == 2
    return seller, product


async def _bought(house: House, product: str) -> tuple[Program, str, str]:
    """A buyer who topped up, ordered, broke the seal and saw a key: (he, order number, unit id)."""
    buyer = await Program(await house.doors.api(), "lin").joins()
    page = await buyer.post("/balance/top-ups", {"amount_fen": 20000, "channel": "sandbox"}, 201)
    await house.world.paid(UUID(page["payment_id"]), 20000)
    found = await buyer.get("/products", q="点卡")
    assert [item["product_id"] for item in found["items"]] == [product]
    shown = await buyer.get(f"/products/{product}")
    assert shown["actions"] == ["order"] and shown["stock"] == 2 and shown["refund_table"]
    line = {"product_id": product, "version": shown["version"], "no_reason_confirmed": True}
    placed = await buyer.post("/orders", {"lines": [line], "pay": "balance"}, 201)
    order = await buyer.get(f"/orders/{placed['order_no']}")
    (unit,) = order["units"]
    assert order["state"] == "PAID" and unit["state"] == "SEALED" and unit["mask"] is None
    assert unit["actions"] == ["request_refund", "reveal", "state_use"] and order["actions"] == ["confirm_receipt"]
    at = f"/orders/{placed['order_no']}/units/{unit['id']}"
    preview = await buyer.get(f"{at}/reveal-preview")
    assert preview["unwanted"]["sealed"]["outcome"] == "FULL" != preview["unwanted"]["broken"]["outcome"]
    await buyer.post(f"{at}/reveal")
    goods = await buyer.post(f"{at}/goods")
    assert goods["fields"][0] in KEYS
    return buyer, placed["order_no"], unit["id"]


def _picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return out.getvalue()


async def test_a_dead_card_key_from_registration_to_money_back(house: House) -> None:
    seller, product = await _shop(house)
    buyer, order_no, unit_id = await _bought(house, product)
    ask = {"unit_ids": [unit_id], "reason": "INVALID_KEY"}
    preview = await buyer.post(f"/orders/{order_no}/refund-preview", ask)
    assert preview["parts"][0]["state"] == "AWAITING_SELLER" and preview["amount_max_fen"] == 9800
    path = f"/orders/{order_no}/pictures?filename=error.png"
    picture = ok(await buyer.sends(path, _picture(), "image/png"), 201)
    request = {**ask, "statement": "提示卡密无效", "pictures": [picture["id"]]}
    (case,) = (await buyer.post(f"/orders/{order_no}/refund-requests", request, 201))["cases"]
    path = f"/cases/{case['case_no']}"

    (todo,) = (await seller.get("/seller/todos"))["answers"]
    assert todo["case_no"] == case["case_no"] and todo["due_at"] == case["due_at"]
    seen = await seller.get(path)
    assert seen["side"] == "SELLER" and "answer" in seen["actions"] and len(seen["pictures"]) == 1
    refused = await seller.post(f"{path}/answer", {"answer": "REFUSED", "reasons": "发货时有效"})
    assert refused["state"] == "UNDER_REVIEW" and "answer" not in refused["actions"]

    staff = Program(await house.doors.api(await house.world.party("审核员", Role.REVIEWER), "read", "review"), "staff")
    (waiting,) = (await staff.get("/desk/cases", shelf="unclaimed"))["items"]
    assert waiting["case_no"] == case["case_no"]
    await staff.post(f"{path}/claim")
    looked = await staff.post(f"{path}/units/{unit_id}/look", {"reason": "核对发行方记录"})
    assert looked["fields"][0] in KEYS
    assert (await staff.get(f"/desk{path}/study"))["amount_max_fen"] == 9800
    decided = await staff.post(f"{path}/decide", {"ruling": "granted", "reasons": "发行方确认此卡已作废"})
    assert decided["state"] == "APPROVED"

    after = await buyer.get(path)
    assert after["money"]["state"] == "ARRIVED" and after["money"]["amount_fen"] == 9800 and after["actions"] == []
    assert (await buyer.get("/balance"))["balance_fen"] == 20000
    assert (await buyer.get("/refunds"))["items"][0]["case_no"] == case["case_no"]
    kinds = [notice["kind"] for notice in (await buyer.get("/notices"))["items"]]
    assert "KEY_LOOKED_AT" in kinds
    (void,) = (await seller.get("/seller/todos"))["voids"]
    await seller.post(f"/seller/todos/{void['todo_id']}/finish")
    await _proven(house, buyer, order_no)


async def _proven(house: House, buyer: Program, order_no: str) -> None:
    """Books balance; the record holds, page by page, in the very bytes that were hashed."""
    await house.world.check()
    first = await buyer.get(f"/orders/{order_no}/record", limit=4)
    assert first["holds"] and first["links"] > 8 and len(first["items"]) == 4
    rest = await buyer.get(f"/orders/{order_no}/record", limit=100, cursor=first["next"])
    links = [*first["items"], *rest["items"]]
    assert [link["seq"] for link in links] == list(range(1, first["links"] + 1)) and rest["next"] is None
    previous = bytes(32)
    for link in links:
        previous = _next_hash(previous, link["seq"], link["payload"].encode())
        assert previous.hex() == link["hash"]
    assert previous.hex() == first["head"]


def _next_hash(previous: bytes, seq: int, payload: bytes) -> bytes:
    """As docs/evidence-chain.md says, without our code."""
    return sha256(previous + seq.to_bytes(8, "big") + sha256(payload).digest()).digest()
