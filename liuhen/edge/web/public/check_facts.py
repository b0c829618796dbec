"""From what somebody says in the self-check to facts for policy. Nothing is known there but what is said."""

from datetime import datetime, timedelta

import msgspec

from liuhen.catalog.model import Delivery as DeliveryKind
from liuhen.catalog.model import delivery_of
from liuhen.policy.clauses.make import DEFECT_OF
from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.claim import Claim, ReasonCode, SellerAnswer
from liuhen.policy.facts.defects import Defects
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import Goods, GoodsKind
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.redemption import Redemption, Seal, UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Source, alleged, established
from liuhen.policy.facts.terms import Exclusion, Terms

PRICE_FEN = 100_00
MOST_HOURS = 24 * 366


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


STAGES: tuple[tuple[str, str], ...] = (
    ("waiting", _("付了款，还没送到")),
    ("sealed", _("送到了，密封没拆")),
    ("revealed", _("已经拆封，看过内容")),
    ("handed", _("卖家手工交付了")),
)
_SEALS = {"sealed": Seal.SEALED, "revealed": Seal.BROKEN}
_USES = {"unused": UseState.UNUSED, "used": UseState.USED_UP}


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """As typed. hours: since delivery, or since the promised time. use: unused, used, or "" for not known."""

    kind: str
    stage: str
    reason: str
    hours: str
    use: str
    agreed: bool


def facts_of(said: Situation, now: datetime) -> RefundFacts | None:
    """None until kind, stage and reason are chosen and the hours are a number. Amount: 100 yuan, as an example."""
    chosen = said.kind in set(GoodsKind) and said.reason in set(ReasonCode) and said.stage in dict(STAGES)
    if not chosen or not (said.hours.isascii() and said.hours.isdigit()) or len(said.hours) > 5:
        return None
    kind, reason = GoodsKind(said.kind), ReasonCode(said.reason)
    then = now - timedelta(hours=min(int(said.hours), MOST_HOURS))
    delivered = said.stage != "waiting"
    seal = _SEALS.get(said.stage, Seal.NONE)
    use: Fact[UseState] = established(_USES[said.use], Source.PLATFORM_LOG) if said.use in _USES else Fact()
    return RefundFacts(
        now=now,
        goods=Goods(
            kind=kind,
            sealed_delivery=seal is not Seal.NONE or delivery_of(kind) is DeliveryKind.AUTO,
            digital_content=kind is GoodsKind.SOFTWARE_LICENCE and seal is Seal.BROKEN,
        ),
        order=OrderFacts(placed_at=then, paid_at=then, unit_price_fen=PRICE_FEN),
        claim=Claim(reason=reason, requested_at=now, seller=SellerAnswer(silence_agreed=True)),
        capacity=Capacity(captured_fen=PRICE_FEN),
        delivery=Delivery(promised_at=then, delivered_at=then if delivered else None),
        redemption=Redemption(seal=seal, revealed_at=then if seal is Seal.BROKEN else None, use=use),
        terms=Terms(exclusion=Exclusion(stated=said.agreed, shown=said.agreed, confirmed_at=_at(said.agreed, then))),
        defects=_defects(reason),
    )


def _at(agreed: bool, then: datetime) -> datetime | None:
    return then if agreed else None


def _defects(reason: ReasonCode) -> Defects:
    """What the asker says is wrong, as a saying."""
    path = DEFECT_OF.get(reason)
    said = {path.split(".")[1]: alleged(True, Source.BUYER)} if path else {}
    return msgspec.structs.replace(Defects(), **said)
