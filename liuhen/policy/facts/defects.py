"""What is said to be wrong with the unit: one fact per way of being wrong."""

import msgspec

from liuhen.policy.facts.standing import Fact


class Defects(msgspec.Struct, frozen=True, kw_only=True):
    """Each is a yes or no of its own source and standing; `weigh` several records before they come here."""

    invalid_key: Fact[bool] = Fact()  # the issuer does not know it
    duplicate_key: Fact[bool] = Fact()  # sold to somebody else too
    already_redeemed: Fact[bool] = Fact()  # used before this buyer could
    incorrect_amount: Fact[bool] = Fact()  # worth less than stated
    actual_value_fen: Fact[int] = Fact()  # what it was worth, fen
    wrong_region: Fact[bool] = Fact()  # a region lock that was not stated
    not_as_described: Fact[bool] = Fact()
    short_validity: Fact[bool] = Fact()
    not_credited: Fact[bool] = Fact()  # a top-up or service that the operator has no record of
    defective: Fact[bool] = Fact()  # any other defect, account and membership trouble included
    recovered: Fact[bool] = Fact()  # the account was taken back by its seller
    harmful_method: Fact[bool] = Fact()  # the seller's way of working did harm: a cheat that led to a ban
    purpose_defeated: Fact[bool] = Fact()  # with so many bad units, the good ones are of no use either (民法典 632)
    issuer_shutdown: Fact[bool] = Fact()  # the issuer closed the service after delivery, for all (民法典 604)
    fraud: Fact[bool] = Fact()  # proven beyond reasonable doubt only (民事证据规定 86)
