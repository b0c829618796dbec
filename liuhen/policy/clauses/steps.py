"""The next steps that several layers share."""

from liuhen.policy.clauses.clause import Step
from liuhen.policy.decision import StepKind
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
