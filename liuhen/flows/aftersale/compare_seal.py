"""What breaking a seal would change, before it is broken: policy asked twice on the same facts. Writes nothing."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from liuhen.base.db import Database, Tx
from liuhen.base.errors import StateConflict
from liuhen.orders.model import OrderHead
from liuhen.policy.decide import decide
from liuhen.policy.decision import Decision
from liuhen.policy.facts.claim import Claim, ReasonCode
from liuhen.policy.facts.redemption import Seal
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.rulebook import in_force
from liuhen.reads.refund_facts import gather, owned_head
from liuhen.steps.judge import Rules


class CompareSeal(msgspec.Struct, frozen=True, kw_only=True):
    buyer_id: UUID
    book_id: UUID
    order_id: UUID
    unit_id: UUID


class BothSides(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, decided with the seal whole and with the seal broken at this moment."""

    sealed: Decision
    broken: Decision


class SealCompared(msgspec.Struct, frozen=True, kw_only=True):
    """unwanted: the buyer has changed his mind; fault: he says that the key is invalid."""

    unwanted: BothSides
    fault: BothSides


async def compare_seal(db: Database, cmd: CompareSeal, *, rules: Rules, now: datetime) -> SealCompared:
    """Raises NotFound, StateConflict (the unit has no whole seal)."""
    async with db.read() as tx:
        head = await owned_head(tx, cmd.book_id, cmd.order_id, cmd.buyer_id)
        return SealCompared(
            unwanted=await _both(tx, head, cmd.unit_id, ReasonCode.CHANGE_OF_MIND, rules, now),
            fault=await _both(tx, head, cmd.unit_id, ReasonCode.INVALID_KEY, rules, now),
        )


async def _both(tx: Tx, head: OrderHead, unit_id: UUID, reason: ReasonCode, rules: Rules, now: datetime) -> BothSides:
    claim = Claim(reason=reason, requested_at=now)
    ((_, facts),) = await gather(tx, head.book_id, head.id, [unit_id], claim, now)
    if facts.redemption.seal is not Seal.SEALED:
        raise StateConflict("this unit has no whole seal")
    rulebook = in_force(rules.rulebooks, head.created_at)
    return BothSides(sealed=decide(facts, rulebook), broken=decide(_broken(facts, now), rulebook))


def _broken(facts: RefundFacts, now: datetime) -> RefundFacts:
    return replace(facts, redemption=replace(facts.redemption, seal=Seal.BROKEN, revealed_at=now))
