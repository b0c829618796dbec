"""Layer 8: the buyer simply does not want it. Here, and only here, use, unsealing and agreed exclusions count."""

from liuhen.policy.clauses.amounts import AFTER_PROMOTION, PROMOTION
from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer
from liuhen.policy.clauses.make import (
    NO_REASON,
    NOT_SEALED,
    PART_HAD,
    SERVICES,
    every,
    flag,
    no,
    reason_in,
    ref,
    switched_on,
    within,
    yes,
)
from liuhen.policy.clauses.steps import ASK_SELLER, PAY, REFUSED
from liuhen.policy.decision import Cite, Decider, Outcome
from liuhen.policy.expr import Compare, Const, In, Param, Shown, Stands
from liuhen.policy.facts.claim import AnswerKind, OpenedBy, Remedy
from liuhen.policy.facts.redemption import Seal
from liuhen.policy.facts.standing import Side

_BACK = (Remedy.REFUND,)
# Whoever buys to resell is no consumer (消法 2); that somebody is none must be shown.
_TRADER = Shown(no(yes("parties.buyer_is_consumer")))

CLAUSES = (
    Clause(
        id="no_reason.claimed",
        layer=Layer.NO_REASON,
        when=every(ref("delivery.done"), reason_in(NO_REASON), no(In("claim.opened_by", (OpenedBy.SELLER,)))),
        cites=(Cite("消法", 25, 1), Cite("消法", 25, 2)),
    ),
    Clause(
        id="no_reason.promotion_lost",
        layer=Layer.NO_REASON,
        when=every(PROMOTION, Compare(AFTER_PROMOTION, "<=", Const(0))),
        cites=(Cite("七日退货办法", 17, 2),),
        burden=Side.SELLER,
        effect=REFUSED,
    ),
    Clause(
        id="no_reason.ended_early",
        layer=Layer.NO_REASON,
        when=every(
            ref("no_reason.claimed"),
            PART_HAD,
            Stands("measure.ended_by", (Side.BUYER,)),
            In("claim.seller.kind", (AnswerKind.AGREED,)),
        ),
        cites=(Cite("预付消费解释", 19, 1), Cite("预付消费解释", 15, 1), Cite("民法典", 562, 1)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.PARTIAL,
            decided_by=Decider.SELLER,
            amount=Amount.REMAINDER_AT_LIST,
            liable=Side.BUYER,
            payer=Side.SELLER,
            remedies=(Remedy.DIFFERENCE,),
            step=PAY,
        ),
    ),
    Clause(
        id="no_reason.seven_days",
        layer=Layer.NO_REASON,
        when=every(
            ref("no_reason.claimed"),
            ref("redemption.sealed"),
            within("delivery.delivered_at", Param("no_reason_window")),
            no(ref("terms.exclusion_binds")),
            no(_TRADER),
            no(Shown(yes("goods.made_to_order"))),
            switched_on("sealed_unconfirmed_refund"),
        ),
        cites=(Cite("消法", 25, 1), Cite("消法实施条例", 19, 2), Cite("七日退货办法", 20, 2)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.FULL,
            decided_by=Decider.SELLER,
            amount=Amount.RETURNED,
            payer=Side.SELLER,
            remedies=_BACK,
            step=ASK_SELLER,
        ),
    ),
    Clause(
        id="no_reason.voidable",
        layer=Layer.NO_REASON,
        when=every(
            ref("no_reason.claimed"),
            In("redemption.seal", (Seal.BROKEN,)),
            no(Shown(ref("redemption.used"))),
            flag("goods.issuer_can_void"),
            within("delivery.delivered_at", Param("no_reason_window")),
            no(ref("terms.exclusion_binds")),
            no(_TRADER),
            no(flag("goods.digital_content")),
            switched_on("revealed_voidable_asks_seller"),
        ),
        cites=(Cite("消法", 25, 3), Cite("七日退货办法", 9)),
        burden=Side.BUYER,
        effect=Effect(
            outcome=Outcome.FULL,
            decided_by=Decider.SELLER,
            amount=Amount.RETURNED,
            payer=Side.SELLER,
            remedies=_BACK,
            step=ASK_SELLER,
        ),
    ),
    Clause(
        id="no_reason.not_consumer",
        layer=Layer.NO_REASON,
        when=every(ref("no_reason.claimed"), _TRADER),
        cites=(Cite("消法", 2), Cite("消法", 25, 1)),
        burden=Side.SELLER,
        effect=REFUSED,
    ),
    Clause(
        id="no_reason.service_done",
        layer=Layer.NO_REASON,
        when=every(ref("no_reason.claimed"), In("goods.kind", SERVICES)),
        cites=(Cite("消法", 25, 1), Cite("民法典", 509, 1)),
        burden=Side.SELLER,
        effect=REFUSED,
    ),
    Clause(
        id="no_reason.made_to_order",
        layer=Layer.NO_REASON,
        when=every(ref("no_reason.claimed"), Shown(yes("goods.made_to_order"))),
        cites=(Cite("消法", 25, 1, 1), Cite("七日退货办法", 6, 1, 1)),
        burden=Side.SELLER,
        effect=REFUSED,
    ),
    Clause(
        id="no_reason.digital_unsealed",
        layer=Layer.NO_REASON,
        when=every(ref("no_reason.claimed"), flag("goods.digital_content"), NOT_SEALED),
        cites=(Cite("消法", 25, 1, 3), Cite("七日退货办法", 6, 1, 3)),
        burden=Side.SELLER,
        effect=REFUSED,
    ),
    Clause(
        id="no_reason.used",
        layer=Layer.NO_REASON,
        when=every(ref("no_reason.claimed"), NOT_SEALED, Shown(ref("redemption.used"))),
        cites=(Cite("消法", 25, 3), Cite("民法典", 509, 1)),
        burden=Side.SELLER,
        effect=REFUSED,
    ),
    Clause(
        id="no_reason.revealed",
        layer=Layer.NO_REASON,
        when=every(ref("no_reason.claimed"), NOT_SEALED),
        cites=(Cite("消法", 25, 3), Cite("七日退货办法", 9)),
        burden=Side.BUYER,
        effect=REFUSED,
    ),
    Clause(
        id="no_reason.excluded",
        layer=Layer.NO_REASON,
        when=every(ref("no_reason.claimed"), ref("terms.exclusion_binds")),
        cites=(Cite("消法", 25, 2), Cite("七日退货办法", 7, 1, 2), Cite("七日退货办法", 20, 2)),
        burden=Side.SELLER,
        effect=REFUSED,
    ),
    Clause(
        id="no_reason.too_late",
        layer=Layer.NO_REASON,
        when=every(ref("no_reason.claimed"), no(within("delivery.delivered_at", Param("no_reason_window")))),
        cites=(Cite("消法", 25, 1),),
        burden=Side.BUYER,
        effect=REFUSED,
    ),
)
