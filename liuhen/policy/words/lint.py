"""The lint of seller terms in words: what was found, why it cannot stand or what it means, in Chinese and English.

Our own words; no statute text. Places {said} and {field} are lengths of time.
"""

from typing import Any

from liuhen.policy.law import cite_text
from liuhen.policy.lint.finding import Code, Finding
from liuhen.policy.lint.offers import length

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))

TITLES: dict[Code, tuple[str, str]] = {
    Code.MINOR_TERMS: ("把未成年人的退款权排除在外", "takes refunds away from minors"),
    Code.NO_CONTRACT: ("付了款还能不认这一单", "denies the contract after payment"),
    Code.FALSE_CUSTOM: ("用“定制”拒绝退款", "refuses refunds as custom-made"),
    Code.NO_REFUND: ("一概不退", "blanket refusal of refunds"),
    Code.OPENED_NO_REFUND: ("拆封或使用后一概不退", "blanket refusal once opened or used"),
    Code.DEEMED_GOOD: ("不报就算合格", "silence or receipt counts as acceptance"),
    Code.CLAIM_WINDOW: ("过了时限就不管", "cuts off claims after a time limit"),
    Code.NO_LIABILITY: ("一概不负责", "blanket disclaimer of liability"),
    Code.FINAL_WORD: ("最终解释权", "claims the final interpretation"),
    Code.NO_COMPLAINT: ("不许投诉或维权", "forbids complaints or legal action"),
    Code.REFUND_FEE: ("退款要扣费用", "takes a fee from refunds"),
    Code.REFUND_TO_BALANCE: ("退款只退到余额", "refunds only to a balance"),
    Code.OFF_PLATFORM: ("站外付款", "payment outside the platform"),
    Code.REFUND_FEE_NO_REASON: ("无理由退款扣费用", "a fee on refunds without a reason"),
    Code.EVIDENCE_CONDITION: ("没有录像就不管", "no help without a recording"),
    Code.SHORT_GUARANTEE: ("售后期很短", "a short guarantee"),
    Code.DEEMED_CONSENT: ("下单就算同意", "an order counts as consent"),
    Code.CUSTOM_CLAIM: ("写了“定制”", "says custom-made"),
    Code.EXCLUSION_NOT_DECLARED: ("不支持无理由只写在文字里", "the exclusion stands in the text alone"),
    Code.NO_REASON_PROMISED: ("文字承诺了无理由退货", "the text promises no-reason returns"),
    Code.UNUSED_PROMISED: ("承诺没使用就能退", "promises refunds while unused"),
    Code.WINDOW_SHORTER: ("可退时间比表单写得短", "a shorter window than the form says"),
    Code.WINDOW_LONGER: ("可退时间比表单写得长", "a longer window than the form says"),
    Code.DELIVERY_SOONER: ("交付时间比表单写得快", "sooner delivery than the form says"),
    Code.DELIVERY_LATER: ("交付时间比表单写得慢", "later delivery than the form says"),
    Code.VALIDITY_LONGER: ("有效期比表单写得长", "a longer validity than the form says"),
}

