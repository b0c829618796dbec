"""What follows besides the money, again as expressions: remedies, orders to flows, claims only a person may judge."""

from liuhen.policy.clauses.amounts import CAPTURED
from liuhen.policy.clauses.make import (
    DEFECT_PATHS,
    HUMAN_REASONS,
    PART_HAD,
    PART_LEFT,
    PRINCIPAL_FAULT,
    SEALED,
    SERVICES,
    every,
    flag,
    no,
    reason_in,
    ref,
    some,
    yes,
)
from liuhen.policy.decision import Order
from liuhen.policy.expr import Const, Expr, Given, In, Most, Says, Shown, Stands, Term, Times, Val
from liuhen.policy.facts.claim import ReasonCode, Remedy
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.redemption import Seal

_SPOILT = Shown(some(ref("redemption.used"), *(yes(path) for path in DEFECT_PATHS)))
_SHORT = Says("defects.incorrect_amount", (True,))
_PART_DUE = some(Shown(ref("defect.cut_short")), Shown(ref("defect.remedy_chosen")))
_WRONG = some(
    ref("defect.claimed"),
    Shown(ref("defect.by_record")),
    Shown(ref("defect.by_staff")),
    Shown(ref("defect.foreign_use")),
)
_MADE = some(Shown(yes("goods.made_to_order")), In("goods.kind", (GoodsKind.CUSTOM_VOUCHER,)))

# Of the remedies that a ground opens, those that make sense for this thing.
REMEDIES: tuple[tuple[Remedy, Expr], ...] = (
    (Remedy.REFUND, no(every(Shown(PART_LEFT), _PART_DUE))),
    (Remedy.DIFFERENCE, some(_SHORT, reason_in(HUMAN_REASONS), Shown(PART_HAD))),
    (Remedy.CONTINUE, some(Shown(PART_LEFT), no(ref("delivery.done")))),
    (
        Remedy.REPLACEMENT,
        every(
            _WRONG,
            no(_MADE),
            no(In("goods.kind", SERVICES)),
            no(Shown(PART_HAD)),
            no(Shown(ref("defect.foreign_use_here"))),  # the platform has no goods
        ),
    ),
    (Remedy.REDO, some(_MADE, In("goods.kind", (GoodsKind.BOOSTING_SERVICE,)))),
    (Remedy.MAKE_UP, _SHORT),
)
# Carried out when a unit is paid back in full, that is, given back. A part keeps the unit with its buyer.
WHEN_GIVEN_BACK: tuple[tuple[Order, Expr], ...] = (
    (Order.RESTOCK, every(ref("delivery.done"), SEALED, no(_SPOILT))),
    (
        Order.VOID_KEY,
        some(
            every(
                ref("delivery.done"),
                flag("goods.sealed_delivery"),
                some(In("redemption.seal", (Seal.BROKEN,)), every(SEALED, _SPOILT)),
            ),
            every(no(ref("delivery.done")), Given("delivery.delivered_at")),  # sent after it was cancelled
        ),
    ),
    (Order.REFUSE_LATE_DELIVERY, no(ref("delivery.done"))),
    (Order.CANCEL_WORK, every(no(ref("delivery.done")), no(flag("goods.sealed_delivery")))),
)
# Whatever the outcome.
ALWAYS: tuple[tuple[Order, Expr], ...] = (
    (Order.DELIST, some(Shown(ref("goods.forbidden")), Shown(ref("goods.barred")))),
    (
        Order.SANCTION_CANDIDATE,
        some(
            Shown(ref("goods.forbidden")),
            Shown(ref("goods.barred")),
            Shown(yes("defects.duplicate_key")),
            Shown(yes("defects.recovered")),
            Shown(yes("channel.led_outside")),
            Shown(yes("defects.fraud")),
        ),
    ),
)
# Money that no machine pays, and how much where that can be worked out. 消法 55(1): three times, at least 500 yuan.
_THREEFOLD = Most((Times(CAPTURED, Const(3)), Const(50_000)))
CLAIMS: tuple[tuple[str, Expr, Term | None], ...] = (
    (
        "punitive_damages",
        every(
            some(reason_in((ReasonCode.FRAUD_ALLEGED,)), Says("defects.fraud", (True,))),
            no(Shown(no(yes("defects.fraud")))),
            no(Shown(no(yes("parties.buyer_is_consumer")))),
        ),
        _THREEFOLD,
    ),
    ("contract_penalty", some(reason_in((ReasonCode.RECOVERED_BY_SELLER,)), Shown(yes("defects.recovered"))), None),
    (
        "proven_loss",
        some(
            ref("amount.asked_above"),
            Shown(yes("defects.harmful_method")),
            Given("claim.loss_fen.value"),
            Shown(Stands("measure.ended_by", PRINCIPAL_FAULT)),
        ),
        Val("claim.loss_fen"),
    ),
    ("interest", Shown(Stands("measure.ended_by", PRINCIPAL_FAULT)), None),
)
