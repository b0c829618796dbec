"""What the law gives, as a small table over facts alone, written apart from the clauses and never from a term.

Each right says when it exists and what a decision must give at the least. A seller's terms and promises, a product's
flags and the rulebook's values are not looked at, except the two settings that mark where the law is disputed and a
promise that the law makes binding. What ends a right (a person's ruling, an agreement of both sides) stands in `when`.
"""

from enum import StrEnum
from typing import NamedTuple

from liuhen.policy.clauses import amounts
from liuhen.policy.clauses.amounts import FORMULAS
from liuhen.policy.clauses.clause import Amount
from liuhen.policy.clauses.make import after, at_most, every, flag, no, reason_in, some, yes
from liuhen.policy.decision import Cite
from liuhen.policy.expr import (
    By,
    Choose,
    Compare,
    Const,
    Expr,
    Given,
    In,
    Least,
    Minus,
    Most,
    Param,
    Plus,
    Says,
    Shown,
    Stands,
    Term,
    Val,
)
from liuhen.policy.facts.claim import AnswerKind, OpenedBy, Proof, ReasonCode, Remedy, Ruling
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.redemption import Seal, UsedBy, UseState
from liuhen.policy.facts.standing import Side, Source

DAY = 86_400


class Give(StrEnum):
    """How a right is kept."""

    AT_LEAST = "at least"  # the lower end of the decision is no less
    OPEN = "up to"  # somebody may still grant it: the upper end is no less, and no machine has refused
    HUMAN = "a person decides"  # no machine has the last word


class Right(NamedTuple):
    """One right. due: fen, at the least."""

    name: str
    when: Expr
    give: Give
    due: Term
    cites: tuple[Cite, ...]


LEFT = Most(
    (
        Minus(Val("capacity.captured_fen"), Plus(Val("capacity.refunded_fen"), Val("capacity.in_flight_fen"))),
        Const(0),
    )
)
MONEY_ONLY = (ReasonCode.DUPLICATE_CHARGE, ReasonCode.OVERCHARGED)  # asks for too much paid, not to undo the purchase
NO_REASON = (ReasonCode.CHANGE_OF_MIND, ReasonCode.WRONG_PURCHASE)
WRONG = tuple(
    f"defects.{name}"
    for name in (
        "invalid_key", "duplicate_key", "already_redeemed", "wrong_region", "not_as_described", "short_validity",
        "not_credited", "defective", "recovered",
    )
)  # fmt: skip
KEY_WRONG = (ReasonCode.INVALID_KEY, ReasonCode.DUPLICATE_KEY, ReasonCode.ALREADY_REDEEMED)
# The reasons that say something is wrong, with the fact that answers them.
SAID_OF = {
    ReasonCode.INVALID_KEY: "invalid_key", ReasonCode.DUPLICATE_KEY: "duplicate_key",
    ReasonCode.ALREADY_REDEEMED: "already_redeemed", ReasonCode.INCORRECT_AMOUNT: "incorrect_amount",
    ReasonCode.WRONG_REGION: "wrong_region", ReasonCode.NOT_AS_DESCRIBED: "not_as_described",
    ReasonCode.SHORT_VALIDITY: "short_validity", ReasonCode.DEFECTIVE: "defective",
}  # fmt: skip

