"""A case that is decided is closed and carried out: record, notices, and the money in the same transaction."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import asdict, replace

from liuhen.base.db import Tx
from liuhen.base.errors import StateConflict
from liuhen.orders import store as orders
from liuhen.policy.decision import Finding, Order
from liuhen.policy.trace import marked
from liuhen.refunds import store as refunds
from liuhen.refunds.model import Case, CaseState, DecidedBy, Route
from liuhen.steps.give_back import Part, give_back
from liuhen.steps.hold_case import BOTH, Held, tell
from liuhen.steps.judge import (
    DECIDERS,
    Judged,
    Rules,
    due_of,
    facts_json,
    joint_fate,
    packed_decision,
    sellers_money,
)
from liuhen.steps.record import PLATFORM, Actor, record


async def approve(
    tx: Tx, held: Held, judged: Sequence[Judged], *, by: DecidedBy, actor: Actor = PLATFORM, now: datetime
) -> None:
    """Closes an open case as approved with policy's amounts and pays it.

    Parameters: held, the case and what it stands on, locked; judged, one decision per unit. Raises StateConflict.
    """
    case = held.case
    fen = {item.unit_id: item.decision.amount_fen for item in judged}
    kept, facts = packed_decision(judged), facts_json(judged)
    await refunds.approve(tx, case, fen, by=by, decision=kept, ground=judged[0].decision.ground, facts=facts, now=now)
    await orders.set_case_open(tx, case.book_id, list(fen), False)
    await record_decision(tx, case, judged, "APPROVED", by=by, actor=actor, now=now)
    await pay(tx, held, judged, now=now)


async def pay(tx: Tx, held: Held, judged: Sequence[Judged], *, now: datetime) -> None:
    """Gives back what a case was approved for; its order and units are locked.

    Raises StateConflict for money that is not the seller's to give: it is never taken from him silently.
    """
    strange = [item.decision.ground for item in judged if item.decision.amount_fen and not sellers_money(item.decision)]
    if strange:
        raise StateConflict("this is not the seller's to pay", ground=strange[0])
    parts = [
        Part(item.unit_id, item.decision.amount_fen, Order.VOID_KEY in item.decision.orders)
        for item in judged
        if item.decision.amount_fen
    ]
    await give_back(
        tx,
        held.head,
        held.units,
        parts,
        payment=held.payment,
        to_balance=held.case.route is Route.BALANCE,
        case_id=held.case.id,
        now=now,
    )


async def reject(
    tx: Tx, held: Held, judged: Sequence[Judged], *, by: DecidedBy, actor: Actor = PLATFORM, now: datetime
) -> None:
    """Closes an open case as rejected. Raises StateConflict."""
    case = held.case
    await refunds.reject(tx, case, by=by, decision=packed_decision(judged), facts=facts_json(judged), now=now)
    await orders.set_case_open(tx, case.book_id, held.unit_ids, False)
    await record_decision(tx, case, judged, "REJECTED", by=by, actor=actor, now=now)
    await tell_rejected(tx, case, judged[0].decision, by=by, now=now)


async def to_review(
    tx: Tx,
    held: Held,
    judged: Sequence[Judged],
    *,
    rules: Rules,
    again: bool = False,
    due: datetime | None = None,
    now: datetime,
) -> datetime:
    """A person owes a decision: the case goes to the reviewers, with policy's deadline. Returns it, UTC.

    Parameters: again, when a case that was refused is opened once more; due, the deadline where the person looks for
    another reason than policy's next step. Raises StateConflict, CaseOpen.
    """
    case = held.case
    if due is None:
        due = next(found for item in judged if (found := due_of(item.decision, rules.calendar, now)) is not None)
    kept = packed_decision(judged)
    if again:
        await refunds.ask_human(tx, case, kept, due_at=due, now=now)
        await orders.set_case_open(tx, case.book_id, held.unit_ids, True)
    else:
        await refunds.send_to_review(tx, case, kept, due_at=due)
    data = {"case": case.id, "due_at": due, "ground": judged[0].decision.ground}
    await record(tx, case.book_id, case.order_id, PLATFORM, "REVIEW_DUE", data, now=now)
    words: dict[str, object] = {"order_no": held.head.order_no, "due_at": due.isoformat(), "asked_fen": case.asked_fen}
    await tell(tx, case, BOTH, "CASE_IN_REVIEW", {**words, "reason": str(case.reason)}, now=now)
    return due


async def reconsider(
    tx: Tx, held: Held, judged: Sequence[Judged], *, rules: Rules, now: datetime
) -> tuple[CaseState, datetime | None]:
    """A refused case is opened once more: for a person, or paid at once if the records have come to give it.

    Returns the new state, and the person's deadline (UTC). Raises StateConflict, CaseOpen.
    """
    if joint_fate(judged) is not CaseState.APPROVED:
        return CaseState.UNDER_REVIEW, await to_review(tx, held, judged, rules=rules, again=True, now=now)
    await refunds.ask_human(tx, held.case, packed_decision(judged), due_at=now, now=now)
    again = held._replace(case=replace(held.case, state=CaseState.UNDER_REVIEW))
    await approve(tx, again, judged, by=DECIDERS[judged[0].decision.decided_by], now=now)
    return CaseState.APPROVED, None


async def settle(
    tx: Tx, held: Held, judged: Sequence[Judged], *, silent: bool, actor: Actor, rules: Rules, now: datetime
) -> CaseState:
    """Moves a case that awaited its seller to where policy's decision leads now. Returns the new state.

    Parameters: silent, the seller has not answered in time.
    """
    state = joint_fate(judged)
    by = DecidedBy.SILENCE if silent else DECIDERS[judged[0].decision.decided_by]
    match state:
        case CaseState.APPROVED:
            await approve(tx, held, judged, by=by, actor=actor, now=now)
        case CaseState.REJECTED:
            await reject(tx, held, judged, by=by, actor=actor, now=now)
        case CaseState.UNDER_REVIEW:
            await to_review(tx, held, judged, rules=rules, now=now)
        case _:
            raise StateConflict("the seller has been asked already", case_no=held.case.case_no)
    return state


async def tell_rejected(tx: Tx, case: Case, decision: Finding, *, by: DecidedBy, now: datetime) -> None:
    """Both sides are told, with the clause that decides; the buyer's page offers a human where one may be asked."""
    data: dict[str, object] = {
        "ground": decision.ground,
        "decided_by": str(by),
        "human_offered": decision.human_offered,
    }
    await tell(tx, case, BOTH, "CASE_REJECTED", data, now=now)


async def record_decision(
    tx: Tx,
    case: Case,
    judged: Sequence[Judged],
    outcome: str,
    *,
    by: DecidedBy,
    actor: Actor,
    now: datetime,
) -> None:
    """The decision as the chain keeps it: amounts, ground, every clause, version of the rules."""
    first = judged[0].decision
    data = {
        "case": case.id,
        "case_no": case.case_no,
        "outcome": outcome,
        "by": by,
        "units": [{"unit": item.unit_id, "fen": item.decision.amount_fen} for item in judged],
        "ground": first.ground,
        "clauses": asdict(marked(judged[0].trace, first.ground)),
        "rulebook": first.rulebook_version,
    }
    await record(tx, case.book_id, case.order_id, actor, "CASE_DECIDED", data, now=now)
