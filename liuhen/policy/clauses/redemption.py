"""Layer 4: is the seal whole, was it used, by whom. Records outrank words: issuer, then platform log, then parties."""

from liuhen.policy.clauses.clause import Clause, Layer
from liuhen.policy.clauses.make import NOT_SEALED, SEALED, USED, every, no, ref, some
from liuhen.policy.decision import Cite
from liuhen.policy.expr import Compare, Given, Shown, Stands, Val
from liuhen.policy.facts.redemption import UsedBy, UseState
from liuhen.policy.facts.standing import Side

BURDEN = (Cite("电商法", 62), Cite("民事证据规定", 94, 1), Cite("民事证据规定", 95))

CLAUSES = (
    Clause(
        id="redemption.sealed",
        layer=Layer.REDEMPTION,
        when=SEALED,
        cites=(Cite("民事证据规定", 94, 1, 3),),
        burden=Side.PLATFORM,
    ),
    Clause(
        id="redemption.unused",
        layer=Layer.REDEMPTION,
        when=Stands("redemption.use", (UseState.UNUSED,)),
        cites=BURDEN,
        burden=Side.SELLER,
    ),
    Clause(
        id="redemption.used",
        layer=Layer.REDEMPTION,
        when=USED,
        cites=BURDEN,
        burden=Side.SELLER,
    ),
    Clause(
        id="redemption.used_by_buyer",
        layer=Layer.REDEMPTION,
        when=every(
            ref("redemption.used"),
            Stands("redemption.used_by", (UsedBy.BUYER_SIDE,)),
            NOT_SEALED,
            no(Shown(Compare(Val("redemption.first_used_at"), "<", Val("redemption.revealed_at")))),
        ),
        cites=(Cite("民诉解释", 91), Cite("民法典", 604)),
        burden=Side.SELLER,
    ),
    Clause(
        id="redemption.used_before_reveal",
        layer=Layer.REDEMPTION,
        when=every(
            ref("redemption.used"),
            some(
                SEALED,
                every(
                    Given("redemption.revealed_at"),
                    Compare(Val("redemption.first_used_at"), "<", Val("redemption.revealed_at")),
                ),
            ),
        ),
        cites=(Cite("民法典", 577), Cite("民法典", 612)),
        burden=Side.BUYER,
    ),
    Clause(
        id="redemption.used_by_other",
        layer=Layer.REDEMPTION,
        when=every(ref("redemption.used"), Stands("redemption.used_by", (UsedBy.OTHER,))),
        cites=(*BURDEN, Cite("民法典", 612)),
        burden=Side.SELLER,
    ),
)
