"""Layer 3: was it delivered when it was promised."""

from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer, Step
from liuhen.policy.clauses.make import (
    DELIVERED,
    KEEPS_UNIT,
    NO_REASON,
    PART_BEGUN,
    PART_CREDITED,
    PART_HAD,
    PRINCIPAL_FAULT,
    USED,
    after,
    every,
    flag,
    no,
    reason_in,
    ref,
    some,
)
from liuhen.policy.clauses.steps import ALL_BACK, HUMAN_STEP, PAY
from liuhen.policy.decision import Cite, Decider, Outcome, StepKind
from liuhen.policy.expr import Expr, Given, In, Param, Plus, Says, Shown, Stands, Term, Val
from liuhen.policy.facts.claim import OpenedBy, ReasonCode, Remedy
from liuhen.policy.facts.standing import Side


def _past(moment: Term) -> Expr:
    """That moment lies after promise plus grace, and after the time the buyer chose to wait for."""
    return every(
        Given("delivery.promised_at"),
        some(
            every(
                flag("goods.sealed_delivery"),
                after(moment, Plus(Val("delivery.promised_at"), Param("grace_sealed"))),
            ),
            every(
                no(flag("goods.sealed_delivery")),
                after(moment, Plus(Val("delivery.promised_at"), Param("grace_by_hand"))),
            ),
        ),
        some(no(Given("delivery.buyer_waits_until")), after(moment, Val("delivery.buyer_waits_until"))),
    )


# The seller says so, or a part of it is done already.
BEGUN = some(Says("delivery.started", (True,)), Shown(PART_BEGUN))

CLAUSES = (
    Clause(
        id="delivery.done",
        layer=Layer.DELIVERY,
        when=DELIVERED,
        cites=(Cite("民法典", 512, 2), Cite("电商法", 51, 2), Cite("买卖合同解释", 2)),
        burden=Side.SELLER,
    ),
    Clause(
        id="delivery.overdue",
        layer=Layer.DELIVERY,
        when=every(
            no(ref("delivery.done")),
            some(
                every(no(Given("delivery.delivered_at")), _past(Val("now"))),
                every(Given("delivery.delivered_at"), _past(Val("delivery.delivered_at"))),
            ),
        ),
        cites=(Cite("电商法", 20), Cite("民法典", 577)),
        burden=Side.SELLER,
    ),
    Clause(
        id="delivery.late",
        layer=Layer.DELIVERY,
        when=every(ref("delivery.overdue"), no(Shown(PART_BEGUN)), no(Shown(PART_CREDITED))),
        cites=(
            Cite("电商法", 20),
            Cite("民法典", 563, 1, 3),
            Cite("民法典", 563, 1, 4),
            Cite("民法典", 565, 1),
            Cite("民法典", 577),
        ),
        burden=Side.SELLER,
        effect=ALL_BACK,
    ),
    Clause(
        id="delivery.cancel",
        layer=Layer.DELIVERY,
        when=every(
            no(ref("delivery.done")),
            no(Says("delivery.started", (True,))),
            no(Shown(PART_BEGUN)),
            no(Shown(PART_CREDITED)),
            In("claim.opened_by", (OpenedBy.BUYER, OpenedBy.STAFF)),
            no(reason_in(KEEPS_UNIT)),
        ),
        cites=(Cite("民法典", 562, 1), Cite("民法典", 787), Cite("民法典", 933)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.FULL,
            decided_by=Decider.MACHINE,
            amount=Amount.ALL,
            payer=Side.SELLER,
            remedies=(Remedy.REFUND,),
            step=PAY,
        ),
    ),
    Clause(
        id="delivery.purpose_missed",
        layer=Layer.DELIVERY,
        when=every(
            Given("delivery.delivered_at"),
            after(Val("delivery.delivered_at"), Val("delivery.needed_by")),
            no(reason_in(KEEPS_UNIT)),
            no(Shown(USED)),
        ),
        cites=(Cite("民法典", 563, 1, 4), Cite("电商法", 20)),
        burden=Side.BUYER,
        effect=ALL_BACK,
    ),
    Clause(
        id="delivery.price_error",
        layer=Layer.DELIVERY,
        when=every(
            Says("order.price_error", (True,)),
            In("claim.opened_by", (OpenedBy.SELLER,)),
        ),
        cites=(
            Cite("民法典", 491, 2),
            Cite("民法典", 147),
            Cite("民法典", 152, 1, 1),
            Cite("电商法", 49, 2),
        ),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.REVIEW,
            decided_by=Decider.HUMAN,
            amount=Amount.UP_TO_ALL,
            payer=Side.SELLER,
            remedies=(Remedy.REFUND, Remedy.CONTINUE),
            step=HUMAN_STEP,
        ),
    ),
    Clause(
        id="delivery.work_part",
        layer=Layer.DELIVERY,
        when=every(
            no(ref("delivery.done")),
            BEGUN,
            some(
                reason_in(NO_REASON),
                every(reason_in((ReasonCode.UNFINISHED,)), Stands("measure.ended_by", (Side.BUYER,))),
            ),
            PART_HAD,
            no(Shown(Stands("measure.ended_by", PRINCIPAL_FAULT))),
        ),
        cites=(Cite("民法典", 787), Cite("民法典", 933), Cite("民法典", 566, 1)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.PARTIAL,
            decided_by=Decider.HUMAN,
            amount=Amount.REMAINDER_LESS_LOSS,
            liable=Side.BUYER,
            payer=Side.SELLER,
            remedies=(Remedy.DIFFERENCE, Remedy.CONTINUE),
            step=HUMAN_STEP,
        ),
    ),
    Clause(
        id="delivery.work_begun",
        layer=Layer.DELIVERY,
        when=every(no(ref("delivery.done")), BEGUN, reason_in(NO_REASON)),
        cites=(Cite("民法典", 787), Cite("民法典", 933)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.REVIEW,
            decided_by=Decider.HUMAN,
            amount=Amount.UP_TO_ALL,
            payer=Side.SELLER,
            remedies=(Remedy.REFUND, Remedy.CONTINUE),
            step=HUMAN_STEP,
        ),
    ),
    Clause(
        id="delivery.not_due",
        layer=Layer.DELIVERY,
        when=every(
            no(ref("delivery.done")),
            no(ref("delivery.overdue")),
            Given("delivery.promised_at"),
            reason_in((ReasonCode.NOT_RECEIVED, ReasonCode.LATE_DELIVERY)),
        ),
        cites=(Cite("电商法", 20),),
        burden=Side.BUYER,
        effect=Effect(
            outcome=Outcome.NONE,
            decided_by=Decider.MACHINE,
            amount=Amount.NOTHING,
            remedies=(Remedy.CONTINUE,),
            step=Step(
                kind=StepKind.WAIT_DELIVERY,
                actor=Side.SELLER,
                limit="grace",
                starts=("delivery.buyer_waits_until", "delivery.promised_at"),
                on_expiry="refund_by_machine",
            ),
        ),
    ),
)
