"""What was agreed and paid, for this one unit."""

from datetime import datetime

import msgspec

from liuhen.policy.facts.standing import Fact


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The order, seen from one unit. Times are aware UTC, amounts fen."""

    placed_at: datetime | None = None  # None: money was captured, and no order stands behind it
    paid_at: datetime | None = None  # None: nothing was paid yet
    unit_price_fen: int = 0  # this unit's share of what was paid (cumulative proportion, sums to the line)
    units_in_order: int = 1
    receipt_confirmed_at: datetime | None = None  # never a waiver of quality (网络消费规定（一） 1 一)
    escrow_released_at: datetime | None = None
    list_price_fen: int | None = None  # this unit before coupons; a part that is asked for counts against it
    shown_price_fen: int | None = None  # the price that was shown for this unit before paying
    total_paid_fen: int | None = None  # paid for the whole order
    rest_price_fen: int | None = None  # what the other units cost by the promotion's own rules, without this one
    bad_units: int = 0  # units of this order that are settled as bad
    price_error: Fact[bool] = Fact()  # a price that nobody could have meant (民法典 147)
