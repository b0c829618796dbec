"""All that one buyer and one seller can have between them: something real behind every id that a route takes."""

import io
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from PIL import Image

from liuhen.base.crypto import new_token
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.refunds.model import Answer
from tests.edge.doors import Caller, Doors
from tests.edge.test_who_may import Story

V1 = "/api/v1"
KEYS_FILE = b"PLANT-A1B2-C3D4-0001\nPLANT-A1B2-C3D4-0002\n"


def png(shade: int = 90) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 90, 120)).save(out, "PNG")
    return out.getvalue()


@dataclass
class Estate(Story):
    """A story with more in it. `values` are ids by parameter name; `at` knows which of them a route means."""

    of_hand: dict[str, str] = field(default_factory=dict)
    of_case: dict[str, str] = field(default_factory=dict)

    def at(self, route: str) -> dict[str, str]:
        """The ids for a route: delivery by hand has an order of its own, a case other pictures than a draft."""
        if any(word in route for word in ("/proofs", "/deliver", "/begin")):
            return {**self.values, **self.of_hand}
        return {**self.values, **self.of_case} if "/cases/" in route else self.values

    async def tell(self, doors: Doors) -> None:
        await super().tell(doors)
        buyer, seller = await doors.api(self.buyer_id, "read", "buy"), await doors.api(self.seller_id, "read", "sell")
        order, case = self.values["order_no"], self.values["case_no"]
        self.values["picture_id"] = await _sent(buyer, f"{V1}/orders/{order}/pictures", png(10))
        self.of_case["picture_id"] = await _sent(buyer, f"{V1}/cases/{case}/pictures", png(20))
        upload = await _sent(seller, f"{V1}/seller/products/{self.product}/stock/uploads", KEYS_FILE, "text/plain")
        self.values |= {"upload_id": upload, "import_id": upload}
        await self._by_hand(doors, seller)
        await self._refunded()
        keys = (await seller.get(f"{V1}/seller/products/{self.values['product_id']}/stock/keys")).json()["items"]
        self.values["key_id"] = next(key["id"] for key in keys if key["state"] == "AVAILABLE")

    async def _by_hand(self, doors: Doors, seller: Caller) -> None:
        """An order of something that a hand delivers, delivered, with a picture that proves it."""
        phone = await self.listing(
            self.seller_id, title="话费直充", kind=GoodsKind.DIRECT_TOP_UP, target_label="手机号"
        )
        await self.fund(self.buyer_id, 10_000)
        placed = await self.order(self.buyer_id, self.seller_id, phone, target="138 0013 0319")
        path = f"{V1}/seller/orders/{placed.order_no}/deliveries"
        answer = await seller.post(path, {"line_no": 1, "text": "已充值"})
        assert answer.status_code == 201, answer.text
        delivery = answer.json()["delivery_id"]
        picture = await _sent(seller, f"{path}/{delivery}/pictures", png(30))
        self.of_hand = {"order_no": placed.order_no, "delivery_id": delivery, "picture_id": picture}
        self.values["delivery_id"] = delivery

    async def _refunded(self) -> None:
        """An order paid over a channel and given back: a refund on its way, a key to void."""
        placed = await self.order(self.buyer_id, self.seller_id, self.product, pay="channel")
        await self.reveal(placed)
        await self.answer(await self.ask_one(placed, ReasonCode.INVALID_KEY), Answer.AGREED)
        async with self.db.read() as tx:
            refund = await tx.one("select id, refund_no from refund where book_id = $1", self.seller_id)
            todo = await tx.one("select id from seller_todo where book_id = $1 limit 1", self.seller_id)
        self.values |= {"refund_id": str(refund["id"]), "refund_no": refund["refund_no"], "todo_id": str(todo["id"])}


async def _sent(caller: Caller, path: str, data: bytes, media: str = "image/png") -> str:
    """Uploads bytes; returns the new thing's id."""
    headers = {"Content-Type": media, "Idempotency-Key": new_token("")}
    name = "keys.txt" if media == "text/plain" else "error.png"
    answer = await caller.client.post(f"{path}?filename={name}", content=data, headers=headers)
    assert answer.status_code in (200, 201), (path, answer.text)
    body: dict[str, Any] = answer.json()
    return str(UUID(body.get("id") or body["picture_id"]))
