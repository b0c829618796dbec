"""Lawful wordings to put in the place of what may not stand. They are texts of a Chinese listing, in our own words."""

from liuhen.policy.lint.finding import Code, Listing

_DAY = 86_400


def length(seconds: int) -> str:
    """A length of time as a listing says it, exact: 7 天, 36 小时, 90 分钟."""
    for size, unit in ((_DAY, "天"), (3600, "小时"), (60, "分钟")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} 秒"


def wording(code: Code, listing: Listing) -> str | None:
    """What to write instead, "" to leave it out, None where the seller has to find his own words."""
    if code is Code.NO_REFUND:
        return _refunds(listing)
    if code in (Code.OPENED_NO_REFUND, Code.FALSE_CUSTOM):
        return _after_use(listing)
    if code is Code.SHORT_GUARANTEE:
        return None
    return _FIXED[code]


def _refunds(listing: Listing) -> str:
    """The whole of it: what the platform's rules give for this listing anyway, and what the seller may keep out."""
    if listing.sealed_delivery:
        said = "密封未拆的在可退期内可退，卡密无效或与说明不符的拆封后也可以退款"  # how long: the page's own table
    else:
        said = "没有按时交付、没有到账或与说明不符的可以退款"
    return said + ("，没有质量问题的不支持无理由退货" if listing.excludes_no_reason else "")


def _after_use(listing: Listing) -> str:
    used = "拆封后没有质量问题" if listing.sealed_delivery else "已交付且没有质量问题"
    return f"{used}的不支持无理由退货，无效或与说明不符的可以退款"


_FIXED: dict[Code, str] = {
    Code.MINOR_TERMS: "未成年人请由监护人同意后购买，未经同意的可由监护人申请退款",
    Code.NO_CONTRACT: "付款后我们按承诺时间交付，缺货或标错价格时先与你商量，协商不成全额退款",
    Code.EVIDENCE_CONDITION: "拆封激活时录屏能让问题更快核实，没有录屏也可以申请售后",
    Code.DEEMED_GOOD: "收到后请尽快核对，发现问题随时联系我们",
    Code.CLAIM_WINDOW: "请尽快反馈以便核实，较晚发现的质量问题也会处理",
    Code.REFUND_FEE: "退款按实付金额退，不收手续费",
    Code.REFUND_FEE_NO_REASON: "退款按实付金额退，不收手续费",
    Code.REFUND_TO_BALANCE: "退款按原支付方式退回，你愿意的话也可以选择退到余额",
    Code.NO_LIABILITY: "因你自己操作造成的损失由你承担，商品本身的问题由我们负责",
    Code.FINAL_WORD: "对说明有疑问可以联系我们，有争议按平台规则处理",
    Code.NO_COMPLAINT: "有问题可以先联系我们，也可以随时申请平台介入",
    Code.OFF_PLATFORM: "请在本站下单付款",
    Code.DEEMED_CONSENT: "下单前请看清以上说明",
    Code.CUSTOM_CLAIM: "",
}
