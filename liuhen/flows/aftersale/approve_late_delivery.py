"""Not delivered at promise plus grace, and the buyer did not choose to wait: the platform opens the case and pays.

The worker calls this. What the seller would deliver afterwards is refused and stays with him.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.orders import store as orders
from liuhen.orders.model import OrderHead, Unit, UnitState
from liuhen.policy.decision import StepKind
from liuhen.policy.facts.claim import Claim, OpenedBy, ReasonCode
from liuhen.refunds.model import Opener, Route
from liuhen.steps.judge import Judged, Rules, due_of, judge
from liuhen.steps.open_case import CaseBrief, Request, group_by_fate, open_case
from liuhen.steps.record import PLATFORM


class ApproveLateDelivery(msgspec.Struct, frozen=True, kw_only=True):
    book_id: UUID
    order_id: UUID


class LateDeliveryApproved(msgspec.Struct, frozen=True, kw_only=True):
    """Empty when everything was delivered, refunded or waited for in the meantime."""

    cases: list[CaseBrief]


async def approve_late_delivery(
    db: Database, cmd: ApproveLateDelivery, *, rules: Rules, now: datetime
) -> LateDeliveryApproved:
    """Raises NotFound. At the very moment that the grace ends nothing is late yet."""

    async def work(tx: Tx) -> LateDeliveryApproved:
        head = await orders.lock(tx, cmd.book_id, cmd.order_id)
        late = [unit for unit in await orders.lock_units(tx, head.book_id, head.id) if _is_late(unit, now)]
        if not late:
            return LateDeliveryApproved(cases=[])
        claim = Claim(reason=ReasonCode.LATE_DELIVERY, requested_at=now, opened_by=OpenedBy.WORKER)
        ids = [unit.id for unit in late]
        judged = await judge(tx, rules, head, ids, claim, route=Route.ORIGINAL, now=now)
        return LateDeliveryApproved(cases=await _open(tx, head, late, judged, rules, now=now))

    return await db.transact(work, now=now)


def _is_late(unit: Unit, now: datetime) -> bool:
    waits = unit.state is UnitState.TO_DELIVER and not unit.case_open
    return waits and unit.late_act_at is not None and unit.late_act_at < now


async def _open(
    tx: Tx, head: OrderHead, late: list[Unit], judged: list[Judged], rules: Rules, *, now: datetime
) -> list[CaseBrief]:
    request = Request(
        reason=ReasonCode.LATE_DELIVERY,
        statement="",
        route=Route.ORIGINAL,
        opened_by=Opener.PLATFORM,
        actor=PLATFORM,
    )
    briefs = []
    for group in group_by_fate(judged).values():
        decision = group[0].decision
        ids = [item.unit_id for item in group]
        if decision.next_step.kind is StepKind.WAIT_DELIVERY:
            # The unit's clock and policy's differ: policy's is right, the worker looks again when it has run out.
            again = due_of(decision, rules.calendar, now)
            await orders.update_units(tx, head.book_id, ids, late_act_at=again)
            continue
        mine = [unit for unit in late if unit.id in ids]
        _, brief = await open_case(tx, head, mine, group, request, rules=rules, now=now)
        briefs.append(brief)
    return briefs
