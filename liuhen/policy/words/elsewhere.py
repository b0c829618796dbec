"""The self-check's result where the house's rules do not hold: what the law supports, said with care.

A headline or turn stands under the clause that decides, or under outcome and next step, or under the outcome.
"""

from liuhen.policy.decision import Cite

HEADLINES: dict[str, dict[str, str]] = {
    "zh": {
        "FULL": "照你说的，法律支持全额退 {amount}",
        "defect.risk_passed": "不由卖家负责，没用的部分可以向官方要",
        "capacity.settled": "已经谈好并照办的，一般不能再要",
        "seller.unrebutted": "照你说的，卖家拿不出相反的记录，就应全额退 {amount}",
        "FULL.seller_answer": "照你说的，可以要求退 {amount}",
        "FULL.human_review": "照你说的，应当退 {amount}",
        "PARTIAL": "照你说的，法律支持退 {amount}",
        "PARTIAL.human_review": "照你说的，应当退 {amount}",
        "NONE": "照你说的，法律上不容易要求退",
        "NONE.wait_delivery": "先书面催一次，给一个合理的期限",
        "REVIEW": "要看具体情况，最多 {amount}",
        "REVIEW.seller_answer": "要看能不能证明，最多 {amount}",
        "NEED_EVIDENCE": "先补证明，再谈退款，最多 {amount}",
        "BLOCK": "先停下来，不要再付钱",
    },
    "en": {
        "FULL": "If it is so, the law supports a full refund of {amount}",
        "defect.risk_passed": "Not the seller's to answer for; ask the issuer for what is unused",
        "capacity.settled": "What was agreed on and done generally stands",
        "seller.unrebutted": "If it is so, {amount} is due in full unless the seller proves otherwise",
        "FULL.seller_answer": "If it is so, you may ask for {amount}",
        "FULL.human_review": "If it is so, {amount} is due",
        "PARTIAL": "If it is so, the law supports a refund of {amount}",
        "PARTIAL.human_review": "If it is so, {amount} is due",
        "NONE": "If it is so, the law hardly supports a refund",
        "NONE.wait_delivery": "Urge in writing first, and allow a reasonable time",
        "REVIEW": "It depends on the case, up to {amount}",
        "REVIEW.seller_answer": "It depends on proof, up to {amount}",
        "NEED_EVIDENCE": "More proof first, then up to {amount}",
        "BLOCK": "Stop first, and pay nothing more",
    },
}
TURNS: dict[str, dict[str, str]] = {
    "zh": {
        "FULL": "轮到你：把下面的陈述发给卖家。",
        "PARTIAL": "轮到你：把下面的陈述发给卖家。",
        "defect.risk_passed": "轮到你：先向官方提出，问清停服的补偿办法。",
        "capacity.settled": "和解是被骗着签的，可以另外主张；要有证明。",
        "NONE": "可以和卖家协商。有新的证明，再来查一次。",
        "NONE.wait_delivery": "轮到你催卖家。到时仍不交付，就可以解除合同、要求全额退。",
        "REVIEW": "轮到你：先书面向卖家提出，请他答复并拿出记录。",
        "NEED_EVIDENCE": "轮到你补证明，比如从头到尾的录屏，或官方的书面答复。",
        "BLOCK": "轮到你：先留好证据，再报警。",
    },
    "en": {
        "FULL": "Your turn: send the statement below to the seller.",
        "PARTIAL": "Your turn: send the statement below to the seller.",
        "defect.risk_passed": "Your turn: ask the issuer what it offers for the closing.",
        "capacity.settled": "A settlement won by fraud can be attacked; that takes proof.",
        "NONE": "You can try to agree with the seller. With new proof, check again.",
        "NONE.wait_delivery": "Your turn to urge. Undelivered by then, the contract can be ended for a full refund.",
        "REVIEW": "Your turn: ask the seller in writing for an answer and the records.",
        "NEED_EVIDENCE": "Your turn to bring proof: a recording from beginning to end, or the issuer's written answer.",
        "BLOCK": "Your turn: keep the evidence, then tell the police.",
    },
}
# Here, where only the range of a time is known.
WAIT_HERE = {
    "zh": "等卖家送达。过了承诺的时间和宽限仍没有送到，自动全额退。",
    "en": "Delivery is awaited. Undelivered after the promised time and the grace, all goes back by itself.",
}
# What a clause on our own procedure means in another shop.
GROUNDS: dict[str, dict[str, str]] = {
    "zh": {
        "procedure.human_reason": "这类问题要看付款和往来的记录，不能只凭一方的说法。",
        "procedure.human_else": "法律没有直接写明这种情况的结果，要看具体情形。",
        "seller.refused": "卖家拒绝，不等于有了结果，可以继续主张。",
        "seller.silent_unagreed": "卖家不答复，不等于同意，也不等于你没有权利。",
        "delivery.late": "催过之后，合理的时间也过了，仍没有交付：可以解除合同、要求退款。",
        "delivery.not_due": "还没有催过，或给的时间还没到。先催一次，过了合理的时间仍不交付，就可以解除合同。",
        "redemption.sealed": "照你说的，内容没有人看过。看没看过有争议的，由店铺拿出记录。",
        "no_reason.seven_days": "内容没有看过，在七日之内，你也没有单独确认过“不支持无理由退”。",
        "promise.sealed_window": "卖家承诺过没有用过可以退，还在承诺的期限内。承诺了就要做到。",
        "delivery.work_begun": "已经开始做了。没做的部分怎么退，看做到哪一步，由卖家证明。",
        "capacity.no_order": "扣了钱，却没有订单：收下这笔钱的一方没有理由留着，应当退还。",
        "capacity.minor_void": "购买人不满 8 岁，合同无效，付的钱应当返还；监护人有过错的，也分担一些。",
        "capacity.minor_unused": "与年龄不相适应，监护人没有同意也不追认，合同不发生效力，付的钱应当返还。",
        "capacity.minor_used": "与年龄不相适应，监护人没有同意也不追认；已经用掉的折价补偿，退多少看双方的过错。",
        "capacity.minor": "先要说明孩子的年龄、是孩子自己操作的、家长没有同意。",
        "defect.more_proof": "只有一面之词，还不够认定。请补充，比如含官方提示的连续录屏。",
        "goods.fee_scam": "要先交钱才能退款的，一定是骗局。真正的退款从不收费，也不会让你先转账。",
    },
    "en": {
        "procedure.human_reason": "It takes the records of payment and dealings; one side's word alone does not do.",
        "procedure.human_else": "The law does not settle this directly; it depends on the case.",
        "seller.refused": "The seller's refusal settles nothing; you can go on.",
        "seller.silent_unagreed": "The seller's silence is no consent, and does not take your rights away.",
        "delivery.late": "Urged, and a reasonable time is over: the contract can be ended and the money asked back.",
        "delivery.not_due": "Urge once first; undelivered after a reasonable time, the contract can be ended.",
        "redemption.sealed": "As you say, nobody has looked at it. If disputed, the shop must bring its records.",
        "no_reason.seven_days": "Not looked at, within seven days, and no exclusion of returns was confirmed.",
        "promise.sealed_window": "The seller promised to take back what was not used; that time still runs, and binds.",
        "delivery.work_begun": "Work has begun. What goes back depends on how far it is, which the seller must show.",
        "capacity.no_order": "Money was taken without an order: whoever has it has no ground to keep it.",
        "capacity.minor_void": "The buyer was under 8: the contract is void; all goes back, less a guardian's fault.",
        "capacity.minor_unused": "It does not suit the age and no guardian agreed: no effect, the money goes back.",
        "capacity.minor_used": "It does not suit the age; what was used is made good, the rest depends on fault.",
        "capacity.minor": "First show the child's age, that the child acted, and that no guardian agreed.",
        "defect.more_proof": "One side's word does not do. Bring more: a recording with the issuer's message.",
        "goods.fee_scam": "Money before a refund is always a fraud. A true refund costs nothing at all.",
    },
}
GROUND_CITES: dict[str, tuple[Cite, ...]] = {
    "procedure.human_else": (Cite("消法", 39),),
    "seller.refused": (Cite("消法", 39), Cite("电商法", 60)),
    "seller.silent_unagreed": (Cite("民法典", 140, 2),),
}
# Who loses by what stays unproven.
BURDENS: dict[str, dict[str, str]] = {
    "zh": {
        "seller": "说不清的地方，由卖家证明；他拿不出记录，对他不利。",
        "platform": "说不清的地方，由平台证明；它拿不出记录，对它不利。",
        "buyer": "说不清的地方，由你先拿出初步证明。",
    },
    "en": {
        "seller": "What stays unclear is for the seller to prove; without records it counts against the seller.",
        "platform": "What stays unclear is for the platform to prove; without records it counts against the platform.",
        "buyer": "What stays unclear is for you to show first.",
    },
}
# What only a person may judge, and no machine pays; {amount} only where what was paid is known.
CLAIMS: dict[str, dict[str, str]] = {
    "zh": {
        "punitive_damages": "能证明卖家故意欺骗的，可以另外要求价款三倍的赔偿，不足 500 元按 500 元。证明的要求很高。",
        "contract_penalty": "约定过违约金的，可以另外要求。",
        "proven_loss": "能证明的其他损失，可以另外要求，以卖家下单时想得到的为限。",
        "interest": "是商家原因的，退款可以加算利息。",
    },
    "en": {
        "punitive_damages": (
            "If it can be proven that the seller deceived on purpose: three times the price besides, at least 500 "
            "yuan. The standard of proof is high."
        ),
        "contract_penalty": "A contract penalty besides, where one was agreed.",
        "proven_loss": "Other loss that you can prove, as far as the seller could foresee it.",
        "interest": "Interest on the refund, where the business is the cause.",
    },
}
