"""How much: each formula once, as two terms in fen (the lower and the upper end, equal unless it is open)."""

from liuhen.policy.clauses.clause import Amount
from liuhen.policy.clauses.make import NO_REASON, NOT_SEALED, PART_LEFT, every, no, reason_in, yes
from liuhen.policy.expr import (
    Choose,
    Compare,
    Const,
    Given,
    In,
    Least,
    Minus,
    Most,
    Param,
    Plus,
    Share,
    Shown,
    Stands,
    Term,
    Times,
    Val,
)
from liuhen.policy.facts.claim import ReasonCode, Remedy
from liuhen.policy.facts.redemption import UsedBy, UseState

CAPTURED = Val("capacity.captured_fen")
PAID_BACK = Plus(Val("capacity.refunded_fen"), Val("capacity.in_flight_fen"))
NOTHING = Const(0)
WHOLE = Most((Minus(CAPTURED, PAID_BACK), NOTHING))  # captured for this unit, not paid back and not on its way


def _within(*terms: Term) -> Term:
    """No more than is there to pay back, and never less than nothing."""
    return Most((Least((WHOLE, *terms)), NOTHING))


_TOTAL, _HAD = Val("measure.total"), Val("measure.had")
REMAINDER = _within(Share(CAPTURED, Minus(_TOTAL, _HAD), _TOTAL))
_UNSPENT = Minus(Const(1000), Val("redemption.used_permille"))
# Value of a card that the buyer has spent, as far as nobody shows that it was somebody else.
SPENT = every(
    NOT_SEALED,
    Stands("redemption.use", (UseState.PARTLY_USED,)),
    Compare(Val("redemption.used_permille"), ">=", NOTHING),
    no(Shown(Stands("redemption.used_by", (UsedBy.OTHER,)))),
    no(Shown(Compare(Val("redemption.first_used_at"), "<", Val("redemption.revealed_at")))),
)
# What a minor spent is for a person to weigh (民法典 157).
PART_SPENT = every(SPENT, no(reason_in((ReasonCode.MINOR,))))
# What was had in good order stays paid (民法典 566(1)).
_UNHAD = Choose(PART_LEFT, REMAINDER, WHOLE)
DUE = Choose(PART_LEFT, REMAINDER, Choose(PART_SPENT, _within(Share(CAPTURED, _UNSPENT, Const(1000))), WHOLE))
# A part asked for of a price before coupons goes back in the proportion that was really paid (七日退货办法 15).
_OF_LIST = Choose(
    every(
        reason_in(NO_REASON),
        Given("order.list_price_fen"),
        Compare(Val("order.list_price_fen"), ">", CAPTURED),
    ),
    Share(CAPTURED, Val("claim.asked_fen"), Val("order.list_price_fen")),
    Val("claim.asked_fen"),
)


def _claimed(term: Term) -> Term:
    """Nobody gets more than he asked for."""
    return Choose(Given("claim.asked_fen"), _within(term, _OF_LIST), term)


# What the sides agree on or a reviewer grants may go beyond what was had, if so much was asked for.
ASKED = Choose(Given("claim.asked_fen"), _within(_OF_LIST), DUE)
# Of a promotion the rest is settled at the prices of the day of purchase (七日退货办法 17(2)).
PROMOTION = every(reason_in(NO_REASON), Given("order.rest_price_fen"), Given("order.total_paid_fen"))
AFTER_PROMOTION = Minus(Val("order.total_paid_fen"), Val("order.rest_price_fen"))
RETURNED = Choose(PROMOTION, _within(DUE, AFTER_PROMOTION), DUE)
FACE = Val("goods.face_value_fen")
MISSING_VALUE = _within(DUE, Share(CAPTURED, Minus(FACE, Val("defects.actual_value_fen")), FACE))
# Two numbers that are settled are proof enough, unless it is shown that nothing was missing.
SHORT_VALUE = every(
    no(Shown(no(yes("defects.incorrect_amount")))),
    Given("goods.face_value_fen"),
    Compare(Val("defects.actual_value_fen"), "<", FACE),
)
CHOSEN = Choose(every(In("claim.wants", (Remedy.DIFFERENCE,)), SHORT_VALUE), MISSING_VALUE, DUE)
# What comes back if the seller does not do what the buyer chose instead of money.
INSTEAD = Choose(every(In("claim.wants", (Remedy.MAKE_UP,)), SHORT_VALUE), MISSING_VALUE, DUE)
# A loss that the seller has not shown is none.
_LOSS = Choose(Compare(Val("measure.seller_loss_fen"), ">=", NOTHING), Val("measure.seller_loss_fen"), NOTHING)


# Of a minor's purchase what is left goes back whole, and of what was spent at least the share that courts have given.
_LEFT_WHOLE = _within(Share(WHOLE, _UNSPENT, Const(1000)))
_FLOOR = (Param("minor_used_floor"), Const(1000))
MINOR_FLOOR = Choose(
    SPENT,
    _within(Plus(_LEFT_WHOLE, Share(Minus(WHOLE, _LEFT_WHOLE), *_FLOOR))),
    _within(Share(WHOLE, *_FLOOR)),
)


def _exactly(term: Term) -> tuple[Term, Term]:
    return _claimed(term), _claimed(term)


FORMULAS: dict[Amount, tuple[Term, Term]] = {
    Amount.NOTHING: (NOTHING, NOTHING),
    Amount.ALL: _exactly(WHOLE),
    Amount.ASKED: (ASKED, ASKED),
    Amount.RETURNED: _exactly(RETURNED),
    Amount.CHOSEN: _exactly(CHOSEN),
    Amount.INSTEAD: _exactly(INSTEAD),
    Amount.MISSING_VALUE: _exactly(MISSING_VALUE),
    Amount.REMAINDER: _exactly(REMAINDER),
    Amount.REMAINDER_AT_LIST: _exactly(
        Choose(
            Given("measure.list_price_fen"),
            _within(DUE, Minus(CAPTURED, Times(_HAD, Val("measure.list_price_fen")))),
            REMAINDER,  # never sold at another price
        )
    ),
    Amount.REMAINDER_LESS_LOSS: _exactly(_within(RETURNED, Minus(Share(CAPTURED, Minus(_TOTAL, _HAD), _TOTAL), _LOSS))),
    Amount.OVERCHARGE: _exactly(_within(Minus(CAPTURED, Val("order.shown_price_fen")))),
    Amount.DUPLICATE: _exactly(_within(Val("capacity.duplicate_captured_fen"))),
    Amount.RULED: (_within(Val("claim.ruled_fen")), _within(Val("claim.ruled_fen"))),
    Amount.UP_TO_ALL: (NOTHING, _claimed(RETURNED)),
    Amount.SURE_TO_ALL: (_claimed(Choose(SHORT_VALUE, MISSING_VALUE, DUE)), _claimed(WHOLE)),
    Amount.MINOR_USED: (_claimed(_within(MINOR_FLOOR, _UNHAD)), _claimed(_UNHAD)),
}
