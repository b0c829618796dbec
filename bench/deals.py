"""The two acts that are measured, in the three forms that they take: a request, a script's choices, a check."""

import json
from dataclasses import dataclass
from typing import Any

from bench import ids, world
from bench.capture import Request
from bench.limit import Vary
from bench.world import Market, Size

_KEY = 1_000_000_000_000_000
_CAPTURED = 2  # the number of the request that is captured


def key(number: int) -> str:
    """The Idempotency-Key of a request."""
    return f"bench-{_KEY + number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One unit from a balance. sellers and buyers: how many of the market's take part, evenly."""

    name: str = "purchase"
    path: str = "/api/v1/orders"
    sellers: int = 200
    buyers: int = 100_000

    def request(self, buyer: int, seller: int, number: int) -> Request:
        body = {
            "lines": [
                {"product_id": str(ids.PRODUCT.uuid(seller)), "version": 1, "pieces": 1, "no_reason_confirmed": True}
            ],
            "pay": "balance",
        }
        return Request(self.path, world.token(buyer), key(number), json.dumps(body).encode())

    def probe(self, number: int) -> Request:
        """What is captured: buyers and sellers number 0, 1, 2."""
        return self.request(number, number, number)

    def vary(self, market: Market) -> Vary:
        lines = (
            "\\set n :n + 1",
            f"\\set b random(0, {self.buyers - 1})",
            f"\\set s random(0, {self.sellers - 1})",
            f"\\set key {2 * _KEY} + :client_id * 10000000 + :n",
        )
        numbers = {"buyer": ":b", "token": ":b", "seller": ":s", "product": ":s"}
        return Vary(lines=lines, numbers=numbers, **_who(":b"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A sealed unit, back into the balance, each order once."""

    name: str = "refund"

    def request(self, order: int, buyer: int) -> Request:
        body = {"unit_ids": [str(ids.UNIT.uuid(order))], "reason": "CHANGE_OF_MIND", "route": "BALANCE"}
        path = f"/api/v1/orders/{world.order_no(order)}/refund-requests"
        return Request(path, world.token(buyer), key(order), json.dumps(body).encode())

    def probe(self, number: int) -> Request:
        return self.request(number, number)

    def vary(self, market: Market) -> Vary:
        size = market.size
        lines = (
            "\\set n :n + 1",
            # Each client has its share of the orders, and takes them in an order that looks random.
            f"\\set o permute(:client_id * (({size.sealed} - 3) / :clients) + :n, {size.sealed} - 3, 7) + 3",
            f"\\set b {size.buyer(':o')}",
            f"\\set s {size.seller(':o')}",
            f"\\set key {2 * _KEY} + :o",
            f"\\set body {world.order_no_body(':o')}",
            f"\\set check {world.order_no_check(':o')} + 1",
        )
        numbers = {"buyer": ":b", "token": ":b", "seller": ":s", "product": ":s"}
        numbers |= {kind.name: ":o" for kind in (ids.ORDER, ids.UNIT, ids.PAYMENT, ids.SOLD_KEY)}
        number = f"'{world.ORDER_NO_HEAD}' || :body::text || substr('{world.DIGITS}', :check, 1)"
        who = _who(":b")
        who["texts"] |= {world.order_no(_CAPTURED): number}
        return Vary(lines=lines, numbers=numbers, **who)


Deal = Purchase | Refund


def _who(buyer: str) -> dict[str, Any]:
    """The captured request's key and its token's hash."""
    return {
        "texts": {f"api:{key(_CAPTURED)}": "'api' || chr(58) || 'bench-' || :key::text"},
        "hashes": {world.hashed(_CAPTURED): world.token_hash(buyer)},
    }


def in_market(deal: Deal, size: Size) -> Deal:
    """The act on all sellers and buyers of a market of this size."""
    return Purchase(sellers=size.sellers, buyers=size.buyers) if isinstance(deal, Purchase) else deal
