"""Whom a disputed fact serves: which value of which fact its bringer hopes to prove, complete over the schema.

`low` never falls when what serves the buyer is better proven, `high` never rises when what serves the seller is.
"""

from typing import NamedTuple

from liuhen.policy.clauses.make import every, no, some
from liuhen.policy.expr import Compare, Const, Expr, Given, In, Val
from liuhen.policy.facts.redemption import Seal, UsedBy, UseState
from liuhen.policy.facts.standing import Side


class Serves(NamedTuple):
    """Of one fact: when what is said serves the buyer, and when the seller. Neither: `why` says so."""

    buyer: Expr
    seller: Expr
    why: str


NEVER = some()
ALWAYS = every()


def _yes(path: str, why: str) -> tuple[str, Serves]:
    """A yes serves the buyer, a no the seller."""
    said = f"{path}.value"
    return path, Serves(In(said, (True,)), In(said, (False,)), why)


def _no(path: str, why: str) -> tuple[str, Serves]:
    """A no serves the buyer, a yes the seller."""
    said = f"{path}.value"
    return path, Serves(In(said, (False,)), In(said, (True,)), why)


def _nobody(path: str, why: str) -> tuple[str, Serves]:
    return path, Serves(NEVER, NEVER, why)


def _wrong(name: str) -> tuple[str, Serves]:
    return _yes(f"defects.{name}", "a defect is a ground for money back")


_USED = (UseState.PARTLY_USED, UseState.USED_UP)
_BEFORE = Compare(Val("redemption.first_used_at.value"), "<", Val("redemption.revealed_at"))
_SEALED = In("redemption.seal", (Seal.SEALED,))
_BY_OTHER = In("redemption.used_by.value", (UsedBy.OTHER,))
_CAUSED = (Side.SELLER, Side.PLATFORM, Side.ISSUER)

SERVES: dict[str, Serves] = dict(
    (
        _nobody("goods.forbidden", "stops the trade for both sides until a person has looked"),
        _yes("goods.barred_to_buyer", "the contract is void, the price goes back"),
        _no("goods.made_to_order", "what was made for one buyer has no no-reason return (消法 25(1))"),
        _nobody("order.price_error", "the seller wants out of the contract, and then the price goes back (民法典 147)"),
        ("claim.loss_fen", Serves(ALWAYS, NEVER, "a loss beyond the price is asked for by the buyer")),
        _nobody("claim.ruling", "a reviewer's finding is a decision, not evidence: it is never merely said"),
        _yes("parties.buyer_is_consumer", "consumer law protects whoever is one"),
        (
            "parties.buyer_age",
            Serves(
                Compare(Val("parties.buyer_age.value"), "<", Const(18)),
                Compare(Val("parties.buyer_age.value"), ">=", Const(18)),
                "under eighteen a contract may not bind (民法典 17 to 20)",
            ),
        ),
        _yes("parties.minor_acted", "an adult's purchase binds, a minor's may not"),
        _no("parties.fits_age", "what suits the age binds (民法典 145)"),
        _no("parties.guardian_consented", "consent makes it bind (民法典 145)"),
        _no("parties.guardian_at_fault", "the guardian bears a part (民法典 157)"),
        ("delivery.needed_by", Serves(ALWAYS, NEVER, "too late for its purpose: the buyer may withdraw (民法典 563)")),
        _no("delivery.started", "work that is begun is owed for (民法典 787)"),
        (
            "redemption.use",
            Serves(
                In("redemption.use.value", (UseState.UNUSED,)),
                every(
                    In("redemption.use.value", _USED),
                    no(_SEALED),
                    no(every(Given("redemption.used_by.value"), _BY_OTHER)),
                    no(every(Given("redemption.first_used_at.value"), Given("redemption.revealed_at"), _BEFORE)),
                ),
                "use after the buyer could serves the seller; earlier use, or another's, is a defect and no defence",
            ),
        ),
        (
            "redemption.used_by",
            Serves(
                In("redemption.used_by.value", (UsedBy.OTHER,)),
                In("redemption.used_by.value", (UsedBy.BUYER_SIDE,)),
                "who used it: the buyer's side, or somebody else",
            ),
        ),
        (
            "redemption.first_used_at",
            Serves(
                _BEFORE,
                Compare(Val("redemption.first_used_at.value"), ">=", Val("redemption.revealed_at")),
                "before the buyer could see it, or after",
            ),
        ),
        ("redemption.used_permille", Serves(NEVER, ALWAYS, "what was used up is kept by the seller")),
        _yes("redemption.voided", "a void key harms nobody when it goes back"),
        _nobody("measure.had", "a count narrows the range from both ends: the rest becomes certain"),
        (
            "measure.ended_by",
            Serves(
                In("measure.ended_by.value", _CAUSED),
                In("measure.ended_by.value", (Side.BUYER, Side.OUTSIDE, Side.NOBODY)),
                "whose doing it is that the rest will not come",
            ),
        ),
        _yes("measure.benefit_cut", "what was cut by the other side alone is owed"),
        ("measure.seller_loss_fen", Serves(NEVER, ALWAYS, "what the seller lost is taken off (民法典 787)")),
        _no("terms.renewal_noticed", "notice before a renewal binds the buyer to it"),
        _no("terms.renewal_stoppable", "who could stop it and did not is bound"),
        *(
            _wrong(name)
            for name in (
                "invalid_key", "duplicate_key", "already_redeemed", "wrong_region",
                "not_as_described", "short_validity", "not_credited", "defective", "recovered", "harmful_method",
                "purpose_defeated",
            )
        ),
        (
            "defects.incorrect_amount",
            Serves(
                every(In("defects.incorrect_amount.value", (True,)), no(Given("defects.actual_value_fen.value"))),
                every(In("defects.incorrect_amount.value", (False,)), no(Given("defects.actual_value_fen.value"))),
                "a defect; with a number beside it a measure of the part that is missing, which serves both",
            ),
        ),
        _nobody("defects.actual_value_fen", "a measure: it turns what may be all or nothing into the missing part"),
        _no("defects.issuer_shutdown", "after delivery the risk is the buyer's (民法典 604)"),
        _yes("defects.fraud", "fraud undoes the contract (民法典 148)"),
        _no("history.settled", "what both sides settled is over (民法典 465)"),
        _yes("history.settled_by_fraud", "a settlement won by fraud does not bind (民法典 148)"),
        _yes("channel.led_outside", "the seller answers for what was paid outside (网络消费规定 5)"),
        _nobody("channel.fee_demanded", "a fraud by somebody else: everything stops until a person has looked"),
    )
)  # fmt: skip
