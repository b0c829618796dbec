"""Layer 9: who has answered, who owes an answer, and what a person has ruled."""

from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer
from liuhen.policy.clauses.defect import CHOICES, WEAK_PROOF
from liuhen.policy.clauses.make import HUMAN_REASONS, after, every, flag, no, reason_in, ref, some
from liuhen.policy.clauses.steps import HUMAN_STEP, NO_STEP, PAY
from liuhen.policy.decision import Cite, Decider, Outcome
from liuhen.policy.expr import Compare, Expr, Given, In, Param, Plus, Shown, Stands, Term, Val
from liuhen.policy.facts.claim import AnswerKind, Proof, Remedy, Ruling
from liuhen.policy.facts.standing import Side

AGREED_SILENCE = (Cite("民法典", 140, 2), Cite("平台规则办法", 27, 1, 1))
# Once a person has asked the buyer for better proof in vain, the seller's answer sends the case to nobody again.
_NOT_LAPSED = no(Shown(ref("defect.unproven")))
HUMAN = (Cite("个保法", 24, 3), Cite("平台规则办法", 19, 2))


def _late(moment: Term) -> Compare:
    """That moment lies after the time the seller had."""
    return after(moment, Plus(Val("claim.seller.asked_at"), Param("seller_answer")))


def _review(*remedies: Remedy) -> Effect:
    return Effect(
        outcome=Outcome.REVIEW,
        decided_by=Decider.HUMAN,
        amount=Amount.UP_TO_ALL,
        payer=Side.SELLER,
        step=HUMAN_STEP,
        remedies=remedies,
    )


def _paid(outcome: Outcome, by: Decider, amount: Amount) -> Effect:
    return Effect(
        outcome=outcome,
        decided_by=by,
        amount=amount,
        liable=Side.SELLER,
        payer=Side.SELLER,
        remedies=(Remedy.REFUND,),
        step=PAY,
    )


def _ruled(ruling: Ruling, effect: Effect, *more: Expr) -> Clause:
    return Clause(
        id=f"ruling.{ruling.value}",
        layer=Layer.PROCEDURE,
        when=every(Stands("claim.ruling", (ruling,)), *more),
        cites=(Cite("电商法", 63), Cite("平台规则办法", 19, 2)),
        burden=Side.PLATFORM,
        effect=effect,
    )


