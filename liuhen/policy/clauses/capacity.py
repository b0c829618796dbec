"""Layer 2: is there money to pay back, is the matter still open, may the buyer bind himself."""

from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer, Step
from liuhen.policy.clauses.make import after, every, flag, no, reason_in, some, yes
from liuhen.policy.decision import Cite, Decider, Outcome, StepKind
from liuhen.policy.expr import Compare, Const, Given, Plus, Shown, Val
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.standing import Side

ADULT = 18  # years (民法典 17, 18)


def _refuse(outcome: Outcome = Outcome.NONE) -> Effect:
    return Effect(outcome=outcome, decided_by=Decider.MACHINE, amount=Amount.NOTHING, step=Step(kind=StepKind.NONE))


HUMAN_STEP = Step(kind=StepKind.HUMAN_REVIEW, actor=Side.PLATFORM, limit="review_days", on_expiry="escalate_to_admin")
PAID_BACK = Plus(Val("capacity.refunded_fen"), Val("capacity.in_flight_fen"))

CLAUSES = (
    Clause(
        id="capacity.nothing_captured",
        layer=Layer.CAPACITY,
        when=no(after(Val("capacity.captured_fen"), Const(0))),
        cites=(Cite("民法典", 985),),
        effect=_refuse(),
    ),
    Clause(
        id="capacity.already_refunded",
        layer=Layer.CAPACITY,
        when=every(
            after(Val("capacity.captured_fen"), Const(0)),
            Compare(PAID_BACK, ">=", Val("capacity.captured_fen")),
        ),
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
        id="capacity.settled",
        layer=Layer.CAPACITY,
        when=yes("history.settled"),
        cites=(Cite("民法典", 465, 2), Cite("民法典", 509, 1)),
        burden=Side.SELLER,
        effect=_refuse(),
    ),
    Clause(
        id="capacity.minor",
        layer=Layer.CAPACITY,
        when=some(
            reason_in((ReasonCode.MINOR,)),
            Shown(every(Given("parties.buyer_age.value"), no(after(Val("parties.buyer_age"), Const(ADULT - 1))))),
        ),
        cites=(Cite("民法典", 144), Cite("民法典", 145, 1), Cite("民法典", 157), Cite("电商法", 48, 2)),
        burden=Side.BUYER,
        effect=Effect(outcome=Outcome.REVIEW, decided_by=Decider.HUMAN, amount=Amount.UP_TO_ALL, step=HUMAN_STEP),
    ),
)
