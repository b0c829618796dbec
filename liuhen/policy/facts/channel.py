"""How it was paid, and how it can go back."""

from datetime import datetime
from enum import StrEnum

import msgspec

from liuhen.policy.facts.standing import Fact


class PaidFrom(StrEnum):
    """Where the money came from."""

    BALANCE = "balance"
    CHANNEL = "channel"


class ChannelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The payment of the order."""

    paid_from: PaidFrom = PaidFrom.CHANNEL
    balance_chosen: bool = False  # the buyer expressly chose the balance on the form (七日退货办法 14(3))
    led_outside: Fact[bool] = Fact()  # the seller led the buyer to pay outside the platform
    fee_demanded: Fact[bool] = Fact()  # somebody demands money before a refund: always a fraud (反诈法 25, 30)
    refundable_until: datetime | None = None  # the channel refuses refunds after this
