"""What a refund would bring, unit by unit, before anything is asked: reads, decides, writes nothing."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput
from liuhen.policy.combine import combine
from liuhen.policy.decision import ClaimDecision
from liuhen.policy.facts.claim import Claim, ReasonCode
from liuhen.policy.rulebook import in_force
from liuhen.policy.whatif import with_changes
from liuhen.reads.refund_facts import owned_head
from liuhen.refunds.model import MAX_UNITS, CaseState, Route
from liuhen.steps.judge import Rules, due_of, judge, whole
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
    """decision.units stand in the order of `units`; the first of each group tells what would change it."""

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
    fates = group_by_fate(judged)
    rulebook = in_force(rules.rulebooks, head.created_at)
    groups = [
        PreviewGroup(
            state=state,
            units=[item.unit_id for item in group],
            amount_fen=sum(item.decision.amount_fen for item in group),
            amount_max_fen=sum(item.decision.amount_max_fen for item in group),
            due_at=due_of(group[0].decision, rules.calendar, now),
        )
        for state, group in fates.items()
    ]
    # What would change it costs dozens of evaluations: only where a page shows it.
    first = {group[0].unit_id for group in fates.values()}
    told = [
        with_changes(decision, item.facts, rulebook) if item.unit_id in first else decision
        for item, decision in zip(judged, whole(judged), strict=True)
    ]
    return Preview(
        units=[item.unit_id for item in judged],
        decision=combine(told),
        groups=groups,
    )
