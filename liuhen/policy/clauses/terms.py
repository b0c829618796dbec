"""Layer 7: which terms became part of the contract. A term never lowers what the law gives."""

from liuhen.policy.clauses.clause import Clause, Layer
from liuhen.policy.clauses.make import after, every, flag, no
from liuhen.policy.decision import Cite
from liuhen.policy.expr import Given, Plus, Shown, Val
from liuhen.policy.facts.standing import Side

CLAUSES = (
    Clause(
        id="terms.exclusion_binds",
        layer=Layer.TERMS,
        when=every(
            flag("terms.exclusion.stated"),
            flag("terms.exclusion.shown"),
            Given("terms.exclusion.confirmed_at"),
            no(flag("terms.exclusion.preticked")),
            no(Shown(after(Val("terms.exclusion.confirmed_at"), Val("order.paid_at")))),  # at the purchase, not later
        ),
        cites=(
            Cite("消法", 25, 2),
            Cite("消法实施条例", 19, 2),
            Cite("七日退货办法", 7, 1, 2),
            Cite("七日退货办法", 20, 2),
        ),
        burden=Side.SELLER,
    ),
    Clause(
        id="terms.window_over",
        layer=Layer.TERMS,
        when=every(
            Given("terms.window_seconds"),
            flag("terms.window_shown"),
            Given("delivery.delivered_at"),
            after(Val("claim.requested_at"), Plus(Val("delivery.delivered_at"), Val("terms.window_seconds"))),
        ),
        cites=(
            Cite("民法典", 496, 2),
            Cite("民法典", 497),
            Cite("民法典", 622, 1),
            Cite("网络消费规定", 1, 1, 1),
        ),
        burden=Side.SELLER,
    ),
    Clause(
        id="terms.receipt_no_waiver",
        layer=Layer.TERMS,
        when=Given("order.receipt_confirmed_at"),
        cites=(Cite("网络消费规定", 1, 1, 1), Cite("民法典", 621, 2)),
        burden=Side.SELLER,
    ),
)
