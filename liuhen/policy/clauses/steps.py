"""The next steps that several layers share, and two effects that many clauses have."""

from liuhen.policy.clauses.clause import Amount, Effect, Step
from liuhen.policy.decision import Decider, Outcome, StepKind
from liuhen.policy.facts.claim import Remedy
from liuhen.policy.facts.standing import Side

NO_STEP = Step(kind=StepKind.NONE)
PAY = Step(kind=StepKind.PAY, actor=Side.PLATFORM)
HUMAN_STEP = Step(kind=StepKind.HUMAN_REVIEW, actor=Side.PLATFORM, limit="review_days", on_expiry="escalate_to_admin")
ASK_SELLER = Step(
    kind=StepKind.SELLER_ANSWER,
    actor=Side.SELLER,
    limit="seller_answer",
    starts=("claim.seller.asked_at", "claim.requested_at"),  # the clock starts when the seller was asked
    on_expiry="deemed_approved",
)
ASK_BUYER = Step(
    kind=StepKind.BUYER_EVIDENCE,
    actor=Side.BUYER,
    limit="buyer_evidence",
    starts=("claim.evidence_asked_at", "claim.requested_at"),
    on_expiry="case_lapses",
)
ALL_BACK = Effect(  # the seller answers for it, and records alone decide
    outcome=Outcome.FULL,
    decided_by=Decider.MACHINE,
    amount=Amount.ALL,
    liable=Side.SELLER,
    payer=Side.SELLER,
    remedies=(Remedy.REFUND,),
    step=PAY,
)
REFUSED = Effect(outcome=Outcome.NONE, decided_by=Decider.MACHINE, amount=Amount.NOTHING, step=NO_STEP)
