"""Layer 1: may this be traded at all."""

from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer, Step
from liuhen.policy.clauses.make import yes
from liuhen.policy.decision import Cite, Decider, Outcome, StepKind
from liuhen.policy.facts.standing import Side

CLAUSES = (
    Clause(
        id="goods.forbidden",
        layer=Layer.LAWFUL,
        when=yes("goods.forbidden"),
        cites=(Cite("电商法", 13), Cite("民法典", 153, 1), Cite("民法典", 157)),
        burden=Side.PLATFORM,
        effect=Effect(
            outcome=Outcome.BLOCK,
            decided_by=Decider.HUMAN,
            amount=Amount.NOTHING,
            liable=Side.SELLER,
            step=Step(
                kind=StepKind.HUMAN_REVIEW,
                actor=Side.PLATFORM,
                limit="review_days",
                on_expiry="escalate_to_admin",
            ),
        ),
    ),
)
