"""What went before."""

import msgspec

from liuhen.policy.facts.standing import Fact


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Earlier cases on this unit."""

    settled: Fact[bool] = Fact()  # both sides settled this very matter and carried it out (民法典 465)
    settled_by_fraud: Fact[bool] = Fact()  # a settlement won by fraud does not bind (民法典 148)
    refused_by_machine: bool = False
    earlier_cases: int = 0
