"""What was bought."""

from enum import StrEnum

import msgspec

from liuhen.policy.facts.standing import Fact


class GoodsKind(StrEnum):
    """All product kinds of the market (glossary: goods)."""

    CARD_KEY = "card_key"  # 卡密
    PREPAID_CARD = "prepaid_card"  # 点卡, 充值卡
    VOUCHER = "voucher"  # 卡券
    SOFTWARE_LICENCE = "software_licence"  # 软件授权
    CUSTOM_VOUCHER = "custom_voucher"  # 定制卡券
    ACCOUNT_HANDOVER = "account_handover"  # 账号
    MEMBERSHIP = "membership"  # 会员
    DIRECT_TOP_UP = "direct_top_up"  # 直充
    VIRTUAL_COIN = "virtual_coin"  # 虚拟币
    BOOSTING_SERVICE = "boosting_service"  # 代练


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """The product version that was bought."""

    kind: GoodsKind
    sealed_delivery: bool  # delivered sealed by the platform (key, account, membership); else by the seller's hand
    forbidden: Fact[bool] = Fact()  # trade in it is forbidden by law
    barred_to_buyer: Fact[bool] = Fact()  # lawful, but not to this buyer, a minor say (未网条例 46(2))
    made_to_order: Fact[bool] = Fact()  # 定作: really made for this buyer
    digital_content: bool = False  # downloaded or unsealed audio, video, software (消法 25(1) 三)
    face_value_fen: int | None = None  # what the key should be worth, fen
    issuer_can_void: bool = False  # the issuer can void a key, so that a revealed one harms nobody
