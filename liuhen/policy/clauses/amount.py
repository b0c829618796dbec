"""Layer 10: how much, and the way it goes. These clauses bound every decision and decide none."""

from liuhen.policy.clauses.amounts import CAPTURED, PAID_BACK
from liuhen.policy.clauses.clause import Clause, Layer
from liuhen.policy.clauses.make import after, at_most, every, flag, some
from liuhen.policy.decision import Cite
from liuhen.policy.expr import Choose, Given, In, Most, Val
from liuhen.policy.facts.channel import PaidFrom
from liuhen.policy.facts.standing import Side

# Before coupons, where one was used: a part that is asked for counts against it.
_PRICE = Most((CAPTURED, Choose(Given("order.list_price_fen"), Val("order.list_price_fen"), CAPTURED)))

CLAUSES = (
    Clause(
        id="amount.within_captured",
        layer=Layer.AMOUNT,
        when=at_most(PAID_BACK, CAPTURED),
        cites=(Cite("消法实施条例", 18, 2),),
        burden=Side.PLATFORM,
    ),
    Clause(
        id="amount.no_fee",
        layer=Layer.AMOUNT,
        when=every(),
        cites=(Cite("消法", 24, 2), Cite("消法实施条例", 18, 2)),
        burden=Side.PLATFORM,
    ),
    Clause(
        id="amount.asked_above",
        layer=Layer.AMOUNT,
        when=every(Given("claim.asked_fen"), after(Val("claim.asked_fen"), _PRICE)),
        cites=(Cite("民法典", 584),),
        burden=Side.BUYER,
    ),
    Clause(
        id="amount.to_balance",
        layer=Layer.AMOUNT,
        when=some(In("channel.paid_from", (PaidFrom.BALANCE,)), flag("channel.balance_chosen")),
        cites=(Cite("七日退货办法", 14, 1), Cite("七日退货办法", 14, 3)),
        burden=Side.PLATFORM,
    ),
    Clause(
        id="amount.of_paid",
        layer=Layer.AMOUNT,
        when=every(Given("order.list_price_fen"), after(Val("order.list_price_fen"), CAPTURED)),
        cites=(Cite("七日退货办法", 15), Cite("七日退货办法", 17, 1)),
        burden=Side.PLATFORM,
    ),
    Clause(
        id="amount.promotion",
        layer=Layer.AMOUNT,
        when=every(Given("order.rest_price_fen"), Given("order.total_paid_fen")),
        cites=(Cite("七日退货办法", 17, 1), Cite("七日退货办法", 17, 2)),
        burden=Side.SELLER,
    ),
)
