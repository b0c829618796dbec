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
    ("FULL", "human_review"): _("全额退，先由人工核对"),
    ("PARTIAL", "human_review"): _("部分退，先由人工核对"),
    ("REVIEW", "seller_answer"): _("先由卖家答复和举证，拿不出相反证据就全额退"),
    ("REVIEW", "human_review"): _("由审核员判断"),
    ("PARTIAL", "seller_answer"): _("部分退，先由卖家确认"),
    ("NEED_EVIDENCE", "buyer_evidence"): _("先由买家补充材料，再按规则判断"),
    ("NEED_EVIDENCE", "seller_answer"): _("先由卖家答复和举证，再按规则判断"),
    ("NONE", "none"): _("不退，可以要求人工判定"),
    ("NONE", "wait_delivery"): _("先等送达，到时没送到自动全额退"),
    ("BLOCK", "none"): _("不能继续，在已有的结果或退款单里处理"),
    ("BLOCK", "human_review"): _("停下来，由人工处理"),
}
"""By outcome and next step of a clause that decides."""

AMOUNTS: dict[str, str] = {
    "nothing": _("不退钱"),
    "all": _("这一件实付的全部，减去已经退过的"),
    "asked": _("你要求的金额，最多是实付减去已退的"),
    "returned": _("你要求的金额，最多是实付减去已退的；这件退掉后不再满足的优惠要扣回"),
    "chosen": _("实付的全部；已经好好用掉一部分的，退没用掉的；你选差额的，退差额"),
    "missing_value": _("实付 ×（标明的面额 − 实际面额）÷ 标明的面额"),
    "remainder": _("实付 ×（买的数量 − 用掉的数量）÷ 买的数量"),
    "remainder_at_list": _("实付 − 用掉的数量 × 标明的单价"),
    "remainder_less_loss": _("实付 ×（买的数量 − 用掉的数量）÷ 买的数量，再减去卖家因此受的损失"),
    "overcharge": _("实付 − 标明的价格"),
    "duplicate": _("多扣的那一笔"),
    "ruled": _("审核员写明的金额，最多是实付减去已退的"),
    "up_to_all": _("还没有定，最多是你要求的金额"),
    "minor_used": _("还没有定，从通常会判退的最低比例到全部"),
    "instead": _("你选的办法对方没有做到的，退钱：选补足的退差额，其余退没用掉的"),
    "sure_to_all": _("还没有定，从已经能确定的部分到全部"),
}
"""By the value of Amount: how much, in words."""
AMOUNT_ELSE = _("按这条规则的公式计算")
RESULT_ELSE = _("按这条规则办理")
"""What stands there until a new kind has its own words; a test asks for them."""

