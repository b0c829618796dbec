"""A small market to tell stories in: sellers, buyers, goods, money. Times are given, never read."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from liuhen.base.chain import Link, first_broken
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Row, Tx
from liuhen.base.ids import new_id
from liuhen.catalog.model import Content
from liuhen.edge.boot import load_calendar, load_rulebooks
from liuhen.flows.funds.top_up import TopUp, top_up
from liuhen.flows.trade.confirm_payment import Outcome, confirm_payment
from liuhen.flows.trade.place_order import LineAsk, PlacedOrder, PlaceOrder, place_order
from liuhen.flows.trade.publish_listing import PublishListing, publish_listing
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.money import ledger
from liuhen.money.accounts import AccountKind
from liuhen.parties import store as parties
from liuhen.parties.model import Role
from liuhen.payments.port import PaymentCaptured
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads.books import check_books
from liuhen.sellers import store as sellers
from liuhen.steps.judge import Rules
from liuhen.stock import store as stock
from liuhen.stock.model import NewKey
from liuhen.stock.seal import KeyContent, Label, fingerprints, mask, seal

GRACE = 1800
SELLER_TERMS = "2026-11-1"


@cache
def rules() -> Rules:
    """The rulebook and the working days as shipped."""
    return Rules(rulebooks=load_rulebooks(), calendar=load_calendar())


@dataclass
class World:
    """What a story needs. `fee` in basis points."""

    db: Database
    now: datetime
    keys: KeyRing = field(default_factory=lambda: KeyRing({1: bytes(range(32))}))
    made: int = 0
    rules: Rules = field(default_factory=rules)

    async def party(self, name: str, *roles: Role) -> UUID:
        """A buyer, or staff with roles."""
        party_id = new_id(self.now)

        async def work(tx: Tx) -> UUID:
            await parties.add_party(tx, party_id, name, roles, self.now)
            await ledger.open_book(tx, party_id)
            return party_id

        return await self.db.transact(work, now=self.now)

    async def seller(self, name: str = "青竹数码", *, fee: int = 200, agreed: bool = True) -> UUID:
        """Somebody with a shop. agreed: he accepted the seller agreement, with silence as consent."""
        party_id = await self.party(name)

        async def work(tx: Tx) -> UUID:
            await sellers.open_shop(tx, party_id, name=name, intro="", fee_basis_points=fee, now=self.now)
            if agreed:
                await parties.accept(tx, party_id, "seller_agreement", SELLER_TERMS, bytes(32), self.now)
            return party_id

        return await self.db.transact(work, now=self.now)

    async def listing(
        self, seller: UUID, *, kind: GoodsKind = GoodsKind.CARD_KEY, price: int = 9800, **more: object
    ) -> UUID:
        """A product on sale; price in fen."""
        content = Content(kind=kind, title=str(more.pop("title", "木棉游戏点卡 100 元")), price_fen=price, **more)  # type: ignore[arg-type]
        done = await publish_listing(self.db, PublishListing(seller_id=seller, content=content), now=self.now)
        return done.product_id

    async def shelve(self, seller: UUID, product: UUID, count: int) -> list[str]:
        """Puts invented keys on the shelf and returns them."""
        texts = [f"KEY-{self.made + place:06d}-TEST" for place in range(count)]
        self.made += count

        async def work(tx: Tx) -> None:
            await stock.insert_keys(
                tx,
                seller,
                product,
                new_id(self.now),
                [self._key(seller, t, n) for n, t in enumerate(texts, 1)],
                now=self.now,
            )

        await self.db.transact(work, now=self.now)
        return texts

    def _key(self, seller: UUID, text: str, line_no: int) -> NewKey:
        key_id = new_id(self.now)
        content = KeyContent(text.encode(), "utf-8", (text,), (Label.KEY,))
        prints = fingerprints(self.keys, [text], False)
        return NewKey(
            id=key_id,
            line_no=line_no,
            short=False,
            sealed=seal(self.keys, seller, key_id, content),
            fp_exact=prints.exact,
            fp_folded=prints.folded,
            fp_serial=prints.serial,
            mask=mask([text]),
            valid_until=None,
            face_value_fen=None,
            region="",
        )

    async def fund(self, buyer: UUID, fen: int) -> None:
        """Money in the balance, over the channel."""
        started = await top_up(self.db, TopUp(party_id=buyer, amount_fen=fen, channel="sandbox"), now=self.now)
        await self.paid(started.payment_id, fen)

    async def paid(self, payment_id: UUID, fen: int, *, trade: str = "", event: str = "") -> Outcome:
        """The channel's callback; trade and event numbers are made from the payment unless given."""
        trade = trade or f"T{payment_id.hex}"
        captured = PaymentCaptured(
            event_id=event or f"E{trade}", payment_id=payment_id, trade_no=trade, amount_fen=fen, at=self.now
        )
        done = await confirm_payment(self.db, "sandbox", captured, body=b"{}", rules=self.rules, now=self.now)
        return done.outcome

    async def order(
        self, buyer: UUID, seller: UUID, product: UUID, pieces: int = 1, *, pay: str | None = "balance", **more: object
    ) -> PlacedOrder:
        """Orders the current version. pay: balance, channel, or None to leave it unpaid."""
        async with self.db.read() as tx:
            version = await tx.fetchval("select version from product where id = $1", product)
        ask = LineAsk(product_id=product, version=version, pieces=pieces, no_reason_confirmed=True, **more)  # type: ignore[arg-type]
        placed = await place_order(
            self.db,
            PlaceOrder(buyer_id=buyer, book_id=seller, lines=[ask], pay_from_balance=pay == "balance"),
            exclusion_version="2026-11-1",
            rules=self.rules,
            now=self.now,
        )
        if pay == "channel":
            started = await start_payment(
                self.db,
                StartPayment(buyer_id=buyer, book_id=seller, order_id=placed.order_id, channel="sandbox"),
                now=self.now,
            )
            assert await self.paid(started.payment_id, placed.total_fen) is Outcome.PAID
        return placed

    async def units(self, placed: PlacedOrder) -> list[Row]:
        async with self.db.read() as tx:
            return await tx.fetch(
                "select * from order_unit where book_id = $1 and order_id = $2 order by line_no, piece_no",
                placed.book_id,
                placed.order_id,
            )

    async def balance(self, book: UUID, kind: AccountKind = AccountKind.BUYER_BALANCE) -> int:
        async with self.db.read() as tx:
            return (await ledger.balances(tx, book))[kind]

    async def key_states(self, product: UUID) -> dict[str, int]:
        async with self.db.read() as tx:
            rows = await tx.fetch(
                "select state, count(*) as n from stock_key where product_id = $1 group by state", product
            )
        return {row["state"]: row["n"] for row in rows}

    async def events(self, placed: PlacedOrder) -> list[str]:
        """Kinds in the order's chain, and the proof that the chain holds."""
        async with self.db.read() as tx:
            rows = await tx.fetch(
                "select seq, payload, hash, convert_from(payload, 'UTF8')::jsonb ->> 'kind' as kind from chain_event"
                " where book_id = $1 and order_id = $2 order by seq",
                placed.book_id,
                placed.order_id,
            )
            head = await tx.one("select seq, hash from chain_head where order_id = $1", placed.order_id)
        assert first_broken([Link(r["seq"], r["payload"], r["hash"]) for r in rows], head["hash"], head["seq"]) is None
        return [row["kind"] for row in rows]

    async def check(self) -> None:
        """The books balance."""
        async with self.db.read() as tx:
            assert await check_books(tx) == []

    def later(self, **delta: float) -> datetime:
        """Moves this world's clock and returns the new time."""
        self.now += timedelta(**delta)
        return self.now
