"""What a refund would bring, unit by unit, before anything is asked: reads, decides, writes nothing."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput
from liuhen.policy.combine import combine
from liuhen.policy.decision import ClaimDecision
from liuhen.policy.facts.claim import Claim, ReasonCode
from liuhen.reads.refund_facts import owned_head
from liuhen.refunds.model import MAX_UNITS, CaseState, Route
from liuhen.steps.judge import Rules, due_of, judge
from liuhen.steps.open_case import group_by_fate


class PreviewRefund(msgspec.Struct, frozen=True, kw_only=True):
    buyer_id: UUID
    book_id: UUID
    order_id: UUID
    unit_ids: list[UUID]
    reason: ReasonCode
    route: Route = Route.ORIGINAL


class PreviewGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Units that would share a case. Amounts fen, due_at UTC; in a review the amount is a range."""

    state: CaseState
    units: list[UUID]
    amount_fen: int
    amount_max_fen: int
    due_at: datetime | None


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """decision.units stand in the order of `units`."""

    units: list[UUID]
    decision: ClaimDecision
    groups: list[PreviewGroup]


async def preview_refund(db: Database, cmd: PreviewRefund, *, rules: Rules, now: datetime) -> Preview:
    """Raises InvalidInput (no or too many units), NotFound."""
    if not 1 <= len(set(cmd.unit_ids)) <= MAX_UNITS:
        raise InvalidInput("name the units", fields={"units": ("range", 1, MAX_UNITS)})
    claim = Claim(reason=cmd.reason, requested_at=now)
    async with db.read() as tx:
        head = await owned_head(tx, cmd.book_id, cmd.order_id, cmd.buyer_id)
        judged = await judge(tx, rules, head, list(set(cmd.unit_ids)), claim, route=cmd.route, now=now)
    groups = [
        PreviewGroup(
            state=state,
            units=[item.unit_id for item in group],
            amount_fen=sum(item.decision.amount_fen for item in group),
            amount_max_fen=sum(item.decision.amount_max_fen for item in group),
            due_at=due_of(group[0].decision, rules.calendar, now),
        )
        for state, group in group_by_fate(judged).items()
    ]
    return Preview(
        units=[item.unit_id for item in judged],
        decision=combine([item.decision for item in judged]),
        groups=groups,
    )
