"""Layer 2: is there money to pay back, is the matter still open, may the buyer bind himself."""

from liuhen.policy.clauses.amounts import CAPTURED, PAID_BACK
from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer
from liuhen.policy.clauses.make import USED, after, every, flag, no, reason_in, ref, some, yes
from liuhen.policy.clauses.steps import HUMAN_STEP, NO_STEP, PAY
from liuhen.policy.decision import Cite, Decider, Outcome
from liuhen.policy.expr import Compare, Const, Expr, Given, Param, Plus, Shown, Stands, Val
from liuhen.policy.facts.claim import ReasonCode, Remedy
from liuhen.policy.facts.standing import Side

ADULT = 18  # years (民法典 17, 18)
CAPABLE_IN_PART = 8  # years; below it nothing that a child does binds (民法典 19, 20)
VOID = (Cite("民法典", 145, 1), Cite("民法典", 157), Cite("总则编解释", 5), Cite("预付消费解释", 10))
PRESUMED = (Cite("电商法", 48, 2), Cite("民诉解释", 91))
PAID = after(CAPTURED, Const(0))


def _refuse(outcome: Outcome = Outcome.NONE) -> Effect:
    return Effect(outcome=outcome, decided_by=Decider.MACHINE, amount=Amount.NOTHING, step=NO_STEP)


def _platform_pays(amount: Amount) -> Effect:
    return Effect(
        outcome=Outcome.FULL,
        decided_by=Decider.MACHINE,
        amount=amount,
        liable=Side.PLATFORM,
        payer=Side.PLATFORM,
        remedies=(Remedy.REFUND,),
        step=PAY,
    )


def _by_hand(outcome: Outcome, amount: Amount) -> Effect:
    return Effect(
        outcome=outcome,
        decided_by=Decider.HUMAN,
        amount=amount,
        payer=Side.SELLER,
        remedies=(Remedy.REFUND,),
        step=HUMAN_STEP,
    )


def _aged(below: int) -> Expr:
    return Compare(Val("parties.buyer_age"), "<", Const(below))


# Whoever relies on the age says so: against other reasons it is never held.
_CLAIMED = reason_in((ReasonCode.MINOR,))
_USED = Shown(USED)
_NOT_SUITED = every(no(Shown(yes("parties.fits_age"))), no(Shown(yes("parties.guardian_consented"))))

MONEY = (
    Clause(
        id="capacity.nothing_captured",
        layer=Layer.CAPACITY,
        when=no(PAID),
        cites=(Cite("民法典", 985),),
        effect=_refuse(),
    ),
    Clause(
        id="capacity.paid_outside",
        layer=Layer.CAPACITY,
        when=every(
            no(PAID),
            after(Val("capacity.paid_outside_fen"), Const(0)),
            yes("channel.led_outside"),
        ),
        cites=(Cite("网络消费规定", 5), Cite("民法典", 577), Cite("消法", 44, 2), Cite("电商法", 38, 1)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.FULL,
            decided_by=Decider.HUMAN,
            amount=Amount.NOTHING,
            liable=Side.SELLER,
            payer=Side.OUTSIDE,
            step=HUMAN_STEP,
        ),
    ),
    Clause(
        id="capacity.already_refunded",
        layer=Layer.CAPACITY,
        when=every(PAID, Compare(PAID_BACK, ">=", CAPTURED)),
        cites=(Cite("消法实施条例", 18, 2),),
        effect=_refuse(),
    ),
    Clause(
        id="capacity.other_case",
        layer=Layer.CAPACITY,
        when=flag("capacity.other_case_open"),
        cites=(Cite("电商法", 63),),
        effect=_refuse(Outcome.BLOCK),
    ),
    Clause(
        id="capacity.charged_twice",
        layer=Layer.CAPACITY,
        when=every(reason_in((ReasonCode.DUPLICATE_CHARGE,)), after(Val("capacity.duplicate_captured_fen"), Const(0))),
        cites=(Cite("民法典", 985), Cite("电商法", 55, 2)),
        burden=Side.PLATFORM,
        effect=_platform_pays(Amount.DUPLICATE),
    ),
    Clause(
        id="capacity.no_order",
        layer=Layer.CAPACITY,
        when=every(
            PAID,
            no(reason_in((ReasonCode.DUPLICATE_CHARGE,))),
            some(
                no(Given("order.placed_at")),
                # it never reached the order that stands
                every(no(Given("order.paid_at")), reason_in((ReasonCode.PLATFORM_FAILURE,))),
            ),
        ),
        cites=(Cite("民法典", 577), Cite("民法典", 590, 1), Cite("民法典", 985), Cite("电商法", 30, 1)),
        burden=Side.PLATFORM,
        effect=_platform_pays(Amount.ALL),
    ),
    Clause(
        id="capacity.overcharged",
        layer=Layer.CAPACITY,
        when=every(
            reason_in((ReasonCode.OVERCHARGED,)),
            Given("order.shown_price_fen"),
            after(CAPTURED, Val("order.shown_price_fen")),
        ),
        cites=(Cite("价格法", 41), Cite("明码标价规定", 20, 1, 1)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.PARTIAL,
            decided_by=Decider.MACHINE,
            amount=Amount.OVERCHARGE,
            liable=Side.SELLER,
            payer=Side.SELLER,
            remedies=(Remedy.DIFFERENCE,),
            step=PAY,
        ),
    ),
    Clause(
        id="capacity.not_overcharged",
        layer=Layer.CAPACITY,
        when=every(
            reason_in((ReasonCode.OVERCHARGED,)),
            Given("order.shown_price_fen"),
            no(after(CAPTURED, Val("order.shown_price_fen"))),
        ),
        cites=(Cite("价格法", 41), Cite("民诉解释", 90)),
        burden=Side.BUYER,
        effect=_refuse(),
    ),
    Clause(
        id="capacity.settled",
        layer=Layer.CAPACITY,
        when=every(yes("history.settled"), no(Shown(yes("history.settled_by_fraud")))),
        cites=(Cite("民法典", 465, 2), Cite("民法典", 509, 1)),
        burden=Side.SELLER,
        effect=_refuse(),
    ),
)

