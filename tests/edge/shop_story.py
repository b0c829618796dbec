"""A shop on a busy day: refunds to answer, goods to deliver by hand, keys to void, a shelf that runs out."""

from dataclasses import dataclass, field
from uuid import UUID

from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.refunds.model import Answer
from tests.flows.refunds import Bought


@dataclass
class Shop(Bought):
    """`await shop.busy()` tells the day. orders and products by a short name; other_id sells elsewhere."""

    other_id: UUID = field(default_factory=lambda: UUID(int=0))
    orders: dict[str, PlacedOrder] = field(default_factory=dict)
    products: dict[str, UUID] = field(default_factory=dict)
    case_no: str = ""

    async def people(self) -> None:
        """A seller, a buyer with money, another seller."""
        self.seller_id, self.other_id = await self.seller("青竹数码专营店"), await self.seller("别家店")
        self.buyer_id = await self.party("林小满")
        await self.fund(self.buyer_id, 2_000_000)

    async def buy(self, name: str, product: str, pieces: int = 1, **more: object) -> PlacedOrder:
        """Orders and pays from the balance, under a short name."""
        self.orders[name] = await self.order(self.buyer_id, self.seller_id, self.products[product], pieces, **more)  # type: ignore[arg-type]
        return self.orders[name]

    async def busy(self) -> None:
        """Ends at noon, three hours after the refund request and ten minutes after the last order by hand."""
        await self.people()
        shelf = {"card": ("木棉游戏点卡 100 元面值（国服）", 9800, GoodsKind.PREPAID_CARD, 40)}
        shelf["vip"] = ("远岸视频家庭会员季卡", 12_600, GoodsKind.MEMBERSHIP, 6)
        shelf["gone"] = ("蓝湾音乐高级会员 12 个月", 8800, GoodsKind.MEMBERSHIP, 2)
        for name, (title, price, kind, keys) in shelf.items():
            self.products[name] = await self.listing(self.seller_id, title=title, price=price, kind=kind)
            await self.shelve(self.seller_id, self.products[name], keys)
        self.products["phone"] = await self.listing(
            self.seller_id,
            title="话费直充 200 元",
            price=19_760,
            kind=GoodsKind.DIRECT_TOP_UP,
            target_label="手机号",
            promised_delivery_seconds=7200,
        )
        noon = self.now
        self.later(days=-3)
        await self.buy("old", "card", 4)
        await self.buy("gone", "gone", 2)
        retired = await self.reveal(self.orders["gone"], (await self.units(self.orders["gone"]))[0]["id"])
        case = await self.ask_one(self.orders["gone"], ReasonCode.INVALID_KEY, *retired)
        await self.answer(case, Answer.AGREED)
        self.later(days=2)
        await self.buy("vip", "vip", 3)
        self.now = noon
        self.later(hours=-3)
        await self.buy("asked", "card", 2)
        asked = await self.reveal(self.orders["asked"], (await self.units(self.orders["asked"]))[0]["id"])
        self.case_no = (await self.ask_one(self.orders["asked"], ReasonCode.INVALID_KEY, *asked)).case_no
        self.now = noon
        self.later(minutes=-10)
        await self.buy("hand", "phone", 1, target="138 0013 0319")
        self.now = noon
