"""Product kinds as pages name them: a short word and an icon. The words are msgids; templates translate them."""

from dataclasses import dataclass

from liuhen.policy.facts.goods import GoodsKind


@dataclass(frozen=True, slots=True)
class KindWords:
    """How one product kind reads. value: as in addresses and in the database."""

    value: str
    label: str
    icon: str


def _(msgid: str) -> str:
    return msgid  # marks the word for extraction


KINDS: dict[GoodsKind, KindWords] = {
    kind: KindWords(kind.value, label, icon)
    for kind, label, icon in (
        (GoodsKind.PREPAID_CARD, _("点卡"), "key"),
        (GoodsKind.MEMBERSHIP, _("会员"), "play"),
        (GoodsKind.DIRECT_TOP_UP, _("直充"), "phone"),
        (GoodsKind.SOFTWARE_LICENCE, _("软件授权"), "code"),
        (GoodsKind.ACCOUNT_HANDOVER, _("账号"), "game"),
        (GoodsKind.BOOSTING_SERVICE, _("代练"), "hand"),
        (GoodsKind.VIRTUAL_COIN, _("虚拟币"), "coin"),
        (GoodsKind.CUSTOM_VOUCHER, _("定制卡券"), "gift"),
        (GoodsKind.CARD_KEY, _("卡密"), "lock"),
        (GoodsKind.VOUCHER, _("卡券"), "doc"),
    )
}
"""In the order in which the market shows them."""


def kind_words(kind: str) -> KindWords:
    """The words of a kind as it stands in the database. Raises ValueError for an unknown kind."""
    return KINDS[GoodsKind(kind)]
