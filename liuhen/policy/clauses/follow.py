"""What follows besides the money, again as expressions: orders to flows, and claims that only a person may judge."""

from liuhen.policy.clauses.make import DEFECT_PATHS, SEALED, every, flag, no, reason_in, ref, some, yes
from liuhen.policy.decision import Order
from liuhen.policy.expr import Expr, In, Says, Shown
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.redemption import Seal

_SPOILT = Shown(some(ref("redemption.used"), *(yes(path) for path in DEFECT_PATHS)))

# Carried out when a unit is paid back in full, that is, given back. A part keeps the unit with its buyer.
WHEN_GIVEN_BACK: tuple[tuple[Order, Expr], ...] = (
    (Order.RESTOCK, every(ref("delivery.done"), SEALED, no(_SPOILT))),
    (
        Order.VOID_KEY,
        every(
            ref("delivery.done"),
            flag("goods.sealed_delivery"),
            some(In("redemption.seal", (Seal.BROKEN,)), every(SEALED, _SPOILT)),
        ),
    ),
    (Order.REFUSE_LATE_DELIVERY, no(ref("delivery.done"))),
    (Order.CANCEL_WORK, every(no(ref("delivery.done")), no(flag("goods.sealed_delivery")))),
)
# Whatever the outcome.
ALWAYS: tuple[tuple[Order, Expr], ...] = (
    (Order.DELIST, ref("goods.forbidden")),
    (
        Order.SANCTION_CANDIDATE,
        some(
            Shown(ref("goods.forbidden")),
            Shown(yes("defects.duplicate_key")),
            Shown(yes("defects.fraud")),
        ),
    ),
)
# Money that no machine pays.
CLAIMS: tuple[tuple[str, Expr], ...] = (
    ("punitive_damages", some(reason_in((ReasonCode.FRAUD_ALLEGED,)), Says("defects.fraud", (True,)))),
    ("contract_penalty", reason_in((ReasonCode.RECOVERED_BY_SELLER,))),
    ("proven_loss", ref("amount.asked_above")),
)