REMEDIES: dict[str, str] = {
    "refund": _("退款"),
    "difference": _("退差额"),
    "replacement": _("换一件"),
    "make_up": _("补足"),
    "redo": _("重做"),
    "continue": _("继续履行"),
}
PAYERS: dict[Side, str] = {
    Side.BUYER: _("买家"),
    Side.SELLER: _("卖家"),
    Side.PLATFORM: _("平台"),
    Side.ISSUER: _("发行方"),
    Side.OUTSIDE: _("平台以外的人"),
}
GAINS: dict[Side, str] = {
    Side.BUYER: _("对买家更宽"),
    Side.SELLER: _("对卖家更宽"),
    Side.NOBODY: _("对双方一样"),
}
DECIDERS: dict[Decider, str] = {
    Decider.MACHINE: _("系统，当场"),
    Decider.SELLER: _("卖家"),
    Decider.HUMAN: _("审核员"),
}
EXPIRIES: dict[str, str] = {
    "deemed_approved": _("卖家不答复，按入驻时的约定视为同意"),
    "to_human": _("卖家不答复，转人工"),
    "escalate_to_admin": _("没有结果，升级到主管并通知双方"),
    "case_lapses": _("没有补充，这次申请结束，有了材料可以再提"),
    "refund_by_machine": _("没有送达，自动全额退"),
}
BURDENS: dict[Side, str] = {
    Side.BUYER: _("买家；说不清时由买家承担"),
    Side.SELLER: _("卖家；说不清时由卖家承担"),
    Side.PLATFORM: _("平台，用自己的记录；说不清时由平台承担"),
    Side.ISSUER: _("发行方，用自己的记录；说不清时由发行方承担"),
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
    "escrow_release": _("货款担保期"),
    "sealed_unconfirmed_refund": _("没有单独确认的密封商品"),
    "revealed_voidable_asks_seller": _("拆封未用、发行方能作废的"),
    "buyer_evidence": _("买家补充材料"),
    "advance_payment": _("先行赔付"),
    "minor_used_floor": _("未成年人买的、已用掉的，至少退实付的"),
    "rest_worthless": _("一单里坏了多少，剩下的可以一起退"),
    "revealed_card_key": _("卖家承诺拆封未用可退的，卡密至少"),
    "revealed_prepaid_card": _("卖家承诺拆封未用可退的，充值卡至少"),
    "revealed_voucher": _("卖家承诺拆封未用可退的，卡券至少"),
    "revealed_account": _("卖家承诺拆封未用可退的，账号至少"),
    "revealed_membership": _("卖家承诺拆封未用可退的，会员至少"),
}
SWITCHES: dict[str, tuple[str, str]] = {
    "late_payment_delivers": (_("退回"), _("有货照发，无货自动退")),
    "sealed_unconfirmed_refund": (_("不退"), _("可以退")),
    "revealed_voidable_asks_seller": (_("不退"), _("请卖家答复")),
}
"""What a switch means when it is off and when it is on."""
TERMS: dict[str, str] = {
    "result": _("结果"),
    "money": _("退多少"),
    "choice": _("可以选"),
    "payer": _("谁出钱"),
    "decider": _("谁决定"),
    "limit": _("时限"),
    "expiry": _("到时"),
    "values": _("用到的数"),
    "burden": _("谁证明"),
    "serves": _("用处"),
}
WORKDAYS = _("%(n)s 个工作日")
AND = _("、")
SAYS = _("怎么说")
SERVES = _("不单独定结果，供 %(numbers)s 用")
SERVES_NONE = _("不单独定结果，写明事实，供双方和审核员看")
AT_LEAST_MOST = _("可定的范围是 %(least)s 到 %(most)s")
AT_MOST = _("最多可定 %(most)s")
PERCENT = _("%(n)s%%")
NEVER = _("不按比例定")
MINUTE: tuple[str, ...] = (
    _("卡密密封没拆：送达后 %(instant_window)s内，任何理由，马上全额退。"),
    _("超过承诺的时间没送到：自动发货的过 %(grace_sealed)s、手工交付的过 %(grace_by_hand)s，自动全额退。"),
    _("商品有问题：记录看得清的，系统当场退；要卖家说明的，卖家 %(seller_answer)s内答复。"),
    _("双方谈不拢：审核员在 %(review_days)s内按规则和双方材料判断，写明理由和条号。"),
    _("系统判你不退的，都可以要求由人重新判定；平台的结果不影响你投诉、仲裁、起诉。"),
)
"""The rules in a minute, with values of the version that is read."""
GLOSSARY: tuple[tuple[str, str], ...] = (
    (_("密封、拆封"), _("卡密送达时加密封存，谁都没看过。你点开查看，就是拆封，时间记在订单上，不能改。")),
    (_("送达"), _("商品进入你的订单，你能查看的那一刻，不等你真的去看。")),
    (_("使用（核销）"), _("卡密在发行方那里被兑换或激活。先看发行方的记录，其次看平台的记录，再看双方提供的材料。")),
    (_("发行方"), _("能验证卡密真假和是否用过的一方，比如游戏公司、商场。")),
    (_("担保"), _("你付的钱先留在平台，过了担保期没有争议才付给卖家。")),
    (
        _("证明不了"),
        _("双方说法不同时，轮到谁证明而拿不出材料，就按对方说的算。手里有记录却不拿出来的，按对他不利的算。"),
    ),
    (_("工作日"), _("法定工作日，调休上班的周末也算；从轮到那一方的次日起算，到最后一天 18:00。")),
)
"""Words that the rules use in their own sense, for who has never read rules."""
