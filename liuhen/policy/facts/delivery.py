"""When it was promised, when it came."""

from datetime import datetime

import msgspec

from liuhen.policy.facts.standing import Fact


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Delivery of this unit. Times are aware UTC."""

    promised_at: datetime | None = None  # paid_at plus the product's promised delivery time, without grace
    delivered_at: datetime | None = None  # in the buyer's order and retrievable (民法典 512(2)); None: not delivered
    buyer_waits_until: datetime | None = None  # the buyer expressly chose to wait until then
    needed_by: Fact[datetime] = Fact()  # after this it is of no use, and the seller knew (民法典 563(1) 四)
    started: Fact[bool] = Fact()  # the seller has begun the work (services and goods delivered by hand)