SELLERS = (
    Clause(
        id="capacity.seller_is_platform",
        layer=Layer.CAPACITY,
        when=flag("parties.seller_is_platform"),
        cites=(Cite("电商法", 37), Cite("网络消费规定", 4)),
        burden=Side.PLATFORM,
    ),
    Clause(
        id="capacity.seller_unknown",
        layer=Layer.CAPACITY,
        when=no(flag("parties.seller_identified")),
        cites=(Cite("消法", 44, 1), Cite("电商法", 58, 2)),
        burden=Side.PLATFORM,
    ),
)

MINORS = (
    Clause(
        id="capacity.minor_proven",
        layer=Layer.CAPACITY,
        when=every(_CLAIMED, yes("parties.minor_acted"), _aged(ADULT)),
        cites=VOID,
        burden=Side.BUYER,
    ),
    Clause(
        id="capacity.minor_void",
        layer=Layer.CAPACITY,
        when=every(ref("capacity.minor_proven"), _aged(CAPABLE_IN_PART), no(Shown(yes("parties.guardian_at_fault")))),
        cites=(Cite("民法典", 20), Cite("民法典", 144), Cite("民法典", 157), Cite("预付消费解释", 10)),
        burden=Side.BUYER,
        effect=_by_hand(Outcome.FULL, Amount.ALL),
    ),
    Clause(
        id="capacity.minor_bound",
        layer=Layer.CAPACITY,
        when=every(
            ref("capacity.minor_proven"),
            no(_aged(CAPABLE_IN_PART)),
            some(yes("parties.guardian_consented"), yes("parties.fits_age")),
        ),
        cites=(Cite("民法典", 145, 1), Cite("总则编解释", 5)),
        burden=Side.SELLER,
        effect=_refuse(),
    ),
    Clause(
        id="capacity.minor_unused",
        layer=Layer.CAPACITY,
        when=every(ref("capacity.minor_proven"), no(_aged(CAPABLE_IN_PART)), _NOT_SUITED, no(_USED)),
        cites=VOID,
        burden=Side.BUYER,
        effect=_by_hand(Outcome.REVIEW, Amount.RETURNED),
    ),
    Clause(
        id="capacity.minor_used",
        layer=Layer.CAPACITY,
        when=every(ref("capacity.minor_proven"), no(_aged(CAPABLE_IN_PART)), _NOT_SUITED, _USED),
        cites=VOID,
        burden=Side.BUYER,
        effect=_by_hand(Outcome.REVIEW, Amount.MINOR_USED),
    ),
    Clause(
        id="capacity.minor_unproven",
        layer=Layer.CAPACITY,
        when=every(
            _CLAIMED,
            some(
                Stands("parties.minor_acted", (False,)),
                Shown(no(_aged(ADULT))),
                every(
                    no(Shown(yes("parties.minor_acted"))),
                    Given("claim.evidence_asked_at"),
                    after(Val("now"), Plus(Val("claim.evidence_asked_at"), Param("buyer_evidence"))),
                ),
            ),
        ),
        cites=PRESUMED,
        burden=Side.BUYER,
        effect=_refuse(),
    ),
    Clause(
        id="capacity.minor",
        layer=Layer.CAPACITY,
        when=_CLAIMED,
        cites=(Cite("民法典", 144), Cite("民法典", 145, 1), Cite("民法典", 157), Cite("电商法", 48, 2)),
        burden=Side.BUYER,
        effect=Effect(outcome=Outcome.REVIEW, decided_by=Decider.HUMAN, amount=Amount.UP_TO_ALL, step=HUMAN_STEP),
    ),
)

CLAUSES = (*MONEY, *SELLERS, *MINORS)
