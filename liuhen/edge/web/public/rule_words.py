"""Words of the rules page that are not of one clause: layers, results, who decides, who proves, values."""

from liuhen.policy.clauses.clause import Layer
from liuhen.policy.decision import Decider
from liuhen.policy.facts.standing import Side


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


LAYERS: dict[Layer, str] = {
    Layer.LAWFUL: _("能不能交易"),
    Layer.CAPACITY: _("还有没有钱可退"),
    Layer.DELIVERY: _("送达与迟延"),
    Layer.REDEMPTION: _("密封与使用，谁来证明"),
    Layer.DEFECT: _("商品有问题"),
    Layer.PROMISES: _("密封与即时退，卖家的承诺"),
    Layer.TERMS: _("条款什么时候约束你"),
    Layer.NO_REASON: _("只是不想要了"),
    Layer.PROCEDURE: _("卖家答复、平台审核与人工"),
    Layer.AMOUNT: _("金额与退到哪里"),
}
RESULTS: dict[tuple[str, str], str] = {
    ("FULL", "pay"): _("全额退，马上付"),
    ("FULL", "seller_answer"): _("全额退，先由卖家确认"),
    ("PARTIAL", "pay"): _("部分退，马上付"),
    ("REVIEW", "seller_answer"): _("先由卖家答复和举证，拿不出相反证据就全额退"),
    ("REVIEW", "human_review"): _("由审核员判断"),
    ("NONE", "none"): _("不退，可以要求人工判定"),
    ("NONE", "wait_delivery"): _("先等送达，到时没送到自动全额退"),
    ("BLOCK", "none"): _("不能继续，在已有的结果或退款单里处理"),
    ("BLOCK", "human_review"): _("停下来，由人工处理"),
}
"""By outcome and next step of a clause that decides."""

DECIDERS: dict[Decider, str] = {
    Decider.MACHINE: _("系统，当场"),
    Decider.SELLER: _("卖家"),
    Decider.HUMAN: _("审核员"),
}
EXPIRIES: dict[str, str] = {
    "deemed_approved": _("卖家不答复，按入驻时的约定视为同意"),
    "to_human": _("卖家不答复，转人工"),
    "escalate_to_admin": _("没有结果，升级到主管并通知双方"),
    "refund_by_machine": _("没有送达，自动全额退"),
}
BURDENS: dict[Side, str] = {
    Side.BUYER: _("买家，证明不了就不成立"),
    Side.SELLER: _("卖家，证明不了就不成立"),
    Side.PLATFORM: _("平台，用自己的记录证明"),
}
VALUES: dict[str, str] = {
    "instant_window": _("密封即时退"),
    "seller_answer": _("卖家答复"),
    "review_days": _("平台审核"),
    "grace_sealed": _("自动发货的宽限"),
    "grace_by_hand": _("手工交付的宽限"),
    "grace": _("超过承诺后的宽限"),
    "no_reason_window": _("七日无理由"),
    "reservation": _("下单后保留库存"),
    "late_payment_delivers": _("晚到的付款"),
    "escrow_release": _("担保期"),
    "sealed_unconfirmed_refund": _("没有单独确认的密封商品"),
    "revealed_voidable_asks_seller": _("拆封未用、发行方能作废的"),
}
SWITCHES: dict[str, tuple[str, str]] = {
    "late_payment_delivers": (_("退回"), _("有货照发，无货自动退")),
    "sealed_unconfirmed_refund": (_("不退"), _("可以退")),
    "revealed_voidable_asks_seller": (_("不退"), _("请卖家答复")),
}
"""What a switch means when it is off and when it is on."""
TERMS: dict[str, str] = {
    "result": _("结果"),
    "decider": _("谁决定"),
    "limit": _("时限"),
    "expiry": _("到时"),
    "values": _("用到的数"),
    "burden": _("谁证明"),
}
WORKDAYS = _("%(n)s 个工作日")
AND = _("、")
