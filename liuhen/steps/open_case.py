"""A case begins in the state that policy's decision leads to; what the machine decides is carried out at once."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.chain import commitment
from liuhen.base.db import Tx
from liuhen.orders import store as orders
from liuhen.orders.model import OrderHead, Unit
from liuhen.payments.model import Payment
from liuhen.policy.facts.claim import ReasonCode
from liuhen.refunds import store as refunds
from liuhen.refunds.model import OPEN, Author, Case, CaseState, CaseUnit, DecidedBy, Opener, Route
from liuhen.steps.approve import pay, record_decision, tell_rejected
from liuhen.steps.hold_case import Held, tell
from liuhen.steps.judge import Judged, Rules, due_of, facts_json, fate, packed_decision
from liuhen.steps.record import PLATFORM, Actor, record


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. `statement` is the buyer's own words; actor, who brings it."""

    reason: ReasonCode
    statement: str
    route: Route
    opened_by: Opener
    actor: Actor


class CaseBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a few words. Amounts fen, time UTC."""

    case_id: UUID
    case_no: str
    state: CaseState
    due_at: datetime | None
    asked_fen: int
    approved_fen: int | None
    units: tuple[UUID, ...]
    ground: str


def group_by_fate(judged: Sequence[Judged]) -> dict[CaseState, list[Judged]]:
    """Units that go the same way share a case; what the machine can pay now does not wait for the rest."""
    groups: dict[CaseState, list[Judged]] = {}
    for item in judged:
        groups.setdefault(fate(item.decision), []).append(item)
    return groups


async def open_case(
    tx: Tx,
    head: OrderHead,
    units: Sequence[Unit],
    judged: Sequence[Judged],
    request: Request,
    *,
    payment: Payment | None = None,
    rules: Rules,
    now: datetime,
) -> tuple[Case, CaseBrief]:
    """Opens one case for units with the same fate.

    Parameters: head and units, locked or `as_seen`; judged, one decision for each of these units; payment, that paid
    the order, if it is known already. Raises CaseOpen.
    """
    state = fate(judged[0].decision)
    parts = _parts(units, judged, approved=state is CaseState.APPROVED)
    case = await refunds.open_case(
        tx,
        refunds.NewCase(
            book_id=head.book_id,
            order_id=head.id,
            buyer_id=head.buyer_id,
            reason=request.reason,
            statement=request.statement,
            salt=secrets.token_bytes(32),
            route=request.route,
            opened_by=request.opened_by,
            state=state,
            due_at=due_of(judged[0].decision, rules.calendar, now) if state in OPEN else None,
            units=parts,
            decision=packed_decision(judged),
            ground=judged[0].decision.ground if state is CaseState.APPROVED else None,
            facts=facts_json(judged),
            rulebook_version=judged[0].decision.rulebook_version,
        ),
        now=now,
    )
    await _record_opening(tx, head, case, parts, request.actor, now=now)
    held = Held(head, list(units), case, parts, payment)
    await _follow(tx, held, judged, now=now)
    brief = CaseBrief(
        case_id=case.id,
        case_no=case.case_no,
        state=case.state,
        due_at=case.due_at,
        asked_fen=case.asked_fen,
        approved_fen=case.approved_fen,
        units=tuple(part.unit_id for part in parts),
        ground=judged[0].decision.ground,
    )
    return case, brief


def _parts(units: Sequence[Unit], judged: Sequence[Judged], *, approved: bool) -> tuple[CaseUnit, ...]:
    left = {unit.id: unit.left_fen for unit in units}
    return tuple(
        CaseUnit(item.unit_id, left[item.unit_id], item.decision.amount_fen if approved else None) for item in judged
    )


async def _record_opening(
    tx: Tx, head: OrderHead, case: Case, parts: Sequence[CaseUnit], actor: Actor, *, now: datetime
) -> None:
    data = {
        "case": case.id,
        "case_no": case.case_no,
        "reason": case.reason,
        "statement": commitment(case.salt, case.statement),
        "route": case.route,
        "opened_by": case.opened_by,
        "units": [{"unit": part.unit_id, "asked_fen": part.asked_fen} for part in parts],
    }
    await record(tx, head.book_id, head.id, actor, "REFUND_REQUESTED", data, now=now)


async def _follow(tx: Tx, held: Held, judged: Sequence[Judged], *, now: datetime) -> None:
    """What comes with the first state: payment, refusal, or a clock that somebody must know of."""
    case = held.case
    machine = DecidedBy.MACHINE
    match case.state:
        case CaseState.APPROVED:
            await record_decision(tx, case, judged, "APPROVED", by=machine, actor=PLATFORM, now=now)
            await pay(tx, held, judged, now=now)
        case CaseState.REJECTED:
            await record_decision(tx, case, judged, "REJECTED", by=machine, actor=PLATFORM, now=now)
            await tell_rejected(tx, case, judged[0].decision, by=machine, now=now)
        case CaseState.AWAITING_SELLER:
            await orders.set_case_open(tx, case.book_id, held.unit_ids, True)
            await tell(tx, case, (Author.SELLER,), "SELLER_ANSWER_NEEDED", _clock(held), now=now)
            await tell(tx, case, (Author.BUYER,), "CASE_AWAITS_SELLER", _clock(held), now=now)
        case _:
            await orders.set_case_open(tx, case.book_id, held.unit_ids, True)
            for side in (Author.SELLER, Author.BUYER):
                await tell(tx, case, (side,), "CASE_IN_REVIEW", _clock(held), now=now)


def _clock(held: Held) -> dict[str, object]:
    due = held.case.due_at
    return {
        "order_no": held.head.order_no,
        "asked_fen": held.case.asked_fen,
        "reason": str(held.case.reason),
        "due_at": due.isoformat() if due else None,
    }
