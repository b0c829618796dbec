"""Layer 5: something is wrong with the unit, and who has shown it. No term and no window stands against this layer."""

from liuhen.policy.clauses.amounts import SHORT_VALUE
from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer
from liuhen.policy.clauses.make import (
    ALL_HAD,
    DEFECT_OF,
    DEFECT_PATHS,
    KEY_REASONS,
    PART_CREDITED,
    PART_LEFT,
    PRINCIPAL_FAULT,
    SERVICES,
    USED,
    after,
    every,
    no,
    reason_in,
    ref,
    some,
    yes,
)
from liuhen.policy.clauses.steps import ALL_BACK, ASK_BUYER, ASK_SELLER, NO_STEP, PAY, REFUSED
from liuhen.policy.decision import Cite, Decider, Outcome
from liuhen.policy.expr import By, Compare, Const, Given, In, Param, Plus, Shown, Stands, Times, Val
from liuhen.policy.facts.claim import Proof, ReasonCode, Remedy
from liuhen.policy.facts.standing import Side, Source

QUALITY = (
    Cite("消法", 24, 1),
    Cite("消法", 48, 1),
    Cite("消法", 52),
    Cite("民法典", 582),
    Cite("民法典", 610),
    Cite("民法典", 612),
    Cite("民法典", 615),
)
CHOICES = (Remedy.REFUND, Remedy.REPLACEMENT, Remedy.REDO, Remedy.DIFFERENCE, Remedy.MAKE_UP)
TWO_YEARS = (
    731 * 86_400
)  # seconds: the law's outer limit for a complaint about quality, a leap day on top (民法典 621(2))
QUALITY_REASONS = (
    ReasonCode.INVALID_KEY,
    ReasonCode.INCORRECT_AMOUNT,
    ReasonCode.WRONG_REGION,
    ReasonCode.NOT_AS_DESCRIBED,
    ReasonCode.SHORT_VALIDITY,
    ReasonCode.DEFECTIVE,
)
MISSING_REASONS = (ReasonCode.NOT_RECEIVED, ReasonCode.LATE_DELIVERY)  # refuted by the buyer's own use
NOT_MONEY = (Remedy.REPLACEMENT, Remedy.MAKE_UP, Remedy.REDO, Remedy.CONTINUE)
# What contradicts itself cannot carry a finding alone (民事证据规定 90); the asker may bring better.
WEAK_PROOF = In("claim.proof", (Proof.DOUBTFUL, Proof.NONE))
# A buyer's word counts as shown only where the holder of the log does not bring it (民事证据规定 95).
WITHHELD_HERE = every(yes("defects.already_redeemed"), By("defects.already_redeemed", (Source.BUYER,)))
_HAD_BY_ANOTHER = ("defects.duplicate_key", "defects.already_redeemed")  # harmless to a buyer who used it himself
_FULL_WRONG = tuple(p for p in DEFECT_PATHS if p != "defects.incorrect_amount")


def _granted(by: Decider, liable: Side = Side.SELLER) -> Effect:
    return Effect(
        outcome=Outcome.FULL,
        decided_by=by,
        amount=Amount.CHOSEN,
        liable=liable,
        payer=liable,
        remedies=CHOICES,
        step=PAY,
    )


