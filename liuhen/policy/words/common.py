"""Words that are not of one clause: results, next steps, what would change it, the product page's table."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOT_GIVEN = {"zh": "未知", "en": "not known"}

HEADLINES: dict[str, dict[str, str]] = {
    "zh": {
        "FULL": "全额退 {amount}",
        "FULL.seller_answer": "可以退 {amount}，先由卖家确认",
        "FULL.human_review": "应退 {amount}，由人工核对后办理",
        "PARTIAL": "部分退 {amount}",
        "PARTIAL.human_review": "应退 {amount}，由人工核对后办理",
        "NONE": "这次不退，可以要求人工判定",
        "NONE.wait_delivery": "还没到承诺的送达时间，到时没送到自动退",
        "REVIEW": "由审核员判断，最多退 {amount}",
        "REVIEW.seller_answer": "先由卖家答复，最多退 {amount}",
        "RANGE": "由审核员判断，退 {least} 到 {amount}",
        "OUTSIDE": "卖家应在平台外退 {amount}，平台里没有这笔钱",
        "NEED_EVIDENCE": "还需要补充材料",
        "BLOCK": "不能继续，请看原因",
    },
    "en": {
        "FULL": "{amount} goes back in full",
        "FULL.seller_answer": "{amount} can go back; the seller confirms first",
        "FULL.human_review": "{amount} is due, once a person has checked",
        "PARTIAL": "{amount} goes back in part",
        "PARTIAL.human_review": "{amount} is due, once a person has checked",
        "NONE": "Nothing goes back; a person can be asked to judge",
        "NONE.wait_delivery": "The promised time has not passed; undelivered by then, all goes back by itself",
        "REVIEW": "A reviewer decides, up to {amount}",
        "REVIEW.seller_answer": "The seller answers first, up to {amount}",
        "RANGE": "A reviewer decides, between {least} and {amount}",
        "OUTSIDE": "The seller owes {amount} outside; the platform does not hold it",
        "NEED_EVIDENCE": "Something more is needed",
        "BLOCK": "This cannot go on; see the reason",
    },
}
STEPS: dict[str, dict[str, str]] = {
    "zh": {
        "none": "结果已经出来，没有要等的步骤。",
        "pay": "不用再等谁，平台马上退。",
        "seller_answer": "轮到卖家答复",
        "human_review": "轮到审核员判断",
        "buyer_evidence": "轮到买家补充材料",
        "wait_delivery": "等卖家送达",
    },
    "en": {
        "none": "This is the result; there is no step to wait for.",
        "pay": "It can be paid, and the platform pays it back now.",
        "seller_answer": "It is the seller's turn to answer",
        "human_review": "It is the reviewer's turn to decide",
        "buyer_evidence": "It is the buyer's turn to add what is missing",
        "wait_delivery": "Delivery by the seller is awaited",
    },
}
UNTIL = {"zh": "，最迟 {due}。", "en": ", at the latest {due}."}
WITHIN = {"zh": "，限 {limit}。", "en": ", within {limit}."}
EXPIRIES: dict[str, dict[str, str]] = {
    "zh": {
        "deemed_approved": "到时没有答复，按约定视为同意。",
        "to_human": "到时没有答复，转人工判断。",
        "escalate_to_admin": "到时没有结果，升级到主管并通知双方。",
        "refund_by_machine": "到时没有送达，自动全额退。",
        "case_lapses": "到时没有补充，按现有材料判断。",
    },
    "en": {
        "deemed_approved": " Without an answer by then it counts as agreed.",
        "to_human": " Without an answer by then a person takes over.",
        "escalate_to_admin": " Without a result by then it goes to a supervisor and both sides are told.",
        "refund_by_machine": " Undelivered by then, all goes back by itself.",
        "case_lapses": " Without it by then, what is there decides.",
    },
}
CHANGES: dict[str, dict[str, str]] = {
    "zh": {
        "issuer_confirms_fault": "发行方证明{you}说的问题属实",
        "issuer_denies_fault": "发行方证明商品没有这个问题",
        "used_before_reveal": "发行方证明拆封之前就已被使用",
        "used_by_buyer": "发行方证明拆封之后在{you}一侧已使用",
        "unused_confirmed": "发行方证明没有使用过",
        "seller_withholds": "卖家手里的记录到期拒不提供",
        "seller_agrees": "卖家同意",
        "seller_silent": "卖家到 {at} 还没有答复",
        "seller_refuses": "卖家拒绝并说明理由",
        "better_proof": "{you}补充能单独说明问题的证明，例如包含官方提示的连续录屏",
        "advance_due": "到 {at} 仍没有解决，平台按承诺先赔",
        "reviewer_grants": "审核员支持",
        "human_asked": "{you}要求人工判定",
        "time_passes": "到 {at} 仍未送达",
        "seal_whole": "密封没有拆开",
        "seal_broken": "{you}拆开密封",
        "claimed_in_window": "在 {at} 之前提出",
        "not_confirmed": "下单时没有单独确认过不支持无理由退",
        "fault_claimed": "商品有问题，按对应的原因提出",
    },
    "en": {
        "issuer_confirms_fault": "the issuer confirms the fault",
        "issuer_denies_fault": "the issuer shows that there is no such fault",
        "used_before_reveal": "the issuer shows use before the seal was broken",
        "used_by_buyer": "the issuer shows use by {you} after the seal was broken",
        "unused_confirmed": "the issuer shows that it was not used",
        "seller_withholds": "the seller does not produce the records he holds in time",
        "seller_agrees": "the seller agrees",
        "seller_silent": "the seller has not answered by {at}",
        "seller_refuses": "the seller refuses and gives reasons",
        "better_proof": "{you} bring proof that stands alone, such as a continuous recording of the issuer's message",
        "advance_due": "it is not solved by {at} and the platform pays first, as promised",
        "reviewer_grants": "the reviewer grants it",
        "human_asked": "a person is asked for",
        "time_passes": "it is not delivered by {at}",
        "seal_whole": "the seal were whole",
        "seal_broken": "the seal is broken",
        "claimed_in_window": "the claim had come by {at}",
        "not_confirmed": "no exclusion had been confirmed for this order",
        "fault_claimed": "something is wrong with the item and that reason is chosen",
    },
}
BOTH = {"zh": "，并且", "en": ", and "}
BILL: dict[str, dict[str, str]] = {
    "zh": {
        "paid": "这件实付",
        "refunded_before": "此前已退",
        "in_flight": "正在退回",
        "kept": "已使用、保留的部分",
        "not_due": "不退的部分",
        "fee": "手续费（退款从不收费）",
    },
    "en": {
        "paid": "Paid for this item",
        "refunded_before": "Gone back before",
        "in_flight": "On its way back",
        "kept": "Used and kept",
        "not_due": "Not due",
        "fee": "Fee (a refund has none, ever)",
    },
}
SITUATIONS: dict[str, dict[str, str]] = {
    "zh": {
        "sealed_instant": "未拆封，{b}内",
        "sealed_promised": "未拆封，{a}到 {b}",
        "sealed_after": "未拆封，超过 {a}，只是不想要了",
        "not_delivered": "超过承诺时间 {b}仍未送达",
        "before_delivery": "送达之前，卖家还没开始做",
        "fault": "无效、面额或区域不符、已被用过，拆没拆封都算",
        "fault_by_hand": "没有到账、与描述不符或有其他问题",
        "revealed_promised": "已拆封未使用，{b}内，只是不想要了",
        "revealed_unwanted": "已拆封，只是不想要了",
        "handed_unwanted": "已经交付，只是不想要了",
    },
    "en": {
        "sealed_instant": "Sealed, within {b}",
        "sealed_promised": "Sealed, from {a} to {b}",
        "sealed_after": "Sealed, after {a}, simply not wanted",
        "not_delivered": "Not delivered {b} after the promised time",
        "before_delivery": "Before delivery, and before the seller has begun",
        "fault": "Invalid, wrong value or region, or used before: sealed or not",
        "fault_by_hand": "Not credited, not as described, or otherwise wrong",
        "revealed_promised": "Unsealed but unused, within {b}, simply not wanted",
        "revealed_unwanted": "Unsealed, simply not wanted",
        "handed_unwanted": "Delivered, simply not wanted",
    },
}
RESULTS: dict[str, dict[str, str]] = {
    "zh": {
        "FULL.pay": "全额退",
        "FULL.seller_answer": "全额退",
        "PARTIAL.pay": "部分退",
        "REVIEW.seller_answer": "卖家拿不出相反证据的，全额退",
        "REVIEW.human_review": "由审核员判断",
        "NONE.none": "不支持，可要求人工判定",
    },
    "en": {
        "FULL.pay": "full refund",
        "FULL.seller_answer": "full refund",
        "PARTIAL.pay": "part refund",
        "REVIEW.seller_answer": "full refund unless the seller proves otherwise",
        "REVIEW.human_review": "a reviewer decides",
        "NONE.none": "no refund; a person can be asked to judge",
    },
}
REMEDIES = {
    "zh": {"or_replacement": "，或换货，由买家选"},
    "en": {"or_replacement": ", or a replacement; the buyer chooses"},
}
HOW_LONG: dict[str, dict[str, str]] = {
    "zh": {"pay": "即时，自动", "seller_answer": "卖家 {limit}内答复", "human_review": "{limit}内", "none": "—"},
    "en": {
        "pay": "at once, by itself",
        "seller_answer": "the seller answers within {limit}",
        "human_review": "within {limit}",
        "none": "—",
    },
}
