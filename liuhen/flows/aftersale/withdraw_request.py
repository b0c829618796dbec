"""A buyer takes his request back. He may ask again later."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.orders import store as orders
from liuhen.refunds import store as refunds
from liuhen.refunds.model import Author, CaseState
from liuhen.steps.hold_case import hold_by_no, must_be_buyer, tell
from liuhen.steps.record import buyer, record


class WithdrawRequest(msgspec.Struct, frozen=True, kw_only=True):
    buyer_id: UUID
    case_no: str


class RequestWithdrawn(msgspec.Struct, frozen=True, kw_only=True):
    case_no: str
    state: CaseState


async def withdraw_request(
    db: Database, cmd: WithdrawRequest, *, now: datetime, once: Once | None = None
) -> RequestWithdrawn:
    """Raises NotFound, StateConflict (decided or withdrawn already)."""

    async def work(tx: Tx) -> RequestWithdrawn:
        held = await hold_by_no(tx, cmd.case_no)
        must_be_buyer(held.case, cmd.buyer_id)
        case = held.case
        await refunds.withdraw(tx, case, now=now)
        await orders.set_case_open(tx, case.book_id, held.unit_ids, False)
        await record(
            tx, case.book_id, case.order_id, buyer(cmd.buyer_id), "REQUEST_WITHDRAWN", {"case": case.id}, now=now
        )
        await tell(tx, case, (Author.SELLER,), "CASE_WITHDRAWN", {"order_no": held.head.order_no}, now=now)
        return RequestWithdrawn(case_no=case.case_no, state=CaseState.WITHDRAWN)

    return await db.transact(work, now=now, once=once, result=RequestWithdrawn)
