"""A buyer asks for money back: policy decides unit by unit, and what the machine can decide is carried out at once."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import CaseOpen, InvalidInput, StateConflict
from liuhen.evidence.model import MAX_PER_CASE
from liuhen.orders.model import OrderState, UnitState
from liuhen.policy.facts.claim import Claim, ReasonCode
from liuhen.reads.refund_facts import Seen, look_up
from liuhen.refunds import store as refunds
from liuhen.refunds.model import MAX_STATEMENT, MAX_UNITS, OPEN, Case, Opener, Route
from liuhen.steps.judge import Rules, judge_seen
from liuhen.steps.keep_pictures import keep_staged
from liuhen.steps.open_case import CaseBrief, Request, group_by_fate, open_case
from liuhen.steps.record import as_seen, buyer


class RequestRefund(msgspec.Struct, frozen=True, kw_only=True):
    """statement: the buyer's own words, may be empty. pictures: ids that attach_picture gave, at most six."""

    buyer_id: UUID
    order_no: str
    unit_ids: list[UUID]
    reason: ReasonCode
    statement: str = ""
    route: Route = Route.ORIGINAL
    pictures: list[UUID] = []


class RefundRequested(msgspec.Struct, frozen=True, kw_only=True):
    """One case for all units that go the same way; two when, say, a sealed and a revealed key are asked for."""

    cases: list[CaseBrief]


async def request_refund(
    db: Database, cmd: RequestRefund, *, rules: Rules, now: datetime, once: Once | None = None
) -> RefundRequested:
    """Raises InvalidInput, NotFound, CaseOpen (data: case_no), StateConflict (not paid, or refunded already)."""
    unit_ids = sorted(set(cmd.unit_ids))
    statement = cmd.statement.strip()
    _check(unit_ids, statement, cmd.pictures)

    async def work(tx: Tx) -> RefundRequested:
        seen = await look_up(tx, cmd.order_no, unit_ids, cmd.buyer_id)
        await _check_free(tx, seen)
        as_seen(tx, seen.head.book_id, seen.head.id, unit_ids, seen.chain_length)
        judged = judge_seen(rules, seen, Claim(reason=cmd.reason, requested_at=now), route=cmd.route, now=now)
        request = Request(
            reason=cmd.reason,
            statement=statement,
            route=cmd.route,
            opened_by=Opener.BUYER,
            actor=buyer(cmd.buyer_id),
        )
        opened: list[tuple[Case, CaseBrief]] = []
        for group in group_by_fate(judged).values():
            ids = {item.unit_id for item in group}
            mine = [unit for unit in seen.units if unit.id in ids]
            opened.append(
                await open_case(tx, seen.head, mine, group, request, payment=seen.payment, rules=rules, now=now)
            )
        if cmd.pictures:
            await keep_staged(tx, _needs_them(opened), cmd.buyer_id, cmd.pictures, now=now)
        return RefundRequested(cases=[brief for _, brief in opened])

    return await db.at_once(work, now=now, once=once, result=RefundRequested)


def _check(unit_ids: list[UUID], statement: str, pictures: list[UUID]) -> None:
    if not 1 <= len(unit_ids) <= MAX_UNITS:
        raise InvalidInput("name the units", fields={"units": ("range", 1, MAX_UNITS)})
    if len(statement) > MAX_STATEMENT:
        raise InvalidInput("the statement is too long", fields={"statement": ("length", 0, MAX_STATEMENT)})
    if len(pictures) > MAX_PER_CASE:
        raise InvalidInput("too many pictures", fields={"pictures": ("range", 0, MAX_PER_CASE)})


async def _check_free(tx: Tx, seen: Seen) -> None:
    """The order is paid, and a request may be made for its units."""
    head, units = seen.head, seen.units
    if head.state is not OrderState.PAID:
        raise StateConflict("this order is not paid", state=str(head.state))
    taken = [unit.id for unit in units if unit.case_open]
    if taken:
        raise CaseOpen(case_no=await refunds.open_case_no(tx, head.book_id, taken))
    if any(unit.state is UnitState.REFUNDED or unit.left_fen == 0 for unit in units):
        raise StateConflict("a unit is refunded already")


def _needs_them(opened: list[tuple[Case, CaseBrief]]) -> Case:
    """Pictures go to the case that somebody will look at."""
    cases = [case for case, _ in opened]
    return next((case for case in cases if case.state in OPEN), cases[0])