WHY: dict[Code, tuple[str, str]] = {
    Code.MINOR_TERMS: (
        "未成年人付的款能不能退，由年龄和监护人是否同意决定，不能靠一句声明排除，"
        "也不能替买家认定已成年或监护人已同意。",
        "Whether a minor's payment is returned depends on age and on the guardian's consent. A notice can't exclude"
        " it, nor declare the buyer of age or the guardian agreed.",
    ),
    Code.NO_CONTRACT: (
        "买家付了款，合同就成立。写付款后不算数、卖家可以单方取消，都无效。",
        "Once the buyer has paid there is a contract. Terms saying it does not count or may be cancelled at will are"
        " void.",
    ),
    Code.FALSE_CUSTOM: (
        "只有真为这位买家制作的才算定作，这类商品不是；而且定作也只免去无理由退货，质量问题照样要退。",
        "Only what is really made for this buyer counts as custom-made, and these goods are not. Even then only"
        " no-reason returns fall away; defects are still refunded.",
    ),
    Code.NO_REFUND: (
        "一概不退的声明无效：卡密无效、与描述不符或没有交付时，买家依法可以退款。能排除的只有无理由退货，"
        "并且要买家下单时单独确认。",
        "A blanket refusal is void: for invalid keys, goods not as described or not delivered, the buyer may ask for"
        " a refund by law. Only no-reason returns can be excluded, and only if the buyer confirms it for the order.",
    ),
    Code.OPENED_NO_REFUND: (
        "拆封、激活或使用过，只能成为不支持无理由退货的理由；往往打开之后才知道卡密是坏的，质量问题照样要退。",
        "Having been opened or used is a reason only against no-reason returns. A bad key often shows only then, and"
        " defects are still refunded.",
    ),
    Code.DEEMED_GOOD: (
        "签收、打开或没有及时反馈，都不等于认可质量；约定的时间过短，也只算对外观提出异议的时间。",
        "Receiving, opening or not reporting at once is not acceptance of quality; too short a period only limits"
        " visible faults.",
    ),
    Code.CLAIM_WINDOW: (
        "你可以请买家尽快反馈，但不能写过时就不管：藏着的质量问题，在合理时间内提出都有效。",
        "You may ask for quick reports, but not cut off claims: hidden defects can be raised within a reasonable time.",
    ),
    Code.NO_LIABILITY: (
        "商品本身的问题由卖家负责，一句概不负责或风险自负免不掉，无效。只有买家自己造成的损失可以写明由买家承担。",
        "The seller answers for the goods; a blanket disclaimer is void. Only what the buyer himself caused can be"
        " left to him.",
    ),
    Code.FINAL_WORD: (
        "卖家单方享有解释权的条款无效；说法有两种理解时，按对卖家不利的理解。",
        "A term that gives the seller the only or final interpretation is void; where two readings are possible, the"
        " one against the seller counts.",
    ),
    Code.NO_COMPLAINT: (
        "投诉、举报、调解、仲裁和起诉是买家的权利，不能禁止，也不能用拉黑来吓阻。",
        "Complaints, reports, mediation, arbitration and lawsuits are the buyer's right; they can't be forbidden or"
        " deterred.",
    ),
    Code.REFUND_FEE: (
        "该退的要按实付金额一次退清，必要费用由卖家承担，不能从退款里扣。平台的退款也不扣任何费用。",
        "What is due is refunded in full at once and the seller bears the costs; nothing may be taken off. Refunds"
        " here carry no fee.",
    ),
    Code.REFUND_TO_BALANCE: (
        "退款要按原支付方式退回；退到余额、积分或券，要买家自己明确选择。",
        "Refunds go back the way they were paid; to a balance, points or vouchers only if the buyer expressly"
        " chooses so.",
    ),
    Code.OFF_PLATFORM: (
        "站外付款没有担保，也没有订单记录；卖家的责任照样在，却说不清。这里只收站内付款。",
        "Payment outside has no escrow and no record of an order; the seller stays liable all the same. Goods here"
        " are paid for here.",
    ),
    Code.REFUND_FEE_NO_REASON: (
        "法定的无理由退货不能扣钱；平台退款也不会扣这一笔，写了买家也不用付。",
        "Statutory no-reason returns carry no fee, and the platform will not take one, so this sentence has no effect.",
    ),
    Code.EVIDENCE_CONDITION: (
        "可以请买家录屏，但不能以没有录像为由一概拒绝：核销和出库记录在卖家和平台手里，该拿出来的是持有的一方。",
        "You may ask for a recording, but not refuse everybody who has none: redemption and delivery logs are with"
        " the seller and the platform, and whoever holds them must show them.",
    ),
    Code.SHORT_GUARANTEE: (
        "写明售后期，只是你自愿多给的；到期后才发现的质量问题，买家依法仍可以要求退换。"
        "请把这句写成多给的服务，不要写成期限。",
        "A stated period is only what you add freely; for defects found later the buyer keeps his rights by law. Say"
        " it as a service that you add, not as a limit.",
    ),
    Code.DEEMED_CONSENT: (
        "重要的条款要醒目地提示；没有提示到的，买家可以不认。写一句下单就算同意，不起作用。",
        "Important terms must be pointed out; those that were not do not bind. To say that an order means consent"
        " has no effect.",
    ),
    Code.CUSTOM_CLAIM: (
        "这类商品不是为某位买家专门制作的，写“定制”不能免去无理由退货，还可能被认为误导。",
        "These goods are not made for one buyer. Calling them custom-made does not exclude returns and may mislead.",
    ),
    Code.EXCLUSION_NOT_DECLARED: (
        "只写在文字里、买家没有逐单确认的，不能拒绝无理由退货。要用，请勾选“不适用七日无理由退货”；不用，就删掉这句。",
        "Without the buyer's confirmation for the order, no-reason returns can't be refused. Tick the box in the"
        " form to use the exclusion, or delete the sentence.",
    ),
    Code.NO_REASON_PROMISED: (
        "写出来的承诺要兑现。表单里却勾选了“不适用七日无理由退货”，两处矛盾，按对买家有利的算。请取消勾选，"
        "或删掉这句。",
        "A written promise binds, but the form excludes no-reason returns. The reading that favours the buyer"
        " counts: untick the box, or delete the sentence.",
    ),
    Code.UNUSED_PROMISED: (
        "文字承诺拆封后没有使用也能退（{said}），表单里的这一项是：{field}。写出来就要兑现；填进表单，平台才会自动照办。"
        "只想对没拆封的承诺，请改写成“未拆封”。",
        "The text promises refunds for what was opened but not used ({said}); the form says: {field}. A promise binds;"
        " put it in the form and the platform carries it out. If you mean sealed goods only, say so.",
    ),
    Code.WINDOW_SHORTER: (
        "文字写 {said}，表单填的是 {field}。两处不一样时按对买家有利的算，文字要改成一致。",
        "The text says {said}, the form {field}. Where they differ, what favours the buyer counts; make the text"
        " agree.",
    ),
    Code.WINDOW_LONGER: (
        "文字承诺 {said}，表单只填了 {field}。写出来就要兑现；填进表单，平台才会自动照办。",
        "The text promises {said}, the form only {field}. A promise binds; put it in the form and the platform"
        " carries it out.",
    ),
    Code.DELIVERY_SOONER: (
        "文字承诺 {said}，表单填的是 {field}。买家可以按更快的要求交付；填进表单，期限才一致。",
        "The text promises {said}, the form {field}. The buyer may hold you to the sooner one; make the form agree.",
    ),
    Code.DELIVERY_LATER: (
        "文字写 {said}，平台按表单的 {field} 计算：到时加宽限没有交付就自动退款。请把文字改成一致。",
        "The text says {said}, but the platform counts {field} as in the form: after that and the grace period it"
        " refunds by itself. Make the text agree.",
    ),
    Code.VALIDITY_LONGER: (
        "文字承诺至少 {said} 天，表单只要求 {field} 天，平台可能把更早到期的卖出去。填进表单，不够的就会先扣下。",
        "The text promises at least {said} days, the form asks for {field}, so keys that end earlier may be sold."
        " Put it in the form and they are held back.",
    ),
}

