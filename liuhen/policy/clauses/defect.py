"""Layer 5: something is wrong with the unit, and who has shown it. No term and no window stands against this layer."""

from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer, Step
from liuhen.policy.clauses.delivery import PAY
from liuhen.policy.clauses.make import (
    DEFECT_OF,
    DEFECT_PATHS,
    KEY_REASONS,
    PAYABLE_START,
    SERVICES,
    every,
    no,
    reason_in,
    ref,
    some,
    yes,
)
from liuhen.policy.decision import Cite, Decider, Outcome, Remedy, StepKind
from liuhen.policy.expr import By, Compare, Given, In, Shown, Val
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
CHOICES = (Remedy.REFUND, Remedy.REPLACEMENT)
ASK_SELLER = Step(
    kind=StepKind.SELLER_ANSWER,
    actor=Side.SELLER,
    limit="seller_answer",
    starts=PAYABLE_START,
    on_expiry="deemed_approved",
)
_FULL_WRONG = tuple(p for p in DEFECT_PATHS if p != "defects.incorrect_amount")


def _granted(by: Decider) -> Effect:
    return Effect(
        outcome=Outcome.FULL,
        decided_by=by,
        amount=Amount.ALL,
        liable=Side.SELLER,
        payer=Side.SELLER,
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
        id="defect.short_value_used",
        layer=Layer.DEFECT,
        when=every(
            ref("delivery.done"),
            yes("defects.incorrect_amount"),
            some(ref("redemption.used_by_buyer"), In("goods.kind", SERVICES)),
            Given("defects.actual_value_fen.value"),
            Given("goods.face_value_fen"),
            Compare(Val("defects.actual_value_fen"), "<", Val("goods.face_value_fen")),
            no(Shown(some(*(yes(path) for path in _FULL_WRONG)))),
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
            some(
                ref("redemption.used_before_reveal"),
                *(every(yes(path), no(By(path, (Source.STAFF,)))) for path in DEFECT_PATHS),
            ),
        ),
        cites=(*QUALITY, Cite("电商法", 62), Cite("民事证据规定", 95)),
        burden=Side.BUYER,
        effect=_granted(Decider.MACHINE),
    ),
    Clause(
        id="defect.by_staff",
        layer=Layer.DEFECT,
        when=every(
            ref("delivery.done"),
            some(*(every(yes(path), By(path, (Source.STAFF,))) for path in DEFECT_PATHS)),
        ),
        cites=(*QUALITY, Cite("电商法", 63)),
        burden=Side.BUYER,
        effect=_granted(Decider.HUMAN),
    ),
    Clause(
        id="defect.rebutted",
        layer=Layer.DEFECT,
        when=every(
            ref("defect.claimed"),
            some(
                *(every(reason_in((reason,)), no(yes(path))) for reason, path in DEFECT_OF.items()),
                every(reason_in(KEY_REASONS), ref("redemption.used_by_buyer")),
            ),
        ),
        cites=(Cite("民诉解释", 90), Cite("民诉解释", 108, 2)),
        burden=Side.SELLER,
        effect=Effect(
            outcome=Outcome.NONE,
            decided_by=Decider.MACHINE,
            amount=Amount.NOTHING,
            step=Step(kind=StepKind.NONE),
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
