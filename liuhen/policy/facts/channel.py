"""How it was paid, and how it can go back."""

from datetime import datetime
from enum import StrEnum

import msgspec


class PaidFrom(StrEnum):
    """Where the money came from."""

    BALANCE = "balance"
    CHANNEL = "channel"


class ChannelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The payment of the order."""

    paid_from: PaidFrom = PaidFrom.CHANNEL
    balance_chosen: bool = False  # the buyer expressly chose the balance on the form (七日退货办法 14(3))
    refundable_until: datetime | None = None  # the channel refuses refunds after this