CLAUSES = (
    Clause(
        id="seller.agreed",
        layer=Layer.PROCEDURE,
        when=In("claim.seller.kind", (AnswerKind.AGREED,)),
        cites=(Cite("民法典", 562, 1), Cite("民法典", 140, 1)),
        burden=Side.BUYER,
        effect=_paid(Outcome.FULL, Decider.SELLER, Amount.ASKED),
    ),
    _ruled(Ruling.GRANTED, _paid(Outcome.FULL, Decider.HUMAN, Amount.ASKED)),
    _ruled(
        Ruling.PARTLY,
        _paid(Outcome.PARTIAL, Decider.HUMAN, Amount.RULED),
        Given("claim.ruled_fen"),
    ),
    _ruled(
        Ruling.REFUSED,
        Effect(
            outcome=Outcome.NONE,
            decided_by=Decider.HUMAN,
            amount=Amount.NOTHING,
            step=NO_STEP,
        ),
    ),
    Clause(
        id="seller.silent",
        layer=Layer.PROCEDURE,
        when=every(
            Given("claim.seller.asked_at"),
            some(
                every(In("claim.seller.kind", (AnswerKind.NONE,)), _late(Val("now"))),
                every(
                    In("claim.seller.kind", (AnswerKind.REFUSED,)),
                    Shown(_late(Val("claim.seller.answered_at"))),
                ),
            ),
        ),
        cites=AGREED_SILENCE,
        burden=Side.SELLER,
    ),
    Clause(
        id="seller.deemed_approved",
        layer=Layer.PROCEDURE,
        when=every(
            ref("seller.silent"),
            flag("claim.seller.silence_agreed"),
            no(Shown(ref("defect.rebutted"))),
            no(Shown(ref("ruling.refused"))),
            no(WEAK_PROOF),
        ),
        cites=AGREED_SILENCE,
        burden=Side.SELLER,
        effect=_paid(Outcome.FULL, Decider.MACHINE, Amount.ASKED),
    ),
    Clause(
        id="seller.unrebutted",
        layer=Layer.PROCEDURE,
        when=every(
            ref("seller.silent"),
            ref("defect.claimed"),
            In("claim.proof", (Proof.RECORDING,)),
            no(Shown(ref("defect.rebutted"))),
        ),
        cites=(Cite("民诉解释", 108, 1), Cite("民事证据规定", 95), Cite("电商法", 62)),
        burden=Side.SELLER,
        effect=_paid(Outcome.FULL, Decider.MACHINE, Amount.CHOSEN),
    ),
    Clause(
        id="procedure.human_asked",
        layer=Layer.PROCEDURE,
        when=flag("claim.wants_human"),
        cites=HUMAN,
        burden=Side.PLATFORM,
        effect=_review(*CHOICES),
    ),
    Clause(
        id="procedure.human_refused",
        layer=Layer.PROCEDURE,
        when=every(
            flag("claim.wants_human"),
            some(
                Shown(ref("capacity.settled")),
                Shown(ref("no_reason.promotion_lost")),
                Shown(ref("defect.two_years_over")),
            ),
        ),
        cites=HUMAN,
        burden=Side.PLATFORM,
        effect=_review(Remedy.REFUND),
    ),
    Clause(
        id="procedure.human_part",
        layer=Layer.PROCEDURE,
        when=every(
            flag("claim.wants_human"),
            some(
                Shown(ref("defect.short_value_used")),
                every(
                    Shown(ref("defect.cut_short")),
                    no(
                        Shown(some(*(ref(f"defect.{name}") for name in ("by_record", "by_staff", "renewal_unnoticed"))))
                    ),
                ),
            ),
        ),
        cites=HUMAN,
        burden=Side.PLATFORM,
        effect=Effect(
            outcome=Outcome.REVIEW,
            decided_by=Decider.HUMAN,
            amount=Amount.SURE_TO_ALL,
            liable=Side.SELLER,
            payer=Side.SELLER,
            remedies=CHOICES,
            step=HUMAN_STEP,
        ),
    ),
    Clause(
        id="procedure.human_reason",
        layer=Layer.PROCEDURE,
        when=reason_in(HUMAN_REASONS),
        cites=(Cite("民法典", 985), Cite("电商法", 55, 2), Cite("民法典", 577), Cite("消法", 55, 1)),
        burden=Side.PLATFORM,
        effect=Effect(
            outcome=Outcome.REVIEW,
            decided_by=Decider.HUMAN,
            amount=Amount.UP_TO_ALL,
            remedies=(Remedy.REFUND, Remedy.DIFFERENCE),
            step=HUMAN_STEP,
        ),
    ),
    Clause(
        id="seller.refused",
        layer=Layer.PROCEDURE,
        when=every(In("claim.seller.kind", (AnswerKind.REFUSED,)), no(ref("seller.silent")), _NOT_LAPSED),
        cites=(Cite("电商法", 63), Cite("平台规则办法", 19, 2)),
        burden=Side.SELLER,
        effect=_review(*CHOICES),
    ),
    Clause(
        id="seller.silent_unagreed",
        layer=Layer.PROCEDURE,
        when=every(ref("seller.silent"), no(flag("claim.seller.silence_agreed")), _NOT_LAPSED),
        cites=AGREED_SILENCE,
        burden=Side.SELLER,
        effect=_review(*CHOICES),
    ),
    Clause(
        id="procedure.human_else",
        layer=Layer.PROCEDURE,
        when=every(),
        cites=HUMAN,
        burden=Side.PLATFORM,
        effect=_review(),
    ),
)