# Nothing can be done by a machine: a crime to stop, a trade the law forbids, another case about the same thing.
STOPPED = some(Shown(yes("goods.forbidden")), Shown(yes("channel.fee_demanded")), flag("capacity.other_case_open"))
UNDO = every(no(STOPPED), no(reason_in(MONEY_ONLY)))
# Both sides settled it and carried it out (民法典 465), and not by fraud (148).
SETTLED = every(Shown(yes("history.settled")), no(Shown(yes("history.settled_by_fraud"))))
# A person has spoken: the seller agreed to what was asked, or a reviewer ruled (电商法 63).
PEOPLE = some(In("claim.seller.kind", (AnswerKind.AGREED,)), Shown(Stands("claim.ruling", tuple(Ruling))))
# Who asks for a person is judged by one; what that person must give stands in the last right.
HELD = every(UNDO, no(SETTLED), no(PEOPLE), no(flag("claim.wants_human")))
DELIVERED = every(Given("delivery.delivered_at"), at_most(Val("delivery.delivered_at"), Val("claim.requested_at")))
USED = Shown(Stands("redemption.use", (UseState.PARTLY_USED, UseState.USED_UP)))
COUNTED = every(
    Given("measure.total"),
    after(Val("measure.total"), Const(0)),
    Compare(Val("measure.had"), ">=", Const(0)),
    at_most(Val("measure.had"), Val("measure.total")),
)
PART_LEFT = Shown(every(COUNTED, Compare(Val("measure.had"), "<", Val("measure.total"))))
ALL_HAD = Shown(every(COUNTED, Compare(Val("measure.had"), ">=", Val("measure.total"))))
SHORT = Shown(
    every(
        no(Shown(Stands("defects.incorrect_amount", (False,)))),
        Given("goods.face_value_fen"),
        Compare(Val("defects.actual_value_fen"), "<", Val("goods.face_value_fen")),
    )
)
WHOLE_VALUE = Shown(Compare(Val("defects.actual_value_fen"), ">=", Val("goods.face_value_fen")))
SERVICE = In("goods.kind", (GoodsKind.DIRECT_TOP_UP, GoodsKind.VIRTUAL_COIN, GoodsKind.BOOSTING_SERVICE))
USED_BY_BUYER = every(
    USED,
    Shown(Stands("redemption.used_by", (UsedBy.BUYER_SIDE,))),
    no(Shown(Compare(Val("redemption.first_used_at"), "<", Val("redemption.revealed_at")))),
)
USED_BEFORE = Shown(
    every(
        USED,
        some(
            In("redemption.seal", (Seal.SEALED,)),
            Compare(Val("redemption.first_used_at"), "<", Val("redemption.revealed_at")),
        ),
    )
)
# Quality is complained of within two years, deceit apart (民法典 621(2), (3)).
IN_TIME = some(
    at_most(Val("claim.requested_at"), Plus(Val("delivery.delivered_at"), Const(730 * DAY))),
    every(
        yes("defects.fraud"),
        By("defects.fraud", (Source.STAFF,)),
        no(Shown(Stands("parties.buyer_is_consumer", (False,)))),
    ),
)
# How much each amount comes to is arithmetic and stands in amounts.py; which of them is due is said here. All of them
# are no more than what was asked for, where a sum was named.
ALL, RETURNED, MISSING_VALUE, REMAINDER = (
    FORMULAS[name][1] for name in (Amount.ALL, Amount.RETURNED, Amount.MISSING_VALUE, Amount.REMAINDER)
)
DUE = Least((amounts.DUE, ALL))
# A key that others had too harms nobody who has used it himself (民法典 612 wants a right that is lost).
HARMLESS = ("defects.duplicate_key", "defects.already_redeemed")
ALL_WRONG = some(*(every(yes(path), no(USED_BY_BUYER)) if path in HARMLESS else yes(path) for path in WRONG))
PROVEN = some(ALL_WRONG, yes("defects.incorrect_amount"), SHORT)
BY_CHOICE = every(SHORT, In("claim.wants", (Remedy.DIFFERENCE, Remedy.MAKE_UP)))
# What the buyer keeps in good order stays paid: the days he had (566), the value he used up or chose to keep (582).
BEGUN = Shown(every(COUNTED, after(Val("measure.had"), Const(0))))
CREDITED = Shown(
    every(
        SERVICE,
        Given("goods.face_value_fen"),
        after(Val("defects.actual_value_fen"), Const(0)),
        Compare(Val("defects.actual_value_fen"), "<", Val("goods.face_value_fen")),
    )
)
KEPT_SHORT = some(
    BY_CHOICE,
    every(SHORT, ALL_HAD),
    every(CREDITED, no(DELIVERED)),
    every(some(every(SHORT, some(USED, SERVICE)), CREDITED), no(Shown(ALL_WRONG))),
)
FOR_NOTHING = Choose(KEPT_SHORT, Least((MISSING_VALUE, RETURNED)), RETURNED)
FOR_WRONG = Choose(KEPT_SHORT, MISSING_VALUE, DUE)
# What only the platform's own log could show, and it shows nothing: a person at the platform answers (电商法 62).
KEPT_BACK_HERE = every(
    In("redemption.log_holder", (Side.PLATFORM,)),
    Shown(yes("defects.already_redeemed")),
    By("defects.already_redeemed", (Source.BUYER,)),
)