CLAUSES = (
    Clause(
        id="defect.claimed",
        layer=Layer.DEFECT,
        when=every(ref("delivery.done"), reason_in(tuple(DEFECT_OF))),
        cites=QUALITY,
    ),
    Clause(
        id="defect.not_as_stated",
        layer=Layer.DEFECT,
        when=some(
            Shown(yes("defects.short_validity")),
            Shown(yes("defects.wrong_region")),
            Shown(yes("defects.not_as_described")),
            Shown(yes("defects.incorrect_amount")),
        ),
        cites=(Cite("消法", 8), Cite("消法", 20, 1), Cite("消法", 23, 2), Cite("民法典", 617)),
        burden=Side.BUYER,
    ),
    Clause(
        id="defect.deceit",
        layer=Layer.DEFECT,
        when=every(
            yes("defects.fraud"),
            By("defects.fraud", (Source.STAFF,)),
            no(Shown(no(yes("parties.buyer_is_consumer")))),
        ),
        cites=(Cite("消法", 55, 1), Cite("民法典", 148), Cite("民事证据规定", 86, 1)),
        burden=Side.BUYER,
    ),
    Clause(
        id="defect.mistake",
        layer=Layer.DEFECT,
        when=every(some(*(Shown(yes(path)) for path in DEFECT_PATHS)), no(Shown(ref("defect.deceit")))),
        cites=(Cite("总则编解释", 21), Cite("消法实施条例", 49, 1)),
        burden=Side.BUYER,
    ),
    Clause(
        id="defect.only_the_bad",
        layer=Layer.DEFECT,
        when=every(after(Val("order.units_in_order"), Const(1)), after(Val("order.bad_units"), Const(0))),
        cites=(Cite("民法典", 632),),
        burden=Side.BUYER,
    ),
    Clause(
        id="defect.short_value_used",
        layer=Layer.DEFECT,
        when=every(
            some(
                every(ref("delivery.overdue"), PART_CREDITED),
                every(ref("delivery.done"), SHORT_VALUE, some(In("goods.kind", SERVICES), Shown(ALL_HAD))),
                every(  # whoever says that somebody else had the value shows it
                    ref("delivery.done"),
                    SHORT_VALUE,
                    ref("redemption.used"),
                    no(Shown(ref("redemption.used_by_other"))),
                    no(Shown(ref("redemption.used_before_reveal"))),
                ),
            ),
            some(
                Shown(ALL_HAD),
                no(ref("delivery.done")),
                no(
                    Shown(
                        some(
                            *(
                                every(yes(path), no(Shown(ref("redemption.used_by_buyer"))))
                                if path in _HAD_BY_ANOTHER
                                else yes(path)
                                for path in _FULL_WRONG
                            )
                        )
                    )
                ),
            ),
        ),
        cites=(Cite("民法典", 582), Cite("买卖合同解释", 17), Cite("消法", 48, 1, 6)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.PARTIAL,
            decided_by=Decider.MACHINE,
            amount=Amount.MISSING_VALUE,
            liable=Side.SELLER,
            payer=Side.SELLER,
            remedies=(Remedy.DIFFERENCE, Remedy.MAKE_UP),
            step=PAY,
        ),
    ),
    Clause(
        id="defect.by_record",
        layer=Layer.DEFECT,
        when=every(
            ref("delivery.done"),
            no(Shown(ALL_HAD)),
            some(
                ref("redemption.used_before_reveal"),
                every(SHORT_VALUE, no(By("defects.actual_value_fen", (Source.STAFF,)))),  # the number is proof enough
                every(reason_in((ReasonCode.INCORRECT_AMOUNT,)), SHORT_VALUE),
                *(
                    every(
                        yes(path),
                        no(By(path, (Source.STAFF,))),
                        no(Shown(ref("redemption.used_by_buyer"))),
                        no(Shown(every(In("redemption.log_holder", (Side.PLATFORM,)), WITHHELD_HERE))),
                    )
                    for path in _HAD_BY_ANOTHER
                ),
                *(
                    every(yes(path), no(By(path, (Source.STAFF,))))
                    for path in DEFECT_PATHS
                    if path not in _HAD_BY_ANOTHER
                ),
            ),
        ),
        cites=(*QUALITY, Cite("电商法", 62), Cite("民事证据规定", 95)),
        burden=Side.BUYER,
        effect=_granted(Decider.MACHINE),
    ),
    Clause(
        id="defect.foreign_use",
        layer=Layer.DEFECT,
        when=every(
            ref("delivery.done"),
            ref("redemption.used_by_other"),
            no(In("redemption.log_holder", (Side.PLATFORM,))),
        ),
        cites=(Cite("电商法", 62), Cite("民事证据规定", 95), Cite("民法典", 612)),
        burden=Side.SELLER,
        effect=_granted(Decider.MACHINE),
    ),
    Clause(
        id="defect.foreign_use_here",
        layer=Layer.DEFECT,
        when=every(
            ref("delivery.done"),
            some(ref("redemption.used_by_other"), WITHHELD_HERE),
            In("redemption.log_holder", (Side.PLATFORM,)),
        ),
        cites=(Cite("电商法", 62), Cite("民事证据规定", 95), Cite("电商法", 31)),
        burden=Side.PLATFORM,
        effect=_granted(Decider.MACHINE, Side.PLATFORM),
    ),
    Clause(
        id="defect.harm_done",
        layer=Layer.DEFECT,
        when=some(
            yes("defects.recovered"),
            yes("defects.harmful_method"),
        ),
        cites=(
            Cite("民法典", 577),
            Cite("民法典", 584),
            Cite("民法典", 585, 1),
            Cite("民法典", 615),
            Cite("民法典", 929, 1),
            Cite("合同编通则解释", 65, 2),
        ),
        burden=Side.BUYER,
        effect=ALL_BACK,
    ),
    Clause(
        id="defect.fraud",
        layer=Layer.DEFECT,
        when=every(ref("defect.deceit"), no(Shown(ref("defect.short_value_used")))),
        cites=(Cite("消法", 55, 1), Cite("民法典", 148), Cite("民法典", 157)),
        burden=Side.BUYER,
        effect=Effect(
            outcome=Outcome.FULL,
            decided_by=Decider.HUMAN,
            amount=Amount.ALL,
            liable=Side.SELLER,
            payer=Side.SELLER,
            remedies=(Remedy.REFUND,),
            step=PAY,
        ),
    ),
    Clause(
        id="defect.two_years_over",
        layer=Layer.DEFECT,
        when=every(
            ref("defect.claimed"),
            reason_in(QUALITY_REASONS),
            after(Val("claim.requested_at"), Plus(Val("delivery.delivered_at"), Const(TWO_YEARS))),
            no(Shown(ref("defect.deceit"))),
        ),
        cites=(Cite("民法典", 621, 2), Cite("民法典", 621, 3)),
        burden=Side.BUYER,
        effect=REFUSED,
    ),
    Clause(
        id="defect.rest_worthless",
        layer=Layer.DEFECT,
        when=every(
            ref("delivery.done"),
            no(Shown(ref("redemption.used"))),
            after(Val("order.bad_units"), Const(0)),
            some(
                Shown(yes("defects.purpose_defeated")),
                Compare(
                    Times(Val("order.bad_units"), Const(1000)),
                    ">=",
                    Times(Val("order.units_in_order"), Param("rest_worthless")),
                ),
            ),
        ),
        cites=(Cite("民法典", 632), Cite("民法典", 563, 1, 4)),
        burden=Side.BUYER,
        effect=Effect(
            outcome=Outcome.FULL,
            decided_by=Decider.SELLER,
            amount=Amount.RETURNED,
            liable=Side.SELLER,
            payer=Side.SELLER,
            remedies=(Remedy.REFUND,),
            step=ASK_SELLER,
        ),
    ),
    Clause(
        id="defect.cut_short",
        layer=Layer.DEFECT,
        when=every(
            PART_LEFT,
            some(
                Shown(Stands("measure.ended_by", PRINCIPAL_FAULT)),
                Shown(yes("measure.benefit_cut")),
                every(ref("delivery.overdue"), no(Shown(Stands("measure.ended_by", (Side.BUYER,))))),
                every(  # what is missing is the fault itself, unless the seller shows that the buyer ended it
                    ref("delivery.done"),
                    reason_in((ReasonCode.UNFINISHED,)),
                    no(Shown(Stands("measure.ended_by", (Side.BUYER,)))),
                ),
            ),
        ),
        cites=(
            Cite("民法典", 566, 1),
            Cite("民法典", 577),
            Cite("民法典", 582),
            Cite("预付消费解释", 12),
            Cite("预付消费解释", 15, 1),
            Cite("预付消费解释", 18, 1, 1),
            Cite("预付消费解释", 22, 2),
            Cite("平台规则办法", 32),
        ),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.PARTIAL,
            decided_by=Decider.MACHINE,
            amount=Amount.REMAINDER,
            liable=Side.SELLER,
            payer=Side.SELLER,
            remedies=(Remedy.DIFFERENCE, Remedy.CONTINUE),
            step=PAY,
        ),
    ),
    Clause(
        id="defect.renewal_unnoticed",
        layer=Layer.DEFECT,
        when=every(
            reason_in((ReasonCode.UNDISCLOSED_RENEWAL,)),
            some(no(yes("terms.renewal_noticed")), no(yes("terms.renewal_stoppable"))),
            no(Shown(USED)),
        ),
        cites=(Cite("网络交易办法", 18), Cite("消法实施条例", 10, 2), Cite("消法", 9, 1)),
        burden=Side.SELLER,
        effect=_granted(Decider.MACHINE),
    ),
    Clause(
        id="defect.renewal_noticed",
        layer=Layer.DEFECT,
        when=every(
            reason_in((ReasonCode.UNDISCLOSED_RENEWAL,)),
            yes("terms.renewal_noticed"),
            yes("terms.renewal_stoppable"),
        ),
        cites=(Cite("网络交易办法", 18), Cite("消法实施条例", 10, 2)),
        burden=Side.SELLER,
        effect=REFUSED,
    ),
    Clause(
        id="defect.risk_passed",
        layer=Layer.DEFECT,
        when=every(
            ref("delivery.done"),
            reason_in((ReasonCode.SERVICE_STOPPED,)),
            yes("defects.issuer_shutdown"),
        ),
        cites=(Cite("民法典", 604),),
        burden=Side.BUYER,
        effect=Effect(
            outcome=Outcome.NONE,
            decided_by=Decider.MACHINE,
            amount=Amount.NOTHING,
            liable=Side.ISSUER,
            payer=Side.OUTSIDE,
            step=NO_STEP,
        ),
    ),
    Clause(
        id="defect.by_staff",
        layer=Layer.DEFECT,
        when=every(
            ref("delivery.done"),
            no(Shown(ALL_HAD)),
            some(
                every(SHORT_VALUE, By("defects.actual_value_fen", (Source.STAFF,))),
                *(every(yes(path), By(path, (Source.STAFF,))) for path in DEFECT_PATHS),
            ),
        ),
        cites=(*QUALITY, Cite("电商法", 63)),
        burden=Side.BUYER,
        effect=_granted(Decider.HUMAN),
    ),
    Clause(
        id="defect.remedy_chosen",
        layer=Layer.DEFECT,
        when=every(
            In("claim.wants", NOT_MONEY),
            no(Shown(ref("defect.deceit"))),
            no(Shown(ref("defect.harm_done"))),
            some(
                ref("defect.cut_short"),
                ref("defect.short_value_used"),
                ref("defect.by_record"),
                ref("defect.by_staff"),
            ),
        ),
        cites=(Cite("消法", 52), Cite("民法典", 582), Cite("民法典", 577)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.FULL,
            decided_by=Decider.SELLER,
            amount=Amount.INSTEAD,
            liable=Side.SELLER,
            payer=Side.SELLER,
            remedies=(*CHOICES, Remedy.CONTINUE),
            step=ASK_SELLER,
        ),
    ),
    Clause(
        id="defect.rebutted",
        layer=Layer.DEFECT,
        when=every(
            ref("defect.claimed"),
            some(
                *(every(reason_in((reason,)), no(yes(path))) for reason, path in DEFECT_OF.items()),
                every(reason_in((*KEY_REASONS, *MISSING_REASONS)), ref("redemption.used_by_buyer")),
                every(
                    reason_in((ReasonCode.INCORRECT_AMOUNT,)),
                    Compare(Val("defects.actual_value_fen"), ">=", Val("goods.face_value_fen")),
                ),
            ),
        ),
        cites=(Cite("民诉解释", 90), Cite("民诉解释", 108, 2)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.NONE,
            decided_by=Decider.MACHINE,
            amount=Amount.NOTHING,
            step=NO_STEP,
        ),
    ),
    Clause(
        id="defect.all_had",
        layer=Layer.DEFECT,
        when=every(ALL_HAD, reason_in((ReasonCode.SERVICE_STOPPED, ReasonCode.UNFINISHED))),
        cites=(Cite("民法典", 566, 1),),
        burden=Side.SELLER,
        effect=REFUSED,
    ),
    Clause(
        id="defect.unproven",
        layer=Layer.DEFECT,
        when=every(
            ref("defect.claimed"),
            WEAK_PROOF,
            Given("claim.evidence_asked_at"),
            after(Val("now"), Plus(Val("claim.evidence_asked_at"), Param("buyer_evidence"))),
        ),
        cites=(Cite("民事证据规定", 90, 1, 4), Cite("民诉解释", 90, 2)),
        burden=Side.BUYER,
        effect=REFUSED,
    ),
    Clause(
        id="defect.more_proof",
        layer=Layer.DEFECT,
        when=every(ref("defect.claimed"), WEAK_PROOF),
        cites=(Cite("民事证据规定", 90, 1, 4), Cite("平台规则办法", 21)),
        burden=Side.BUYER,
        effect=Effect(
            outcome=Outcome.NEED_EVIDENCE,
            decided_by=Decider.MACHINE,
            amount=Amount.UP_TO_ALL,
            remedies=CHOICES,
            step=ASK_BUYER,
        ),
    ),
    Clause(
        id="defect.open",
        layer=Layer.DEFECT,
        when=ref("defect.claimed"),
        cites=(*QUALITY, Cite("平台规则办法", 21)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.REVIEW,
            decided_by=Decider.SELLER,
            amount=Amount.UP_TO_ALL,
            liable=Side.SELLER,
            payer=Side.SELLER,
            remedies=CHOICES,
            step=ASK_SELLER,
        ),
    ),
)
