"""A situation that somebody describes at once, as facts for policy: a self-check over the API. No more is known."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from liuhen.catalog.model import Delivery as DeliveryKind
from liuhen.catalog.model import delivery_of
from liuhen.policy.clauses.make import DEFECT_OF
from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.claim import AnswerKind, Claim, Proof, ReasonCode, SellerAnswer
from liuhen.policy.facts.defects import Defects
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import Goods, GoodsKind
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.redemption import Redemption, Seal, UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Source, alleged, established
from liuhen.policy.facts.terms import Exclusion, Terms
from liuhen.policy.rulebook import Rulebook

PRICE_FEN = 100_00
MOST_HOURS = 24 * 366


class Stage(StrEnum):
    """How far the order is. handed: the seller delivered it by hand."""

    WAITING = "waiting"
    SEALED = "sealed"
    REVEALED = "revealed"
    HANDED = "handed"


class Where(StrEnum):
    """Where it was bought. partner: a shop that has agreed to our rules."""

    HERE = "here"
    PARTNER = "partner"
    ELSEWHERE = "elsewhere"


class Seller(StrEnum):
    """What the seller has said. silent: asked, and the time for an answer is over."""

    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    SILENT = "silent"
    REFUSED = "refused"
    AGREED = "agreed"


_ANSWERS = {Seller.REFUSED: AnswerKind.REFUSED, Seller.AGREED: AnswerKind.AGREED}
_SEALS = {Stage.SEALED: Seal.SEALED, Stage.REVEALED: Seal.BROKEN}


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """hours: since delivery, or since the promised time. used: None for not known. agreed: no-reason returns were
    excluded, and the buyer confirmed it when he ordered."""

    kind: GoodsKind
    stage: Stage
    reason: ReasonCode
    hours: int
    used: bool | None = None
    agreed: bool = False
    where: Where = Where.HERE
    paid_fen: int | None = None  # None: an example of 100 yuan
    proof: Proof | None = None
    seller: Seller = Seller.NOT_ASKED


def facts_of(said: Situation, now: datetime, rulebook: Rulebook) -> RefundFacts:
    """Parameters: now, UTC; rulebook, for the time that a seller has. Hours beyond a year count as a year."""
    paid = said.paid_fen if said.paid_fen is not None else PRICE_FEN
    here = said.where is Where.HERE
    then = now - timedelta(hours=min(said.hours, MOST_HOURS))
    delivered = said.stage is not Stage.WAITING
    seal = _SEALS.get(said.stage, Seal.NONE)
    use: Fact[UseState] = Fact()
    if said.used is not None:
        use = established(UseState.USED_UP if said.used else UseState.UNUSED, Source.PLATFORM_LOG)
    confirmed_at = then if said.agreed else None
    return RefundFacts(
        now=now,
        goods=Goods(
            kind=said.kind,
            sealed_delivery=here and (seal is not Seal.NONE or delivery_of(said.kind) is DeliveryKind.AUTO),
            digital_content=said.kind is GoodsKind.SOFTWARE_LICENCE and seal is Seal.BROKEN,
        ),
        order=OrderFacts(placed_at=then, paid_at=then, unit_price_fen=paid),
        claim=Claim(
            reason=said.reason,
            requested_at=now,
            proof=said.proof or Proof.PLAIN,
            seller=_seller(said, now, rulebook),
        ),
        capacity=Capacity(captured_fen=paid),
        delivery=Delivery(promised_at=then, delivered_at=then if delivered else None),
        redemption=Redemption(seal=seal, revealed_at=then if seal is Seal.BROKEN else None, use=use),
        terms=Terms(exclusion=Exclusion(stated=said.agreed, shown=said.agreed, confirmed_at=confirmed_at)),
        defects=_defects(said.reason),
    )


def _seller(said: Situation, now: datetime, rulebook: Rulebook) -> SellerAnswer:
    limit = timedelta(seconds=rulebook.value("seller_answer"))
    asked = None
    if said.seller is not Seller.NOT_ASKED:
        asked = now - (limit + timedelta(hours=1) if said.seller is Seller.SILENT else limit // 2)
    kind = _ANSWERS.get(said.seller, AnswerKind.NONE)
    return SellerAnswer(
        asked_at=asked,
        kind=kind,
        answered_at=now if kind is not AnswerKind.NONE else None,
        silence_agreed=said.where is not Where.ELSEWHERE,
    )


def _defects(reason: ReasonCode) -> Defects:
    """What the asker says is wrong, as a saying."""
    path = DEFECT_OF.get(reason)
    said = {path.split(".")[1]: alleged(True, Source.BUYER)} if path else {}
    return msgspec.structs.replace(Defects(), **said)
