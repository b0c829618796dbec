"""Who bought and who sold."""

import msgspec

from liuhen.policy.facts.standing import Fact


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """Capacity and role of the two sides. Defaults: presumed of age and a consumer (电商法 48(2))."""

    buyer_is_consumer: Fact[bool] = Fact()
    buyer_age: Fact[int] = Fact()  # years at the time of purchase, where a guardian or a record says so
    minor_acted: Fact[bool] = Fact()  # it was a minor who ordered and paid, whoever the account belongs to
    fits_age: Fact[bool] = Fact()  # the purchase suits the minor's age and understanding (总则编解释 5)
    guardian_consented: Fact[bool] = Fact()  # beforehand or afterwards (民法典 145(1))
    guardian_at_fault: Fact[bool] = Fact()  # left password or card to the child (民法典 157)
    buyer_is_super: bool = False
    seller_identified: bool = True  # the platform can name the seller with address and contact (消法 44(1))
    seller_is_platform: bool = False
