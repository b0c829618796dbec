"""When it was promised, when it came."""

from datetime import datetime

import msgspec

from liuhen.policy.facts.standing import Fact


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Delivery of this unit. Times are aware UTC."""

    promised_at: datetime | None = None  # paid_at plus the product's promised delivery time, without grace
    delivered_at: datetime | None = None  # in the buyer's order and retrievable (民法典 512(2)); None: not delivered
    buyer_waits_until: datetime | None = None  # the buyer expressly chose to wait until then
    started: Fact[bool] = Fact()  # the seller has begun the work (services and goods delivered by hand)
    done_permille: Fact[int] = Fact()  # share of the work that is done, 0 to 1000