def _past(moment: str, seconds: int) -> Expr:
    """That moment lies after the promise, the longest grace that the law bears, and what the buyer chose to wait."""
    return every(
        Given("delivery.promised_at"),
        after(Val(moment), Plus(Val("delivery.promised_at"), Const(seconds))),
        some(no(Given("delivery.buyer_waits_until")), after(Val(moment), Val("delivery.buyer_waits_until"))),
    )


def _late(seconds: int) -> Expr:
    return some(
        every(no(Given("delivery.delivered_at")), _past("now", seconds)),
        every(Given("delivery.delivered_at"), _past("delivery.delivered_at", seconds)),
    )


def _aged(below: int) -> Expr:
    return Shown(Compare(Val("parties.buyer_age"), "<", Const(below)))


MINOR = every(HELD, reason_in((ReasonCode.MINOR,)), Shown(yes("parties.minor_acted")))
QUALITY = (Cite("消法", 24, 1), Cite("消法", 26, 2), Cite("民法典", 582), Cite("民法典", 615))

RIGHTS: tuple[Right, ...] = (
    Right(
        "what was sealed and never came in time goes back whole",
        every(UNDO, no(DELIVERED), no(some(BEGUN, CREDITED)), flag("goods.sealed_delivery"), _late(DAY)),
        Give.AT_LEAST,
        ALL,
        (Cite("电商法", 20), Cite("民法典", 563, 1, 3), Cite("民法典", 563, 1, 4)),
    ),
    Right(
        "what was promised by hand and never came in time goes back whole",
        every(UNDO, no(DELIVERED), no(some(BEGUN, CREDITED)), no(flag("goods.sealed_delivery")), _late(3 * DAY)),
        Give.AT_LEAST,
        ALL,
        (Cite("电商法", 20), Cite("民法典", 563, 1, 3), Cite("民法典", 563, 1, 4)),
    ),
    Right(
        "before delivery, and before the work is begun, the buyer may cancel",
        every(
            UNDO,
            no(DELIVERED),
            no(Says("delivery.started", (True,))),
            no(some(BEGUN, CREDITED)),
            In("claim.opened_by", (OpenedBy.BUYER, OpenedBy.STAFF)),
        ),
        Give.AT_LEAST,
        ALL,
        (Cite("民法典", 787), Cite("民法典", 933)),
    ),
    Right(
        "what came after the day it was needed for, and was not used, goes back whole",
        every(
            UNDO,
            Given("delivery.delivered_at"),
            Shown(after(Val("delivery.delivered_at"), Val("delivery.needed_by"))),
            no(USED),
        ),
        Give.AT_LEAST,
        ALL,
        (Cite("民法典", 563, 1, 4),),
    ),
    Right(
        "a proven defect is paid for: all, the rest, or the missing value",
        every(
            HELD,
            DELIVERED,
            no(ALL_HAD),
            IN_TIME,
            no(KEPT_BACK_HERE),
            Shown(PROVEN),
        ),
        Give.AT_LEAST,
        FOR_WRONG,
        QUALITY,
    ),
    Right(
        "a service whose seller did harm is paid back",
        every(HELD, Shown(some(yes("defects.recovered"), yes("defects.harmful_method")))),
        Give.AT_LEAST,
        ALL,
        (Cite("民法典", 577), Cite("民法典", 615), Cite("民法典", 929, 1)),
    ),
    Right(
        "what somebody else used, or used before the buyer could, is paid back",
        every(
            HELD,
            DELIVERED,
            no(ALL_HAD),
            IN_TIME,
            some(USED_BEFORE, every(USED, Shown(Stands("redemption.used_by", (UsedBy.OTHER,))))),
        ),
        Give.AT_LEAST,
        FOR_WRONG,
        (Cite("民法典", 612), Cite("电商法", 62), Cite("民事证据规定", 95)),
    ),
    Right(
        "the rest that the seller will not deliver is paid back",
        every(HELD, IN_TIME, PART_LEFT, Shown(Stands("measure.ended_by", (Side.SELLER, Side.PLATFORM, Side.ISSUER)))),
        Give.AT_LEAST,
        FOR_WRONG,
        (Cite("民法典", 566, 1), Cite("预付消费解释", 22, 2)),
    ),
    Right(
        "fraud that a reviewer found undoes the contract",
        every(
            HELD,
            Shown(yes("defects.fraud")),
            By("defects.fraud", (Source.STAFF,)),  # beyond reasonable doubt (民事证据规定 86)
            no(Shown(Stands("parties.buyer_is_consumer", (False,)))),
        ),
        Give.AT_LEAST,
        FOR_WRONG,
        (Cite("民法典", 148), Cite("消法", 55, 1)),
    ),
    Right(
        "what was captured twice goes back",
        every(
            no(STOPPED),
            reason_in((ReasonCode.DUPLICATE_CHARGE,)),
            after(Val("capacity.duplicate_captured_fen"), Const(0)),
        ),
        Give.AT_LEAST,
        Least((ALL, Val("capacity.duplicate_captured_fen"))),
        (Cite("民法典", 985), Cite("电商法", 55, 2)),
    ),
    Right(
        "money without an order goes back",
        every(no(STOPPED), no(Given("order.placed_at")), no(reason_in((ReasonCode.DUPLICATE_CHARGE,)))),
        Give.AT_LEAST,
        ALL,
        (Cite("民法典", 985),),
    ),
    Right(
        "more than the price that was shown goes back",
        every(
            no(STOPPED),
            reason_in((ReasonCode.OVERCHARGED,)),
            Given("order.shown_price_fen"),
            after(Val("capacity.captured_fen"), Val("order.shown_price_fen")),
        ),
        Give.AT_LEAST,
        Least((ALL, Minus(Val("capacity.captured_fen"), Val("order.shown_price_fen")))),
        (Cite("价格法", 41), Cite("明码标价规定", 20, 1, 1)),
    ),
    Right(
        "what may not be sold to this buyer goes back",
        every(UNDO, Shown(yes("goods.barred_to_buyer"))),
        Give.AT_LEAST,
        ALL,
        (Cite("民法典", 153, 1), Cite("民法典", 157)),
    ),
    Right(
        "a renewal without notice, or that could not be stopped, is paid back while it is unused",
        every(
            HELD,
            reason_in((ReasonCode.UNDISCLOSED_RENEWAL,)),
            Shown(some(Stands("terms.renewal_noticed", (False,)), Stands("terms.renewal_stoppable", (False,)))),
            no(USED),
        ),
        Give.AT_LEAST,
        FOR_WRONG,
        (Cite("网络交易办法", 18), Cite("消法实施条例", 10, 2)),
    ),
    Right(
        "what a child under eight bought is open in full to a person",
        every(MINOR, _aged(8), no(Shown(yes("parties.guardian_at_fault")))),
        Give.OPEN,
        FOR_WRONG,
        (Cite("民法典", 20), Cite("民法典", 144), Cite("民法典", 157)),
    ),
    Right(
        "what a minor bought beyond his understanding is open to a person",
        every(
            MINOR,
            _aged(18),
            no(_aged(8)),
            no(Shown(yes("parties.fits_age"))),
            no(Shown(yes("parties.guardian_consented"))),
        ),
        Give.OPEN,
        FOR_WRONG,
        (Cite("民法典", 145, 1), Cite("民法典", 157)),
    ),
    Right(
        "within seven days, sealed and without a confirmed exclusion, it is at least put to the seller",
        every(
            HELD,
            DELIVERED,
            reason_in(NO_REASON),
            no(Shown(Stands("parties.buyer_is_consumer", (False,)))),
            In("redemption.seal", (Seal.SEALED,)),
            at_most(Val("claim.requested_at"), Plus(Val("delivery.delivered_at"), Const(7 * DAY))),
            some(
                no(flag("terms.exclusion.stated")),
                no(flag("terms.exclusion.shown")),
                no(Given("terms.exclusion.confirmed_at")),
                flag("terms.exclusion.preticked"),
            ),
            no(Shown(yes("goods.made_to_order"))),
            Compare(Param("sealed_unconfirmed_refund"), "==", Const(1)),  # 〔议〕
        ),
        Give.OPEN,
        FOR_NOTHING,
        (Cite("消法", 25, 1), Cite("消法实施条例", 19, 2), Cite("七日退货办法", 20, 2)),
    ),
    Right(
        "a promised window for what is sealed is kept",
        every(
            HELD,
            DELIVERED,
            In("redemption.seal", (Seal.SEALED,)),
            Given("promises.sealed_window_seconds"),
            at_most(
                Val("claim.requested_at"), Plus(Val("delivery.delivered_at"), Val("promises.sealed_window_seconds"))
            ),
            reason_in(NO_REASON),
        ),
        Give.OPEN,
        FOR_NOTHING,
        (Cite("消法实施条例", 12), Cite("网络消费规定", 2), Cite("消法", 16, 2)),
    ),
    Right(
        "a promised window for what is revealed and unused is kept",
        every(
            HELD,
            DELIVERED,
            In("redemption.seal", (Seal.BROKEN,)),
            no(USED),
            Given("promises.revealed_window_seconds"),
            at_most(
                Val("claim.requested_at"), Plus(Val("delivery.delivered_at"), Val("promises.revealed_window_seconds"))
            ),
            reason_in(NO_REASON),
        ),
        Give.OPEN,
        FOR_NOTHING,
        (Cite("消法实施条例", 12), Cite("网络消费规定", 2), Cite("消法", 16, 2)),
    ),
    Right(
        "a defect that is said, shown in part and not refuted is at least put to the seller or a person",
        every(
            HELD,
            DELIVERED,
            IN_TIME,
            In("claim.proof", (Proof.PLAIN, Proof.RECORDING)),
            some(
                *(
                    every(reason_in((reason,)), no(Shown(Stands(f"defects.{name}", (False,)))))
                    for reason, name in SAID_OF.items()
                )
            ),
            no(every(reason_in(KEY_WRONG), USED_BY_BUYER)),
            no(every(reason_in((ReasonCode.INCORRECT_AMOUNT,)), WHOLE_VALUE)),
        ),
        Give.OPEN,
        FOR_WRONG,
        (Cite("消法", 24, 1), Cite("电商法", 63), Cite("平台规则办法", 21)),
    ),
    Right(
        "who asks for a person gets one, unless all that is asked goes back",
        every(UNDO, flag("claim.wants_human"), after(LEFT, Const(0))),
        Give.HUMAN,
        Choose(BY_CHOICE, Least((MISSING_VALUE, RETURNED)), RETURNED),
        (Cite("个保法", 24, 3), Cite("平台规则办法", 19, 2)),
    ),
)
