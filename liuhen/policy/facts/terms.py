"""Terms that the seller or the platform relies on, and how they were put to the buyer."""

from datetime import datetime

import msgspec

from liuhen.policy.facts.standing import Fact


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """The term "no refund without a reason" of this product, as it stood in this order."""

    stated: bool = False  # the product version contains it
    shown: bool = False  # conspicuous on the page that was snapshotted
    confirmed_at: datetime | None = None  # the buyer confirmed it for this order
    preticked: bool = False  # the box was ticked beforehand: no confirmation (消法实施条例 19(2))


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Terms as snapshotted into the order."""

    exclusion: Exclusion = Exclusion()
    window_seconds: int | None = None  # a time limit for claims that the seller's terms set
    window_shown: bool = False  # that limit stood conspicuously on the snapshotted page
    renewal_noticed: Fact[bool] = Fact()  # conspicuous notice before the renewal was charged (网络交易办法 18)
    renewal_stoppable: Fact[bool] = Fact()  # it could be switched off at any time, as easily as on
