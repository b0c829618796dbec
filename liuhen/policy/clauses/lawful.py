"""Layer 1: may this be traded at all."""

from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer
from liuhen.policy.clauses.make import yes
from liuhen.policy.clauses.steps import ALL_BACK, HUMAN_STEP
from liuhen.policy.decision import Cite, Decider, Outcome
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
            step=HUMAN_STEP,
        ),
    ),
    Clause(
        id="goods.fee_scam",
        layer=Layer.LAWFUL,
        when=yes("channel.fee_demanded"),
        cites=(Cite("反诈法", 25, 2), Cite("反诈法", 30, 1)),
        burden=Side.PLATFORM,
        effect=Effect(
            outcome=Outcome.BLOCK,
            decided_by=Decider.HUMAN,
            amount=Amount.NOTHING,
            liable=Side.OUTSIDE,
            step=HUMAN_STEP,
        ),
    ),
    Clause(
        id="goods.barred",
        layer=Layer.LAWFUL,
        when=yes("goods.barred_to_buyer"),
        cites=(Cite("未网条例", 46, 2), Cite("民法典", 153, 1), Cite("民法典", 157)),
        burden=Side.SELLER,
        effect=ALL_BACK,
    ),
)
