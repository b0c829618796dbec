"""Who bought and who sold."""

import msgspec

from liuhen.policy.facts.standing import Fact


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """Capacity and role of the two sides. Defaults: presumed of age and a consumer (电商法 48(2))."""

    buyer_is_consumer: Fact[bool] = Fact()
    buyer_age: Fact[int] = Fact()  # years at the time of purchase, where a guardian or a record says so
    guardian_consented: Fact[bool] = Fact()
    buyer_is_super: bool = False
    seller_identified: bool = True  # the platform can name the seller with address and contact (消法 44(1))
    seller_is_platform: bool = False
