"""What was agreed and paid, for this one unit."""

from datetime import datetime

import msgspec


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The order, seen from one unit. Times are aware UTC, amounts fen."""

    placed_at: datetime
    paid_at: datetime | None = None  # None: nothing was paid yet
    unit_price_fen: int = 0  # this unit's share of what was paid (cumulative proportion, sums to the line)
    units_in_order: int = 1
    receipt_confirmed_at: datetime | None = None  # never a waiver of quality (网络消费规定（一） 1 一)
    escrow_released_at: datetime | None = None
