"""Layer 6: what platform, seller or product promised beyond the law. A promise only adds."""

from liuhen.policy.clauses.clause import Amount, Clause, Effect, Layer
from liuhen.policy.clauses.defect import WEAK_PROOF
from liuhen.policy.clauses.make import (
    KEEPS_UNIT,
    after,
    every,
    flag,
    no,
    reason_in,
    ref,
    within,
)
from liuhen.policy.clauses.steps import ASK_SELLER, PAY
from liuhen.policy.decision import Cite, Decider, Outcome
from liuhen.policy.expr import Expr, Given, In, Param, Plus, Shown, Val
from liuhen.policy.facts.claim import OpenedBy, Remedy
from liuhen.policy.facts.redemption import Seal
from liuhen.policy.facts.standing import Side

PROMISE = (Cite("消法实施条例", 12), Cite("网络消费规定", 2), Cite("消法", 16, 2))
# The buyer's to invoke: a seller cannot take his goods back by them.
_GIVES_BACK = every(no(reason_in(KEEPS_UNIT)), no(In("claim.opened_by", (OpenedBy.SELLER,))))
_REVEALED = In("redemption.seal", (Seal.BROKEN,))


def _full(by: Decider) -> Effect:
    return Effect(
        outcome=Outcome.FULL,
        decided_by=by,
        amount=Amount.RETURNED,
        payer=Side.SELLER,
        remedies=(Remedy.REFUND,),
        step=PAY if by is Decider.MACHINE else ASK_SELLER,
    )


def _promised(path: str) -> Expr:
    return every(Given(path), within("delivery.delivered_at", Val(path)))


CLAUSES = (
    Clause(
        id="promise.instant",
        layer=Layer.PROMISES,
        when=every(
            ref("delivery.done"),
            ref("redemption.sealed"),
            _GIVES_BACK,
            within("delivery.delivered_at", Param("instant_window")),
        ),
        cites=PROMISE,
        burden=Side.PLATFORM,
        effect=_full(Decider.MACHINE),
    ),
    Clause(
        id="promise.sealed_window",
        layer=Layer.PROMISES,
        when=every(
            ref("delivery.done"),
            ref("redemption.sealed"),
            _GIVES_BACK,
            _promised("promises.sealed_window_seconds"),
        ),
        cites=PROMISE,
        burden=Side.SELLER,
        effect=_full(Decider.SELLER),
    ),
    Clause(
        id="promise.revealed_unused",
        layer=Layer.PROMISES,
        when=every(
            ref("delivery.done"),
            _REVEALED,
            _GIVES_BACK,
            _promised("promises.revealed_window_seconds"),
            ref("redemption.unused"),
        ),
        cites=PROMISE,
        burden=Side.SELLER,
        effect=_full(Decider.MACHINE),
    ),
    Clause(
        id="promise.revealed_window",
        layer=Layer.PROMISES,
        when=every(
            ref("delivery.done"),
            _REVEALED,
            _GIVES_BACK,
            _promised("promises.revealed_window_seconds"),
            no(Shown(ref("redemption.used"))),
        ),
        cites=PROMISE,
        burden=Side.SELLER,
        effect=_full(Decider.SELLER),
    ),
    Clause(
        id="promise.advance",
        layer=Layer.PROMISES,
        when=every(
            flag("promises.advance_payment"),
            ref("defect.claimed"),
            no(WEAK_PROOF),
            no(Shown(ref("defect.rebutted"))),
            after(Val("now"), Plus(Val("claim.requested_at"), Param("advance_payment"))),
        ),
        cites=(Cite("消法", 44, 1), Cite("消法实施条例", 12), Cite("电商法", 58, 2)),
        burden=Side.PLATFORM,
        effect=Effect(
            outcome=Outcome.FULL,
            decided_by=Decider.MACHINE,
            amount=Amount.CHOSEN,
            liable=Side.SELLER,
            payer=Side.PLATFORM,
            remedies=(Remedy.REFUND,),
            step=PAY,
        ),
    ),
)
