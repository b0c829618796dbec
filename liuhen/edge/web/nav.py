"""The map of the site: every address a layout links to, in one place, and the side navigation of the consoles.

Labels are Chinese msgids; templates pass them through `_()`. A page tells its layout which entry is current with
`{% set nav = "todo" %}`.
"""

from dataclasses import dataclass


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction; the template translates it


LINKS: dict[str, str] = {
    "market": "/",
    "search": "/",
    "rules": "/rules",
    "check": "/check",
    "complaints": "/complaint",
    "privacy": "/privacy",
    "help": "/help",
    "sign_in": "/sign-in",
    "sign_out": "/sign-out",
    "register": "/register",
    "reset": "/reset",
    "orders": "/orders",
    "cases": "/cases",
    "inbox": "/inbox",
    "wallet": "/balance",
    "settings": "/settings",
    "seller": "/seller",
    "open_shop": "/seller/open",
    "desk": "/desk",
    "admin": "/admin",
    "language": "/language",
}


@dataclass(frozen=True, slots=True)
class Entry:
    key: str
    href: str
    icon: str
    label: str


SELLER: tuple[Entry, ...] = (
    Entry("todo", "/seller", "list", _("待办")),
    Entry("cases", "/seller/cases", "scale", _("退款与争议")),
    Entry("orders", "/seller/orders", "doc", _("订单")),
    Entry("stock", "/seller/stock", "box", _("库存与导入")),
    Entry("products", "/seller/products", "shop", _("商品")),
    Entry("money", "/seller/money", "wallet", _("资金")),
    Entry("rules", "/rules", "rule", _("规则")),
    Entry("shop", "/seller/shop", "gear", _("店铺设置")),
)

ADMIN: tuple[Entry, ...] = (
    Entry("overview", "/admin", "pulse", _("概况")),
    Entry("people", "/admin/people", "users", _("人员与角色")),
    Entry("shops", "/admin/shops", "shop", _("店铺与费率")),
    Entry("channels", "/admin/channels", "bank", _("支付渠道")),
    Entry("issuers", "/admin/issuers", "seal", _("发行方")),
    Entry("rules", "/admin/rules", "rule", _("规则与意见")),
    Entry("acts", "/admin/acts", "doc", _("操作记录")),
    Entry("upkeep", "/admin/upkeep", "clock", _("保存与密钥")),
    Entry("desk", "/desk", "scale", _("审核台")),
)

DESK: tuple[Entry, ...] = (Entry("cases", "/desk", "scale", _("案件")),)

CONSOLES: dict[str, tuple[Entry, ...]] = {"seller": SELLER, "admin": ADMIN, "desk": DESK}