EVER = ("随时", "at any time")
NOT_SET = ("没有填", "nothing")


def title(code: Code, lang: str) -> str:
    """The kind of finding in a few words. lang: zh or en."""
    return TITLES[code][lang != "zh"]


def why(finding: Finding, lang: str) -> str:
    """One or two sentences for the seller."""
    said = {name: _value(finding.code, name, value, lang) for name, value in finding.params.items()}
    return WHY[finding.code][lang != "zh"].format(**said)


def cites(finding: Finding, lang: str) -> list[str]:
    """The articles as people read them."""
    return [cite_text(cite, lang) for cite in finding.cites]


def told(finding: Finding) -> dict[str, Any]:
    """A finding with its words, as plain JSON values: what a refusal carries and the API answers."""
    field, value = finding.offer.sets or (None, None)
    return {
        "code": str(finding.code),
        "severity": str(finding.severity),
        "field": finding.field,
        "start": finding.start,
        "end": finding.end,
        "text": finding.text,
        "title_zh": title(finding.code, "zh"),
        "title_en": title(finding.code, "en"),
        "why_zh": why(finding, "zh"),
        "why_en": why(finding, "en"),
        "cites": cites(finding, "zh"),
        "offer_text": finding.offer.text,
        "offer_field": field,
        "offer_value": value,
    }


def _value(code: Code, name: str, value: int, lang: str) -> str:
    if code is Code.VALIDITY_LONGER:
        return str(value)
    if value:
        return span_text(value, lang)
    return (NOT_SET if name == "field" else EVER)[lang != "zh"]


def span_text(seconds: int, lang: str) -> str:
    """An exact length of time: 36 小时, 36 hours. seconds > 0."""
    if lang == "zh":
        return length(seconds)
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'s' if count != 1 else ''}"
