"""The seal, and what is known about use."""

from datetime import datetime
from enum import StrEnum

import msgspec

from liuhen.policy.facts.standing import Fact, Side


class Seal(StrEnum):
    """The state of the platform's seal on this unit."""

    SEALED = "sealed"  # never decrypted for anybody
    BROKEN = "broken"  # revealed to its buyer
    NONE = "none"  # this kind has no seal (delivered by hand), or nothing was delivered


class UseState(StrEnum):
    """未激活, 部分使用, 已全额使用, 未知."""

    UNUSED = "unused"
    PARTLY_USED = "partly_used"
    USED_UP = "used_up"
    UNKNOWN = "unknown"


class UsedBy(StrEnum):
    """On whose side it was redeemed."""

    BUYER_SIDE = "buyer_side"
    OTHER = "other"


class Redemption(msgspec.Struct, frozen=True, kw_only=True):
    """The seal log and the strongest view of use (`standing.weigh` over all records side by side)."""

    seal: Seal = Seal.NONE
    revealed_at: datetime | None = None
    use: Fact[UseState] = Fact()
    used_by: Fact[UsedBy] = Fact()
    first_used_at: Fact[datetime] = Fact()
    used_permille: Fact[int] = Fact()  # share of value or time that is used, 0 to 1000
    log_holder: Side = Side.SELLER  # who keeps the record of dispatch and access
    voided: Fact[bool] = Fact()  # the issuer has voided the key
